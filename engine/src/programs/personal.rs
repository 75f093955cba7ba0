//! What is kept of people's own programs.

use crate::personal::{Export, Kept, Step, erased};

/// The tokens of a member.
pub(crate) const KEEPS: &[Kept] = &[erased(
    "tokens",
    ["내 프로그램의 토큰 (암호화된 값)", "Tokens of your own programs (as hashes)"],
    &["api_tokens.member_id"],
    Export::Few(
        "select name, scopes, created_at, expires_at, last_used_at from api_tokens where member_id = $1
         order by created_at, id limit 100",
    ),
    &[Step::Of("delete from api_tokens where member_id = $1")],
)];
