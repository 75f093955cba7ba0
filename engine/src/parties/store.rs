//! A party's row and those of its members: read and written while the party is held.

use crate::{
    Error,
    db::{HeldParty, Tx},
    notices,
};
use model::{
    MemberId, Notice, PartyDraft, PartyId, PartyState, PictureId, RequestId, Time,
    markets::Cell,
    parties::{Meeting, Member, MemberState, Party, PartyNews, Told},
};

#[derive(sqlx::FromRow)]
pub(super) struct StoredParty {
    leader_id: MemberId,
    wanted: i64,
    least: i64,
    automatic: bool,
    total: i64,
    cost: Option<i64>,
    meets_from: Time,
    meets_to: Time,
    proposed_from: Option<Time>,
    proposed_to: Option<Time>,
    state: PartyState,
    confirmed: bool,
    free_until: Option<Time>,
    ended_at: Option<Time>,
}

/// The columns of [`StoredParty`] from a table `p`.
macro_rules! party_columns {
    () => {
        "p.leader_id, p.wanted, p.least, p.automatic, p.total, p.cost, p.meets_from, p.meets_to, p.proposed_from, p.proposed_to,
            p.state, p.confirmed, p.free_until, p.ended_at"
    };
}
pub(super) use party_columns;

#[derive(sqlx::FromRow)]
pub(super) struct MemberRow {
    member_id: MemberId,
    state: MemberState,
    shares: i64,
    agreed: bool,
    came: Option<bool>,
    leader_absent: bool,
    free_until: Option<Time>,
}

/// Members of the party `$1`, in the order in which they came.
pub(super) const MEMBERS: &str =
    "select member_id, state, shares, agreed, came, leader_absent, free_until from party_members
    where party_id = $1 order by since, member_id";

impl StoredParty {
    pub(super) fn party(self, members: Vec<MemberRow>) -> Party {
        let member = |row: MemberRow| Member {
            id: row.member_id,
            state: row.state,
            shares: row.shares as u32,
            agreed: row.agreed,
            came: row.came,
            leader_absent: row.leader_absent,
            free_until: row.free_until,
        };
        Party {
            leader: self.leader_id,
            wanted: self.wanted as u32,
            least: self.least as u32,
            automatic: self.automatic,
            total: self.total,
            cost: self.cost,
            meets: Meeting { from: self.meets_from, to: self.meets_to },
            proposed: self.proposed_from.zip(self.proposed_to).map(|(from, to)| Meeting { from, to }),
            state: self.state,
            confirmed: self.confirmed,
            free_until: self.free_until,
            ended_at: self.ended_at,
            members: members.into_iter().map(member).collect(),
        }
    }
}

/// The party that is held; `None` when there is none.
pub(super) async fn load(tx: &mut Tx, held: HeldParty) -> Result<Option<Party>, sqlx::Error> {
    let row: Option<StoredParty> = tx
        .sql(concat!("select ", party_columns!(), " from parties p where p.id = $1"))
        .bind(held.party())
        .optional()
        .await?;
    let Some(row) = row else { return Ok(None) };
    let members = tx.sql(MEMBERS).bind(held.party()).all().await?;
    Ok(Some(row.party(members)))
}

/// Writes a new party; the one that the same request made, when there is one.
pub(super) async fn insert(
    tx: &mut Tx,
    id: PartyId,
    request: RequestId,
    party: &Party,
    draft: &PartyDraft,
    now: Time,
) -> Result<Option<PartyId>, Error> {
    let cell = cell(tx, id, draft).await?;
    let inserted = tx
        .sql(
            "insert into parties (id, request_id, leader_id, market_id, item_id, cell, quantity, unit, total, wanted, taken, least,
                automatic, meets_from, meets_to, note, state, confirmed, reason, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, false, '', $18)
             on conflict (request_id) do nothing",
        )
        .bind(id)
        .bind(request)
        .bind(party.leader)
        .bind(draft.market)
        .bind(draft.item)
        .bind(cell)
        .bind(i64::from(draft.quantity))
        .bind(draft.unit.clone())
        .bind(party.total)
        .bind(i64::from(party.wanted))
        .bind(i64::from(party.taken()))
        .bind(i64::from(party.least))
        .bind(party.automatic)
        .bind(party.meets.from)
        .bind(party.meets.to)
        .bind(draft.note.clone())
        .bind(party.state)
        .bind(now)
        .run()
        .await?;
    if inserted == 0 {
        // Another's request is nobody's business.
        let made = tx.sql("select id from parties where request_id = $1 and leader_id = $2").bind(request);
        let (made,): (PartyId,) = made.bind(party.leader).optional().await?.ok_or(model::Error::Malformed)?;
        return Ok(Some(made));
    }
    for member in &party.members {
        write_member(tx, id, member, now).await?;
    }
    Ok(None)
}

/// Writes what the leader wrote anew, beside what [`write()`] does.
pub(super) async fn write_terms(tx: &mut Tx, held: HeldParty, draft: &PartyDraft) -> Result<(), Error> {
    let cell = cell(tx, held.party(), draft).await?;
    tx.sql(
        "update parties set market_id = $2, item_id = $3, cell = $4, quantity = $5, unit = $6, note = $7, least = $8,
            automatic = $9, total = $10 where id = $1",
    )
    .bind(held.party())
    .bind(draft.market)
    .bind(draft.item)
    .bind(cell)
    .bind(i64::from(draft.quantity))
    .bind(draft.unit.clone())
    .bind(draft.note.clone())
    .bind(i64::from(draft.least))
    .bind(draft.automatic)
    .bind(draft.total)
    .run()
    .await?;
    Ok(())
}

/// Where the market of a draft is, which is not hidden, or was not when the party was to meet there; its item is there too.
async fn cell(tx: &mut Tx, party: PartyId, draft: &PartyDraft) -> Result<Cell, Error> {
    let cell = tx.sql(
        "select m.cell from markets m, items i where m.id = $1 and i.id = $2 and (m.hidden_at is null
            or exists (select 1 from parties p where p.id = $3 and p.market_id = m.id))",
    );
    let cell: Option<(Cell,)> = cell.bind(draft.market).bind(draft.item).bind(party).optional().await?;
    let (cell,) = cell.ok_or(model::Error::NotFound)?;
    Ok(cell)
}

/// Writes what became of the party that is held, and of those of its members for whom something changed.
pub(super) async fn write(
    tx: &mut Tx,
    held: HeldParty,
    before: &Party,
    after: &Party,
    now: Time,
) -> Result<(), sqlx::Error> {
    tx.sql(
        "update parties set wanted = $2, taken = $3, cost = $4, meets_from = $5, meets_to = $6, proposed_from = $7,
            proposed_to = $8, state = $9, confirmed = $10, free_until = $11, ended_at = $12, changes = changes + 1 where id = $1",
    )
    .bind(held.party())
    .bind(i64::from(after.wanted))
    .bind(i64::from(after.taken()))
    .bind(after.cost)
    .bind(after.meets.from)
    .bind(after.meets.to)
    .bind(after.proposed.map(|meeting| meeting.from))
    .bind(after.proposed.map(|meeting| meeting.to))
    .bind(after.state)
    .bind(after.confirmed)
    .bind(after.free_until)
    .bind(after.ended_at)
    .run()
    .await?;
    for member in after.members.iter().filter(|member| !before.members.contains(member)) {
        write_member(tx, held.party(), member, now).await?;
    }
    Ok(())
}

async fn write_member(tx: &mut Tx, party: PartyId, member: &Member, now: Time) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into party_members (party_id, member_id, state, shares, agreed, came, leader_absent, free_until, read_number, since)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)
         on conflict (party_id, member_id) do update set state = excluded.state, shares = excluded.shares,
            agreed = excluded.agreed, came = excluded.came, leader_absent = excluded.leader_absent,
            free_until = excluded.free_until",
    )
    .bind(party)
    .bind(member.id)
    .bind(member.state)
    .bind(i64::from(member.shares))
    .bind(member.agreed)
    .bind(member.came)
    .bind(member.leader_absent)
    .bind(member.free_until)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// Writes which picture is that of the receipt of the party that is held.
pub(super) async fn write_receipt(tx: &mut Tx, held: HeldParty, picture: PictureId) -> Result<(), sqlx::Error> {
    tx.sql("update parties set receipt = $2 where id = $1").bind(held.party()).bind(picture).run().await?;
    Ok(())
}

/// Writes why the party that is held was called off.
pub(super) async fn write_reason(tx: &mut Tx, held: HeldParty, reason: &str) -> Result<(), sqlx::Error> {
    tx.sql("update parties set reason = $2 where id = $1").bind(held.party()).bind(reason.to_owned()).run().await?;
    Ok(())
}

/// Tells those whom it concerns, but never who did it.
pub(super) async fn tell(
    tx: &mut Tx,
    held: HeldParty,
    party: &Party,
    by: MemberId,
    told: Told,
    what: &PartyNews,
    now: Time,
) -> Result<(), Error> {
    let concerned = |member: &&Member| match told {
        Told::Leader => member.id == party.leader,
        Told::Member(id) => member.id == id,
        Told::Joined => member.state == MemberState::Joined,
        Told::Everybody => matches!(member.state, MemberState::Joined | MemberState::Requested),
    };
    // A leader is marked by what others say; nobody else hears of what they did.
    let audience: Vec<_> = party.members.iter().filter(concerned).filter(|member| member.id != by).collect();
    if audience.is_empty() {
        return Ok(());
    }
    let item = tx.sql("select i.name from parties p join items i on i.id = p.item_id where p.id = $1");
    let (item,): (String,) = item.bind(held.party()).one().await?;
    for member in audience {
        let notice = Notice::Party { party: held.party(), item: item.clone(), news: what.clone() };
        notices::write_of_party(tx, member.id, &notice, now).await?;
    }
    Ok(())
}
