//! Texts of addresses.

use crate::texts::{Lang, texts};
use model::AddressError;

texts! {
    my_addresses: "주소록", "My addresses";
    addresses_hint: "살 때와 당첨됐을 때 여기에서 고를 수 있어요. 나만 볼 수 있고, 90일 동안 쓰지 않은 주소는 저절로 지워져요.", "Choose one of these when you buy or win something. Nobody else sees them, and one that you did not use for 90 days is erased.";
    no_addresses: "아직 저장한 주소가 없어요.", "No address yet.";
    default_address: "기본", "Default";
    make_default: "기본 주소로", "Make default";
    make_default_of(name): "{name} 기본 주소로", "Make {name} the default";
    edit_address: "주소 고치기", "Change";
    edit_of(name): "{name} 주소 고치기", "Change {name}";
    delete_address: "지우기", "Delete";
    delete_of(name): "{name} 주소 지우기", "Delete {name}";
    delete_address_hint: "이미 산 것과 받은 것의 배송지는 그대로예요.", "What you bought or won already goes where it did.";
    address_deleted: "주소를 지웠어요.", "The address is deleted.";
    address_missing: "주소가 아직 없어요. 고쳐서 적어 주세요.", "There is no road address yet. Change it to add one.";
    new_address: "새 주소", "New address";
    address_note: "메모", "Note";
    address_note_hint: "집, 회사처럼 알아보기 쉽게 적어 두세요. 나만 봐요.", "Such as home or work. Nobody else sees it.";
    leave_as_is: "그대로 두기", "Leave as it is";
    choose_another: "바꾸기", "Change";
    edit_addresses: "주소록에서 고치기", "Edit my addresses";
    another_address: "다른 곳으로 받을게요", "Somewhere else";
    address_gone: "이 주소는 지워졌어요. 다른 주소를 골라 주세요.", "This address was deleted. Please choose another.";
    find_address: "주소 찾기", "Find an address";
    find_address_hint: "도로 이름과 번호, 또는 건물 이름을 적어 보세요. 직접 적어도 돼요.", "Type a road with its number, or a building. You may also type it yourself below.";
    find_address_included: "연습용 목록이라 시청과 도청 주소만 있어요. 예: 서울시청. 직접 적어도 돼요.", "A list for practice: it has city and provincial halls only, such as 서울시청. You may also type it yourself below.";
    found_addresses: "찾은 주소", "Found";
    addresses_found(n: plural): "주소 {n}개. 화살표로 고르고 Enter를 눌러요.", "{n} address. Choose with the arrow keys and Enter." | "{n} addresses. Choose with the arrow keys and Enter.";
    no_address_found: "찾는 주소가 없어요. 더 자세히 적거나, 아래에 직접 적어 주세요.", "Nothing found. Say more, or type it yourself below.";
    finder_failed: "지금은 주소를 찾을 수 없어요. 아래에 직접 적어 주세요.", "Addresses cannot be found right now. Please type it yourself below.";
    error_too_many_addresses: "주소는 스무 개까지 둘 수 있어요. 하나를 지우고 더해 주세요.", "There are 20 addresses at most. Delete one first.";
}

impl Lang {
    /// Why an address was not taken.
    pub(crate) fn address_error(self, error: &AddressError) -> &'static str {
        match error {
            AddressError::TooManyAddresses => self.error_too_many_addresses(),
        }
    }
}
