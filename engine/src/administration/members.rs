//! Members as admins find them and look at them. A look is noted before anything is shown.

use super::{
    Administration,
    lists::{EVENTS_OF, EventListed, PARTIES_OF, PartyListed},
};
use crate::{
    Error,
    accounts::{Actor, nickname_key},
    audit,
    db::Dialect,
    parties::answers_for,
};
use model::{
    Cursor, EventId, MemberId, OrderState, Page, PictureId, Role, Time,
    administration::{AuditAction, AuditQuery, MemberDetails, MemberLine, MembersQuery, MembersShown, OrderRow},
    parties::PENALTY_LASTS,
    text,
};

/// Members in a page.
const PAGE: usize = 50;
/// Orders, events and parties of a member that are shown, and entries among which their orders are looked for.
const SHOWN: i64 = 10;
const ENTRIES: i64 = 200;

#[derive(sqlx::FromRow)]
struct Row {
    id: MemberId,
    nickname: String,
    role: Role,
    creator: bool,
    suspended_at: Option<Time>,
    suspended_until: Option<Time>,
    created_at: Time,
}

impl Row {
    fn line(self) -> MemberLine {
        MemberLine {
            id: self.id,
            nickname: self.nickname,
            role: self.role,
            creator: self.creator,
            suspended_at: self.suspended_at,
            suspended_until: self.suspended_until,
            created_at: self.created_at,
        }
    }
}

/// Members for whom something holds.
macro_rules! members {
    ($holds:literal) => {
        concat!(
            "select m.id, m.nickname, m.role, c.member_id is not null as creator, m.suspended_at, m.suspended_until, m.created_at
             from members m left join creators c on c.member_id = m.id where ",
            $holds
        )
    };
}

/// The same in the order of their lists, before the time `$1` and the id `$2`, at most `$3`.
macro_rules! listed {
    ($holds:literal) => {
        concat!(
            "select m.id, m.nickname, m.role, c.member_id is not null as creator, m.suspended_at, m.suspended_until, m.created_at
             from members m left join creators c on c.member_id = m.id where ",
            $holds,
            " (m.created_at, m.id) < ($1, $2) order by m.created_at desc, m.id desc limit $3"
        )
    };
}

#[derive(sqlx::FromRow)]
struct OrderListed {
    number: Option<String>,
    event_id: EventId,
    title: String,
    units: i64,
    amount: i64,
    state: OrderState,
    created_at: Time,
}

/// What is read of a member besides their row: email, phone, devices, entries, penalties, picture.
type Private = (String, Option<String>, i64, i64, i64, Option<PictureId>);

impl Administration {
    /// Members, those who signed up last first; or who is found by what was typed: a nickname or how one begins, a whole email, a
    /// whole phone number (only its hash is kept, so that a part of it finds nobody), an id.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::NotFound`] for a cursor of another list; the database's.
    pub async fn members(&self, actor: &Actor, query: &MembersQuery) -> Result<Page<MemberLine>, Error> {
        actor.admin()?;
        let (at, id): (Time, MemberId) = Cursor::before(query.before.as_ref())?;
        let find = query.find.trim();
        let rows: Vec<Row> = if find.is_empty() {
            let text = match query.show {
                MembersShown::All => listed!(""),
                MembersShown::Suspended => listed!("m.suspended_at is not null and"),
                MembersShown::Admins => listed!("m.role = 'admin' and"),
            };
            self.db.sql(text).bind(at).bind(id).bind(PAGE as i64 + 1).all().await?
        } else if let Ok(member) = find.parse::<MemberId>() {
            self.db.sql(members!("m.id = $1")).bind(member).all().await?
        } else if find.contains(['@', '＠']) {
            match text::email(find) {
                Ok(email) => self.db.sql(members!("m.email = $1")).bind(email).all().await?,
                Err(_) => Vec::new(),
            }
        } else if text::phone(find).is_ok() {
            match self.parties.with_phone(actor, find).await? {
                Some(member) => self.db.sql(members!("m.id = $1")).bind(member).all().await?,
                None => Vec::new(),
            }
        } else {
            let from = nickname_key(find);
            // Behind everything that begins so: no character is greater.
            let to = format!("{from}\u{10FFFF}");
            // In PostgreSQL letters have an order of their own unless it is told otherwise.
            let text = match self.db.dialect() {
                Dialect::Sqlite => listed!("m.nickname_key >= $4 and m.nickname_key < $5 and"),
                Dialect::Postgres => {
                    listed!("m.nickname_key collate \"C\" >= $4 and m.nickname_key collate \"C\" < $5 and")
                }
            };
            self.db.sql(text).bind(at).bind(id).bind(PAGE as i64 + 1).bind(from).bind(to).all().await?
        };
        Ok(Page::of(rows, PAGE, |row| (row.created_at, row.id)).filter_map(|row| Some(row.line())))
    }

    /// What is known of a member, for an admin; that they looked is noted.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::NotFound`] for nobody; the database's.
    pub async fn member(&self, actor: &Actor, id: MemberId) -> Result<MemberDetails, Error> {
        actor.admin()?;
        let now = self.clock.now();
        let row: Option<Row> = self.db.sql(members!("m.id = $1")).bind(id).optional().await?;
        let line = row.ok_or(model::Error::NotFound)?.line();
        audit::note_look(&self.db, now, actor, AuditAction::LookAtMember, id.into()).await?;
        let private: Option<Private> = self
            .db
            .sql(concat!(
                "select m.email, (select p.ending from phones p where p.member_id = m.id and p.until is null limit 1),
                    (select count(*) from sessions s where s.member_id = m.id and s.expires_at > $2),
                    (select count(*) from member_entries e where e.member_id = m.id),
                    (select count(*) from penalties x
                        where x.at > $3 and x.appeal_state <> 'granted' and x.member_id in (",
                answers_for!(),
                ")),
                    m.picture
                 from members m where m.id = $1"
            ))
            .bind(id)
            .bind(now)
            .bind(now - PENALTY_LASTS)
            .optional()
            .await?;
        let (email, phone_ending, devices, entries, penalties, picture) = private.ok_or(model::Error::NotFound)?;
        let events: Vec<EventListed> = self.db.sql(EVENTS_OF).bind(id).bind(SHOWN).all().await?;
        let parties: Vec<PartyListed> = self.db.sql(PARTIES_OF).bind(id).bind(SHOWN).all().await?;
        let query = AuditQuery { member: Some(id), ..AuditQuery::default() };
        Ok(MemberDetails {
            line,
            picture,
            email,
            phone_ending,
            devices: devices as u64,
            entries: entries as u64,
            penalties: penalties as u64,
            orders: self.orders_of(id).await?,
            events: events.into_iter().map(|event| event.row(now)).collect(),
            parties: parties.into_iter().map(|party| party.row(now)).collect(),
            audit: self.log_of(&query, SHOWN as usize).await?.rows,
            own: actor.member() == Some(id),
            last_admin: self.is_last_admin(id).await?,
        })
    }

    /// A member's newest orders, among their newest entries.
    async fn orders_of(&self, member: MemberId) -> Result<Vec<OrderRow>, Error> {
        let rows: Vec<OrderListed> = self
            .db
            .sql(
                "select o.number, o.event_id, e.title, o.units, o.amount, o.state, o.created_at
                 from (select event_id, rank from member_entries where member_id = $1 order by entered_at desc limit $2) me
                 join orders o on o.event_id = me.event_id and o.rank = me.rank join events e on e.id = o.event_id
                 order by o.created_at desc, o.id desc limit $3",
            )
            .bind(member)
            .bind(ENTRIES)
            .bind(SHOWN)
            .all()
            .await?;
        let order = |row: OrderListed| OrderRow {
            number: row.number.and_then(|number| number.parse().ok()),
            event: row.event_id,
            title: row.title,
            units: row.units as u64,
            amount: row.amount,
            state: row.state,
            at: row.created_at,
        };
        Ok(rows.into_iter().map(order).collect())
    }
}
