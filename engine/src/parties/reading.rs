//! Parties as pages show them.

use super::{
    Parties,
    nearby::PAGE,
    store::{self, MemberRow, party_columns},
};
use crate::{
    Error,
    accounts::{Actor, shown_picture},
    db::Sql,
    markets::{ItemRow, MarketRow, market_columns},
};
use model::{
    Cursor, MemberId, Page, PartyId, PictureId, Time,
    markets::distance,
    parties::{
        Badge, Meeting, MemberLine, MemberState, MyParties, MyParty, Party, PartyCard, PartyState, PartyView, Split,
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// Of how many parties it is looked at which of them meets next.
const JOINED_LAST: i64 = 100;

#[derive(sqlx::FromRow)]
struct CardRow {
    id: PartyId,
    meets_from: Time,
    meets_to: Time,
    state: PartyState,
    wanted: i64,
    taken: i64,
    total: i64,
    #[sqlx(flatten)]
    item: ItemRow,
    #[sqlx(flatten)]
    market: MarketRow,
}

/// The columns of [`CardRow`].
macro_rules! card_columns {
    () => {
        concat!(
            "p.id, p.meets_from, p.meets_to, p.state, p.wanted, p.taken, p.total, i.id as item_id, i.category, i.name as item_name, ",
            market_columns!()
        )
    };
}

// For as many as a page has.
static CARDS: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<_> = (1..=PAGE).map(|place| format!("${place}")).collect();
    format!(
        concat!(
            "select ",
            card_columns!(),
            " from parties p join items i on i.id = p.item_id join markets m on m.id = p.market_id where p.id in ({})"
        ),
        places.join(", ")
    )
});

#[derive(sqlx::FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    card: CardRow,
    quantity: i64,
    unit: String,
    note: String,
    reason: String,
    changes: i64,
    has_receipt: bool,
}

#[derive(sqlx::FromRow)]
struct MyRow {
    #[sqlx(flatten)]
    card: CardRow,
    leader_id: MemberId,
    mine: MemberState,
    unread: i64,
    since: Time,
}

#[derive(sqlx::FromRow)]
struct NameRow {
    id: MemberId,
    nickname: String,
    picture: Option<PictureId>,
}

impl CardRow {
    fn card(self, now: Time) -> PartyCard {
        // As [`Party::state`] says.
        let over = self.state.is_open() && now >= self.meets_to + model::parties::EXPIRES_AFTER;
        PartyCard {
            id: self.id,
            item: self.item.item(),
            market: self.market.market(),
            meets: Meeting { from: self.meets_from, to: self.meets_to },
            state: if over { PartyState::Expired } else { self.state },
            wanted: self.wanted as u32,
            taken: self.taken as u32,
            each: Split::of(self.total, self.wanted as u32).each,
            metres: None,
        }
    }
}

/// Brings rows that were looked up by their ids into an order.
pub(super) fn in_order<T>(rows: &mut [T], place: impl Fn(&T) -> Option<usize>) {
    rows.sort_by_key(|row| place(row).unwrap_or(usize::MAX));
}

impl Parties {
    /// Cards of so many parties as a page has, in any order.
    pub(crate) async fn cards(&self, ids: &[PartyId], now: Time) -> Result<Vec<PartyCard>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let nothing = PartyId(uuid::Uuid::nil());
        let ids = ids.iter().copied().chain(std::iter::repeat(nothing)).take(PAGE);
        let rows: Vec<CardRow> = ids.fold(self.db.sql(&CARDS), Sql::bind).all().await?;
        Ok(rows.into_iter().map(|row| row.card(now)).collect())
    }

    /// A party as the reader may see it.
    ///
    /// # Errors
    /// [`model::Error::NotFound`]; the database may fail.
    pub async fn view(&self, reader: &Actor, id: PartyId) -> Result<PartyView, Error> {
        let now = self.clock.now();
        let row: Option<ViewRow> = self
            .db
            .sql(concat!(
                "select ",
                card_columns!(),
                ", p.quantity, p.unit, p.note, p.reason, p.changes, p.receipt is not null as has_receipt
                 from parties p join items i on i.id = p.item_id join markets m on m.id = p.market_id where p.id = $1"
            ))
            .bind(id)
            .optional()
            .await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let party = self.party(id).await?;
        let me = reader.member();
        let mine = me.and_then(|me| party.member(me));
        let is_member = mine.is_some_and(|mine| mine.state == MemberState::Joined);
        let unread = match me.filter(|_| is_member) {
            Some(me) => self.unread(id, me).await?,
            None => 0,
        };
        // From the reader's home: nobody else is told.
        let mut card = PartyCard { state: party.state(now), ..row.card.card(now) };
        card.metres = self.home(reader).await?.map(|home| distance(home, card.market.at) as u32);
        Ok(PartyView {
            members: self.member_lines(&party, me, id).await?,
            questions: self.questions(id).await?,
            mine: mine.map(|mine| mine.state),
            said_absent: mine.is_some_and(|mine| mine.leader_absent),
            late: party.leaves_late(me.unwrap_or(party.leader), now),
            editable: me == Some(party.leader) && party.is_alone() && party.state.is_open() && now < party.meets.from,
            // What it did cost is between those who share it.
            cost: party.cost.filter(|_| is_member),
            cost_each: party.cost_each().filter(|_| is_member),
            receipt: row.has_receipt && is_member,
            quantity: row.quantity as u32,
            unit: row.unit,
            total: party.total,
            least: party.least,
            automatic: party.automatic,
            note: row.note,
            confirmed: party.confirmed,
            free_until: party.free_until(me.unwrap_or(party.leader)).filter(|until| now < *until),
            proposed: party.proposed.filter(|proposed| proposed.from > now),
            ended_at: party.ended_at,
            reason: row.reason,
            card,
            unread,
            changes: row.changes.max(0) as u64,
            now,
        })
    }

    /// A party's rules as they were written last.
    pub(super) async fn party(&self, id: PartyId) -> Result<Party, Error> {
        let row: Option<store::StoredParty> = self
            .db
            .sql(concat!("select ", party_columns!(), " from parties p where p.id = $1"))
            .bind(id)
            .optional()
            .await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let members: Vec<MemberRow> = self.db.sql(store::MEMBERS).bind(id).all().await?;
        Ok(row.party(members))
    }

    /// Everybody who joined, the leader first. The leader sees as well who asks and who left late.
    async fn member_lines(&self, party: &Party, me: Option<MemberId>, id: PartyId) -> Result<Vec<MemberLine>, Error> {
        let names: Vec<NameRow> = self
            .db
            .sql(concat!(
                "select m.id, m.nickname, ",
                shown_picture!(),
                " from party_members p join members m on m.id = p.member_id where p.party_id = $1"
            ))
            .bind(id)
            .all()
            .await?;
        let names: HashMap<_, _> = names.into_iter().map(|row| (row.id, (row.nickname, row.picture))).collect();
        // What it did cost, and who did not come, is between those who share it: by what each pays both could be told.
        let is_member = me.is_some_and(|me| party.is_joined(me));
        let planned = Party { cost: None, ..party.clone() };
        let amounts: HashMap<_, _> = if is_member { party.amounts() } else { planned.amounts() }.into_iter().collect();
        let leads = me == Some(party.leader);
        let shown = party.members.iter().filter(|member| match member.state {
            MemberState::Joined => true,
            MemberState::Requested | MemberState::LeftLate => leads || me == Some(member.id),
            _ => false,
        });
        let shown: Vec<_> = shown.collect();
        let badges = self.badges(shown.iter().map(|member| member.id)).await?;
        let mut lines = Vec::with_capacity(shown.len());
        for member in shown {
            let (nickname, picture) = names.get(&member.id).cloned().unwrap_or_default();
            lines.push(MemberLine {
                member: member.id,
                nickname,
                picture,
                badge: badges.get(&member.id).copied(),
                leader: member.id == party.leader,
                mine: me == Some(member.id),
                state: member.state,
                shares: member.shares,
                amount: amounts.get(&member.id).copied().unwrap_or(0),
                came: member.came.filter(|_| is_member),
                agreed: member.agreed,
            });
        }
        lines.sort_by_key(|line| !line.leader);
        Ok(lines)
    }

    /// What stands beside the nicknames of these members, of those beside whose something does.
    pub(super) async fn badges(
        &self,
        members: impl Iterator<Item = MemberId>,
    ) -> Result<HashMap<MemberId, Badge>, Error> {
        let members: Vec<_> = members.collect::<HashSet<_>>().into_iter().collect();
        let standings = self.standings.of_all(&members).await?;
        Ok(standings.into_iter().filter_map(|(member, standing)| Some((member, standing.badge()?))).collect())
    }

    /// Lines that a member has not read.
    async fn unread(&self, party: PartyId, member: MemberId) -> Result<u64, Error> {
        let unread = self.db.sql(
            "select coalesce((select max(number) from party_lines where party_id = $1), 0) - read_number
             from party_members where party_id = $1 and member_id = $2",
        );
        let unread: Option<(i64,)> = unread.bind(party).bind(member).optional().await?;
        Ok(unread.map_or(0, |(unread,)| unread.max(0) as u64))
    }

    /// The reader's parties with their role, the newest first, and how they stand.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn mine(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<MyParties, Error> {
        let me = actor.signed_in()?.member;
        let now = self.clock.now();
        let (since, id): (Time, PartyId) = Cursor::before(cursor)?;
        let rows: Vec<MyRow> = self
            .db
            .sql(concat!(
                "select ",
                card_columns!(),
                ", p.leader_id, mine.state as mine, mine.since,
                    case when mine.state = 'joined'
                        then coalesce((select max(number) from party_lines l where l.party_id = p.id), 0) - mine.read_number
                        else 0 end as unread
                 from party_members mine join parties p on p.id = mine.party_id join items i on i.id = p.item_id
                 join markets m on m.id = p.market_id
                 where mine.member_id = $1 and (mine.since, mine.party_id) < ($2, $3)
                 order by mine.since desc, mine.party_id desc limit $4"
            ))
            .bind(me)
            .bind(since)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let page = Page::of(rows, PAGE, |row| (row.since, row.card.id));
        let parties = page.filter_map(|row| {
            let (leader, mine, unread) = (row.leader_id == me, row.mine, row.unread.max(0) as u64);
            Some(MyParty { card: row.card.card(now), leader, mine, unread })
        });
        Ok(MyParties { parties, standing: self.standings.of(me).await?, penalties: self.penalties(actor).await?, now })
    }

    /// The party that meets next, of those that a member joined last.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn next_meeting(&self, member: MemberId) -> Result<Option<PartyCard>, Error> {
        let now = self.clock.now();
        let next: Option<(PartyId,)> = self
            .db
            .sql(
                "select p.id from (select party_id from party_members where member_id = $1 and state = $2
                    order by since desc, party_id desc limit $3) mine
                 join parties p on p.id = mine.party_id
                 where p.state in ('recruiting', 'full') and p.meets_to > $4 order by p.meets_from, p.id limit 1",
            )
            .bind(member)
            .bind(MemberState::Joined)
            .bind(JOINED_LAST)
            .bind(now)
            .optional()
            .await?;
        let Some((next,)) = next else { return Ok(None) };
        Ok(self.cards(&[next], now).await?.pop())
    }
}
