//! What accounts keep of people.

use crate::personal::{Export, Fate, Kept, Step, erased};

/// Where somebody is and was signed in, and what they saved.
pub(crate) const SIGNED_IN: &[Kept] = &[
    erased(
        "sessions",
        ["로그인한 기기", "Devices that are signed in"],
        &["sessions.member_id"],
        Export::Few("select device, created_at, expires_at from sessions where member_id = $1 order by created_at"),
        &[Step::Of("delete from sessions where member_id = $1")],
    ),
    erased(
        "browsers",
        ["로그인했던 브라우저 (암호화된 값)", "Browsers that were signed in (as hashes)"],
        &["devices.member_id"],
        Export::Few("select seen_at from devices where member_id = $1 order by seen_at"),
        &[Step::Of("delete from devices where member_id = $1")],
    ),
    erased(
        "saved_delivery",
        ["저장한 배송 정보", "Saved delivery details"],
        &["saved_deliveries.member_id", "saved_deliveries.phone", "saved_deliveries.postcode"],
        Export::Few(
            "select name, phone, postcode, address, detail, saved_at from saved_deliveries where member_id = $1",
        ),
        &[Step::Of("delete from saved_deliveries where member_id = $1")],
    ),
    erased(
        "kakao",
        ["카카오 로그인 연결", "The Kakao account that you sign in by"],
        &["member_identities.member_id", "pending_identities.subject"],
        Export::Few(
            "select provider, subject, connected_at from member_identities where member_id = $1 order by provider limit 10",
        ),
        &[
            // But for what waits of another Kakao account that they came back from and did not confirm to be theirs: it does not say whose it
            // is here, and goes by itself after a quarter of an hour, as of somebody who is no member yet.
            Step::Of(
                "delete from pending_identities where subject in (select subject from member_identities where member_id = $1)",
            ),
            Step::Of("delete from member_identities where member_id = $1"),
        ],
    ),
    erased(
        "password_links",
        ["비밀번호를 다시 정하는 링크", "Links to set another password"],
        &["password_links.member_id", "password_requests.email"],
        Export::Nothing,
        &[
            Step::Of("delete from password_links where member_id = $1"),
            Step::Of("delete from password_requests where email = (select email from members where id = $1)"),
        ],
    ),
    erased(
        "consents",
        ["동의한 내역", "What you agreed to"],
        &["consents.member_id"],
        Export::Few("select kind, version, given, at from consents where member_id = $1 order by at, kind"),
        &[Step::Of("delete from consents where member_id = $1")],
    ),
    Kept {
        code: "departed",
        name: [
            "떠난 이메일과 카카오 계정, 정지된 동안 연결을 끊은 카카오 계정 (암호화된 값), 다시 가입했다면 그 전의 계정",
            "The email and Kakao account that you left with, or disconnected while suspended (as keyed hashes), and which account you had before where you signed up anew",
        ],
        fate: Fate::Kept,
        why: [
            "노쇼 표시나 정지를 피하려고 다시 가입하는 일을 막으려고 90일 동안, 그 뒤까지 세는 표시가 있으면 그때까지 보관해요.",
            "For 90 days, or until the last mark counts no more, so that nobody escapes marks or a suspension by signing up anew.",
        ],
        columns: &["departed.member_id", "former_accounts.member_id", "former_accounts.former_id"],
        stays: &[],
        export: Export::Nothing,
        leave: &[],
    },
];

/// The account itself, by which everything else is found: the last to go.
pub(crate) const KEEPS: &[Kept] = &[
    Kept {
        code: "creator",
        name: ["크리에이터 프로필", "Creator profile"],
        fate: Fate::Erased,
        why: ["", ""],
        columns: &["creators.member_id", "protected_names.member_id"],
        stays: &[],
        export: Export::Few("select name, introduction, links from creators where member_id = $1"),
        // Events that are over still say that somebody made them.
        leave: &[
            Step::Of("delete from protected_names where member_id = $1"),
            Step::Named("update creators set name = $2, introduction = '', links = '[]' where member_id = $1"),
        ],
    },
    Kept {
        code: "account",
        name: ["계정: 이메일, 닉네임, 비밀번호", "Account: email, nickname, password"],
        fate: Fate::Erased,
        why: ["", ""],
        columns: &["members.id", "members.email", "members.nickname", "members.nickname_key", "nickname_looks.member_id"],
        stays: &[],
        export: Export::Few(
            "select id, email, nickname, nickname_changed_at, picture, mode, role, masked, marketing, terms_version, privacy_version,
                suspended_at, suspended_until as suspended_until_at, created_at
             from members where id = $1",
        ),
        // No email has a colon, and nothing verifies an empty hash: nobody signs in as they any more. Pictures that nobody has go by the
        // sweeper.
        leave: &[
            Step::Of("delete from nickname_looks where member_id = $1"),
            Step::Named(
                "update members set email = 'left:' || $2, nickname = $2, nickname_key = 'left:' || $2, password_hash = '',
                    picture = null, mode = 'shopper', role = 'member', masked = false, marketing = false where id = $1",
            ),
        ],
    },
];
