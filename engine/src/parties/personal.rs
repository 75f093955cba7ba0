//! What parties keep of people.

use super::store;
use crate::{
    Error,
    db::Tx,
    personal::{Export, Fate, Kept, Step, erased},
};
use model::{MemberId, PartyId, Time, parties::Action};

/// Why the parties of a leader who leaves are called off, as whoever asked to join them reads it.
const LEFT: &str = "리더가 사이트를 떠났어요. (The leader left the site.)";

/// Why what was said stays: as long as somebody may appeal by it.
const SAID: [&str; 2] = [
    "노쇼 표시에 이의가 있을 때 확인할 수 있게 160일 동안 ‘떠난 회원’의 말로 남았다가 지워져요.",
    "For 160 days, as said by a “떠난 회원” (a member who left): so long somebody may appeal against a mark.",
];

/// Calls off what a leader who leaves has to come, as they could themselves: whoever asked to join is told.
///
/// # Errors
/// The database's.
pub(crate) async fn call_off(tx: &mut Tx, leader: MemberId, now: Time) -> Result<(), Error> {
    let led = tx.sql("select id from parties where leader_id = $1 and state in ('recruiting', 'full') order by id");
    let led: Vec<(PartyId,)> = led.bind(leader).all().await?;
    for (party,) in led {
        let held = tx.hold_party(party).await?;
        let Some(before) = store::load(tx, held).await? else { continue };
        let mut after = before.clone();
        // What has begun is over without a word.
        let Ok(news) = after.apply(leader, &Action::Cancel { reason: LEFT.to_owned() }, now) else { continue };
        store::write(tx, held, &before, &after, now).await?;
        store::write_reason(tx, held, LEFT).await?;
        for (told, what) in &news {
            store::tell(tx, held, &after, leader, *told, what, now).await?;
        }
    }
    Ok(())
}

/// Where somebody lives, what they took part in and said, their phone and their marks.
pub(crate) const KEEPS: &[Kept] = &[
    erased(
        "home",
        ["우리 동네 위치", "Where you look for neighbours from"],
        &["homes.member_id"],
        Export::Few("select latitude, longitude, at from homes where member_id = $1"),
        &[Step::Of("delete from homes where member_id = $1")],
    ),
    Kept {
        code: "parties",
        name: ["이끈 파티", "Parties that you led"],
        fate: Fate::Anonymous,
        why: [
            "함께한 이웃의 기록이라 ‘떠난 회원’의 파티로 남아요. 혼자인 파티는 취소돼요.",
            "They are your neighbours' as well, and stay as led by a “떠난 회원” (a member who left). One that nobody joined is called off.",
        ],
        columns: &["parties.leader_id"],
        stays: &["parties.note", "parties.unit", "parties.reason"],
        export: Export::Many(
            "select p.created_at as key_at, p.id as key_id, p.id, m.name as market, i.name as item, p.quantity, p.unit, p.total,
                p.cost, p.wanted, p.meets_from as meets_from_at, p.meets_to as meets_to_at, p.note, p.state, p.reason, p.created_at
             from parties p join markets m on m.id = p.market_id join items i on i.id = p.item_id
             where p.leader_id = $1 and (p.created_at, p.id) > ($2, $3) order by p.created_at, p.id limit $4",
        ),
        leave: &[Step::At(
            "update parties set state = 'cancelled', ended_at = $2, changes = changes + 1
             where leader_id = $1 and state in ('recruiting', 'full')",
        )],
    },
    Kept {
        code: "memberships",
        name: ["함께한 파티", "Parties that you were in"],
        fate: Fate::Anonymous,
        why: [
            "함께한 이웃의 기록이라 ‘떠난 회원’으로 남아요. 아직 답을 받지 못한 신청은 지워요.",
            "They are your neighbours' as well: a “떠난 회원” (a member who left) was in them. Requests without an answer are erased.",
        ],
        columns: &["party_members.member_id"],
        stays: &[],
        export: Export::Many(
            "select pm.since as key_at, pm.party_id as key_id, pm.party_id as party, pm.state, pm.shares, pm.came, pm.since
             from party_members pm where pm.member_id = $1 and (pm.since, pm.party_id) > ($2, $3)
             order by pm.since, pm.party_id limit $4",
        ),
        leave: &[Step::Of("delete from party_members where member_id = $1 and state = 'requested'")],
    },
    Kept {
        code: "party_questions",
        name: ["파티에 남긴 질문", "Questions to parties"],
        fate: Fate::Kept,
        why: SAID,
        columns: &["party_questions.member_id"],
        stays: &["party_questions.text", "party_questions.answer"],
        export: Export::Many(
            "select at as key_at, id as key_id, party_id as party, at, text, answer from party_questions
             where member_id = $1 and (at, id) > ($2, $3) order by at, id limit $4",
        ),
        leave: &[],
    },
    Kept {
        code: "party_chat",
        name: ["파티에서 한 말", "What you said in parties"],
        fate: Fate::Kept,
        why: SAID,
        columns: &["party_lines.member_id"],
        stays: &["party_lines.text"],
        export: Export::Many(
            "select at as key_at, party_id as key_id, party_id as party, at, text from party_lines
             where member_id = $1 and (at, party_id) > ($2, $3) order by at, party_id limit $4",
        ),
        leave: &[],
    },
    Kept {
        code: "penalties",
        name: ["노쇼 표시와 이의", "Marks for not coming, and appeals"],
        fate: Fate::Anonymous,
        why: [
            "같은 전화번호나 이메일, 카카오 계정으로 다시 가입해도 90일 동안 그대로 이어져요.",
            "They follow a phone number, an email and a Kakao account for 90 days, also to whoever signs up anew with it.",
        ],
        columns: &["penalties.member_id"],
        stays: &["penalties.appeal", "penalties.answer"],
        export: Export::Many(
            "select at as key_at, party_id as key_id, party_id as party, kind, at, appeal, appealed_at, appeal_state, answer from penalties
             where member_id = $1 and (at, party_id) > ($2, $3) order by at, party_id limit $4",
        ),
        leave: &[],
    },
    Kept {
        code: "phones",
        name: ["확인한 전화번호 (암호화된 값)", "Confirmed phone numbers (as keyed hashes)"],
        fate: Fate::Kept,
        why: [
            "노쇼 표시나 정지를 피하려고 다시 가입하는 일을 막으려고 90일 동안, 그 뒤까지 세는 표시가 있으면 그때까지 보관해요. 뒤 네 자리는 바로 지워요.",
            "For 90 days, or until the last mark counts no more, so that nobody escapes marks or a suspension by signing up anew. The last four digits are erased at once.",
        ],
        columns: &["phones.member_id", "phone_codes.member_id"],
        stays: &[],
        export: Export::Few("select ending, since, until from phones where member_id = $1 order by since"),
        leave: &[
            Step::Of("delete from phone_codes where member_id = $1"),
            Step::At("update phones set ending = '', until = coalesce(until, $2) where member_id = $1"),
        ],
    },
];
