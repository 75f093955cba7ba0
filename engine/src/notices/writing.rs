//! Writing notices: the one way by which any of them comes to be.
//!
//! What a transaction tells is gathered and written as its last, all of it in a few statements, in the order of members: so nobody
//! waits long for a member's count, and no two transactions wait for each other. There each notice gets its number, which is given
//! under the lock of its member's count, so that numbers become visible in their order and without gaps; what its member does not
//! wish to be told is left out. What many are told is encoded once, and sent to the database once.

use super::handed::Common;
use crate::{
    Error,
    channels::{Stored, queue},
    db::{AtEnd, Dialect, Tx},
    ids,
};
use futures::future::BoxFuture;
use model::{EventId, MemberId, Notice, Time, channels::is_of_the_hour, notices::Kind};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// So many of a member's notices, the newest, are looked through for one that counts on; where it is older, there is another.
pub(super) const LOOKED_AT: i64 = 500;

/// What the member `$1` has not read of the newest `$3` that they were told, about the event `$2` or about none.
pub(super) const UNREAD: &str = "select number, notice from notices where member_id = $1
    and number > (select case when read_up_to > last - $3 then read_up_to else last - $3 end from notice_counts
        where member_id = $1 and unread > 0)
    and event_id is not distinct from $2 and read_at is null and number > 0 order by number desc";

/// Writes a notice to one member, in the transaction of what it tells of.
///
/// # Errors
/// The database's.
pub(crate) async fn write(
    tx: &mut Tx,
    member: MemberId,
    notice: &Notice,
    event: EventId,
    now: Time,
) -> Result<(), Error> {
    insert(tx, member, notice, Some(event), now)
}

/// Writes a notice about a party to one member, in the transaction of what it tells of.
///
/// # Errors
/// The database's.
pub(crate) async fn write_of_party(tx: &mut Tx, member: MemberId, notice: &Notice, now: Time) -> Result<(), Error> {
    insert(tx, member, notice, None, now)
}

/// Writes a notice about a member themself, and about an event where it is of one, in the transaction of what it tells of.
///
/// # Errors
/// [`model::Error::Internal`] for what JSON cannot express.
pub(crate) fn write_of_member(
    tx: &mut Tx,
    member: MemberId,
    notice: &Notice,
    event: Option<EventId>,
    now: Time,
) -> Result<(), Error> {
    insert(tx, member, notice, event, now)
}

/// What is told, to one member or to many.
pub(super) struct Said {
    kind: Kind,
    of_the_hour: bool,
    /// The notice, as it is stored.
    text: String,
    event: Option<EventId>,
    now: Time,
    /// What is handed to those who follow whom it is told; `None` where they read it.
    common: Option<Common>,
}

impl Said {
    /// A notice that is written at `now`, about an event. Where its title is not at hand those who follow read the notice.
    ///
    /// # Errors
    /// [`model::Error::Internal`] for what JSON cannot express.
    pub fn new(notice: &Notice, event: Option<EventId>, title: Option<&str>, now: Time) -> Result<Said, model::Error> {
        let text = serde_json::to_string(notice).map_err(|_| model::Error::Internal)?;
        let common = match event {
            Some(_) if title.is_none() => None,
            _ => Some(Common::new(now, notice, event.zip(title))?),
        };
        Ok(Said { kind: notice.kind(), of_the_hour: is_of_the_hour(notice), text, event, now, common })
    }
}

/// Has a notice written at the end of the transaction, unless its member does not wish to be told.
///
/// # Errors
/// [`model::Error::Internal`] for what JSON cannot express.
pub(super) fn insert(
    tx: &mut Tx,
    member: MemberId,
    notice: &Notice,
    event: Option<EventId>,
    now: Time,
) -> Result<(), Error> {
    insert_all(tx, [member], Said::new(notice, event, None, now)?);
    Ok(())
}

/// Has the same written to many.
pub(super) fn insert_all(tx: &mut Tx, members: impl IntoIterator<Item = MemberId>, said: Said) {
    let said = Arc::new(said);
    let new = members.into_iter().map(|member| New { member, said: said.clone() });
    tx.at_end::<Unwritten>().0.extend(new);
}

/// What a member has not read of the newest that they were told, about an event or about none: the number of each and what it says, newest
/// first.
///
/// # Errors
/// The database's.
pub(super) async fn unread(
    tx: &mut Tx,
    member: MemberId,
    event: Option<EventId>,
) -> Result<Vec<(i64, String)>, sqlx::Error> {
    tx.sql(UNREAD).bind(member).bind(event).bind(LOOKED_AT).all().await
}

/// Has an unread notice say something else from now on: it is news again, with the next number. `false` when it was read, is gone, or says
/// something else than when its number was read, as another transaction had it: then nothing was changed. Whoever does not wish to be told
/// any more keeps it as it is, and nothing else is to be told them.
///
/// # Errors
/// The database's.
pub(super) async fn replace(
    tx: &mut Tx,
    member: MemberId,
    number: i64,
    notice: &Notice,
    now: Time,
) -> Result<bool, Error> {
    let kind = notice.kind();
    if different(tx, &[member]).await?.contains(&(member, kind)) == kind.on_at_first() {
        return Ok(true);
    }
    let text = serde_json::to_string(notice).map_err(|_| model::Error::Internal)?;
    let changed = tx
        .sql(
            "update notices set notice = $3, at = $4
             where member_id = $1 and number = $2 and read_at is null and number > 0",
        )
        .bind(member)
        .bind(number)
        .bind(text)
        .bind(now)
        .run()
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    let next = tx.sql("update notice_counts set last = last + 1 where member_id = $1 returning last");
    let (next,): (i64,) = next.bind(member).one().await?;
    tx.sql("update notices set number = $3 where member_id = $1 and number = $2 and number > 0")
        .bind(member)
        .bind(number)
        .bind(next)
        .run()
        .await?;
    // What was not sent yet says the newer; what was is not sent again.
    tx.sql("update notice_deliveries set number = $3 where member_id = $1 and number = $2")
        .bind(member)
        .bind(number)
        .bind(next)
        .run()
        .await?;
    tx.news().members.insert(member);
    Ok(true)
}

/// One that is to be written.
struct New {
    member: MemberId,
    said: Arc<Said>,
}

/// One as it is written.
struct Written {
    member: MemberId,
    id: Uuid,
    number: i64,
    said: Arc<Said>,
}

/// What a transaction tells.
#[derive(Default)]
struct Unwritten(Vec<New>);

impl AtEnd for Unwritten {
    fn write<'t>(self: Box<Self>, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), sqlx::Error>> {
        Box::pin(write_all(tx, self.0))
    }
}

async fn write_all(tx: &mut Tx, mut all: Vec<New>) -> Result<(), sqlx::Error> {
    if all.is_empty() {
        return Ok(());
    }
    // Those of each member stay as they were written.
    all.sort_by_key(|new| new.member);
    let different = different(tx, &members(&all)).await?;
    all.retain(|new| different.contains(&(new.member, new.said.kind)) != new.said.kind.on_at_first());
    let members = members(&all);
    if members.is_empty() {
        return Ok(());
    }
    let mut counts: HashMap<MemberId, i64> = HashMap::new();
    for new in &all {
        *counts.entry(new.member).or_default() += 1;
    }
    let counts: Vec<(MemberId, i64)> = members.iter().map(|member| (*member, counts[member])).collect();
    let mut taken = take_numbers(tx, &counts).await?;
    let mut written = Vec::with_capacity(all.len());
    for New { member, said } in all {
        let Taken { next, .. } = taken.entry(member).or_default();
        written.push(Written { member, id: ids::new_id(said.now), number: *next, said });
        *next += 1;
    }
    keep(tx, &written).await?;
    for (now, sent) in by_time(&written) {
        queue(tx, &sent, now).await?;
    }
    let news = tx.news();
    for Written { member, id, number, said } in &written {
        match (&said.common, taken.get(member)) {
            (Some(common), Some(taken)) => news.handed.push((*member, common.to(*number, taken.unread, *id))),
            _ => {
                news.members.insert(*member);
            }
        }
    }
    Ok(())
}

/// What is to reach members outside the site as well, by when it was written: mostly all at once.
fn by_time(written: &[Written]) -> BTreeMap<Time, Vec<Stored>> {
    let mut all = BTreeMap::<Time, Vec<Stored>>::new();
    for Written { member, number, said, .. } in written {
        let stored = Stored { member: *member, number: *number, of_the_hour: said.of_the_hour };
        all.entry(said.now).or_default().push(stored);
    }
    all
}

/// Each member of a sorted list once.
fn members(all: &[New]) -> Vec<MemberId> {
    let mut members: Vec<MemberId> = all.iter().map(|new| new.member).collect();
    members.dedup();
    members
}

/// What these members chose otherwise than it is at first.
pub(super) async fn different(tx: &mut Tx, members: &[MemberId]) -> Result<HashSet<(MemberId, Kind)>, sqlx::Error> {
    macro_rules! among {
        ($among:literal) => {
            concat!("select member_id, kind, is_on from notice_settings where member_id ", $among)
        };
    }
    let rows: Vec<(MemberId, String, bool)> = match tx.dialect() {
        Dialect::Sqlite => {
            let ids: Vec<String> = members.iter().map(|member| ids::digits(member.0)).collect();
            tx.sql(among!("in (select unhex(value) from json_each($1))")).bind_json(&ids).all().await?
        }
        Dialect::Postgres => {
            let ids = members.iter().map(|member| member.0).collect::<Vec<_>>();
            tx.sql(among!("= any($1::uuid[])")).bind_column(ids).all().await?
        }
    };
    // A kind that only a newer node knows is none of ours.
    let known = |(member, kind, is_on): (MemberId, String, bool)| Some((member, kind.parse::<Kind>().ok()?, is_on));
    let differs = |(_, kind, is_on): &(MemberId, Kind, bool)| *is_on != kind.on_at_first();
    Ok(rows.into_iter().filter_map(known).filter(differs).map(|(member, kind, _)| (member, kind)).collect())
}

/// Numbers that a member's notices get.
#[derive(Default)]
struct Taken {
    /// The first of them that is not given yet.
    next: i64,
    /// How many are unread with all of them.
    unread: i64,
}

/// Takes the next so many numbers of each, and counts them as unread.
async fn take_numbers(tx: &mut Tx, counts: &[(MemberId, i64)]) -> Result<HashMap<MemberId, Taken>, sqlx::Error> {
    let rows: Vec<(MemberId, i64, i64)> = match tx.dialect() {
        Dialect::Sqlite => {
            // As one text each: SQLite reads a list within a list anew for everything that is taken from it.
            let row = |(member, count): &(MemberId, i64)| format!("{}{count}", member.0.simple());
            // Without a condition the conflict would be read as one of a join.
            tx.sql(
                "insert into notice_counts (member_id, last, unread)
                 select unhex(substr(value, 1, 32)), cast(substr(value, 33) as integer), cast(substr(value, 33) as integer)
                 from json_each($1) where true
                 on conflict (member_id) do update set last = last + excluded.last, unread = unread + excluded.unread
                 returning member_id, last, unread",
            )
            .bind_json(&counts.iter().map(row).collect::<Vec<_>>())
            .all()
            .await?
        }
        Dialect::Postgres => {
            tx.sql(
                "insert into notice_counts as c (member_id, last, unread)
                 select told.member_id, told.many, told.many from unnest($1::uuid[], $2::bigint[]) told (member_id, many)
                 on conflict (member_id) do update set last = c.last + excluded.last, unread = c.unread + excluded.unread
                 returning c.member_id, c.last, c.unread",
            )
            .bind_column(counts.iter().map(|(member, _)| member.0).collect::<Vec<_>>())
            .bind_column(counts.iter().map(|(_, count)| *count).collect::<Vec<_>>())
            .all()
            .await?
        }
    };
    let counts: HashMap<MemberId, i64> = counts.iter().copied().collect();
    let of = |(member, last, unread): (MemberId, i64, i64)| {
        let next = last - counts.get(&member).copied().unwrap_or_default() + 1;
        (member, Taken { next, unread })
    };
    Ok(rows.into_iter().map(of).collect())
}

async fn keep(tx: &mut Tx, written: &[Written]) -> Result<(), sqlx::Error> {
    match tx.dialect() {
        Dialect::Sqlite => match written {
            // What many are told: of each only what is their own.
            [Written { said, .. }, more @ ..] if more.iter().all(|other| Arc::ptr_eq(&other.said, said)) => {
                let row = |Written { member, id, number, .. }: &Written| {
                    format!("{}{}{number}", member.0.simple(), id.simple())
                };
                tx.sql(
                    "insert into notices (member_id, at, id, notice, event_id, number)
                     select unhex(substr(value, 1, 32)), $2, unhex(substr(value, 33, 32)), $3, $4, cast(substr(value, 65) as integer)
                     from json_each($1)",
                )
                .bind_json(&written.iter().map(row).collect::<Vec<_>>())
                .bind(said.now)
                .bind(said.text.clone())
                .bind(said.event)
                .run()
                .await?;
            }
            _ => {
                let row = |Written { member, id, number, said }: &Written| {
                    let Said { text, event, now, .. } = &**said;
                    let event = event.map(|event| ids::digits(event.0));
                    (ids::digits(member.0), now.0, ids::digits(*id), text.clone(), event, *number)
                };
                tx.sql(
                    "insert into notices (member_id, at, id, notice, event_id, number)
                     select unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, unhex(value ->> 4), value ->> 5
                     from json_each($1)",
                )
                .bind_json(&written.iter().map(row).collect::<Vec<_>>())
                .run()
                .await?;
            }
        },
        Dialect::Postgres => {
            let column = written.iter();
            tx.sql(
                "insert into notices (member_id, at, id, notice, event_id, number)
                 select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[])",
            )
            .bind_column(column.clone().map(|one| one.member.0).collect::<Vec<_>>())
            .bind_column(column.clone().map(|one| one.said.now.0).collect::<Vec<_>>())
            .bind_column(column.clone().map(|one| one.id).collect::<Vec<_>>())
            .bind_column(column.clone().map(|one| one.said.text.clone()).collect::<Vec<String>>())
            .bind_column(column.clone().map(|one| one.said.event.map(|event| event.0)).collect::<Vec<_>>())
            .bind_column(column.map(|one| one.number).collect::<Vec<_>>())
            .run()
            .await?;
        }
    }
    Ok(())
}
