//! What is kept of who entered and won.

use crate::personal::{Export, Fate, Kept, Step};

/// Entries, prizes, and where these go.
pub(crate) const KEEPS: &[Kept] = &[
    Kept {
        code: "entries",
        name: ["참여 기록: 순위와 시각", "Entries: ranks and times"],
        fate: Fate::Anonymous,
        why: [
            "순위판은 모두가 확인하는 공정함의 기록이라, ‘떠난 회원’으로 남아요. 누구였는지 잇는 값은 지워요.",
            "Boards are a record that everybody checks: a “떠난 회원” (a member who left) stands there. What links it to you is erased.",
        ],
        columns: &["entries.member_id", "member_entries.member_id"],
        stays: &[],
        export: Export::Many(
            "select m.entered_at as key_at, m.event_id as key_id, m.event_id as event, e.title, m.rank, m.entered_at, n.state,
                n.quantity, n.units
             from member_entries m join entries n on n.event_id = m.event_id and n.rank = m.rank join events e on e.id = m.event_id
             where m.member_id = $1 and (m.entered_at, m.event_id) > ($2, $3) order by m.entered_at, m.event_id limit $4",
        ),
        leave: &[
            Step::Blank(
                "update entries set salt = $2 where member_id = $1
                    and (event_id, rank) in (select event_id, rank from member_entries where member_id = $1)",
            ),
            // Of a moment ago: those that are not listed yet.
            Step::Blank(
                "update entries set salt = $2 where member_id = $1
                    and event_id in (select event_id from tallies where followed < total)",
            ),
        ],
    },
    Kept {
        code: "prizes",
        name: ["당첨과 당첨자 정보", "Prizes, and where they go"],
        fate: Fate::Anonymous,
        why: [
            "당첨된 자리만 남고, 이름·연락처·주소는 바로 지워요. 아직 받지 못한 상품은 받을 수 없게 돼요.",
            "That a prize was given stays. Your name, phone and address are erased at once: a prize that was not sent yet cannot be.",
        ],
        columns: &["claims.member_id", "deliveries.phone", "deliveries.postcode"],
        stays: &[],
        export: Export::Many(
            "select c.given_at as key_at, c.event_id as key_id, c.event_id as event, c.rank, c.state, c.given_at, c.filled_at,
                c.sent_at, d.name, d.phone, d.postcode, d.address, d.detail
             from claims c left join deliveries d on d.event_id = c.event_id and d.rank = c.rank
             where c.member_id = $1 and (c.given_at, c.event_id) > ($2, $3) order by c.given_at, c.event_id limit $4",
        ),
        leave: &[
            Step::Of(
                "delete from deliveries where (event_id, rank) in (select event_id, rank from claims where member_id = $1)",
            ),
            Step::At("update claims set erased_at = coalesce(erased_at, $2), remind_at = null where member_id = $1"),
        ],
    },
];
