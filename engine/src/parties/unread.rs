//! Whoever does not read what is said in their party is told of it after a while, of each party in one notice that counts on. Who looks
//! at the chat meanwhile has read it, and is told nothing; nor is anybody of what they said.

use super::Parties;
use crate::{
    Error,
    db::{HeldParty, Lane, Tx, retried},
    notices,
};
use model::{MINUTE, MemberId, PartyId, Span, Time, parties::MemberState};

/// For how long a line is not told of.
const UNREAD_FOR: Span = MINUTE.times(10);
/// Parties that are looked for at once.
const AT_ONCE: i64 = 50;
/// No notice counts further.
const COUNTED: i64 = 1_000;

/// Notes, in the transaction of a line, that it is to be looked who did not read it.
pub(super) async fn note(tx: &mut Tx, held: HeldParty, now: Time) -> Result<(), sqlx::Error> {
    tx.sql("insert into party_chats (party_id, due_at) values ($1, $2) on conflict (party_id) do nothing")
        .bind(held.party())
        .bind(now + UNREAD_FOR)
        .run()
        .await?;
    Ok(())
}

impl Parties {
    /// Tells members of lines that they have not read for a while.
    ///
    /// # Errors
    /// The database's: what was not told is found again.
    pub(crate) async fn tell_unread(&self) -> Result<(), Error> {
        let now = self.clock.now();
        loop {
            let due: Vec<(PartyId,)> = self
                .db
                .sql("select party_id from party_chats where due_at <= $1 order by due_at, party_id limit $2")
                .bind(now)
                .bind(AT_ONCE)
                .all()
                .await?;
            for (party,) in &due {
                // It is done, or due later than now.
                retried!(self.tell_unread_of(*party, now))?;
            }
            if (due.len() as i64) < AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn tell_unread_of(&self, party: PartyId, now: Time) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // Nothing is said meanwhile.
        let held = tx.hold_party(party).await?;
        let old =
            tx.sql("select number from party_lines where party_id = $1 and at <= $2 order by number desc limit 1");
        let old: Option<(i64,)> = old.bind(party).bind(now - UNREAD_FOR).optional().await?;
        let old = old.map_or(0, |(number,)| number);
        tell(&mut tx, held, old, now).await?;
        let next = tx.sql("select at from party_lines where party_id = $1 and number > $2 order by number limit 1");
        let next: Option<(Time,)> = next.bind(party).bind(old).optional().await?;
        match next {
            Some((at,)) => {
                let later = tx.sql("update party_chats set due_at = $2 where party_id = $1");
                later.bind(party).bind((at + UNREAD_FOR).max(now + MINUTE)).run().await?
            }
            None => tx.sql("delete from party_chats where party_id = $1").bind(party).run().await?,
        };
        Ok(tx.commit().await?)
    }
}

/// Tells those who have not read up to line `old`, and were not told of it.
async fn tell(tx: &mut Tx, held: HeldParty, old: i64, now: Time) -> Result<(), Error> {
    let unread: Vec<(MemberId, i64)> = tx
        .sql(
            "select m.member_id, (select count(*) from (select 1 from party_lines l where l.party_id = $1 and l.number > m.read_number
                    and l.number <= $2 and l.member_id <> m.member_id limit $4) counted)
             from party_members m where m.party_id = $1 and m.state = $3 and m.read_number < $2 and m.told_number < $2
                and exists (select 1 from party_lines l where l.party_id = $1 and l.number > m.read_number
                    and l.number > m.told_number and l.number <= $2 and l.member_id <> m.member_id)
             order by m.member_id",
        )
        .bind(held.party())
        .bind(old)
        .bind(MemberState::Joined)
        .bind(COUNTED)
        .all()
        .await?;
    if unread.is_empty() {
        return Ok(());
    }
    let item = tx.sql("select i.name from parties p join items i on i.id = p.item_id where p.id = $1");
    let (item,): (String,) = item.bind(held.party()).one().await?;
    for (member, lines) in unread {
        notices::tell_of_chat(tx, member, held.party(), &item, lines.max(0) as u64, now).await?;
        let told = tx.sql("update party_members set told_number = $3 where party_id = $1 and member_id = $2");
        told.bind(held.party()).bind(member).bind(old).run().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::Actor,
        parties::tests::{NOW, Scene, request},
    };
    use ::testing::{On, both};
    use model::{Notice, parties::Action};

    /// What somebody was told of lines: how many, and whether they read that.
    async fn told(scene: &Scene, who: &Actor) -> Vec<u64> {
        let rows: Vec<(String,)> = scene
            .db
            .sql("select notice from notices where member_id = $1 order by at, id")
            .bind(who.member().unwrap())
            .all()
            .await
            .unwrap();
        let lines = |(text,): (String,)| match serde_json::from_str(&text).unwrap() {
            Notice::PartyChat { lines, .. } => Some(lines),
            _ => None,
        };
        rows.into_iter().filter_map(lines).collect()
    }

    both!(who_does_not_read_is_told_once_and_it_counts_on);
    async fn who_does_not_read_is_told_once_and_it_counts_on(on: On) {
        let scene = Scene::new(on).await;
        let parties = &scene.parties;
        let people = scene.people(2).await;
        let (reading, away) = (&people[0], &people[1]);
        let party = scene.party(4, true).await;
        for who in &people {
            scene.act(who, party, Action::Request { shares: 1 }).await.unwrap();
        }
        let at = |minutes: i64| scene.clock.set(NOW + MINUTE * minutes);
        let all = async || (told(&scene, &scene.leader).await, told(&scene, reading).await, told(&scene, away).await);
        let say = async |who: &Actor, text: &str| parties.say(who, party, request(), text).await.unwrap();
        say(&scene.leader, "주차장 쪽에서 봬요").await;
        at(5);
        say(&scene.leader, "10분쯤 일찍 가요").await;
        parties.read(reading, party, 2).await.unwrap();
        at(9);
        parties.tell_unread().await.unwrap();
        assert_eq!(all().await, (vec![], vec![], vec![]), "whoever looks in now and then is not told");
        at(10);
        // Two nodes at once, and after a restart.
        let (one, two) = tokio::join!(parties.tell_unread(), parties.tell_unread());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        parties.tell_unread().await.unwrap();
        assert_eq!(all().await, (vec![], vec![], vec![1]), "not the writer, not who read, and of what is old alone");
        at(16);
        parties.tell_unread().await.unwrap();
        assert_eq!(all().await, (vec![], vec![], vec![2]), "one notice counts on");
        say(reading, "네!").await;
        at(27);
        parties.tell_unread().await.unwrap();
        assert_eq!(all().await, (vec![1], vec![], vec![3]));
        // What was read says what it said.
        let mut tx = scene.db.begin(Lane::Other).await.unwrap();
        tx.sql("update notices set read_at = 1 where read_at is null").run().await.unwrap();
        tx.commit().await.unwrap();
        parties.read(away, party, 3).await.unwrap();
        say(&scene.leader, "도착했어요").await;
        scene.act(reading, party, Action::Leave).await.unwrap();
        at(40);
        parties.tell_unread().await.unwrap();
        assert_eq!(all().await, (vec![1], vec![], vec![3, 1]), "who left hears nothing more");
        let waiting: Vec<(i64,)> = scene.db.sql("select due_at from party_chats").all().await.unwrap();
        assert!(waiting.is_empty(), "nothing is left to look for");
    }
}
