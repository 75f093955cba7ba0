//! Writing notices: the one way by which any of them comes to be.
//!
//! What a transaction tells is gathered and written as its last, all of it in a few statements, in the order of members: so nobody
//! waits long for a member's count, and no two transactions wait for each other. There each notice gets its number, which is given
//! under the lock of its member's count, so that numbers become visible in their order and without gaps; what its member does not
//! wish to be told is left out.

use crate::{
    Error,
    channels::{Stored, queue},
    db::{AtEnd, Dialect, Tx},
    ids,
};
use futures::future::BoxFuture;
use model::{EventId, MemberId, Notice, RequestId, Time, channels::is_of_the_hour, notices::Kind};
use std::collections::{BTreeMap, HashMap, HashSet};

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
    let text = serde_json::to_string(notice).map_err(|_| model::Error::Internal)?;
    let (kind, of_the_hour) = (notice.kind(), is_of_the_hour(notice));
    tx.at_end::<Unwritten>().0.push(New { member, kind, of_the_hour, text, event, now });
    Ok(())
}

/// Has an unread notice say something else from now on: it is news again, with the next number. `false` when it was read, is gone, or says
/// something else than when its number was read, as another transaction had it: then nothing was changed.
///
/// # Errors
/// The database's.
pub(super) async fn replace(
    tx: &mut Tx,
    member: MemberId,
    (at, id, number): (Time, RequestId, i64),
    notice: &Notice,
    now: Time,
) -> Result<bool, Error> {
    let text = serde_json::to_string(notice).map_err(|_| model::Error::Internal)?;
    let changed = tx
        .sql(
            "update notices set notice = $4, at = $5
             where member_id = $1 and at = $2 and id = $3 and number = $6 and read_at is null",
        )
        .bind(member)
        .bind(at)
        .bind(id)
        .bind(text)
        .bind(now)
        .bind(number)
        .run()
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    let next = tx.sql("update notice_counts set last = last + 1 where member_id = $1 returning last");
    let (next,): (i64,) = next.bind(member).one().await?;
    tx.sql("update notices set number = $4 where member_id = $1 and at = $2 and id = $3")
        .bind(member)
        .bind(now)
        .bind(id)
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
    kind: Kind,
    of_the_hour: bool,
    text: String,
    event: Option<EventId>,
    now: Time,
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
    // Those of each member stay as they were written.
    all.sort_by_key(|new| new.member);
    let different = different(tx, &members(&all)).await?;
    all.retain(|new| different.contains(&(new.member, new.kind)) != new.kind.on_at_first());
    let members = members(&all);
    if members.is_empty() {
        return Ok(());
    }
    let mut counts: HashMap<MemberId, i64> = HashMap::new();
    for new in &all {
        *counts.entry(new.member).or_default() += 1;
    }
    let counts: Vec<(MemberId, i64)> = members.iter().map(|member| (*member, counts[member])).collect();
    let mut next = take_numbers(tx, &counts).await?;
    let mut numbered = Vec::with_capacity(all.len());
    for new in all {
        let next = next.entry(new.member).or_default();
        numbered.push((*next, new));
        *next += 1;
    }
    keep(tx, &numbered).await?;
    for (now, sent) in by_time(&numbered) {
        queue(tx, &sent, now).await?;
    }
    tx.news().members.extend(members);
    Ok(())
}

/// What is to reach members outside the site as well, by when it was written: mostly all at once.
fn by_time(numbered: &[(i64, New)]) -> BTreeMap<Time, Vec<Stored>> {
    let mut all = BTreeMap::<Time, Vec<Stored>>::new();
    for (number, new) in numbered {
        let stored = Stored { member: new.member, number: *number, of_the_hour: new.of_the_hour };
        all.entry(new.now).or_default().push(stored);
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

/// Takes the next so many numbers of each, and counts them as unread; the first of each.
async fn take_numbers(tx: &mut Tx, counts: &[(MemberId, i64)]) -> Result<HashMap<MemberId, i64>, sqlx::Error> {
    let rows: Vec<(MemberId, i64)> = match tx.dialect() {
        Dialect::Sqlite => {
            let counts: Vec<(String, i64)> = counts.iter().map(|(member, count)| (ids::digits(member.0), *count)).collect();
            // Without a condition the conflict would be read as one of a join.
            tx.sql(
                "insert into notice_counts (member_id, last, unread)
                 select unhex(value ->> 0), value ->> 1, value ->> 1 from json_each($1) where true
                 on conflict (member_id) do update set last = last + excluded.last, unread = unread + excluded.unread
                 returning member_id, last",
            )
            .bind_json(&counts)
            .all()
            .await?
        }
        Dialect::Postgres => {
            tx.sql(
                "insert into notice_counts as c (member_id, last, unread)
                 select told.member_id, told.many, told.many from unnest($1::uuid[], $2::bigint[]) told (member_id, many)
                 on conflict (member_id) do update set last = c.last + excluded.last, unread = c.unread + excluded.unread
                 returning c.member_id, c.last",
            )
            .bind_column(counts.iter().map(|(member, _)| member.0).collect::<Vec<_>>())
            .bind_column(counts.iter().map(|(_, count)| *count).collect::<Vec<_>>())
            .all()
            .await?
        }
    };
    let counts: HashMap<MemberId, i64> = counts.iter().copied().collect();
    let of = |(member, last): (MemberId, i64)| (member, last - counts.get(&member).copied().unwrap_or_default() + 1);
    Ok(rows.into_iter().map(of).collect())
}

async fn keep(tx: &mut Tx, numbered: &[(i64, New)]) -> Result<(), sqlx::Error> {
    match tx.dialect() {
        Dialect::Sqlite => {
            let rows: Vec<_> = numbered
                .iter()
                .map(|(number, new)| {
                    let (id, event) = (ids::digits(ids::new_id(new.now)), new.event.map(|event| ids::digits(event.0)));
                    (ids::digits(new.member.0), new.now.0, id, new.text.as_str(), event, *number)
                })
                .collect();
            tx.sql(
                "insert into notices (member_id, at, id, notice, event_id, number)
                 select unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, unhex(value ->> 4), value ->> 5
                 from json_each($1)",
            )
            .bind_json(&rows)
            .run()
            .await?;
        }
        Dialect::Postgres => {
            let column = numbered.iter();
            tx.sql(
                "insert into notices (member_id, at, id, notice, event_id, number)
                 select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[])",
            )
            .bind_column(column.clone().map(|(_, new)| new.member.0).collect::<Vec<_>>())
            .bind_column(column.clone().map(|(_, new)| new.now.0).collect::<Vec<_>>())
            .bind_column(column.clone().map(|(_, new)| ids::new_id(new.now)).collect::<Vec<_>>())
            .bind_column(column.clone().map(|(_, new)| new.text.clone()).collect::<Vec<String>>())
            .bind_column(column.clone().map(|(_, new)| new.event.map(|event| event.0)).collect::<Vec<_>>())
            .bind_column(column.map(|(number, _)| *number).collect::<Vec<_>>())
            .run()
            .await?;
        }
    }
    Ok(())
}
