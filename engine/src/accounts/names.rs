//! Names that read like the site's own, an admin's, a creator's or another member's: nobody else is called so, in whichever letters
//! (UTS 39). One rule for nicknames and for the names of creators.

use crate::{
    Error,
    db::{Db, Lane, Tx},
};
use model::{FieldError, MemberId, text};
use std::{collections::BTreeSet, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// What no name holds: the site's own, those who speak for it, and what whoever left is called (`personal::leaving`).
const WITHIN: [&str; 10] =
    ["59초", "59cho", "fiftynine", "운영자", "운영진", "운영팀", "관리자", "고객센터", "고객지원", "떠난 회원"];
/// What no word of a name is: within another word it is harmless.
const WORDS: [&str; 13] = [
    "admin",
    "administrator",
    "moderator",
    "official",
    "staff",
    "support",
    "system",
    "운영",
    "관리",
    "공식",
    "공식계정",
    "어드민",
    "시스템",
];
/// Members of one step in [`protect_older`].
const STEP: i64 = 100;

/// Two names with the same look cannot be told apart by reading: letters that look alike are one, whatever their case, and what
/// stands between them does not count.
fn look(name: &str) -> String {
    // Capital and small letters look like different others: I like l, m like rn. As which a name is written does not count.
    let capital = letters(&name.nfkc().collect::<String>()).to_lowercase().replace('i', "l");
    text::key(&letters(&capital)).chars().filter(|c| !"_-.".contains(*c)).collect()
}

/// What its letters look like (UTS 39). Hangul syllables only look like themselves: taken apart, the end of one would look like the
/// beginning of the next.
fn letters(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '가'..='힣' => out.push(c),
            c => out.extend(skeleton(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

/// What these look like, made out once.
static LOOKS_WITHIN: LazyLock<[String; WITHIN.len()]> = LazyLock::new(|| WITHIN.map(look));
static LOOKS_OF_WORDS: LazyLock<[String; WORDS.len()]> = LazyLock::new(|| WORDS.map(look));

/// Whether a name reads like the site's own or like somebody's who speaks for it.
fn of_site(name: &str) -> bool {
    let whole = look(name);
    let apart = |c: char| c.is_whitespace() || c.is_ascii_digit() || "_-.".contains(c);
    let mut words = name.split(apart).map(look).chain([whole.clone()]);
    LOOKS_WITHIN.iter().any(|own| whole.contains(own)) || words.any(|word| LOOKS_OF_WORDS.contains(&word))
}

/// Whether somebody may be called so; `member` is who has an account.
pub(super) async fn check(db: &Db, name: &str, member: Option<MemberId>) -> Result<Result<(), FieldError>, Error> {
    if of_site(name) {
        return Ok(Err(FieldError::Reserved));
    }
    // Of nothing but what stands between letters there is nothing to be told apart by.
    if look(name).is_empty() {
        return Ok(Err(FieldError::Invalid));
    }
    let protected: Vec<(MemberId,)> = db.sql(PROTECTED).bind(look(name)).all().await?;
    let holder: Option<(MemberId,)> = db.sql(HOLDER).bind(look(name)).optional().await?;
    Ok(is_free(&protected, holder, member))
}

/// Whose names that look so are protected, and who has a nickname that does.
const PROTECTED: &str = "select member_id from protected_names where look = $1 limit 100";
const HOLDER: &str = "select member_id from nickname_looks where look = $1";

/// Whether nobody else is called so.
fn is_free(protected: &[(MemberId,)], holder: Option<(MemberId,)>, member: Option<MemberId>) -> Result<(), FieldError> {
    // Whoever has the name keeps it, also where others had it before names were protected.
    let own = member.is_some_and(|member| protected.contains(&(member,)));
    if !protected.is_empty() && !own {
        return Err(FieldError::Reserved);
    }
    if holder.is_none_or(|(holder,)| member == Some(holder)) { Ok(()) } else { Err(FieldError::Taken) }
}

/// Whether nobody else is called so, as of this transaction: until it ends nobody else comes to be.
pub(super) async fn hold(tx: &mut Tx, name: &str, member: MemberId) -> Result<Result<(), FieldError>, sqlx::Error> {
    let look = look(name);
    tx.hold_name(&look).await?;
    let protected: Vec<(MemberId,)> = tx.sql(PROTECTED).bind(look.clone()).all().await?;
    let holder: Option<(MemberId,)> = tx.sql(HOLDER).bind(look).optional().await?;
    Ok(is_free(&protected, holder, Some(member)))
}

/// Takes what a nickname looks like for a member, in the place of what they had; whether nobody else has it.
pub(super) async fn claim(tx: &mut Tx, nickname: &str, member: MemberId) -> Result<bool, sqlx::Error> {
    if hold(tx, nickname, member).await?.is_err() {
        return Ok(false);
    }
    tx.sql("delete from nickname_looks where member_id = $1").bind(member).run().await?;
    write_look(tx, look(nickname), member).await
}

async fn write_look(tx: &mut Tx, look: String, member: MemberId) -> Result<bool, sqlx::Error> {
    let note = tx.sql("insert into nickname_looks (look, member_id) values ($1, $2) on conflict do nothing");
    Ok(note.bind(look).bind(member).run().await? > 0)
}

/// Notes what the nicknames look like of those who were there before that was noted, or whom the program made itself. Where several
/// look alike the first has it, and the others keep theirs.
pub(super) async fn claim_older(db: &Db) -> Result<(), Error> {
    let mut last = MemberId(uuid::Uuid::nil());
    loop {
        let members: Vec<(MemberId, String)> = db
            .sql(
                "select m.id, m.nickname from members m
                 where m.id > $1 and not exists (select 1 from nickname_looks n where n.member_id = m.id)
                 order by m.id limit $2",
            )
            .bind(last)
            .bind(STEP)
            .all()
            .await?;
        let Some((id, _)) = members.last() else { return Ok(()) };
        last = *id;
        let mut tx = db.begin(Lane::Other).await?;
        for (member, nickname) in members {
            // Once more: it may have been changed since it was read.
            let now: Option<(String,)> =
                tx.sql("select nickname from members where id = $1").bind(member).optional().await?;
            let Some((now,)) = now.filter(|(now,)| *now == nickname) else { continue };
            if !write_look(&mut tx, look(&now), member).await? {
                // No look has that letter.
                write_look(&mut tx, format!("{}\u{1}{member}", look(&now)), member).await?;
            }
        }
        tx.commit().await?;
    }
}

/// Notes the names of a member, as far as others may not be called so.
pub(crate) async fn protect(tx: &mut Tx, member: MemberId) -> Result<(), sqlx::Error> {
    let names: Option<(String, Option<String>)> = tx
        .sql(
            "select m.nickname, c.name from members m left join creators c on c.member_id = m.id
             where m.id = $1 and (c.member_id is not null or m.role = 'admin')",
        )
        .bind(member)
        .optional()
        .await?;
    let names = names.map(|(nickname, name)| [Some(nickname), name]).into_iter().flatten().flatten();
    let looks: BTreeSet<String> = names.map(|name| look(&name)).filter(|look| !look.is_empty()).collect();
    let noted: Vec<(String,)> =
        tx.sql("select look from protected_names where member_id = $1").bind(member).all().await?;
    // Mostly nothing of it has changed.
    if noted.into_iter().map(|(look,)| look).collect::<BTreeSet<_>>() == looks {
        return Ok(());
    }
    tx.sql("delete from protected_names where member_id = $1").bind(member).run().await?;
    for look in looks {
        let note = tx.sql("insert into protected_names (look, member_id) values ($1, $2) on conflict do nothing");
        note.bind(look).bind(member).run().await?;
    }
    Ok(())
}

/// Protects the names of those who were there before names were protected.
pub(super) async fn protect_older(db: &Db) -> Result<(), Error> {
    let mut last = MemberId(uuid::Uuid::nil());
    loop {
        let members: Vec<(MemberId,)> = db
            .sql(
                "select m.id from members m left join creators c on c.member_id = m.id
                 where m.id > $1 and (c.member_id is not null or m.role = 'admin')
                    and not exists (select 1 from protected_names p where p.member_id = m.id) order by m.id limit $2",
            )
            .bind(last)
            .bind(STEP)
            .all()
            .await?;
        // Each once: of a name without a look nothing is noted.
        let Some((id,)) = members.last() else { return Ok(()) };
        last = *id;
        for (member,) in members {
            let mut tx = db.begin(Lane::Other).await?;
            protect(&mut tx, member).await?;
            tx.commit().await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_alike_is_alike() {
        for (name, imitation) in [
            ("수달상점", "수달 상점"),
            ("수달상점", "수달.상점"),
            ("수달상점", "\u{1109}\u{116E}\u{1103}\u{1161}\u{11AF}상점"),
            ("otter", "оttеr"),
            ("OTTER", "ОТТЕR"),
            ("Brave Otter", "BRAVE_OTTER"),
            ("illy", "lIIy"),
            ("cool", "c00l"),
            ("modern", "modem"),
            ("ａｂｃ", "abc"),
        ] {
            assert_eq!(look(name), look(imitation), "{name} {imitation}");
        }
        for (name, other) in [("수달상점", "수달상정"), ("otter", "utter"), ("59초", "59촌")] {
            assert_ne!(look(name), look(other), "{name} {other}");
        }
    }

    #[tokio::test]
    async fn who_was_there_before_is_protected() {
        let data = tempfile::tempdir().unwrap();
        let db = Db::open(data.path()).await.unwrap();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        for (n, role) in [(1, "member"), (2, "admin"), (3, "member")] {
            tx.sql(
                "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
                 values ($1, $2, $2, $2, '', 'shopper', $3, false, 1, 0)",
            )
            .bind(MemberId(uuid::Uuid::from_u128(n)))
            .bind(format!("otter{n}"))
            .bind(role.to_owned())
            .run()
            .await
            .unwrap();
        }
        let shop = MemberId(uuid::Uuid::from_u128(1));
        let profile =
            tx.sql("insert into creators (member_id, name, introduction, links) values ($1, '수달상점', '', '[]')");
        profile.bind(shop).run().await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..2 {
            protect_older(&db).await.unwrap();
            for (name, free) in [("수달 상점", false), ("оtter1", false), ("OTTER2", false), ("otter3", true)] {
                assert_eq!(check(&db, name, None).await.unwrap().is_ok(), free, "{name}");
            }
        }
        assert_eq!(check(&db, "수달상점", Some(shop)).await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn nobody_is_called_like_another() {
        let data = tempfile::tempdir().unwrap();
        let db = Db::open(data.path()).await.unwrap();
        let [first, second, third] = [1, 2, 3].map(|n| MemberId(uuid::Uuid::from_u128(n)));
        let mut tx = db.begin(Lane::Other).await.unwrap();
        // Alike before anybody looked.
        for (member, nickname) in [(first, "용감한 수달"), (second, "용감한.수달"), (third, "otter")] {
            tx.sql(
                "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
                 values ($1, $2, $3, $3, '', 'shopper', 'member', false, 1, 0)",
            )
            .bind(member)
            .bind(member.to_string())
            .bind(nickname.to_owned())
            .run()
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        for _ in 0..2 {
            claim_older(&db).await.unwrap();
            let (noted,): (i64,) = db.sql("select count(*) from nickname_looks").one().await.unwrap();
            assert_eq!(noted, 3);
        }
        for name in ["용감한수달", "용감한_수달", "оttеr", "ｏｔｔｅｒ", "OTTER", "0tter"] {
            assert_eq!(check(&db, name, None).await.unwrap(), Err(FieldError::Taken), "{name}");
        }
        assert_eq!(check(&db, "느긋한 수달", None).await.unwrap(), Ok(()));
        // One's own may be written otherwise, and whoever gives one up lets others have it.
        assert_eq!(check(&db, "Otter", Some(third)).await.unwrap(), Ok(()));
        let mut tx = db.begin(Lane::Other).await.unwrap();
        assert!(!claim(&mut tx, "용감한 수달", third).await.unwrap());
        assert!(claim(&mut tx, "느긋한 수달", third).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(check(&db, "otter", None).await.unwrap(), Ok(()));
        assert_eq!(check(&db, "느긋한.수달", None).await.unwrap(), Err(FieldError::Taken));
    }

    /// Letters with others that look like them.
    const ALIKE: [(char, &str); 8] = [
        ('a', "аａA"),
        ('o', "ооо0ｏO"),
        ('e', "еｅE"),
        ('p', "рｐP"),
        ('c', "сｃC"),
        ('x', "хｘX"),
        ('l', "1Iｌ"),
        ('수', "수"),
    ];

    proptest! {
        /// Whichever of its letters are written otherwise, and whatever that nobody sees or counts stands between them, a name looks the
        /// same.
        #[test]
        fn an_imitation_looks_the_same(letters in prop::collection::vec((0..ALIKE.len(), 0usize..8, 0usize..5), 2..12)) {
            let between = ["", " ", "_", ".", "-"];
            let name: String = letters.iter().map(|(letter, ..)| ALIKE[*letter].0).collect();
            let imitation: String = letters
                .iter()
                .map(|(letter, which, space)| {
                    let others: Vec<char> = ALIKE[*letter].1.chars().collect();
                    format!("{}{}", others[which % others.len()], between[*space])
                })
                .collect();
            prop_assert_eq!(look(&name), look(&imitation), "{} {}", name, imitation);
        }

        /// A look is its own: so whatever is compared is compared alike. Hidden letters are none.
        #[test]
        fn hidden_letters_and_widths_do_not_count(name in "[가-힣a-z2-9]{2,12}", at in 0usize..12) {
            let mut hidden: Vec<char> = name.chars().collect();
            hidden.insert(at.min(hidden.len()), '\u{200B}');
            let hidden: String = hidden.into_iter().collect();
            prop_assert_eq!(look(&name), look(&hidden));
            let wide: String = name
                .chars()
                .map(|c| match c {
                    '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap(),
                    c => c,
                })
                .collect();
            prop_assert_eq!(look(&name), look(&wide));
        }

        #[test]
        fn any_name_has_a_look(name in "\\PC{0,30}") {
            let has_marks = look(&name).contains('\u{1}');
            prop_assert!(!has_marks);
        }

        /// Syllables are told apart.
        #[test]
        fn other_syllables_look_different(one in "[가-힣]{2,8}", other in "[가-힣]{2,8}") {
            prop_assert_eq!(look(&one) == look(&other), one == other);
        }
    }

    #[test]
    fn nobody_speaks_for_the_site() {
        for name in [
            "59초",
            "59초 운영자",
            "５９초",
            "관리자",
            "수달 관리자",
            "admin",
            "Admin",
            "ADMlN",
            "аdmin",
            "admin 1",
            "the_admin",
            "official",
            "공식 수달",
            "고객센터",
            "FiftyNine",
            "떠난 회원 9f3a21bc",
        ] {
            assert!(of_site(name), "{name}");
        }
        for name in ["용감한 수달", "badminton", "비공식", "59촌", "관리비 아끼기", "stafford"] {
            assert!(!of_site(name), "{name}");
        }
        assert!((0..1024).all(|n| !of_site(&model::nickname::suggest(n))));
    }
}
