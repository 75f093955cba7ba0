//! Who left with which email, and which Kakao account, as keyed hashes: whoever signs up with one of these anew within 90 days is
//! suspended when they were, and marked as they were. So is a Kakao account that somebody parted from while suspended. What follows a
//! phone is in `parties::phones`.

use super::Accounts;
use crate::{
    Error,
    clock::Clock,
    db::{Db, Lane, Tx},
    ids,
};
use model::{DAY, MemberId, Span, Time, parties::PENALTY_LASTS};
use ring::hmac;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// How long it is known who had an email.
const REMEMBERED: Span = DAY.times(90);

/// Hashes emails, by a key of the site's own. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct EmailHasher(Arc<OnceCell<hmac::Key>>);

impl EmailHasher {
    /// The key, made by whichever node needs it first.
    async fn key(&self, db: &Db, clock: &Clock) -> Result<&hmac::Key, sqlx::Error> {
        self.0
            .get_or_try_init(|| async {
                let mut tx = db.begin(Lane::Other).await?;
                tx.sql("insert into site_keys (name, seed, made_at) values ('emails', $1, $2) on conflict (name) do nothing")
                    .bind(ids::random::<32>().to_vec())
                    .bind(clock.now())
                    .run()
                    .await?;
                tx.commit().await?;
                let (seed,): (Vec<u8>,) = db.sql("select seed from site_keys where name = 'emails'").one().await?;
                Ok(hmac::Key::new(hmac::HMAC_SHA256, &seed))
            })
            .await
    }
}

impl Accounts {
    /// By what an email is known after its account is gone.
    pub(crate) async fn email_hash(&self, email: &str) -> Result<Vec<u8>, Error> {
        let key = self.emails.key(&self.db, &self.clock).await?;
        Ok(hmac::sign(key, &[b"email ", email.as_bytes()].concat()).as_ref().to_vec())
    }

    /// The same of who somebody is at a provider.
    pub(super) async fn identity_hash(&self, provider: &str, subject: &str) -> Result<Vec<u8>, Error> {
        let key = self.emails.key(&self.db, &self.clock).await?;
        Ok(hmac::sign(key, format!("identity {provider} {subject}").as_bytes()).as_ref().to_vec())
    }

    /// By what a member with this email is known after they left.
    pub(crate) async fn known_by(&self, member: MemberId, email: &str) -> Result<Vec<Vec<u8>>, Error> {
        let mut known_by = vec![self.email_hash(email).await?];
        let identities = self.db.sql("select provider, subject from member_identities where member_id = $1");
        let identities: Vec<(String, String)> = identities.bind(member).all().await?;
        for (provider, subject) in identities {
            known_by.push(self.identity_hash(&provider, &subject).await?);
        }
        Ok(known_by)
    }

    /// Forgets who left long ago, with the businesses that the law has kept no longer, and who signed up anew so long ago that no mark
    /// of before counts any more.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_departed(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from departed where until < $1").bind(now).run().await?;
        tx.sql("delete from departed_businesses where erase_at < $1").bind(now).run().await?;
        tx.sql(
            "delete from former_accounts where since < $1 and not exists
                (select 1 from penalties x where x.member_id = former_accounts.former_id and x.at > $1 and x.appeal_state <> 'granted')",
        )
        .bind(now - PENALTY_LASTS)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }
}

/// Notes who leaves, by one of the hashes that they are known by.
pub(crate) async fn note_departed(tx: &mut Tx, hash: &[u8], member: MemberId, now: Time) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into departed (hash, member_id, until) values ($1, $2, $3)
         on conflict (hash) do update set member_id = excluded.member_id, until = excluded.until",
    )
    .bind(hash.to_vec())
    .bind(member)
    .bind(now + REMEMBERED)
    .run()
    .await?;
    Ok(())
}

/// Since when whoever was known by a hash before is suspended, if they are, and until when if that ends by itself.
pub(super) async fn suspended(
    tx: &mut Tx,
    hash: &[u8],
    now: Time,
) -> Result<Option<(Time, Option<Time>)>, sqlx::Error> {
    let before = tx.sql(
        "select m.suspended_at, m.suspended_until from departed d join members m on m.id = d.member_id
         where d.hash = $1 and d.until > $2 and m.suspended_at is not null",
    );
    before.bind(hash.to_vec()).bind(now).optional().await
}

/// Notes that a new member is whoever was known by a hash before, with everybody whose marks counted against those, and whether that is
/// proved: an email is nobody's proof, and what was not proved to those before is not to whoever they are now.
pub(super) async fn note_former(
    tx: &mut Tx,
    hash: &[u8],
    member: MemberId,
    proved: bool,
    now: Time,
) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into former_accounts (member_id, former_id, since, proved)
         select $1, former.id, $3, max(former.proved) = 1 and $4 from (
            select d.member_id as id, 1 as proved from departed d where d.hash = $2 and d.until > $3
            union
            select f.former_id, case when f.proved then 1 else 0 end from departed d
                join former_accounts f on f.member_id = d.member_id where d.hash = $2 and d.until > $3
            union
            select before.member_id, 1 from departed d join phones mine on mine.member_id = d.member_id
                join phones before on before.hash = mine.hash and before.since < mine.since
                where d.hash = $2 and d.until > $3
         ) former where former.id <> $1 group by former.id
         on conflict (member_id, former_id) do update set proved = true where excluded.proved",
    )
    .bind(member)
    .bind(hash.to_vec())
    .bind(now)
    .bind(proved)
    .run()
    .await?;
    Ok(())
}
