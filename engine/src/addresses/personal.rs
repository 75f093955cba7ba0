//! What the address book keeps of people.

use crate::personal::{Export, Kept, Step, erased};

/// The addresses of a member.
pub(crate) const KEEPS: &[Kept] = &[erased(
    "addresses",
    ["주소록", "Address book"],
    &["addresses.member_id", "addresses.phone", "addresses.postcode"],
    Export::Few(
        "select name, phone, postcode, address, detail, note, used_at from addresses where member_id = $1
         order by used_at, id limit 100",
    ),
    &[Step::Of("delete from addresses where member_id = $1")],
)];
