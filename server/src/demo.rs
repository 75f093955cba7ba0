//! `fiftynine demo`: sends a crowd into the next event of a running demonstration server and shows how far it is.

use crate::{Failure, config::Config, progress::Progress};
use engine::demo::CrowdProgress;
use std::time::Duration;

/// Options of the command.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArguments {
    /// How many people to send, at most 2,000.
    #[arg(long, default_value_t = 300)]
    people: usize,
}

/// Nobody waits longer for a crowd than this.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Signs in as the demonstration creator, sends the crowd and follows it until it is gone.
///
/// # Errors
/// When no demonstration answers at the address, when it refuses the crowd, and when it stops answering.
pub async fn run(config: &Config, arguments: &DemoArguments) -> Result<(), Failure> {
    let server = format!("http://{}", config.addr);
    engine::tls::prepare();
    let client = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build()?;
    let signed_in = client.post(format!("{server}/demo/sign-in")).form(&[("as", "creator")]).send().await;
    let signed_in = signed_in.map_err(|_| format!("nobody answers at {server}; start it with `make run`"))?;
    if !signed_in.status().is_redirection() {
        return Err(format!("{server} is not a demonstration ({})", signed_in.status()).into());
    }
    let sent = client.post(format!("{server}/api/send-crowd")).form(&[("people", arguments.people)]);
    sent.send().await?.error_for_status()?;
    let progress = async || -> Result<Option<CrowdProgress>, reqwest::Error> {
        client.get(format!("{server}/demo/crowd")).send().await?.json().await
    };
    if let Some(crowd) = progress().await? {
        println!("{} people are on their way to {server}/events/{}", crowd.people, crowd.event);
    }
    let said = Progress::new();
    let follow = async {
        loop {
            let Some(crowd) = progress().await? else { return Ok(()) };
            let words = format!("ranked · {} in the room · {} pressed", crowd.present, crowd.pressed);
            said.say(crowd.entered as u64, crowd.people as u64, &words);
            if crowd.done {
                said.end();
                println!("{} of {} were ranked, and everybody is gone again", crowd.entered, crowd.people);
                return Ok::<(), Failure>(());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    tokio::time::timeout(LONGEST, follow).await.map_err(|_| "the crowd took too long")?
}
