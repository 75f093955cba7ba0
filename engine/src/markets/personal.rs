//! What markets and items keep of people.

use crate::personal::{Export, Fate, Kept, Step, erased};

/// What somebody favours, and the markets that they added.
pub(crate) const KEEPS: &[Kept] = &[
    erased(
        "favourites",
        ["관심 마켓과 품목", "Markets and items that you favour"],
        &["favourite_markets.member_id", "favourite_items.member_id"],
        Export::Few(
            "select m.name, f.at from favourite_markets f join markets m on m.id = f.market_id where f.member_id = $1
             union all select i.name, f.at from favourite_items f join items i on i.id = f.item_id where f.member_id = $1
             order by at",
        ),
        &[
            Step::Of("delete from favourite_markets where member_id = $1"),
            Step::Of("delete from favourite_items where member_id = $1"),
        ],
    ),
    Kept {
        code: "markets",
        name: ["직접 더한 마켓", "Markets that you added"],
        fate: Fate::Anonymous,
        why: ["마켓은 다른 이웃도 쓰고 있어서, 누가 더했는지만 지워요.", "Neighbours go on using them; who added them is erased."],
        columns: &["markets.added_by"],
        stays: &["markets.name", "markets.key", "markets.address"],
        export: Export::Many(
            "select created_at as key_at, id as key_id, name, address, created_at from markets
             where added_by = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4",
        ),
        leave: &[Step::Of("update markets set added_by = null where added_by = $1")],
    },
];
