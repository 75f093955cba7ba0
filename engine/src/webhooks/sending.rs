//! Sends what is due: many at a time, few to each server and of each creator, no transaction open meanwhile. A row is taken by moving it to when it is to be
//! tried again; whoever is killed between is followed then, and what arrived already arrives once more under the same id.

use super::Webhooks;
use crate::{
    Error,
    db::{Db, Lane},
    notices, open_net,
    payments::WebhookSecret,
};
use model::{
    MemberId, Notice, SECOND, Span, Time,
    webhooks::{DeliveryId, EndpointId, TRIED_FOR, pause},
};
use reqwest::{StatusCode, header};
use std::{collections::HashMap, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

/// Under way at once.
const AT_ONCE: usize = 64;
/// Of those to one server, and to all servers of one creator.
const TO_ONE: usize = 4;
const OF_ONE: usize = 12;
/// Of those that were tried before: servers that hang leave the rest to what was not.
const AGAIN: usize = AT_ONCE / 2;
/// How many that are due are looked at at once: of those that were tried before, and of those that were not.
const LOOKED_AT: i64 = 500;
/// How long somebody has a row who took it: longer than anything that is done with it.
const TAKEN_FOR: Span = SECOND.times(60);
/// For how long one run takes more.
const TAKES_FOR: Duration = Duration::from_secs(30);
/// How often it looks for more while something is under way.
const LOOKS: Duration = Duration::from_millis(250);

/// What is to be sent where, taken.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Taken {
    id: DeliveryId,
    endpoint_id: EndpointId,
    member_id: MemberId,
    url: String,
    secret: Vec<u8>,
    body: String,
    since: Time,
    due_at: Time,
    /// This one included.
    tries: i64,
}

/// What is under way.
#[derive(Debug, Clone, Default)]
struct UnderWay {
    all: usize,
    to: HashMap<EndpointId, usize>,
    of: HashMap<MemberId, usize>,
    again: usize,
}

impl UnderWay {
    /// Takes a place for something, if there is one.
    fn enter(&mut self, one: &Taken) -> bool {
        let going = |count: Option<&usize>| count.copied().unwrap_or_default();
        let again = one.tries > 1;
        let free = self.all < AT_ONCE
            && going(self.to.get(&one.endpoint_id)) < TO_ONE
            && going(self.of.get(&one.member_id)) < OF_ONE
            && (!again || self.again < AGAIN);
        if free {
            self.all += 1;
            *self.to.entry(one.endpoint_id).or_default() += 1;
            *self.of.entry(one.member_id).or_default() += 1;
            self.again += usize::from(again);
        }
        free
    }

    /// Gives it back.
    fn leave(&mut self, one: &Taken) {
        self.all = self.all.saturating_sub(1);
        self.again = self.again.saturating_sub(usize::from(one.tries > 1));
        for count in [self.to.get_mut(&one.endpoint_id), self.of.get_mut(&one.member_id)].into_iter().flatten() {
            *count = count.saturating_sub(1);
        }
    }
}

/// What is due by then, the longest first: this much of what was not tried yet, and as much of what was. So however much is tried again,
/// what is new is seen.
async fn due(db: &Db, now: Time, most: i64) -> Result<Vec<Taken>, Error> {
    // Behind a server that hangs there may be any number of its own: of each as many are looked at as go there at once.
    macro_rules! due {
        ($tries:literal) => {
            concat!(
                "select d.id, d.endpoint_id, w.member_id, w.url, w.secret, d.body, d.since, d.due_at, d.tries + 1 as tries
                 from (select x.id, row_number() over (partition by x.endpoint_id order by x.due_at) as place
                     from webhook_deliveries x join webhook_endpoints e on e.id = x.endpoint_id
                     where x.due_at <= $1 and x.tries ",
                $tries,
                " and e.disabled_at is null) n
                 join webhook_deliveries d on d.id = n.id join webhook_endpoints w on w.id = d.endpoint_id
                 where n.place <= $2 order by d.due_at limit $3"
            )
        };
    }
    let mut due = Vec::new();
    for text in [due!("= 0"), due!("> 0")] {
        let rows: Vec<Taken> = db.sql(text).bind(now).bind(TO_ONE as i64).bind(most).all().await?;
        due.extend(rows);
    }
    due.sort_by_key(|taken: &Taken| taken.due_at);
    Ok(due)
}

/// What became of one.
enum Became {
    /// It is there.
    Arrived,
    /// The server says that it is gone for good.
    Gone,
    /// It is to be tried again.
    Later,
}

impl Webhooks {
    /// Sends everything that is due, and what becomes due meanwhile.
    pub(super) async fn send_due(&self) -> Result<(), Error> {
        let (began, mut sending, mut under_way) = (Instant::now(), JoinSet::new(), UnderWay::default());
        loop {
            if began.elapsed() < TAKES_FOR && under_way.all < AT_ONCE {
                for taken in self.take(&under_way).await? {
                    under_way.enter(&taken);
                    let webhooks = self.clone();
                    sending.spawn(async move {
                        let done = webhooks.deliver(&taken).await;
                        (taken, done)
                    });
                }
            }
            if sending.is_empty() {
                return Ok(());
            }
            let mut done = Vec::new();
            tokio::select! {
                Some(ended) = sending.join_next() => done.push(ended),
                () = sleep(LOOKS) => {}
            }
            while let Some(ended) = sending.try_join_next() {
                done.push(ended);
            }
            for ended in done {
                let (taken, result) = ended.map_err(|_| model::Error::Internal)?;
                under_way.leave(&taken);
                result?;
            }
        }
    }

    /// Takes as much of what is due as there is room for beside what is under way.
    async fn take(&self, under_way: &UnderWay) -> Result<Vec<Taken>, Error> {
        let now = self.clock.now();
        let due = due(&self.db, now, LOOKED_AT).await?;
        let mut going = under_way.clone();
        let chosen: Vec<Taken> = due.into_iter().filter(|row| going.enter(row)).collect();
        if chosen.is_empty() {
            return Ok(chosen);
        }
        let (mut tx, mut taken) = (self.db.begin(Lane::Other).await?, Vec::with_capacity(chosen.len()));
        for row in chosen {
            // Two who take at once: the other side of the condition.
            let ours = tx
                .sql("update webhook_deliveries set due_at = $3, tries = tries + 1 where id = $1 and due_at = $2")
                .bind(row.id)
                .bind(row.due_at)
                .bind(now + TAKEN_FOR)
                .run()
                .await?;
            if ours == 1 {
                taken.push(Taken { due_at: now + TAKEN_FOR, ..row });
            }
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// Sends one and notes what became of it.
    async fn deliver(&self, taken: &Taken) -> Result<(), Error> {
        let (became, status) = self.send(taken).await;
        let outcome = match became {
            Became::Arrived => "sent",
            Became::Gone => "gone",
            Became::Later => "failed",
        };
        metrics::counter!("webhooks_total", "outcome" => outcome).increment(1);
        let now = self.clock.now();
        let next = match became {
            Became::Arrived | Became::Gone => None,
            Became::Later => Some(now + pause(u32::try_from(taken.tries).unwrap_or(u32::MAX))),
        };
        let next = next.filter(|next| next.since(taken.since) < TRIED_FOR);
        let mut tx = self.db.begin(Lane::Other).await?;
        let noted = tx
            .sql(
                "update webhook_deliveries set due_at = $3, tried_at = $4, status = $5, done_at = $6
                 where id = $1 and due_at = $2",
            )
            .bind(taken.id)
            .bind(taken.due_at)
            .bind(next)
            .bind(now)
            .bind(i64::from(status))
            .bind(matches!(became, Became::Arrived).then_some(now))
            .run()
            .await?;
        match became {
            Became::Arrived => {
                let reached = tx.sql("update webhook_endpoints set last_ok_at = $2 where id = $1");
                reached.bind(taken.endpoint_id).bind(now).run().await?;
            }
            // Gone, or a day of trying is over, and nothing else arrived meanwhile.
            _ if next.is_none() && noted == 1 => {
                let off = tx
                    .sql(
                        "update webhook_endpoints set disabled_at = $2
                         where id = $1 and disabled_at is null and (last_ok_at is null or last_ok_at <= $3)",
                    )
                    .bind(taken.endpoint_id)
                    .bind(now)
                    .bind(if matches!(became, Became::Gone) { now } else { taken.since })
                    .run()
                    .await?;
                if off == 1 {
                    let host = open_net::endpoint(&taken.url, self.local);
                    let host = host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
                    notices::write_of_party(&mut tx, taken.member_id, &Notice::WebhookOff { host }, now).await?;
                }
            }
            _ => {}
        }
        Ok(tx.commit().await?)
    }

    /// What becomes of one when it is sent now, and by which status; 0 where nothing was answered.
    async fn send(&self, taken: &Taken) -> (Became, u16) {
        let url = open_net::endpoint(&taken.url, self.local);
        let (Some(client), Some(url)) = (self.client.get().await, url) else { return (Became::Later, 0) };
        let (id, now) = (format!("msg_{}", taken.id), self.clock.now());
        let seconds = now.0.div_euclid(SECOND.micros()).to_string();
        let signature = WebhookSecret::of(&taken.secret).sign(&id, &seconds, taken.body.as_bytes());
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "59cho-webhooks/1")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(taken.body.clone());
        match request.send().await {
            Ok(answer) => {
                let status = answer.status();
                open_net::read_some(answer).await;
                let became = match status {
                    _ if status.is_success() => Became::Arrived,
                    StatusCode::GONE => Became::Gone,
                    _ => Became::Later,
                };
                (became, status.as_u16())
            }
            Err(error) => {
                tracing::debug!(error = %error.without_url(), "a creator's server was not reached");
                (Became::Later, 0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use testing::{On, Place, both};
    use uuid::Uuid;

    const ENDPOINT: &str = "insert into webhook_endpoints (id, member_id, url, secret, kinds, created_at)
         values ($1, $2, 'https://server.example', $3, '', 0)";
    const DELIVERY: &str =
        "insert into webhook_deliveries (id, endpoint_id, kind, body, created_at, since, due_at, tries)
         values ($1, $2, 'test', '{}', 0, 0, $3, $4)";

    both!(what_is_new_is_seen_however_much_is_tried_again);
    async fn what_is_new_is_seen_however_much_is_tried_again(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let member = accounts::testing::member(&db, 1).await;
        let mut tx = db.begin(Lane::Other).await.unwrap();
        for server in [1, 2] {
            tx.sql(ENDPOINT).bind(Uuid::from_u128(server)).bind(member).bind(vec![7_u8; 32]).run().await.unwrap();
        }
        // Two servers hang, and what is new came last.
        for (id, server, due_at, tries) in [(1, 1, 1, 3), (2, 2, 2, 9), (3, 1, 3, 1), (4, 2, 4, 0), (5, 1, 6, 0_i64)] {
            tx.sql(DELIVERY)
                .bind(Uuid::from_u128(id))
                .bind(Uuid::from_u128(server))
                .bind(Time(due_at))
                .bind(tries)
                .run()
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let due = async |most: i64| {
            let due = due(&db, Time(5), most).await.unwrap();
            due.into_iter().map(|taken| (taken.id.0.as_u128(), taken.tries)).collect::<Vec<_>>()
        };
        assert_eq!(due(1).await, [(1, 4), (4, 1)]);
        assert_eq!(due(9).await, [(1, 4), (2, 10), (3, 2), (4, 1)]);
    }

    /// To a server of a creator's, tried for the so-manieth time.
    fn one(server: u128, creator: u128, tries: i64) -> Taken {
        Taken {
            id: DeliveryId(Uuid::nil()),
            endpoint_id: EndpointId(Uuid::from_u128(server)),
            member_id: MemberId(Uuid::from_u128(creator)),
            url: String::new(),
            secret: Vec::new(),
            body: String::new(),
            since: Time(0),
            due_at: Time(0),
            tries,
        }
    }

    #[test]
    fn whoever_hangs_holds_up_nobody_else() {
        let mut under_way = UnderWay::default();
        let entered = |under_way: &mut UnderWay, all: &mut dyn Iterator<Item = Taken>| {
            all.filter(|one| under_way.enter(one)).count()
        };
        // Five servers of one creator.
        assert_eq!(entered(&mut under_way, &mut (0..10).map(|_| one(1, 1, 1))), TO_ONE);
        assert_eq!(entered(&mut under_way, &mut (0..40).map(|n| one(1 + n % 5, 1, 1))), OF_ONE - TO_ONE);
        // What was tried before, of any number of creators.
        assert_eq!(entered(&mut under_way, &mut (10..100).map(|n| one(n, n, 2))), AGAIN);
        assert_eq!(entered(&mut under_way, &mut (100..200).map(|n| one(n, n, 1))), AT_ONCE - OF_ONE - AGAIN);
        assert!(!under_way.enter(&one(300, 300, 1)));
        // Each place is free again for what is like it.
        under_way.leave(&one(10, 10, 2));
        assert!(under_way.enter(&one(10, 10, 2)) && !under_way.enter(&one(300, 300, 1)));
        under_way.leave(&one(1, 1, 1));
        assert!(!under_way.enter(&one(300, 300, 3)) && under_way.enter(&one(300, 300, 1)));
    }
}
