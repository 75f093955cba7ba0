//! Texts of markets and items.

use crate::texts::{Lang, texts};
use model::{FieldError, ItemCategory, MarketError, MarketKind};

texts! {
    markets_and_items: "마켓과 품목", "Markets and items";
    markets: "마켓", "Markets";
    items: "품목", "Items";
    list_hint(columns): "첫 줄에 {columns} 이름이 있는 XLSX(첫 시트)나 CSV (UTF-8 또는 CP949), 5,000줄까지. 하나라도 틀리면 아무것도 들어가지 않아요.", "An XLSX (its first sheet) or a CSV (UTF-8 or CP949) with the headings {columns}, up to 5,000 rows. If anything is wrong, nothing is imported.";
    list_wrong(line, column, error): "{line}번째 줄, {column}: {error}", "Line {line}, {column}: {error}";
    take_list: "올리기", "Upload";
    add_market: "찾는 마켓이 없나요?", "Is your market missing?";
    add_market_hint: "주소만 적어도 돼요. 주소로 찾을 수 없으면 위도와 경도도 적어 주세요. 모두에게 보여요.", "The address is enough. If it cannot be found, give latitude and longitude as well. Everyone will see it.";
    market_name: "마켓 이름", "Name of the market";
    market_latitude: "위도 (선택)", "Latitude (optional)";
    market_longitude: "경도 (선택)", "Longitude (optional)";
    add: "마켓 추가하기", "Add the market";
    market_added: "마켓을 추가했어요.", "The market was added.";
    my_favourites: "단골 마켓과 품목", "Favourites";
    no_favourites: "아직 없어요. 파티나 마켓에서 하트를 눌러 보세요.", "None yet. Tap the heart on a party or a market.";
    favourites_changed: "단골 목록을 바꿨어요.", "Your favourites were changed.";
    favourite_of(name): "단골로 두기: {name}", "Favourite: {name}";
    favourite_market: "단골 마켓", "Favourite";
    no_market_parties: "이 마켓에서 만날 파티가 아직 없어요. 하나 열어 볼까요?", "No party meets here yet. Start one?";
    market_parties: "여기서 만나는 파티", "Parties that meet here";
    parties_around_market: "이 근처 파티 보기", "Parties nearby";
    market_address: "주소", "Address";
    market_away: "우리 동네에서", "From your neighbourhood";
    market_made_up: "체험용으로 지어낸 마켓이에요.", "Made up for this demonstration.";
    kind_warehouse: "창고형 매장", "Warehouse store";
    kind_hypermarket: "대형마트", "Hypermarket";
    kind_supermarket: "슈퍼마켓", "Supermarket";
    kind_traditional: "전통시장", "Traditional market";
    kind_wholesale: "도매시장", "Wholesale market";
    kind_other: "기타", "Other";
    error_market_near: "바로 근처에 같은 이름의 마켓이 이미 있어요. 목록에서 골라 주세요.", "A market with that name is already there. Please choose it from the list.";
    error_place_unclear: "주소만으로는 자리를 알 수 없어요. 위도와 경도도 적어 주세요.", "We could not find this address. Please give latitude and longitude as well.";
    error_market_hidden: "운영진이 숨긴 마켓이에요. 다른 곳을 골라 주세요.", "The site's team hid this market. Please choose another.";
    market_is_hidden: "숨김", "Hidden";
    hide_market: "마켓 숨기기", "Hide this market";
    hide_market_hint: "찾을 수 없게 되고 새 파티를 만들 수 없어요. 이미 잡힌 파티는 그대로예요.", "Nobody finds it or makes a party there any more. Parties that are to meet there still do.";
    show_market: "마켓 다시 보이기", "Show this market again";
    market_hidden_or_shown: "바꿨어요.", "Done.";
    correct_item: "품목 고치기", "Correct an item";
    correct_item_hint: "이 품목을 사는 파티에도 고친 이름이 보여요.", "Parties that buy it show the new name.";
    item_corrected: "품목을 고쳤어요.", "The item is corrected.";
    item_category_label: "분류", "Category";
    find_item_named: "품목 이름", "An item's name";
    no_items_here: "품목이 없어요.", "There is no item.";
    error_markets_enough: "마켓은 하루에 5곳까지 넣을 수 있어요. 내일 다시 해 주세요.", "You can add five markets a day. Please come back tomorrow.";
    items_grains: "쌀·잡곡", "Rice and grains";
    items_vegetables: "채소", "Vegetables";
    items_fruit: "과일", "Fruit";
    items_meat: "정육", "Meat";
    items_seafood: "수산", "Seafood";
    items_dairy: "유제품·달걀", "Dairy and eggs";
    items_frozen: "냉동", "Frozen";
    items_ready: "간편식", "Ready meals";
    items_noodles: "면·통조림", "Noodles and canned food";
    items_sauces: "양념·기름", "Sauces and oils";
    items_drinks: "음료", "Drinks";
    items_snacks: "과자·간식", "Snacks";
    items_household: "생활용품", "Household goods";
    items_hygiene: "위생·세면", "Toiletries";
    items_pets: "반려동물", "Pets";
    items_other: "기타", "Other";
    add_market_here: "여기에 없는 마켓 알려 주기", "Add a market that is missing here";
    add_market_here_hint: "점이 있는 곳에 더해져요. 모두에게 보여요.", "It is added where the point is. Everyone will see it.";
    market_sort: "종류", "Kind";
    market_place: "위도, 경도", "Latitude, longitude";
    market_road: "도로명 주소", "Road address";
    newest_markets: "마켓, 새로 들어온 순서", "Markets, newest first";
    correct_market: "고치기", "Correct it";
    correct_market_hint: "여기서 만나는 파티도 바로 새 주소와 자리로 보여요.", "Parties that meet here are shown at the new place at once.";
    why_correct: "이유", "Why";
    why_correct_hint: "기록에 남아요. 다른 사람에게는 보이지 않아요.", "It is kept in the records. Nobody else sees it.";
    market_corrected: "마켓을 고쳤어요.", "The market is corrected.";
    merge_market: "같은 마켓과 합치기", "Merge it with the same market";
    merge_market_hint: "파티와 단골이 고른 마켓으로 옮겨지고, 이 마켓은 없어져요. 되돌릴 수 없어요.", "Its parties and whoever favours it go to the market that you choose, and this one is gone. It cannot be undone.";
    merge_into: "남길 마켓", "The market that stays";
    nothing_to_merge: "10 km 안에 다른 마켓이 없어요.", "There is no other market within 10 km.";
    markets_merged: "마켓을 합쳤어요. 지금 보는 마켓이 남았어요.", "The markets are merged. This is the one that stays.";
    change_market: "고치기·합치기", "Correct or merge";
    market_degrees_north: "위도", "Latitude";
    market_degrees_east: "경도", "Longitude";
    demonstration: "체험용", "Demonstration";
    list_empty: "비어 있는 파일이에요.", "The file is empty.";
    list_unreadable: "UTF-8이나 CP949로 된 CSV도, XLSX도 아니에요.", "This is neither a CSV in UTF-8 or CP949 nor an XLSX.";
    list_line_unreadable(line): "{line}번째 줄을 읽을 수 없어요. UTF-8이나 CP949로 저장해서 올려 주세요.", "Line {line} cannot be read. Please save the list in UTF-8 or CP949.";
    list_too_long(rows: count): "{rows}줄까지 한 번에 올릴 수 있어요.", "A list has at most {rows} rows.";
    workbook_unreadable: "엑셀 파일을 읽을 수 없어요. 암호 없이 XLSX나 CSV로 다시 저장해서 올려 주세요.", "This workbook cannot be read. Please save it again as XLSX or CSV, without a password.";
    list_taken: "목록을 넣었어요.", "The list was imported.";
}

impl Lang {
    /// What is wrong with a list that may have so many rows, by the name that the engine gives it: `csv`, `csv:7` or `workbook`.
    pub(crate) fn list_error(self, field: &str, error: &FieldError, rows: u64) -> String {
        match (error, field.strip_prefix("csv:")) {
            _ if field == "workbook" => self.workbook_unreadable().to_owned(),
            (_, Some(line)) => self.list_line_unreadable(line),
            (FieldError::Required, _) => self.list_empty().to_owned(),
            (FieldError::TooLarge, _) => self.list_too_long(rows),
            _ => self.list_unreadable().to_owned(),
        }
    }

    /// Why a market is not added.
    pub(crate) fn market_error(self, error: &MarketError) -> &'static str {
        match error {
            MarketError::Near => self.error_market_near(),
            MarketError::Unclear => self.error_place_unclear(),
            MarketError::EnoughToday => self.error_markets_enough(),
            MarketError::Hidden => self.error_market_hidden(),
        }
    }

    /// What sort of store a market is.
    pub fn market_kind(self, kind: MarketKind) -> &'static str {
        match kind {
            MarketKind::Warehouse => self.kind_warehouse(),
            MarketKind::Hypermarket => self.kind_hypermarket(),
            MarketKind::Supermarket => self.kind_supermarket(),
            MarketKind::Traditional => self.kind_traditional(),
            MarketKind::Wholesale => self.kind_wholesale(),
            MarketKind::Other => self.kind_other(),
        }
    }

    /// On which shelf an item stands.
    pub fn item_category(self, category: ItemCategory) -> &'static str {
        match category {
            ItemCategory::Grains => self.items_grains(),
            ItemCategory::Vegetables => self.items_vegetables(),
            ItemCategory::Fruit => self.items_fruit(),
            ItemCategory::Meat => self.items_meat(),
            ItemCategory::Seafood => self.items_seafood(),
            ItemCategory::Dairy => self.items_dairy(),
            ItemCategory::Frozen => self.items_frozen(),
            ItemCategory::Ready => self.items_ready(),
            ItemCategory::Noodles => self.items_noodles(),
            ItemCategory::Sauces => self.items_sauces(),
            ItemCategory::Drinks => self.items_drinks(),
            ItemCategory::Snacks => self.items_snacks(),
            ItemCategory::Household => self.items_household(),
            ItemCategory::Hygiene => self.items_hygiene(),
            ItemCategory::Pets => self.items_pets(),
            ItemCategory::Other => self.items_other(),
        }
    }
}
