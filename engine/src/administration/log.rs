//! The audit log as admins read it.

use super::Administration;
use crate::{Error, accounts::Actor, audit};
use model::{
    Cursor, EventId, ItemId, MarketId, MemberId, Page, PartyId, RequestId, Time,
    administration::{AuditAction, AuditLine, AuditQuery},
};

/// Rows in a page.
const PAGE: usize = 50;

#[derive(sqlx::FromRow)]
struct Row {
    id: RequestId,
    at: Time,
    admin_id: Option<MemberId>,
    by_name: Option<String>,
    device: String,
    action: String,
    member_id: Option<MemberId>,
    member_name: Option<String>,
    event_id: Option<EventId>,
    event_title: Option<String>,
    party_id: Option<PartyId>,
    market_id: Option<MarketId>,
    item_id: Option<ItemId>,
    named: String,
    reason: String,
}

/// Rows of the log for which something holds, before the time `$1` and the id `$2`, at most `$3`, newest first.
macro_rules! rows {
    ($holds:literal) => {
        concat!(
            "select a.id, a.at, a.admin_id, b.nickname as by_name, a.device, a.action, a.member_id, m.nickname as member_name,
                a.event_id, e.title as event_title, a.party_id, a.market_id, a.item_id, a.named, a.reason
             from audit a left join members b on b.id = a.admin_id left join members m on m.id = a.member_id
             left join events e on e.id = a.event_id
             where ",
            $holds,
            " and (a.at, a.id) < ($1, $2) order by a.at desc, a.id desc limit $3"
        )
    };
}

impl Row {
    fn line(self) -> AuditLine {
        AuditLine {
            at: self.at,
            by: self.admin_id,
            by_name: self.by_name,
            device: self.device,
            action: AuditAction::named(&self.action),
            member: self.member_id,
            member_name: self.member_name,
            event: self.event_id.map(|event| (event, self.event_title.unwrap_or_default())),
            party: self.party_id,
            market: self.market_id,
            item: self.item_id,
            named: self.named,
            reason: self.reason,
        }
    }
}

impl Administration {
    /// Deletes rows of the log that were kept for long enough.
    pub(crate) async fn erase(&self) -> Result<(), Error> {
        audit::erase(&self.db).await
    }

    /// What was done to others, newest first.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::NotFound`] for a cursor of another list; the database's.
    pub async fn log(&self, actor: &Actor, query: &AuditQuery) -> Result<Page<AuditLine>, Error> {
        actor.admin()?;
        self.log_of(query, PAGE).await
    }

    pub(super) async fn log_of(&self, query: &AuditQuery, most: usize) -> Result<Page<AuditLine>, Error> {
        let (at, id): (Time, RequestId) = Cursor::before(query.before.as_ref())?;
        let action = query.action.map_or_else(String::new, |action| action.name().to_owned());
        // Each by its own index; what else is wanted is looked for among those.
        let text = match (query.member, query.by, query.action) {
            (Some(_), ..) => {
                rows!("a.member_id = $4 and ($5 is null or a.admin_id = $5) and ($6 = '' or a.action = $6)")
            }
            (None, Some(_), _) => rows!("$4 is null and a.admin_id = $5 and ($6 = '' or a.action = $6)"),
            (None, None, Some(_)) => rows!("$4 is null and $5 is null and a.action = $6"),
            (None, None, None) => rows!("$4 is null and $5 is null and $6 = ''"),
        };
        let rows: Vec<Row> = self
            .db
            .sql(text)
            .bind(at)
            .bind(id)
            .bind(most as i64 + 1)
            .bind(query.member)
            .bind(query.by)
            .bind(action)
            .all()
            .await?;
        Ok(Page::of(rows, most, |row| (row.at, row.id)).filter_map(|row| Some(row.line())))
    }
}
