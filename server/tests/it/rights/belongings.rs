//! What somebody has, one of each kind: others ask for it by its id.

use crate::{
    parties::open_party,
    sales::ticket,
    support::{Person, Site, keep_notice, request},
};
use engine::{accounts::Actor, db::Lane};
use model::{DAY, EventId, HOUR, Notice, RequestId};
use std::collections::HashMap;

/// How each is found as long as nobody else touched it.
const AS_IT_WAS: [(&str, &str); 16] = [
    (
        "event",
        "select 1 from events where id = $1 and cancelled_at is null and suspended_at is null and title = '따끈한 겨울 머그'",
    ),
    ("order", "select 1 from orders where id = $1 and state = 'paid' and units_back = 0"),
    ("return", "select 1 from returns where id = $1 and state = 'asked'"),
    ("ticket", "select 1 from tickets where id = $1 and state = 'valid'"),
    ("payment", "select 1 from payments where id = $1 and state = 'prepared'"),
    (
        "booking",
        "select 1 from bookings b join booked_hours h on h.booking_id = b.id
         where b.id = $1 and b.state = 'held' and b.paying is null and h.freed_at is null",
    ),
    ("review", "select 1 from reviews where id = $1 and stars = 4 and answer = '' and changed_at is null"),
    (
        "party",
        "select 1 from parties p where p.id = $1 and p.state = 'recruiting' and p.taken = 1 and p.total = 10000
            and not p.confirmed and p.proposed_from is null and p.cost is null
            and (select count(*) from party_lines l where l.party_id = p.id) = 1",
    ),
    ("party", "select 1 from penalties where party_id = $1 and appeal_state = 'none'"),
    ("question", "select 1 from party_questions where id = $1 and answer = '' and hidden_at is null"),
    ("token", "select 1 from api_tokens where id = $1"),
    ("endpoint", "select 1 from webhook_endpoints where id = $1"),
    ("delivery", "select 1 from webhook_deliveries where id = $1 and done_at is not null"),
    ("device", "select 1 from push_endpoints where id = $1"),
    ("address", "select 1 from addresses where id = $1 and note = '집' and preferred = 0"),
    ("notice", "select 1 from notices where id = $1 and read_at is null"),
];

/// All of it, by what it is called in cases.
pub struct Belongings {
    ids: HashMap<&'static str, RequestId>,
    texts: HashMap<&'static str, String>,
}

impl Belongings {
    /// Gives them to `owner`, a creator with a phone whose `event` it is: they bought, wrote and booked as well as sold. The `other` asked
    /// their party something.
    pub async fn of(site: &Site, owner: &Person, event: EventId, other: &Person) -> Belongings {
        const BY_THEMSELVES: [&str; 13] = [
            "order", "return", "ticket", "payment", "booking", "review", "question", "token", "endpoint", "delivery",
            "device", "address", "notice",
        ];
        let party = open_party(site, owner).await;
        let db = &site.engine.db;
        let place = db.sql("select market_id, item_id from parties where id = $1").bind(party);
        let (market, item): (RequestId, RequestId) = place.one().await.unwrap();
        let mut ids: HashMap<&'static str, RequestId> = BY_THEMSELVES.map(|name| (name, request())).into();
        let named = [("event", event.0), ("host", owner.member.0), ("party", party.0)];
        ids.extend(named.map(|(name, id)| (name, RequestId(id))));
        ids.extend([("market", market), ("item", item)]);

        let (who, now) = (owner.member, site.engine.clock.now());
        let (later, terms) = (now + 10 * DAY, serde_json::to_string(&ticket(now + 10 * DAY, 0)).unwrap());
        let number = "D261126000001".to_owned();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into orders (id, event_id, rank, member_id, number, kind, units, price, amount, terms, state, created_at)
             values ($1, $2, 1, $3, $4, 'ticket', 1, 0, 0, $5, 'paid', $6)",
        )
        .bind(ids["order"])
        .bind(event)
        .bind(who)
        .bind(number.clone())
        .bind(terms)
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into returns (id, order_id, event_id, rank, units, reason, state, answer, asked_at)
             values ($1, $2, $3, 1, 1, '깨졌어요', 'asked', '', $4)",
        )
        .bind(ids["return"])
        .bind(ids["order"])
        .bind(event)
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into tickets (id, order_id, event_id, member_id, number, starts_at, state, issued_at)
             values ($1, $2, $3, $4, 1, $5, 'valid', $6)",
        )
        .bind(ids["ticket"])
        .bind(ids["order"])
        .bind(event)
        .bind(who)
        .bind(later)
        .bind(now)
        .run()
        .await
        .unwrap();
        // Nobody looks after it by themselves.
        tx.sql(
            "insert into payments (id, subject_kind, subject_id, member_id, provider, amount, title, return_to, token, state, link,
                elsewhere, begun_at, expires_at)
             values ($1, 'order', $2, $3, 'sandbox', 1000, '머그', '/my/orders', $4, 'prepared', '/here', '/elsewhere', $5, $6)",
        )
        .bind(ids["payment"])
        .bind(ids["order"])
        .bind(who)
        .bind(vec![7_u8; 32])
        .bind(now)
        .bind(later)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into bookings (id, request_id, seller_id, price, amount, state, held_until, booked_at)
             values ($1, $1, $2, 59000, 59000, 'held', $3, $4)",
        )
        .bind(ids["booking"])
        .bind(who)
        .bind(later)
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql("insert into booked_hours (booking_id, starts_at, seller_id, most) values ($1, 0, $2, 1)")
            .bind(ids["booking"])
            .bind(who)
            .run()
            .await
            .unwrap();
        tx.sql(
            "insert into reviews (id, event_id, seller_id, member_id, stars, text, pictures, at)
             values ($1, $2, $3, $3, 4, '좋아요', '[]', $4)",
        )
        .bind(ids["review"])
        .bind(event)
        .bind(who)
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql("insert into party_questions (id, party_id, member_id, at, text, answer) values ($1, $2, $3, $4, '몇 시요?', '')")
            .bind(ids["question"])
            .bind(party)
            .bind(other.member)
            .bind(now)
            .run()
            .await
            .unwrap();
        tx.sql(
            "insert into party_lines (party_id, number, request_id, at, member_id, text)
             values ($1, 1, $1, $2, $3, '주차장에서 봬요')",
        )
        .bind(party)
        .bind(now)
        .bind(who)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into penalties (party_id, member_id, kind, at, appeal, appeal_state, answer)
             values ($1, $2, 'no_show', $3, '', 'none', '')",
        )
        .bind(party)
        .bind(who)
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into api_tokens (id, member_id, name, token_hash, scopes, created_at, expires_at)
             values ($1, $2, '수달봇', $3, 'profile', $4, $5)",
        )
        .bind(ids["token"])
        .bind(who)
        .bind(vec![7_u8; 32])
        .bind(now)
        .bind(later)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into webhook_endpoints (id, member_id, url, secret, kinds, created_at)
             values ($1, $2, 'https://hooks.example.com/59', $3, 'event.opened', $4)",
        )
        .bind(ids["endpoint"])
        .bind(who)
        .bind(vec![7_u8; 32])
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into webhook_deliveries (id, endpoint_id, kind, body, created_at, since, tries, done_at)
             values ($1, $2, 'event.opened', '{}', $3, $3, 1, $3)",
        )
        .bind(ids["delivery"])
        .bind(ids["endpoint"])
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into push_endpoints (id, member_id, session_hash, url, p256dh, auth, label, lang, created_at)
             select $1, $2, s.token_hash, 'https://push.example.com/59', $3, $3, 'Chrome', 'ko', $4 from sessions s where s.member_id = $2",
        )
        .bind(ids["device"])
        .bind(who)
        .bind(vec![7_u8; 16])
        .bind(now)
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into addresses (id, member_id, name, phone, postcode, address, detail, note, used_at)
             values ($1, $2, '김수달', '010-1234-5678', '04524', '서울 중구 세종대로 110', '', '집', $3)",
        )
        .bind(ids["address"])
        .bind(who)
        .bind(now)
        .run()
        .await
        .unwrap();
        keep_notice(&mut tx, who, ids["notice"], &Notice::ReviewAnswered, event, now).await;
        tx.commit().await.unwrap();

        let devices = site.engine.accounts.sessions.devices(&Actor::host(who), None).await.unwrap();
        let texts = [
            ("number", number),
            ("session", devices[0].id.clone()),
            ("from", (now + 5 * HOUR).to_local()),
            ("to", (now + 6 * HOUR).to_local()),
        ];
        let belongings = Belongings { ids, texts: texts.into() };
        belongings.are_as_they_were(site).await;
        belongings
    }

    /// The id of one, or what else it is asked for by.
    pub fn name(&self, what: &str) -> String {
        let id = self.ids.get(what).map(RequestId::to_string);
        id.or_else(|| self.texts.get(what).cloned()).unwrap_or_else(|| panic!("nobody has a {what}"))
    }

    /// Panics when anything of it was changed.
    pub async fn are_as_they_were(&self, site: &Site) {
        for (what, found) in AS_IT_WAS {
            let there = site.engine.db.sql(found).bind(self.ids[what]).exists().await.unwrap();
            assert!(there, "somebody else's {what} was touched");
        }
    }
}
