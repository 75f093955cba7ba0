//! Texts of markets and items.

use crate::texts::{Lang, texts};

texts! {
    markets_and_items: "마켓과 품목", "Markets and items";
    markets: "마켓", "Markets";
    items: "품목", "Items";
    list_hint(columns): "첫 줄에 {columns} 이름이 있는 CSV (UTF-8 또는 CP949), 5,000줄까지. 하나라도 틀리면 아무것도 들어가지 않아요.", "A CSV (UTF-8 or CP949) with the headings {columns}, up to 5,000 rows. When anything is wrong, nothing of it is taken.";
    list_wrong(line, column, error): "{line}번째 줄, {column}: {error}", "Line {line}, {column}: {error}";
    take_list: "올리기", "Upload";
    list_unreadable: "UTF-8이나 CP949로 된 CSV가 아니에요.", "This is no CSV in UTF-8 or CP949.";
    list_taken: "목록을 넣었어요.", "The list was taken.";
}
