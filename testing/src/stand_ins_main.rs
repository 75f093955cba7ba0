//! Stand-ins for payment providers, for whoever says who somebody is and for a mail server, for journeys in a browser and pictures: says on a line of its own where they are
//! and what opens them, and serves until its input ends. With `age-terms FILE` it does something else: see [`age_terms`].

use serde_json::json;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::io::Read;
use testing::{KakaoLogin, KakaoPay, MailServer, PortOne};

#[tokio::main]
async fn main() -> Result<(), sqlx::Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [what, database] = arguments.as_slice()
        && what == "age-terms"
    {
        return age_terms(database).await;
    }
    let (kakaopay, portone) = (KakaoPay::start().await, PortOne::start().await);
    let (kakao, mail) = (KakaoLogin::start().await, MailServer::start().await);
    let started = json!({
        "kakaopay": { "url": kakaopay.url, "key": KakaoPay::KEY, "cid": KakaoPay::CID },
        "portone": {
            "url": portone.url, "secret": PortOne::SECRET, "store": PortOne::STORE, "channel": PortOne::CHANNEL,
            "webhookSecret": PortOne::WEBHOOK_SECRET,
        },
        "kakao": { "url": kakao.url, "id": KakaoLogin::ID, "secret": KakaoLogin::SECRET },
        "mail": { "url": mail.url },
    });
    println!("{started}");
    // Whoever started it went away.
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
    Ok(())
}

/// As if everybody in a database of a program that is not running had accepted older documents than those of today: there are none yet
/// that a journey could have them accept.
async fn age_terms(database: &str) -> Result<(), sqlx::Error> {
    let mut database = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(database)).await?;
    sqlx::query("update members set terms_version = 0, privacy_version = 0").execute(&mut database).await?;
    database.close().await
}
