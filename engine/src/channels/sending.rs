//! Sends what is due: many at a time, each place on its own, no transaction open meanwhile.
//!
//! A row is taken by moving it to when it is to be tried again, in one small transaction; then it is sent, and deleted. Whoever is
//! killed between is followed after [`TAKEN_FOR`], and what was sent already is sent once more under the same name.

use super::{Channels, MAIL, Means, mails::letter, web_push::Keys};
use crate::{
    Error,
    db::{Lane, Tx},
    mail::NotTaken,
    open_net,
};
use model::{
    DAY, EventId, HOUR, MemberId, Notice, NoticeLine, RequestId, SECOND, Span, Time,
    channels::{DeviceId, MailLink, due_at, is_of_the_hour, pause},
};
use reqwest::{Response, StatusCode, header};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, sleep},
};
use uuid::Uuid;

/// How many are under way at once.
const AT_ONCE: usize = 128;
/// Of those, how many to a service that did not answer a moment ago.
const TO_SLOW: usize = 4;
/// How long a service counts as one of those.
const SLOW_FOR: Duration = Duration::from_secs(60);
/// Services that are remembered as such.
const SLOW_ONES: usize = 1_000;
/// How long somebody has a row who took it: longer than anything that is done with it.
const TAKEN_FOR: Span = SECOND.times(90);
/// For how long one run takes more.
const TAKES_FOR: Duration = Duration::from_secs(30);
/// How often it looks for more while something is under way.
const LOOKS: Duration = Duration::from_millis(250);
/// Later nothing is tried again.
const OVER_AFTER: Span = DAY;
/// The longest that a service may have us wait.
const LONGEST_WAIT: Span = HOUR.times(12);
/// How long a service keeps what it cannot hand on at once, in seconds: a turn is over soon, anything else is of use for a day.
const KEPT_OF_THE_HOUR: u32 = 15 * 60;
const KEPT: u32 = 24 * 60 * 60;
/// The most bytes of a text that is pushed: encrypted, everything has to fit into 4 KB.
const TEXT: usize = 1_600;

/// Push services that did not answer, and how much is under way to them.
#[derive(Clone, Default)]
pub(super) struct Slow(Arc<Mutex<HashMap<String, (Instant, usize)>>>);

/// A place among the few to a slow service.
struct SlowPlace<'a>(&'a Slow, String);

impl Drop for SlowPlace<'_> {
    fn drop(&mut self) {
        if let Some((_, under_way)) = self.0.all().get_mut(&self.1) {
            *under_way = under_way.saturating_sub(1);
        }
    }
}

impl Slow {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, usize)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one go to a service: `Ok(None)` to one that answers, `Err` where as many are under way to one that does not as may be.
    fn enter(&self, service: &str) -> Result<Option<SlowPlace<'_>>, ()> {
        let mut all = self.all();
        let Some((until, under_way)) = all.get_mut(service) else { return Ok(None) };
        if *until <= Instant::now() && *under_way == 0 {
            all.remove(service);
            return Ok(None);
        }
        if *under_way >= TO_SLOW {
            return Err(());
        }
        *under_way += 1;
        Ok(Some(SlowPlace(self, service.to_owned())))
    }

    /// A service did not answer.
    fn note(&self, service: &str) {
        let mut all = self.all();
        let now = Instant::now();
        if all.len() >= SLOW_ONES {
            all.retain(|_, (until, under_way)| *until > now || *under_way > 0);
        }
        if all.len() < SLOW_ONES || all.contains_key(service) {
            all.entry(service.to_owned()).or_insert((now, 0)).0 = now + SLOW_FOR;
        }
    }
}

/// What is to be sent where, taken.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Taken {
    member_id: MemberId,
    number: i64,
    target_id: Uuid,
    due_at: Time,
    since: Time,
    tries: i64,
}

/// The notice, unless it was read or deleted.
#[derive(sqlx::FromRow)]
struct NoticeRow {
    id: RequestId,
    at: Time,
    notice: String,
    event_id: Option<EventId>,
    title: Option<String>,
    /// Its event is stopped or called off by now.
    stopped: bool,
}

#[derive(sqlx::FromRow)]
struct EndpointRow {
    url: String,
    p256dh: Vec<u8>,
    auth: Vec<u8>,
    lang: String,
}

/// What became of one.
enum Became {
    /// It is there.
    Sent,
    /// It is of no use any more, or never will be taken.
    Over(&'static str),
    /// Nobody is there any more.
    Gone,
    /// It is to be tried again, at the earliest so long after.
    Later(Option<Span>),
    /// It was not tried: its service has enough to do.
    PutOff,
}

impl Channels {
    /// Sends everything that is due, and what becomes due meanwhile.
    ///
    /// # Errors
    /// When the database fails: what was taken is found again.
    pub(crate) async fn send_due(&self) -> Result<(), Error> {
        // Each is a task: one that waited here for its turn would keep what it was given by the database meanwhile.
        let (began, mut under_way) = (Instant::now(), JoinSet::new());
        let ended = |done: Result<Result<(), Error>, JoinError>| done.unwrap_or(Err(model::Error::Internal.into()));
        loop {
            let room = if began.elapsed() < TAKES_FOR { AT_ONCE - under_way.len() } else { 0 };
            for taken in if room > 0 { self.take(room).await? } else { Vec::new() } {
                let channels = self.clone();
                under_way.spawn(async move { channels.deliver(taken).await });
            }
            if under_way.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(done) = under_way.join_next() => ended(done)?,
                () = sleep(LOOKS) => {}
            }
            while let Some(done) = under_way.try_join_next() {
                ended(done)?;
            }
        }
    }

    /// Takes so many of what is due.
    async fn take(&self, most: usize) -> Result<Vec<Taken>, Error> {
        let now = self.clock.now();
        let due: Vec<Taken> = self
            .db
            .sql(
                "select member_id, number, target_id, due_at, since, tries from notice_deliveries where due_at <= $1
                 order by due_at limit $2",
            )
            .bind(now)
            .bind(most as i64)
            .all()
            .await?;
        if due.is_empty() {
            return Ok(due);
        }
        let (mut tx, mut taken) = (self.db.begin(Lane::Other).await?, Vec::with_capacity(due.len()));
        for row in due {
            // Two who take at once: the other side of the condition.
            let ours = tx
                .sql(
                    "update notice_deliveries set due_at = $5, tries = tries + 1
                     where member_id = $1 and number = $2 and target_id = $3 and due_at = $4",
                )
                .bind(row.member_id)
                .bind(row.number)
                .bind(row.target_id)
                .bind(row.due_at)
                .bind(now + TAKEN_FOR)
                .run()
                .await?;
            if ours == 1 {
                taken.push(Taken { due_at: now + TAKEN_FOR, tries: row.tries + 1, ..row });
            }
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// Sends one and notes what became of it.
    async fn deliver(&self, taken: Taken) -> Result<(), Error> {
        let (became, line) = self.send(&taken).await?;
        let outcome = match &became {
            Became::Sent => "sent",
            Became::Over(why) => *why,
            Became::Gone => "gone",
            Became::Later(_) => "failed",
            Became::PutOff => "put_off",
        };
        let channel = if taken.target_id == MAIL { "mail" } else { "push" };
        metrics::counter!("deliveries_total", "channel" => channel, "outcome" => outcome).increment(1);
        let now = self.clock.now();
        let of_the_hour = line.as_ref().is_some_and(|line| is_of_the_hour(&line.notice));
        let again = match became {
            Became::Sent | Became::Over(_) | Became::Gone => None,
            Became::PutOff => Some((due_at(of_the_hour, now + SECOND.times(20)), taken.tries - 1)),
            Became::Later(wait) => pause(u32::try_from(taken.tries).unwrap_or(u32::MAX)).map(|pause| {
                let pause = wait.map_or(pause, |wait| wait.min(LONGEST_WAIT).max(pause));
                (due_at(of_the_hour, now + pause), taken.tries)
            }),
        };
        let again = again.filter(|(due, _)| due.since(taken.since) < OVER_AFTER);
        let mut tx = self.db.begin(Lane::Other).await?;
        if matches!(became, Became::Gone) {
            let gone = DeviceId(taken.target_id);
            tx.sql("delete from push_endpoints where id = $1").bind(gone).run().await?;
            // With all that was still to be sent there.
            let rest = tx.sql("delete from notice_deliveries where member_id = $1 and target_id = $2");
            rest.bind(taken.member_id).bind(taken.target_id).run().await?;
            return Ok(tx.commit().await?);
        }
        if matches!(became, Became::Sent) && taken.target_id != MAIL {
            let reached = tx.sql("update push_endpoints set last_ok_at = $2 where id = $1");
            reached.bind(DeviceId(taken.target_id)).bind(now).run().await?;
        }
        let noted = note(&mut tx, &taken, taken.number, again).await?;
        if let (0, Some(line)) = (noted, &line) {
            // It may have been news again while it was sent, by a later number.
            let number = tx.sql(
                "select number from notices where member_id = $1 and id = $2 and number > $3 and number > 0
                 order by number desc limit 1",
            );
            let number = number.bind(taken.member_id).bind(line.id).bind(taken.number);
            let number: Option<(i64,)> = number.optional().await?;
            if let Some((number,)) = number {
                note(&mut tx, &taken, number, again).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// What becomes of one when it is sent now; and the notice, when it is still to be told.
    async fn send(&self, taken: &Taken) -> Result<(Became, Option<NoticeLine>), Error> {
        let Some(means) = &self.means else { return Ok((Became::Over("off"), None)) };
        let Some(line) = self.line(taken).await? else { return Ok((Became::Over("read"), None)) };
        let now = self.clock.now();
        // Due by day, and not sent until it was night.
        if due_at(is_of_the_hour(&line.notice), now) > now {
            return Ok((Became::PutOff, Some(line)));
        }
        let became = if taken.target_id == MAIL {
            self.send_mail(means, taken, &line).await?
        } else {
            self.send_push(means, taken, &line).await?
        };
        Ok((became, Some(line)))
    }

    /// The notice, unless it was read or deleted meanwhile.
    async fn line(&self, taken: &Taken) -> Result<Option<NoticeLine>, Error> {
        let row: Option<NoticeRow> = self
            .db
            .sql(
                "select n.id, n.at, n.notice, n.event_id, e.title,
                    coalesce(e.suspended_at, e.cancelled_at) is not null as stopped from notices n left join events e on e.id = n.event_id
                 where n.member_id = $1 and n.number = $2 and n.read_at is null and n.number > 0",
            )
            .bind(taken.member_id)
            .bind(taken.number)
            .optional()
            .await?;
        let Some(row) = row else { return Ok(None) };
        match serde_json::from_str(&row.notice) {
            // What waited for the morning announces nothing that does not come.
            Ok(Notice::Opens { .. } | Notice::NewEvent { .. }) if row.stopped => Ok(None),
            Ok(notice) => {
                let event = row.event_id.zip(row.title);
                Ok(Some(NoticeLine { id: row.id, number: taken.number as u64, at: row.at, notice, event, read: false }))
            }
            Err(error) => {
                tracing::error!(%error, "a notice cannot be read");
                Ok(None)
            }
        }
    }

    async fn send_push(&self, means: &Means, taken: &Taken, line: &NoticeLine) -> Result<Became, Error> {
        let Some(push) = &means.push else { return Ok(Became::Over("off")) };
        let row: Option<EndpointRow> = self
            .db
            .sql("select url, p256dh, auth, lang from push_endpoints where id = $1 and member_id = $2")
            .bind(DeviceId(taken.target_id))
            .bind(taken.member_id)
            .optional()
            .await?;
        let Some(row) = row else { return Ok(Became::Over("removed")) };
        let endpoint = open_net::endpoint(&row.url, push.local).zip(Keys::of(&row.p256dh, &row.auth));
        let Some((url, keys)) = endpoint else { return Ok(Became::Gone) };
        let words = means.wording.notice(&row.lang, line);
        let tag = format!("notice-{}", taken.number);
        let text = serde_json::json!({
            "title": "59초", "body": cut(&words.text, TEXT), "url": words.path, "tag": tag, "lang": row.lang,
        });
        let Ok(sealed) = keys.encrypt(text.to_string().as_bytes()) else { return Ok(Became::Gone) };
        let signed = self.signer().await?.authorization(&url, &push.contact, self.clock.now());
        let Ok(authorization) = signed else { return Ok(Became::Later(None)) };
        let Some(client) = push.client.get().await else { return Ok(Became::Later(None)) };
        let service = url.origin().ascii_serialization();
        let Ok(_place) = self.slow.enter(&service) else { return Ok(Became::PutOff) };
        let of_the_hour = is_of_the_hour(&line.notice);
        let request = client
            .post(url)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header("ttl", if of_the_hour { KEPT_OF_THE_HOUR } else { KEPT })
            .header("urgency", if of_the_hour { "high" } else { "normal" })
            .header("topic", tag)
            .body(sealed);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                if error.is_timeout() {
                    self.slow.note(&service);
                }
                tracing::debug!(service, error = %error.without_url(), "a push service was not reached");
                return Ok(Became::Later(None));
            }
        };
        let became = after(&answer);
        if let Became::Over(_) = became {
            tracing::warn!(service, status = answer.status().as_u16(), "a push service refuses what is sent");
        }
        open_net::read_some(answer).await;
        Ok(became)
    }

    async fn send_mail(&self, means: &Means, taken: &Taken, line: &NoticeLine) -> Result<Became, Error> {
        let Some(mailer) = &means.mailer else { return Ok(Became::Over("off")) };
        // To the address that was confirmed, as long as it is the member's.
        let to: Option<(String, String)> = self
            .db
            .sql(
                "select s.email, s.lang from mail_settings s join members m on m.id = s.member_id and m.email = s.email
                 where s.member_id = $1 and s.confirmed_at is not null",
            )
            .bind(taken.member_id)
            .optional()
            .await?;
        let Some((email, lang)) = to else { return Ok(Became::Over("removed")) };
        let words = means.wording.notice(&lang, line);
        let stop = format!("{}{}", means.origin, self.mail_path(MailLink::Stop, taken.member_id, &email).await?);
        let id = format!("notice.{}.{}", taken.member_id, taken.number);
        let to = format!("{}{}", means.origin, words.path);
        match mailer.send(letter(&words, &to, Some(stop), &email, id, line.at)).await {
            Ok(()) => Ok(Became::Sent),
            Err(NotTaken::ForGood(why)) => {
                // Of what it says nothing is logged that may name somebody.
                tracing::debug!(why, "a mail was refused");
                Ok(Became::Over("refused"))
            }
            Err(NotTaken::ForNow(why)) => {
                tracing::debug!(why, "a mail was not taken");
                Ok(Became::Later(None))
            }
        }
    }
}

/// Notes of what was taken when it is to be tried again, after how many tries, or else that it is done with; how many rows say so.
async fn note(tx: &mut Tx, taken: &Taken, number: i64, again: Option<(Time, i64)>) -> Result<u64, sqlx::Error> {
    match again {
        Some((due, tries)) => {
            let update = tx.sql(
                "update notice_deliveries set due_at = $4, tries = $5 where member_id = $1 and number = $2 and target_id = $3",
            );
            update.bind(taken.member_id).bind(number).bind(taken.target_id).bind(due).bind(tries).run().await
        }
        None => {
            let delete =
                tx.sql("delete from notice_deliveries where member_id = $1 and number = $2 and target_id = $3");
            delete.bind(taken.member_id).bind(number).bind(taken.target_id).run().await
        }
    }
}

/// What an answer of a push service means.
fn after(answer: &Response) -> Became {
    let status = answer.status();
    match status {
        _ if status.is_success() => Became::Sent,
        StatusCode::NOT_FOUND | StatusCode::GONE => Became::Gone,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Became::Later(retry_after(answer)),
        _ if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => Became::Later(None),
        _ => Became::Over("refused"),
    }
}

/// For how long a service asks us to wait, in seconds; a date is as good as nothing, and our own pauses follow.
fn retry_after(answer: &Response) -> Option<Span> {
    let seconds: u32 = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(SECOND.times(i64::from(seconds)).min(LONGEST_WAIT))
}

/// A text that is no longer than so many bytes, with a sign where it was cut.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_letters() {
        assert_eq!(cut("수달", 6), "수달");
        assert_eq!(cut("수달", 5), "수…");
        assert_eq!(cut("수달", 2), "…");
    }

    #[test]
    fn few_go_to_a_service_that_does_not_answer() {
        let slow = Slow::default();
        assert!(matches!(slow.enter("https://a.example"), Ok(None)));
        slow.note("https://a.example");
        let places: Vec<_> = (0..TO_SLOW).map(|_| slow.enter("https://a.example").unwrap()).collect();
        assert!(slow.enter("https://a.example").is_err());
        assert!(matches!(slow.enter("https://b.example"), Ok(None)), "others are not held up");
        drop(places);
        assert!(slow.enter("https://a.example").is_ok());
        for number in 0..2 * SLOW_ONES {
            slow.note(&number.to_string());
        }
        assert!(slow.all().len() <= SLOW_ONES);
    }
}
