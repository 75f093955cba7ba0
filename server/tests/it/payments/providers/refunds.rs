//! What goes back of what was paid through KakaoPay and PortOne: of something that was sent back, and of what its seller calls off.
//! Whatever goes wrong on the way, in the end one refund of the right amount is in their books and in ours, and its buyer's page says
//! at all times what is true.

use super::{Buying, Call, LONG, Market, PRICE, Step};
use crate::{
    sales::deal,
    support::{Person, draft, request},
};
use engine::{accounts::Actor, events::Pictures};
use model::{EventDraft, HOUR, MINUTE, PayWay, PaymentState, SECOND, Span, sales::OrderView};
use std::time::Duration;
use testing::{On, Wrong, both, eventually};

/// Two refunds are asked for at each provider.
const EACH: usize = 2;

/// What is asked of a provider, how many times it goes wrong then, and how.
type Trouble = (Call, usize, Wrong);

both!(whatever_goes_wrong_with_a_refund_it_is_given_once, "multi_thread");
async fn whatever_goes_wrong_with_a_refund_it_is_given_once(on: On) {
    let market = Market::open(on).await;
    let slow = Wrong::Slow(Duration::from_millis(300));
    let cases: &[(&str, &[Trouble], Span)] = &[
        ("nothing goes wrong", &[], MINUTE),
        ("slow to answer", &[(Call::GiveBack, EACH, slow)], MINUTE),
        ("the call was lost", &[(Call::GiveBack, EACH, Wrong::Lost)], MINUTE),
        (
            "given, and nobody said so, nor at the first look",
            &[(Call::GiveBack, EACH, Wrong::Unheard), (Call::Look, 2 * EACH, Wrong::Lost)],
            MINUTE,
        ),
        ("given, and the connection was cut", &[(Call::GiveBack, EACH, Wrong::Cut)], MINUTE),
        ("answered by nonsense", &[(Call::GiveBack, EACH, Wrong::Garbled)], MINUTE),
        ("more is said than was given", &[(Call::GiveBack, EACH, Wrong::More(1_000))], MINUTE),
        ("less is said than was given", &[(Call::GiveBack, EACH, Wrong::More(-1_000))], MINUTE),
        // More often than it is asked anew at once.
        ("refused for a while", &[(Call::GiveBack, 5 * EACH, Wrong::Declined)], 4 * MINUTE),
        ("the key was refused for a while", &[(Call::GiveBack, EACH, Wrong::Key)], MINUTE),
        ("refused for an hour", &[(Call::GiveBack, LONG, Wrong::Declined)], HOUR),
        ("nobody answers for an hour", &[(Call::GiveBack, LONG, Wrong::Lost), (Call::Look, LONG, Wrong::Lost)], HOUR),
    ];
    for (name, troubles, long) in cases {
        plays(&market, name, troubles, *long).await;
    }
}

impl Market {
    fn goes_wrong(&self, troubles: &[Trouble]) {
        self.kakaopay.mend();
        self.portone.mend();
        for (call, times, wrong) in troubles {
            self.kakaopay.trouble(call.at(PayWay::KakaoPay), *times, *wrong);
            self.portone.trouble(call.at(PayWay::PortOne), *times, *wrong);
        }
    }

    async fn order(&self, buying: &Buying) -> OrderView {
        self.scene.standing(&buying.buyer, buying.event).await.order.unwrap()
    }

    /// What the page of somebody's order says, piece by piece.
    async fn says(&self, buying: &Buying) -> Vec<String> {
        let number = self.order(buying).await.line.number.unwrap();
        let page = buying.buyer.get(&format!("/orders/{number}")).await.text().await.unwrap();
        let pieces = page.split('<').filter_map(|piece| piece.split_once('>'));
        pieces.map(|(_, text)| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
    }

    /// Nothing has gone back of what is to, and the page says so.
    async fn is_to_come(&self, buying: &Buying, amount: i64, what: &str) {
        let (says, won) = (self.says(buying).await, format!("{},000원", amount / 1_000));
        assert!(says.windows(2).any(|pair| pair == ["환불 예정", won.as_str()]), "{what}: {says:?}");
        assert!(!says.contains(&format!("{won} 환불")), "{what}: {says:?}");
        assert_eq!(self.money(buying), (2 * PRICE, 0), "{what}");
    }

    /// All of it has, once, and the page says so.
    async fn is_back(&self, buying: &Buying, amount: i64, what: &str) {
        let (says, won) = (self.says(buying).await, format!("{},000원", amount / 1_000));
        assert!(says.windows(2).any(|pair| pair == ["환불", won.as_str()]), "{what}: {says:?}");
        assert!(!says.contains(&"환불 예정".to_owned()), "{what}: {says:?}");
        assert_eq!(says.iter().filter(|text| **text == format!("{won} 환불")).count(), 1, "{what}: {says:?}");
        assert_eq!(self.money(buying), (2 * PRICE, amount), "{what}");
        assert_eq!(self.order(buying).await.refund_arrived, amount, "{what}");
        let refunds = self.scene.site.engine.db.sql("select amount, state from refunds where payment_id = $1");
        let refunds: Vec<(i64, String)> = refunds.bind(buying.payment).all().await.unwrap();
        assert_eq!(refunds, [(amount, "refunded".to_owned())], "{what}");
    }
}

/// One of two is sent back by one buyer at each provider, and what others bought there is called off.
async fn plays(market: &Market, name: &str, troubles: &[Trouble], long: Span) {
    let scene = &market.scene;
    let engine = &scene.site.engine;
    let seller = scene.site.creator().await;
    let draft = EventDraft { offer: deal(8, 2, None), ..draft(scene.clock.now() - SECOND, 1) };
    let event = engine.events.create(&Actor::host(seller.member), request(), draft, Pictures::default()).await.unwrap();
    let ways = [PayWay::KakaoPay, PayWay::PortOne, PayWay::KakaoPay, PayWay::PortOne];
    let mut all = Vec::new();
    for (buyer, way) in scene.site.people(4).await.into_iter().zip(ways) {
        let mut buying = market.buys(buyer, event, 2, way).await;
        for step in [Step::Approves, Step::Returns, Step::Stands(PaymentState::Paid)] {
            market.happens(&mut buying, step).await;
        }
        all.push(buying);
    }
    scene.work().await;

    // Until everything is owed nobody is found who could give it back.
    market.goes_wrong(&[(Call::Look, LONG, Wrong::Lost)]);
    for buying in &all[..EACH] {
        sends_one_back(market, &seller, buying).await;
    }
    let (id, once) = (event.to_string(), request().to_string());
    let all_off = [("event", id.as_str()), ("reason", "가마가 꺼졌어요"), ("request", once.as_str())];
    for _ in 0..2 {
        scene.call(&seller, "call-orders-off", &all_off).await.unwrap();
    }
    let (one, other) = tokio::join!(engine.sales.work(), engine.sales.work());
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    let amounts = [PRICE, PRICE, 2 * PRICE, 2 * PRICE];
    eventually("all of it is owed, and was asked for in vain", async || {
        engine.payments.reconcile().await.unwrap();
        let asked =
            "select count(*) from refunds r join payments p on p.id = r.payment_id join orders o on o.id = p.subject_id
            where o.event_id = $1 and r.state = 'unknown'";
        scene.site.count(asked, event).await == all.len() as i64
    })
    .await;
    for (buying, amount) in all.iter().zip(amounts) {
        market.is_to_come(buying, amount, name).await;
    }

    // Several nodes go on with it at once, and one that has not heard for a while is not waited for.
    market.goes_wrong(troubles);
    scene.clock.set(scene.clock.now() + 5 * SECOND);
    let (one, other, ()) = tokio::join!(engine.payments.reconcile(), engine.payments.reconcile(), market.wait(long));
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    if long == HOUR {
        for (buying, amount) in all.iter().zip(amounts) {
            market.is_to_come(buying, amount, name).await;
        }
        market.goes_wrong(&[]);
        market.wait(HOUR / 2).await;
    }
    for (buying, amount) in all.iter().zip(amounts) {
        let what = format!("{name}, by {}", buying.way.name());
        eventually(&what, async || {
            scene.work().await;
            market.order(buying).await.refund_arrived != 0
        })
        .await;
        market.is_back(buying, amount, &what).await;
    }
    scene.is_consistent().await;
    market.goes_wrong(&[]);
    assert_eq!((market.kakaopay.complaints(), market.portone.complaints()), (vec![], vec![]), "{name}");
}

/// One of two is delivered, sent back, and there; that it is, its seller says twice at once.
async fn sends_one_back(market: &Market, seller: &Person, buying: &Buying) {
    let (order, wish) = (market.order(buying).await.id.to_string(), request().to_string());
    let sent = [("order", order.as_str()), ("carrier", "cj"), ("tracking", "650100000001")];
    let ask = [("order", order.as_str()), ("units", "1"), ("reason", "깨졌어요"), ("request", wish.as_str())];
    let yes = [("return", wish.as_str()), ("accept", "yes"), ("answer", "보내 주세요")];
    let scene = &market.scene;
    scene.call(seller, "ship-order", &sent).await.unwrap();
    scene.call(seller, "deliver-order", &sent[..1]).await.unwrap();
    scene.call(&buying.buyer, "ask-return", &ask).await.unwrap();
    scene.call(seller, "answer-return", &yes).await.unwrap();
    let there = || scene.call(seller, "receive-return", &yes[..1]);
    let (one, other) = tokio::join!(there(), there());
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}
