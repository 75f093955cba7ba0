//! Commands that do what admins do, on the data itself: a server that runs on it goes by them within a second.

use crate::{Failure, config::Config};
use engine::{accounts::Actor, administration, clock::Clock};
use model::{EventId, Time, sellers::Month};
use std::io::{IsTerminal, Write};

/// Whom a command is about, and why.
#[derive(clap::Args)]
pub struct Member {
    /// Their email, nickname or id.
    who: String,
    /// Why, 2 to 200 characters; kept in the table `audit`.
    #[arg(long)]
    reason: String,
}

/// Who becomes an admin.
#[derive(clap::Args)]
pub struct Admin {
    /// The email that they signed up with.
    email: String,
    /// Take it from them instead.
    #[arg(long)]
    remove: bool,
}

/// Who forgot their password.
#[derive(clap::Args)]
pub struct PasswordLink {
    /// The email that they signed up with.
    email: String,
}

/// Which event is called off, and why.
#[derive(clap::Args)]
pub struct Event {
    /// The id in its address.
    event: String,
    /// Why, 2 to 200 characters: everybody sees it.
    #[arg(long)]
    reason: String,
}

/// What a seller was paid for.
#[derive(clap::Args)]
pub struct Payout {
    /// The seller's email, nickname or id.
    who: String,
    /// Which month, as 2026-11.
    month: String,
}

/// `fiftynine pay-out`: once the money was moved.
pub async fn pay_out(config: &Config, Payout { who, month }: Payout) -> Result<(), Failure> {
    let (db, now) = (config.database().await?, Clock::system().now());
    let seller = administration::named(&db, &who).await?.ok_or("there is no such member")?;
    let of: Month = month.parse().map_err(|_| "this is no month: write it as 2026-11")?;
    match engine::sales::pay_out(&db, now, &Actor::System, seller.id, of).await {
        Ok(amount) => println!("{} was paid {amount} won for {month}.", seller.nickname),
        Err(engine::Error::Refused(model::Error::NotFound)) => {
            return Err(
                "nothing of that month is to be paid: it is not over for a day, was paid, or came to nothing".into()
            );
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// `fiftynine admin`: says who it is first. Emails are not proved, and anybody may have signed up with this one.
pub async fn admin(config: &Config, Admin { email, remove }: Admin) -> Result<(), Failure> {
    let db = config.database().await?;
    let known = administration::named(&db, &email).await?.filter(|_| email.contains('@'));
    let known = known.ok_or("nobody signed up with this email: sign up on the site first")?;
    let at = moment(known.created_at);
    println!("{email} is {}, who signed up at {at}.", known.nickname);
    if !remove && std::io::stdin().is_terminal() && !agreed("Is that the one who is to look after the site?")? {
        return Err("nothing was changed".into());
    }
    administration::set_admin(&db, Clock::system().now(), &email, !remove).await?;
    println!("{} is {}an admin.", known.nickname, if remove { "no longer " } else { "" });
    Ok(())
}

/// `fiftynine password-link`: to be passed on to whoever is known to be that member.
pub async fn password_link(config: &Config, PasswordLink { email }: PasswordLink) -> Result<(), Failure> {
    let (db, now) = (config.database().await?, Clock::system().now());
    let path = engine::accounts::one_time_link(&db, now, &email).await?;
    let path = path.ok_or("nobody signed up with this email")?;
    let site = config.public_url.as_deref().map(|url| url.trim_end_matches('/')).unwrap_or_default();
    println!("{site}{path}");
    Ok(())
}

/// `fiftynine suspend`.
pub async fn suspend(config: &Config, Member { who, reason }: Member) -> Result<(), Failure> {
    let (db, now) = (config.database().await?, Clock::system().now());
    administration::suspend(&db, now, &Actor::System, &who, &reason).await.map_err(said)?;
    println!("{who} is suspended.");
    Ok(())
}

/// `fiftynine restore`.
pub async fn restore(config: &Config, Member { who, reason }: Member) -> Result<(), Failure> {
    let (db, now) = (config.database().await?, Clock::system().now());
    administration::restore(&db, now, &Actor::System, &who, &reason).await.map_err(said)?;
    println!("{who} may act again.");
    Ok(())
}

/// `fiftynine call-off`.
pub async fn call_off(config: &Config, Event { event, reason }: Event) -> Result<(), Failure> {
    let (db, now) = (config.database().await?, Clock::system().now());
    let id: EventId = event.parse().map_err(|_| "this is no event's id: take the one in its address")?;
    administration::call_off(&db, now, &Actor::System, id, &reason).await.map_err(said)?;
    println!("{event} is called off.");
    Ok(())
}

/// What a refusal means on a command line.
fn said(error: engine::Error) -> Failure {
    match error {
        engine::Error::Refused(model::Error::Invalid { fields }) => {
            let wrong = |field: &str| fields.of(field).is_some();
            if wrong("who") { "there is no such member" } else { "the reason needs 2 to 200 characters" }.into()
        }
        engine::Error::Refused(model::Error::NotFound) => "there is no such event".into(),
        engine::Error::Refused(model::Error::Event(_)) => "it was called off before, or is settled".into(),
        other => other.into(),
    }
}

fn moment(at: Time) -> String {
    let c = at.civil();
    format!("{:04}-{:02}-{:02} {} (Korea)", c.year, c.month, c.day, at.clock_ms())
}

fn agreed(question: &str) -> Result<bool, Failure> {
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}
