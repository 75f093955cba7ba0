//! Texts of markets and items.

use crate::texts::{Lang, texts};
use model::{MarketError, MarketKind};

texts! {
    markets_and_items: "마켓과 품목", "Markets and items";
    markets: "마켓", "Markets";
    items: "품목", "Items";
    list_hint(columns): "첫 줄에 {columns} 이름이 있는 CSV (UTF-8 또는 CP949), 5,000줄까지. 하나라도 틀리면 아무것도 들어가지 않아요.", "A CSV (UTF-8 or CP949) with the headings {columns}, up to 5,000 rows. When anything is wrong, nothing of it is taken.";
    list_wrong(line, column, error): "{line}번째 줄, {column}: {error}", "Line {line}, {column}: {error}";
    take_list: "올리기", "Upload";
    add_market: "찾는 마켓이 없나요?", "Is your market missing?";
    add_market_hint: "주소만 적어도 되고, 위도와 경도로 자리를 짚어도 돼요. 모두에게 보여요.", "An address will do, or its latitude and longitude. Everybody will see it.";
    market_name: "마켓 이름", "Name of the market";
    market_kind: "종류", "Kind";
    market_address: "도로명 주소", "Road address";
    market_latitude: "위도 (선택)", "Latitude (optional)";
    market_longitude: "경도 (선택)", "Longitude (optional)";
    add: "마켓 추가하기", "Add it";
    market_added: "마켓을 넣었어요.", "The market was added.";
    kind_warehouse: "창고형 매장", "Warehouse store";
    kind_hypermarket: "대형마트", "Hypermarket";
    kind_supermarket: "슈퍼마켓", "Supermarket";
    kind_traditional: "전통시장", "Traditional market";
    kind_wholesale: "도매시장", "Wholesale market";
    kind_other: "기타", "Other";
    error_market_near: "바로 근처에 같은 이름의 마켓이 이미 있어요. 목록에서 골라 주세요.", "A market of that name is there already. Please choose it from the list.";
    error_place_unclear: "주소만으로는 자리를 알 수 없어요. 위도와 경도도 적어 주세요.", "The address alone does not say where it is. Please give latitude and longitude as well.";
    error_markets_enough: "마켓은 하루에 5곳까지 넣을 수 있어요. 내일 다시 해 주세요.", "Five markets a day can be added. Please come back tomorrow.";
    list_taken: "목록을 넣었어요.", "The list was taken.";
}

impl Lang {
    /// Why a market is not added.
    pub(crate) fn market_error(self, error: &MarketError) -> &'static str {
        match error {
            MarketError::Near => self.error_market_near(),
            MarketError::Unclear => self.error_place_unclear(),
            MarketError::EnoughToday => self.error_markets_enough(),
        }
    }

    /// What sort of store it is.
    pub(crate) fn market_kind_name(self, kind: MarketKind) -> &'static str {
        match kind {
            MarketKind::Warehouse => self.kind_warehouse(),
            MarketKind::Hypermarket => self.kind_hypermarket(),
            MarketKind::Supermarket => self.kind_supermarket(),
            MarketKind::Traditional => self.kind_traditional(),
            MarketKind::Wholesale => self.kind_wholesale(),
            MarketKind::Other => self.kind_other(),
        }
    }
}
