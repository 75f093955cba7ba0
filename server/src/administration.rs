//! Commands that do what admins do, on the data itself: a server that runs on it goes by them within a second.

use crate::{Failure, config::Config};
use engine::{accounts::Actor, administration, clock::Clock};
use model::{AccountError, DAY, EventId, Time, sellers::Month};
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

/// Who is suspended, why, and for how long.
#[derive(clap::Args)]
pub struct Suspension {
    #[command(flatten)]
    member: Member,
    /// For so many days, 1 to 365; until somebody lets them act again without it.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=365))]
    days: Option<i64>,
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

/// Who forgot their password, or has none.
#[derive(clap::Args)]
pub struct PasswordLink {
    /// Their email, nickname or id.
    who: String,
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
///
/// # Errors
/// When there is no such member or month, and when nothing of it is to be paid; the database's.
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
///
/// # Errors
/// When nobody signed up with the email, and when the question is not answered with yes; the database's.
pub async fn admin(config: &Config, Admin { email, remove }: Admin) -> Result<(), Failure> {
    let db = config.database().await?;
    let known = administration::named(&db, &email).await?.filter(|_| email.contains('@'));
    let known = known.ok_or("nobody signed up with this email: sign up on the site first")?;
    let at = moment(known.created_at);
    println!("{email} is {}, who signed up at {at}.", known.nickname);
    if !remove && std::io::stdin().is_terminal() && !agreed("Is that the one who is to look after the site?")? {
        return Err("nothing was changed".into());
    }
    administration::set_admin(&db, Clock::system().now(), &email, !remove).await.map_err(said)?;
    match remove {
        true => println!("{} is no longer an admin.", known.nickname),
        false => println!("{} is an admin, once they sign in anew.", known.nickname),
    }
    Ok(())
}

/// `fiftynine admins`.
///
/// # Errors
/// The database's.
pub async fn admins(config: &Config) -> Result<(), Failure> {
    let admins = administration::admins(&config.database().await?).await?;
    if admins.is_empty() {
        println!("Nobody looks after the site: fiftynine admin EMAIL, or fiftynine admin-link.");
    }
    for admin in admins {
        println!("{}  {}, who signed up at {}", admin.id, admin.nickname, moment(admin.created_at));
    }
    Ok(())
}

/// `fiftynine admin-link`: what is printed is as good as the role itself, for an hour.
///
/// # Errors
/// The database's.
pub async fn admin_link(config: &Config) -> Result<(), Failure> {
    let link = administration::make_link(&config.database().await?, Clock::system().now()).await?;
    let site =
        config.public_url.as_deref().filter(|url| !url.is_empty()).map(|url| url.trim_end_matches('/').to_owned());
    let site = site.unwrap_or_else(|| format!("http://{}", config.addr));
    println!("{site}{}", app::paths::admin_link(link.token()));
    eprintln!("Good for an hour, and once: whoever opens it signed in looks after the site.");
    Ok(())
}

/// `fiftynine password-link`: to be passed on to whoever is known to be that member.
///
/// # Errors
/// When there is no such member; the database's.
pub async fn password_link(config: &Config, PasswordLink { who }: PasswordLink) -> Result<(), Failure> {
    let (db, now) = (config.database().await?, Clock::system().now());
    let known = administration::named(&db, &who).await?.ok_or("there is no such member")?;
    eprintln!("For {}, who signed up at {}.", known.nickname, moment(known.created_at));
    let path = engine::accounts::one_time_link(&db, now, known.id).await?;
    let site = config.public_url.as_deref().map(|url| url.trim_end_matches('/')).unwrap_or_default();
    println!("{site}{path}");
    Ok(())
}

/// `fiftynine suspend`.
///
/// # Errors
/// As [`engine::administration::suspend`], in words.
pub async fn suspend(config: &Config, Suspension { member, days }: Suspension) -> Result<(), Failure> {
    let Member { who, reason } = member;
    let (db, now) = (config.database().await?, Clock::system().now());
    let until = days.map(|days| now + DAY.times(days));
    administration::suspend(&db, now, &Actor::System, &who, &reason, until).await.map_err(said)?;
    println!("{who} is suspended.");
    Ok(())
}

/// `fiftynine restore`.
///
/// # Errors
/// As [`engine::administration::restore`], in words.
pub async fn restore(config: &Config, Member { who, reason }: Member) -> Result<(), Failure> {
    let (db, now) = (config.database().await?, Clock::system().now());
    administration::restore(&db, now, &Actor::System, &who, &reason).await.map_err(said)?;
    println!("{who} may act again.");
    Ok(())
}

/// `fiftynine call-off`.
///
/// # Errors
/// For what is no event's id; as [`engine::administration::call_off`], in words.
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
        engine::Error::Refused(model::Error::Account(AccountError::LastAdmin)) => {
            "nobody else would look after the site: make somebody an admin first".into()
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
