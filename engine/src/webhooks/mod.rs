//! What creators' own servers are told of their events, as Standard Webhooks (<https://www.standardwebhooks.com>).
//!
//! What is to be sent is a row for each server, written in the transaction of what it tells of, or of the outbox that tells of it
//! ([`crate::outbox::webhooks`]); openings and endings are found by the job. The job sends what is due ([`sending`]): at least once, under
//! an id that stays the same. Only servers of the open net are called, as for Web Push.

mod demonstrating;
pub(crate) mod personal;
mod sending;

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, retried},
    ids,
    limits::Limits,
    open_net::{self, LateClient},
    outbox::webhooks::note,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use model::{
    DAY, EventId, FieldError, FormErrors, MemberId, RequestId, Span, Time,
    webhooks::{Delivery, DeliveryId, Endpoint, EndpointId, MOST_ENDPOINTS, WebhookKind},
};
use serde_json::json;

/// Bytes of a secret.
const SECRET: usize = 32;
/// What is shown of what was sent to a server.
const LISTED: i64 = 20;
/// How long what was sent is remembered.
const REMEMBERED: Span = DAY.times(14);
/// Events whose opening or ending is noted in one run, and how late that may be.
const AT_ONCE: i64 = 100;
const LATELY: Span = DAY;

/// What creators' servers are told. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    db: Db,
    clock: Clock,
    limits: Limits,
    client: LateClient,
    local: bool,
}

#[derive(sqlx::FromRow)]
struct EndpointRow {
    id: EndpointId,
    url: String,
    kinds: String,
    last_ok_at: Option<Time>,
    disabled_at: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: DeliveryId,
    kind: String,
    since: Time,
    due_at: Option<Time>,
    tries: i64,
    tried_at: Option<Time>,
    status: Option<i64>,
    done_at: Option<Time>,
}

impl Webhooks {
    /// `local` lets a server of this machine be told, for tests.
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits, local: bool) -> Webhooks {
        Webhooks { db, clock, limits, client: LateClient::default(), local }
    }

    /// The actor's servers, with what was sent there lately.
    ///
    /// # Errors
    /// For visitors, and for whoever is no creator; the database may fail.
    pub async fn endpoints(&self, actor: &Actor) -> Result<Vec<Endpoint>, Error> {
        let member = actor.creator()?.member;
        let rows: Vec<EndpointRow> = self
            .db
            .sql(
                "select id, url, kinds, last_ok_at, disabled_at from webhook_endpoints where member_id = $1
                 order by created_at, id limit 20",
            )
            .bind(member)
            .all()
            .await?;
        let mut endpoints = Vec::with_capacity(rows.len());
        for row in rows {
            let sent: Vec<DeliveryRow> = self
                .db
                .sql(
                    "select id, kind, since, due_at, tries, tried_at, status, done_at from webhook_deliveries
                     where endpoint_id = $1 order by created_at desc, id desc limit $2",
                )
                .bind(row.id)
                .bind(LISTED)
                .all()
                .await?;
            let delivery = |row: DeliveryRow| {
                Some(Delivery {
                    id: row.id,
                    kind: WebhookKind::named(&row.kind)?,
                    since: row.since,
                    tries: row.tries.max(0) as u64,
                    tried: row.tried_at,
                    status: row.status.map(|status| status.max(0) as u64),
                    done: row.done_at.is_some(),
                    next: row.due_at,
                })
            };
            endpoints.push(Endpoint {
                id: row.id,
                url: row.url,
                kinds: row.kinds.split(' ').filter_map(WebhookKind::named).collect(),
                reached: row.last_ok_at,
                off: row.disabled_at,
                deliveries: sent.into_iter().filter_map(delivery).collect(),
            });
        }
        Ok(endpoints)
    }

    /// Tells a server of the actor's from now on, of kinds by their names: the secret that what is sent is signed by, `whsec_…`, which
    /// nobody is shown again. The same `request` twice adds one: then there is nothing to show any more.
    ///
    /// # Errors
    /// For visitors, and for whoever is no creator; [`model::Error::Invalid`] for what is no address of the open net by https, for
    /// kinds that there are not, and for one more than there may be; [`model::Error::TooMany`]; the database may fail.
    pub async fn add(
        &self,
        actor: &Actor,
        request: RequestId,
        url: &str,
        chosen: &[&str],
    ) -> Result<Option<String>, Error> {
        let member = actor.creator()?.member;
        let mut errors = FormErrors::default();
        let address = open_net::endpoint(url.trim(), self.local).ok_or(FieldError::Invalid);
        let address = errors.check("url", if url.trim().is_empty() { Err(FieldError::Required) } else { address });
        if chosen.iter().any(|name| WebhookKind::named(name).is_none()) {
            errors.add("kind", FieldError::Invalid);
        } else if chosen.is_empty() {
            errors.add("kind", FieldError::Required);
        }
        errors.into_result()?;
        let address = address.ok_or(model::Error::Malformed)?;
        self.limits.creation(member).await?;
        let secret: [u8; SECRET] = ids::random();
        let kinds = WebhookKind::ALL.into_iter().map(WebhookKind::name).filter(|name| chosen.contains(name));
        let kinds = kinds.collect::<Vec<_>>().join(" ");
        let id = EndpointId(ids::id_of(&[b"59 webhook", member.0.as_bytes(), request.0.as_bytes()]));
        let added = retried!(self.write(id, member, address.as_str(), &secret, &kinds))?;
        Ok(added.then(|| format!("whsec_{}", BASE64_STANDARD.encode(secret))))
    }

    /// Whether it was added, which it is not when it is there already.
    async fn write(
        &self,
        id: EndpointId,
        member: MemberId,
        url: &str,
        secret: &[u8],
        kinds: &str,
    ) -> Result<bool, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Two at once wait for each other.
        tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
        if tx.sql("select 1 from webhook_endpoints where id = $1").bind(id).exists().await? {
            return Ok(false);
        }
        let count = tx.sql("select count(*) from webhook_endpoints where member_id = $1").bind(member);
        let (count,): (i64,) = count.one().await?;
        if count >= MOST_ENDPOINTS as i64 {
            let mut errors = FormErrors::default();
            errors.add("url", FieldError::TooLong { max: MOST_ENDPOINTS as u64 });
            errors.into_result()?;
        }
        tx.sql(
            "insert into webhook_endpoints (id, member_id, url, secret, kinds, created_at) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(member)
        .bind(url.to_owned())
        .bind(secret.to_vec())
        .bind(kinds.to_owned())
        .bind(now)
        .run()
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Tells a server of the actor's no more, and forgets what was sent there.
    ///
    /// # Errors
    /// For visitors, and for whoever is no creator; [`model::Error::NotFound`] for what is none of theirs; the database may fail.
    pub async fn remove(&self, actor: &Actor, endpoint: EndpointId) -> Result<(), Error> {
        let member = actor.creator()?.member;
        retried!(self.change("delete from webhook_endpoints where id = $1 and member_id = $2", endpoint, member))
    }

    /// Tells a server of the actor's again that was switched off.
    ///
    /// # Errors
    /// As [`Webhooks::remove`]; [`model::Error::TooMany`].
    pub async fn resume(&self, actor: &Actor, endpoint: EndpointId) -> Result<(), Error> {
        let member = actor.creator()?.member;
        self.limits.creation(member).await?;
        let resume = "update webhook_endpoints set disabled_at = null where id = $1 and member_id = $2";
        retried!(self.change(resume, endpoint, member))
    }

    /// Changes the server `$1`, which is none but the member's, `$2`.
    async fn change(&self, text: &'static str, endpoint: EndpointId, member: MemberId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let changed = tx.sql(text).bind(endpoint).bind(member).run().await?;
        tx.commit().await?;
        if changed == 1 { Ok(()) } else { Err(model::Error::NotFound.into()) }
    }

    /// Sends something again to a server of the actor's, under the same id, whether it arrived or not.
    ///
    /// # Errors
    /// As [`Webhooks::remove`]; [`model::Error::TooMany`].
    pub async fn send_again(&self, actor: &Actor, delivery: DeliveryId) -> Result<(), Error> {
        let member = actor.creator()?.member;
        self.limits.creation(member).await?;
        retried!(self.send_again_once(member, delivery))
    }

    async fn send_again_once(&self, member: MemberId, delivery: DeliveryId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let again = tx
            .sql(
                "update webhook_deliveries set due_at = $3, since = $3, tries = 0, done_at = null where id = $1
                 and endpoint_id in (select id from webhook_endpoints where member_id = $2 and disabled_at is null)",
            )
            .bind(delivery)
            .bind(member)
            .bind(now)
            .run()
            .await?;
        tx.commit().await?;
        if again == 1 { Ok(()) } else { Err(model::Error::NotFound.into()) }
    }

    /// Notes openings and endings, and sends everything that is due.
    ///
    /// # Errors
    /// When the database fails: what was not done is found again.
    pub async fn work(&self) -> Result<(), Error> {
        self.note_moments().await?;
        self.send_due().await
    }

    /// Forgets what was sent long ago.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget(&self) -> Result<(), Error> {
        let before = self.clock.now() - REMEMBERED;
        let mut tx = self.db.begin(Lane::Other).await?;
        // Also what waits for a server that was switched off: what is tried still is younger.
        tx.sql("delete from webhook_deliveries where since < $1").bind(before).run().await?;
        tx.sql("delete from webhook_moments where event_id in (select id from events where closes_at < $1)")
            .bind(before)
            .run()
            .await?;
        Ok(tx.commit().await?)
    }

    async fn note_moments(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let opened = self.db.sql(
            "select e.id from events e join webhook_endpoints w on w.member_id = e.creator_id
             where e.published_at is not null and e.cancelled_at is null and e.suspended_at is null
                and e.opens_at <= $1 and e.opens_at > $2
                and w.disabled_at is null and w.created_at <= e.opens_at
                and not exists (select 1 from webhook_moments m where m.event_id = e.id and m.kind = 'event.opened')
             limit $3",
        );
        let opened: Vec<(EventId,)> = opened.bind(now).bind(now - LATELY).bind(AT_ONCE).all().await?;
        for (event,) in opened {
            retried!(self.note_moment(event, WebhookKind::EventOpened, now))?;
        }
        let closed = self.db.sql(
            "select e.id from events e join webhook_endpoints w on w.member_id = e.creator_id
             where e.published_at is not null and e.cancelled_at is null and e.closes_at <= $1 and e.closes_at > $2
                and w.disabled_at is null and w.created_at <= e.closes_at
                and not exists (select 1 from webhook_moments m where m.event_id = e.id and m.kind = 'event.closed')
             limit $3",
        );
        let closed: Vec<(EventId,)> = closed.bind(now).bind(now - LATELY).bind(AT_ONCE).all().await?;
        for (event,) in closed {
            retried!(self.note_moment(event, WebhookKind::EventClosed, now))?;
        }
        Ok(())
    }

    async fn note_moment(&self, event: EventId, kind: WebhookKind, now: Time) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let first = tx
            .sql("insert into webhook_moments (event_id, kind) values ($1, $2) on conflict do nothing")
            .bind(event)
            .bind(kind.name().to_owned())
            .run()
            .await?;
        if first == 0 {
            return Ok(());
        }
        let entered = tx.sql("select coalesce(max(total), 0) from tallies where event_id = $1").bind(event);
        let (entered,): (i64,) = entered.one().await?;
        let row: Option<(String, i64)> =
            tx.sql("select title, capacity from events where id = $1").bind(event).optional().await?;
        let Some((title, capacity)) = row else { return Ok(()) };
        let mut data = json!({ "event": event, "title": title, "capacity": capacity, "entered": entered });
        if kind == WebhookKind::EventClosed {
            let placed = tx.sql("select count(*) from entries where event_id = $1 and state in ('won', 'paid')");
            let (placed,): (i64,) = placed.bind(event).one().await?;
            data["placed"] = placed.into();
        }
        note(&mut tx, event, kind, &data, now).await?;
        Ok(tx.commit().await?)
    }
}
