//! What the law has kept of those who left says nothing in words once its time is over, and nothing by which others know it: what a payment
//! is called by whoever took it, and a parcel by whoever carried it. Sums and times stay: by then they are nobody's.

use super::{Personal, leaving::BY_LAW};
use crate::{
    Error,
    db::{Db, Lane},
};
use model::Time;

/// Rows changed in one transaction.
const AT_ONCE: i64 = 500;

/// Who left before the time `$1`. Found by what their nickname is kept as from then on: they are few among all.
macro_rules! of_who_left {
    ($before:literal, $after:literal) => {
        concat!($before, " m.nickname_key >= 'left:' and m.nickname_key < 'left;' and m.left_at <= $1 and ", $after)
    };
}

/// What takes words away, of `$2` rows at most.
const STATEMENTS: [&str; 4] = [
    of_who_left!(
        "update payments set title = '', return_to = '', reference = null, link = null, elsewhere = null, proof = null, decline = null
         where id in (select p.id from members m join payments p on p.member_id = m.id where",
        "(p.title <> '' or p.reference is not null) limit $2)"
    ),
    of_who_left!(
        "update shipments set tracking = '' where order_id in
            (select s.order_id from members m join member_entries e on e.member_id = m.id
             join orders o on o.event_id = e.event_id and o.rank = e.rank join shipments s on s.order_id = o.id where",
        "s.tracking <> '' limit $2)"
    ),
    of_who_left!(
        "update returns set reason = '', answer = '' where id in
            (select r.id from members m join member_entries e on e.member_id = m.id
             join returns r on r.event_id = e.event_id and r.rank = e.rank where",
        "(r.reason <> '' or r.answer <> '') limit $2)"
    ),
    // How something was sent, and what was said when they wished to send it back.
    of_who_left!(
        "delete from order_steps where (order_id, id) in
            (select s.order_id, s.id from members m join member_entries e on e.member_id = m.id
             join orders o on o.event_id = e.event_id and o.rank = e.rank join order_steps s on s.order_id = o.id where",
        "(s.what like '%\"reason\"%' or s.what like '%\"answer\"%' or s.what like '%\"tracking\"%') limit $2)"
    ),
];

impl Personal {
    /// Takes away what says something of those who left as long ago as the law has it kept, and from the database's files what was
    /// taken away when somebody left.
    ///
    /// # Errors
    /// The database's: what could not be done is done the next time.
    pub async fn erase(&self) -> Result<(), Error> {
        erase(&self.db, self.clock.now()).await?;
        Ok(self.leftovers.wipe().await?)
    }
}

pub(super) async fn erase(db: &Db, now: Time) -> Result<(), Error> {
    for text in STATEMENTS {
        loop {
            let mut tx = db.begin(Lane::Other).await?;
            let some = tx.sql(text).bind(now - BY_LAW).bind(AT_ONCE).run().await?;
            tx.commit().await?;
            if (some as i64) < AT_ONCE {
                break;
            }
        }
    }
    Ok(())
}
