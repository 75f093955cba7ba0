//! Stand-ins for payment providers and for whoever says who somebody is, for journeys in a browser: says on a line of its own where they are and what opens them, and
//! serves until its input ends.

use serde_json::json;
use std::io::Read;
use testing::{KakaoLogin, KakaoPay, PortOne};

#[tokio::main]
async fn main() {
    let (kakaopay, portone) = (KakaoPay::start().await, PortOne::start().await);
    let kakao = KakaoLogin::start().await;
    let started = json!({
        "kakaopay": { "url": kakaopay.url, "key": KakaoPay::KEY, "cid": KakaoPay::CID },
        "portone": {
            "url": portone.url, "secret": PortOne::SECRET, "store": PortOne::STORE, "channel": PortOne::CHANNEL,
            "webhookSecret": PortOne::WEBHOOK_SECRET,
        },
        "kakao": { "url": kakao.url, "id": KakaoLogin::ID, "secret": KakaoLogin::SECRET },
    });
    println!("{started}");
    // Whoever started it went away.
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
}
