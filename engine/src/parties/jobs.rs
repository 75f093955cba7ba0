//! What becomes of parties by themselves.

use super::Parties;
use crate::{
    Error,
    db::{Lane, retried},
};
use model::{DAY, PartyId, PartyState, Span, Time, parties::EXPIRES_AFTER};

/// Parties that are ended in one transaction.
const AT_ONCE: i64 = 500;
/// Parties whose chat is looked for at once.
const PARTIES: i64 = 50;
/// How long what was said in a party, or asked and answered on its page, is kept: as long as somebody may have been marked in it and
/// may appeal, and a month for the decision. At most it is 30 days from there to the meeting, 1 until it is over, 7 for marks and 90
/// that they count.
const SAID_KEPT: Span = DAY.times(160);

impl Parties {
    /// Ends parties that met a day ago and of which nobody said what became. Their rules go by the time itself: this is for lists
    /// and for the index of those that are open.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        let before = self.clock.now() - EXPIRES_AFTER;
        loop {
            // Two nodes that do this at once may each hold what the other wants: one of them tries again.
            let ended = retried!(self.expire_some(before))?;
            if (ended as i64) < AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn expire_some(&self, before: Time) -> Result<u64, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // Whoever holds one of them at this moment writes its state as they read it: the next run finds it again.
        let ended = tx
            .sql(
                "update parties set state = $1 where state in ('recruiting', 'full') and id in
                    (select id from parties where state in ('recruiting', 'full') and meets_to <= $2
                     order by meets_to, id limit $3)",
            )
            .bind(PartyState::Expired)
            .bind(before)
            .bind(AT_ONCE)
            .run()
            .await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Erases what was said and asked in parties long ago, but for those of which an appeal waits; and numbers of phones.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn erase(&self) -> Result<(), Error> {
        self.erase_phones().await?;
        let before = self.clock.now() - SAID_KEPT;
        loop {
            let parties: Vec<(PartyId,)> = self
                .db
                .sql(
                    "select distinct party_id from party_lines l where at < $1 and not exists
                        (select 1 from penalties x where x.party_id = l.party_id and x.appeal_state = 'open') limit $2",
                )
                .bind(before)
                .bind(PARTIES)
                .all()
                .await?;
            for (party,) in &parties {
                let mut tx = self.db.begin(Lane::Other).await?;
                let held = tx.hold_party(*party).await?;
                let delete = tx.sql("delete from party_lines where party_id = $1 and at < $2");
                delete.bind(held.party()).bind(before).run().await?;
                // Numbers begin anew when none is left.
                tx.sql(
                    "update party_members set read_number = 0, told_number = 0 where party_id = $1
                        and not exists (select 1 from party_lines l where l.party_id = party_members.party_id)",
                )
                .bind(held.party())
                .run()
                .await?;
                tx.commit().await?;
                self.leftovers.add();
            }
            if (parties.len() as i64) < PARTIES {
                break;
            }
        }
        let questions = "delete from party_questions where id in
                (select id from party_questions q where at < $1 and not exists
                    (select 1 from penalties x where x.party_id = q.party_id and x.appeal_state = 'open')
                 order by at, id limit $2)";
        self.leftovers.delete(questions, before).await?;
        // Deleted is not gone: it stands in the database's files until something else is written there.
        Ok(self.leftovers.wipe().await?)
    }
}
