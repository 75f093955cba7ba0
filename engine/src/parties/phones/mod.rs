//! A phone is confirmed before the first party, one account a number: whoever did not come can be told from whoever signs up anew.
//!
//! Numbers are kept as keyed hashes. Which account had which is kept for 90 days after it ended, and as long as a penalty of that
//! account counts, so that penalties and suspensions follow the number (`of_the_same_phone`); marks follow an email and a Kakao account as
//! well (`answers_for`). A code is tried by taking one of its tries first, in a transaction of its own: however many are tried at once, so
//! many are.

mod sms;
#[cfg(test)]
mod tests;

pub use sms::{Sms, Solapi};

use super::{Parties, penalties::check_text};
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, Tx, retried},
    ids,
    site_keys::site_key,
};
use model::{
    DAY, FieldError, MemberId, PhoneError, Span, Time,
    parties::{AskedCode, CODE_LASTS, CODE_TRIES, PHONE_KEPT, PhoneView},
    text,
};
use ring::hmac;
use std::{net::IpAddr, sync::Arc};
use tokio::sync::OnceCell;

/// Digits of a code.
const DIGITS: usize = 6;
/// How long a code is kept that nobody typed in.
const CODES_KEPT: Span = DAY;
/// Rows that are erased in one transaction.
const AT_ONCE: i64 = 500;

/// The member `$1`, and everybody whose number they have or had afterwards, within the time that is kept. Whoever gave a number up
/// does not answer for who has it next.
macro_rules! of_the_same_phone {
    () => {
        "select $1 union select before.member_id from phones mine
            join phones before on before.hash = mine.hash and before.since < mine.since where mine.member_id = $1"
    };
}

/// Whose marks count against the member `$1`: theirs, those `of_the_same_phone`, and those of who they were before, whom an email or a
/// Kakao account told. What is said of them is read and answered by whom they are `proved` to be: anybody can sign up with an email.
macro_rules! answers_for {
    (proved) => {
        concat!(answers_for!(), " and proved")
    };
    () => {
        "select $1 union select before.member_id from phones mine
            join phones before on before.hash = mine.hash and before.since < mine.since where mine.member_id = $1
         union select former_id from former_accounts where member_id = $1"
    };
}
pub(crate) use answers_for;

/// Hashes numbers and codes, by a key of the site's own. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Hasher(Arc<OnceCell<hmac::Key>>);

/// A code as it was sent.
#[derive(sqlx::FromRow)]
struct Sent {
    hash: Vec<u8>,
    ending: String,
    code: Vec<u8>,
}

fn of_number(key: &hmac::Key, number: &str) -> Vec<u8> {
    hmac::sign(key, &[b"number ", number.as_bytes()].concat()).as_ref().to_vec()
}

/// What a code for a number is compared by.
fn of_code(hash: &[u8], code: &str) -> Vec<u8> {
    [b"code ", hash, code.as_bytes()].concat()
}

/// A code as it is typed: digits in any width, with spaces between them.
fn code(typed: &str) -> Result<String, FieldError> {
    let code = text::key(typed);
    match code.as_bytes() {
        [] => Err(FieldError::Required),
        digits if digits.len() == DIGITS && digits.iter().all(u8::is_ascii_digit) => Ok(code),
        _ => Err(FieldError::Invalid),
    }
}

impl Parties {
    /// The key, made by whichever node needs it first.
    async fn phone_key(&self) -> Result<&hmac::Key, sqlx::Error> {
        self.phone_key
            .0
            .get_or_try_init(|| async {
                let seed = site_key(&self.db, &self.clock, "phones", ids::random::<32>().to_vec()).await?;
                Ok(hmac::Key::new(hmac::HMAC_SHA256, &seed))
            })
            .await
    }

    /// The reader's phone, and the code that they were sent.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn phone(&self, actor: &Actor) -> Result<PhoneView, Error> {
        let member = actor.signed_in()?.member;
        let confirmed = self.db.sql("select ending from phones where member_id = $1 and until is null").bind(member);
        let confirmed = confirmed.optional::<(String,)>().await?.map(|(ending,)| ending);
        let asked = self.db.sql(
            "select ending, expires_at, tries, shown from phone_codes where member_id = $1 and expires_at > $2 and tries < $3",
        );
        let asked = asked.bind(member).bind(self.clock.now()).bind(i64::from(CODE_TRIES));
        let asked: Option<(String, Time, i64, String)> = asked.optional().await?;
        let asked = asked.map(|(ending, until, tries, shown)| AskedCode {
            ending,
            until,
            tries_left: CODE_TRIES.saturating_sub(tries as u32),
            shown: Some(shown).filter(|shown| !shown.is_empty()),
        });
        Ok(PhoneView { confirmed, asked, available: self.sms.is_some() })
    }

    /// Whether a member has confirmed a phone.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_phone(&self, member: MemberId) -> Result<bool, Error> {
        Ok(self.db.sql("select 1 from phones where member_id = $1 and until is null").bind(member).exists().await?)
    }

    /// Sends a code to the number that was typed, in the place of any that was sent before, in the language of that code. Whether
    /// another account has the number is told to whoever has the code alone.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] for the number; [`PhoneError::Unavailable`];
    /// [`model::Error::TooMany`] by account, by number and by address; whoever sends it, or the database, may fail: then there is
    /// no code.
    pub async fn ask_phone_code(&self, actor: &Actor, typed: &str, lang: &str, address: IpAddr) -> Result<(), Error> {
        let member = actor.active()?.member;
        let number = check_text("phone", text::phone(typed))?;
        let sms = self.sms.as_ref().ok_or(model::Error::from(PhoneError::Unavailable))?;
        let key = self.phone_key().await?;
        let hash = of_number(key, &number);
        self.limits.phone_code(member, &hash, address).await?;
        let code = format!("{:0DIGITS$}", u64::from_be_bytes(ids::random()) % 10_u64.pow(DIGITS as u32));
        let sent = Sent {
            code: hmac::sign(key, &of_code(&hash, &code)).as_ref().to_vec(),
            ending: number[number.len() - 4..].to_owned(),
            hash,
        };
        let shown = if matches!(sms, Sms::Sandbox) { code.as_str() } else { "" };
        retried!(self.write_code(member, &sent, shown))?;
        if let Err(fault) = sms.send(&number, &code, lang, self.clock.now()).await {
            // None that nobody can know is waited for.
            retried!(self.delete_code(member, &sent))?;
            return Err(fault);
        }
        Ok(())
    }

    async fn write_code(&self, member: MemberId, sent: &Sent, shown: &str) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "insert into phone_codes (member_id, hash, ending, code, shown, expires_at, tries) values ($1, $2, $3, $4, $5, $6, 0)
             on conflict (member_id) do update set hash = excluded.hash, ending = excluded.ending, code = excluded.code,
                shown = excluded.shown, expires_at = excluded.expires_at, tries = 0",
        )
        .bind(member)
        .bind(sent.hash.clone())
        .bind(sent.ending.clone())
        .bind(sent.code.clone())
        .bind(shown.to_owned())
        .bind(self.clock.now() + CODE_LASTS)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    async fn delete_code(&self, member: MemberId, sent: &Sent) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        delete_code(&mut tx, member, sent).await?;
        Ok(tx.commit().await?)
    }

    /// Confirms the number that a code was sent to. A number of before is no longer theirs.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] for a wrong code; [`PhoneError::CodeOver`] when there is none
    /// that can still be tried; [`PhoneError::Taken`], [`PhoneError::Suspended`]; [`model::Error::TooMany`]; the database may fail.
    pub async fn confirm_phone(&self, actor: &Actor, typed: &str) -> Result<(), Error> {
        let member = actor.active()?.member;
        let typed = check_text("code", code(typed))?;
        self.limits.parties(member).await?;
        let sent = retried!(self.try_code(member))?.ok_or(model::Error::from(PhoneError::CodeOver))?;
        if hmac::verify(self.phone_key().await?, &of_code(&sent.hash, &typed), &sent.code).is_err() {
            check_text("code", Err(FieldError::Invalid))?;
        }
        retried!(self.write_phone(member, &sent))?;
        self.standings.invalidate_member(member);
        Ok(())
    }

    /// Takes one of the tries of a member's code.
    async fn try_code(&self, member: MemberId) -> Result<Option<Sent>, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let sent = tx.sql(
            "update phone_codes set tries = tries + 1 where member_id = $1 and expires_at > $2 and tries < $3
             returning hash, ending, code",
        );
        let sent = sent.bind(member).bind(self.clock.now()).bind(i64::from(CODE_TRIES)).optional().await?;
        tx.commit().await?;
        Ok(sent)
    }

    /// Writes that a member has a number, whose code they have shown.
    async fn write_phone(&self, member: MemberId, sent: &Sent) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Once; and not when another was asked for meanwhile.
        if delete_code(&mut tx, member, sent).await? == 0 {
            return Err(model::Error::from(PhoneError::CodeOver).into());
        }
        let theirs = tx.sql("select 1 from phones where member_id = $1 and hash = $2 and until is null");
        if theirs.bind(member).bind(sent.hash.clone()).exists().await? {
            return Ok(tx.commit().await?);
        }
        let suspended = tx.sql(
            "select 1 from phones p join members m on m.id = p.member_id
             where p.hash = $1 and p.member_id <> $2 and m.suspended_at is not null",
        );
        if suspended.bind(sent.hash.clone()).bind(member).exists().await? {
            return Err(model::Error::from(PhoneError::Suspended).into());
        }
        end(&mut tx, member, now).await?;
        insert(&mut tx, member, &sent.hash, &sent.ending, now).await?;
        // With the number comes who those were before that had it.
        tx.sql(
            "insert into former_accounts (member_id, former_id, since, proved)
             select $1, f.former_id, $3, max(case when f.proved then 1 else 0 end) = 1
             from phones p join former_accounts f on f.member_id = p.member_id
             where p.hash = $2 and p.member_id <> $1 and f.former_id <> $1 group by f.former_id
             on conflict (member_id, former_id) do update set proved = true where excluded.proved",
        )
        .bind(member)
        .bind(sent.hash.clone())
        .bind(now)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    /// Gives a number up. What follows it goes on following it.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::TooMany`]; the database may fail.
    pub async fn forget_phone(&self, actor: &Actor) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.parties(member).await?;
        retried!(self.forget_phone_once(member))
    }

    async fn forget_phone_once(&self, member: MemberId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        end(&mut tx, member, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Who confirmed the number that was typed, for an admin. A part of it finds nobody: only its hash is kept.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::Invalid`] for what is no number; the database may fail.
    pub(crate) async fn with_phone(&self, actor: &Actor, typed: &str) -> Result<Option<MemberId>, Error> {
        actor.admin()?;
        let number = check_text("phone", text::phone(typed))?;
        let hash = of_number(self.phone_key().await?, &number);
        let found: Option<(MemberId,)> =
            self.db.sql("select member_id from phones where hash = $1 and until is null").bind(hash).optional().await?;
        Ok(found.map(|(member,)| member))
    }

    /// Lets people of a demonstration do without: each has a phone that nobody else can have.
    pub(crate) async fn give_phones(&self, members: &[MemberId]) -> Result<(), Error> {
        let (key, now) = (self.phone_key().await?, self.clock.now());
        let mut tx = self.db.begin(Lane::Other).await?;
        for member in members {
            let has = tx.sql("select 1 from phones where member_id = $1 and until is null").bind(*member);
            if !has.exists().await? {
                insert(&mut tx, *member, &of_number(key, &member.to_string()), "0000", now).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Forgets numbers that ended long ago and that no mark follows any more, and codes that nobody typed in.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn erase_phones(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for (text, before) in [
            (
                // A mark counts as long as a number is kept after it ended.
                "delete from phones where until is not null and (member_id, hash, since) in
                    (select member_id, hash, since from phones where until < $1 and not exists
                        (select 1 from penalties x where x.member_id = phones.member_id and x.at > $1
                            and x.appeal_state <> 'granted') order by until limit $2)",
                now - PHONE_KEPT,
            ),
            (
                "delete from phone_codes where member_id in
                    (select member_id from phone_codes where expires_at < $1 order by expires_at limit $2)",
                now - CODES_KEPT,
            ),
        ] {
            loop {
                let mut tx = self.db.begin(Lane::Other).await?;
                let erased = tx.sql(text).bind(before).bind(AT_ONCE).run().await?;
                tx.commit().await?;
                if (erased as i64) < AT_ONCE {
                    break;
                }
            }
        }
        Ok(())
    }
}

async fn delete_code(tx: &mut Tx, member: MemberId, sent: &Sent) -> Result<u64, sqlx::Error> {
    let delete = tx.sql("delete from phone_codes where member_id = $1 and code = $2");
    delete.bind(member).bind(sent.code.clone()).run().await
}

/// A member no longer has the number that they have.
async fn end(tx: &mut Tx, member: MemberId, now: Time) -> Result<(), sqlx::Error> {
    let end = tx.sql("update phones set until = $2 where member_id = $1 and until is null");
    end.bind(member).bind(now).run().await.map(drop)
}

/// A member has a number from now on, unless another account has it.
async fn insert(tx: &mut Tx, member: MemberId, hash: &[u8], ending: &str, now: Time) -> Result<(), Error> {
    let inserted = tx
        .sql("insert into phones (member_id, hash, ending, since) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(member)
        .bind(hash.to_vec())
        .bind(ending.to_owned())
        .bind(now)
        .run()
        .await?;
    match inserted {
        0 => Err(model::Error::from(PhoneError::Taken).into()),
        _ => Ok(()),
    }
}

/// That a member has confirmed a phone, and that neither they are suspended nor an account that had it before.
///
/// # Errors
/// [`PhoneError::Needed`], [`PhoneError::Suspended`]; the database's.
pub(super) async fn check(tx: &mut Tx, member: MemberId) -> Result<(), Error> {
    let (confirmed, suspended): (bool, bool) = tx
        .sql(concat!(
            "select exists (select 1 from phones where member_id = $1 and until is null),
                exists (select 1 from members where suspended_at is not null and id in (",
            of_the_same_phone!(),
            "))"
        ))
        .bind(member)
        .one()
        .await?;
    match (confirmed, suspended) {
        (false, _) => Err(model::Error::from(PhoneError::Needed).into()),
        (true, true) => Err(model::Error::from(PhoneError::Suspended).into()),
        (true, false) => Ok(()),
    }
}

/// Whom what the member `$1` is marked for counts against: them, whoever had their number afterwards, and who they are since they signed
/// up anew.
macro_rules! marked_by {
    () => {
        "select $1 union select after.member_id from phones mine
            join phones after on after.hash = mine.hash and after.since > mine.since where mine.member_id = $1
         union select member_id from former_accounts where former_id = $1"
    };
}

/// Whose standing goes by what a member is marked for.
pub(super) async fn concerned(tx: &mut Tx, member: MemberId) -> Result<Vec<MemberId>, sqlx::Error> {
    let rows: Vec<(MemberId,)> = tx.sql(marked_by!()).bind(member).all().await?;
    Ok(rows.into_iter().map(|(member,)| member).collect())
}

/// Who of those is told of it: not whom an email alone says to be the same.
pub(super) async fn told(tx: &mut Tx, member: MemberId) -> Result<Vec<MemberId>, sqlx::Error> {
    let rows: Vec<(MemberId,)> = tx.sql(concat!(marked_by!(), " and proved")).bind(member).all().await?;
    Ok(rows.into_iter().map(|(member,)| member).collect())
}
