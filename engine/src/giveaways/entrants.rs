//! The creator's table of entrants, a page at a time.

use super::Giveaways;
use crate::{
    Error,
    accounts::{self, Actor},
};
use model::{
    ClaimState, Delivery, Entrant, EntrantPrize, EntrantsQuery, EntryState, EventId, MAX_PAGE, MemberId, Offer, Page,
    Time,
};
use std::collections::HashMap;

#[derive(sqlx::FromRow)]
struct Row {
    rank: i64,
    nickname: Option<String>,
    entered_at: Time,
    state: EntryState,
    reason: Option<String>,
    place: Option<i64>,
    claim_state: Option<ClaimState>,
    due_at: Option<Time>,
    name: Option<String>,
    phone: Option<String>,
    postcode: Option<String>,
    address: Option<String>,
    detail: Option<String>,
    alike: bool,
    same_device: bool,
}

macro_rules! entrants {
    ($from:literal, $rest:literal) => {
        concat!(
            "select e.rank, m.nickname, e.entered_at, e.state, q.reason, c.place, c.state as claim_state, c.due_at,
                d.name, d.phone, d.postcode, d.address, d.detail,
                (exists (select 1 from deliveries o
                    where o.event_id = d.event_id and o.phone = d.phone and o.rank <> d.rank)
                 or exists (select 1 from deliveries o where o.event_id = d.event_id and o.address <> ''
                    and o.address = d.address and o.detail = d.detail and o.rank <> d.rank)) as alike,
                exists (select 1 from devices mine
                    join devices theirs on theirs.device = mine.device and theirs.member_id <> mine.member_id
                    join member_entries other on other.member_id = theirs.member_id and other.event_id = e.event_id
                    where mine.member_id = e.member_id) as same_device ",
            $from,
            " left join members m on m.id = e.member_id
              left join deliveries d on d.event_id = e.event_id and d.rank = e.rank
              left join disqualifications q on q.event_id = e.event_id and q.rank = e.rank ",
            $rest
        )
    };
}

/// Entries with their claims.
macro_rules! everyone {
    ($rest:literal) => {
        entrants!("from entries e left join claims c on c.event_id = e.event_id and c.rank = e.rank", $rest)
    };
}

/// Claims with their entries.
macro_rules! winners {
    ($rest:literal) => {
        entrants!("from claims c join entries e on e.event_id = c.event_id and e.rank = c.rank", $rest)
    };
}

/// Another's prize `w` at another event `we` of the same creator as that of a claim `c`.
macro_rules! won_elsewhere {
    () => {
        "w.event_id <> c.event_id and w.member_id <> c.member_id
            and we.creator_id = (select creator_id from events where id = c.event_id)"
    };
}

impl Giveaways {
    /// Up to `limit` entrants of a creator's own event, without what they have in common with winners of other events.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for an event that is not there or a cursor of another list, [`model::Error::Forbidden`]
    /// for one of somebody else's.
    pub async fn entrants(
        &self,
        actor: &Actor,
        event: EventId,
        query: &EntrantsQuery,
        limit: u64,
    ) -> Result<Vec<Entrant>, Error> {
        let row: Option<(MemberId, Time, String)> =
            self.db.sql("select creator_id, opens_at, offer from events where id = $1").bind(event).optional().await?;
        let (owner, opens_at, offer) = row.ok_or(model::Error::NotFound)?;
        if owner != actor.signed_in()?.member {
            return Err(model::Error::Forbidden.into());
        }
        let offer: Offer = serde_json::from_str(&offer).map_err(|_| model::Error::Internal)?;
        let find = accounts::nickname_key(&query.find);
        let rows: Vec<Row> = if find.is_empty() {
            let text = match (query.winners, query.backwards) {
                (false, false) => everyone!("where e.event_id = $1 and e.rank > $2 order by e.rank limit $3"),
                (false, true) => everyone!("where e.event_id = $1 and e.rank < $2 order by e.rank desc limit $3"),
                (true, false) => winners!("where c.event_id = $1 and c.rank > $2 order by c.rank limit $3"),
                (true, true) => winners!("where c.event_id = $1 and c.rank < $2 order by c.rank desc limit $3"),
            };
            let after = match &query.after {
                Some(cursor) => cursor.key::<u64>()? as i64,
                None if query.backwards => i64::MAX,
                None => 0,
            };
            self.db.sql(text).bind(event).bind(after).bind(limit as i64).all().await?
        } else if let Ok(rank) = find.replace(',', "").parse::<u32>() {
            self.db
                .sql(everyone!("where e.event_id = $1 and e.rank = $2"))
                .bind(event)
                .bind(i64::from(rank))
                .all()
                .await?
        } else {
            let (from, to) = (find.clone(), format!("{find}\u{10FFFF}"));
            self.db
                .sql(everyone!(
                    "where e.event_id = $1 and e.rank in
                        (select me.rank from members n join member_entries me on me.member_id = n.id and me.event_id = $1
                         where n.nickname_key >= $2 and n.nickname_key <= $3 limit $4)
                     order by e.rank"
                ))
                .bind(event)
                .bind(from)
                .bind(to)
                .bind(limit as i64)
                .all()
                .await?
        };
        let entrant = |row: Row| {
            let delivery = match (row.name, row.phone, row.postcode, row.address, row.detail) {
                (Some(name), Some(phone), Some(postcode), Some(address), Some(detail)) => {
                    Some(Delivery { name, phone, postcode, address, detail })
                }
                _ => None,
            };
            let prize = row.place.zip(row.claim_state).zip(row.due_at).map(|((place, state), due_at)| EntrantPrize {
                name: offer.prize(place as u64).map(|(_, prize)| prize.name.clone()).unwrap_or_default(),
                state,
                due_at,
                delivery,
                alike: row.alike,
                alike_elsewhere: false,
            });
            Entrant {
                rank: row.rank as u64,
                nickname: row.nickname,
                entered_at: row.entered_at,
                since_open: row.entered_at.since(opens_at),
                state: row.state,
                reason: row.reason,
                same_device: row.same_device,
                same_device_elsewhere: false,
                prize,
            }
        };
        Ok(rows.into_iter().map(entrant).collect())
    }

    /// A page of the table. What is found by a nickname is one page, whether or not there are more.
    ///
    /// # Errors
    /// As [`Giveaways::entrants`].
    pub async fn entrants_page(
        &self,
        actor: &Actor,
        event: EventId,
        query: &EntrantsQuery,
    ) -> Result<Page<Entrant>, Error> {
        let rows = self.entrants(actor, event, query, MAX_PAGE as u64 + 1).await?;
        let mut page = Page::of(rows, MAX_PAGE, |row| row.rank);
        let listed = accounts::nickname_key(&query.find).is_empty();
        let winners = || page.rows.iter().filter(|row| row.prize.is_some()).map(|row| row.rank);
        // A page of the table has every winner among its ranks; what is found is a few of them anywhere.
        let ranks: Vec<(u64, u64)> = match (winners().min(), winners().max()) {
            (Some(first), Some(last)) if listed => vec![(first, last)],
            _ => winners().map(|rank| (rank, rank)).collect(),
        };
        let mut seen = HashMap::new();
        for (first, last) in ranks {
            seen.extend(self.seen_elsewhere(event, first, last).await?);
        }
        for row in &mut page.rows {
            if let (Some(prize), Some((alike, same_device))) = (&mut row.prize, seen.get(&row.rank)) {
                (prize.alike_elsewhere, row.same_device_elsewhere) = (*alike, *same_device);
            }
        }
        Ok(if listed { page } else { Page { next: None, ..page } })
    }

    /// Of winners from one rank to another: whether another member who won at another event of the same creator wrote the same, and
    /// whether they were on the same browser. Each is looked up; nobody is compared with everybody.
    async fn seen_elsewhere(
        &self,
        event: EventId,
        first: u64,
        last: u64,
    ) -> Result<impl Iterator<Item = (u64, (bool, bool))> + use<>, Error> {
        let found: Vec<(i64, bool, bool)> = self
            .db
            .sql(concat!(
                "select c.rank, (exists (select 1 from deliveries o join claims w on w.event_id = o.event_id and w.rank = o.rank
                        join events we on we.id = w.event_id where o.phone = d.phone and ",
                won_elsewhere!(),
                ") or exists (select 1 from deliveries o join claims w on w.event_id = o.event_id and w.rank = o.rank
                        join events we on we.id = w.event_id
                        where o.address <> '' and o.address = d.address and o.detail = d.detail and ",
                won_elsewhere!(),
                ")), exists (select 1 from devices mine
                        join devices theirs on theirs.device = mine.device and theirs.member_id <> mine.member_id
                        join claims w on w.member_id = theirs.member_id join events we on we.id = w.event_id
                        where mine.member_id = c.member_id and ",
                won_elsewhere!(),
                ") from claims c left join deliveries d on d.event_id = c.event_id and d.rank = c.rank
                 where c.event_id = $1 and c.rank >= $2 and c.rank <= $3"
            ))
            .bind(event)
            .bind(first as i64)
            .bind(last as i64)
            .all()
            .await?;
        Ok(found.into_iter().map(|(rank, alike, same_device)| (rank as u64, (alike, same_device))))
    }

    /// Prizes of a creator's own event that are offered, filled and sent.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database's.
    pub async fn counts(&self, actor: &Actor, event: EventId) -> Result<(u64, u64, u64), Error> {
        let creator = actor.signed_in()?.member;
        let (offered, filled, sent): (i64, i64, i64) = self
            .db
            .sql(
                "select coalesce(sum(case when state = 'offered' then 1 else 0 end), 0),
                    coalesce(sum(case when state = 'filled' then 1 else 0 end), 0),
                    coalesce(sum(case when state = 'sent' then 1 else 0 end), 0)
                 from claims where event_id = $1 and exists (select 1 from events where id = $1 and creator_id = $2)",
            )
            .bind(event)
            .bind(creator)
            .one()
            .await?;
        Ok((offered as u64, filled as u64, sent as u64))
    }
}
