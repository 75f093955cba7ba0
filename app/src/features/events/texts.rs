//! Texts of events: lists, forms, kinds, states and categories.

use crate::texts::{Lang, texts};
use model::{Category, EventError, EventState, Stage};

texts! {
    called_off: "이벤트를 취소했어요.", "The event is called off.";
    opens_next: "다음에 열려요", "Opens next";
    open_now: "지금 열려 있어요", "Open now";
    for_me: "나를 기다려요", "Waiting for you";
    wishes_to_come: "관심 있는 것 중에", "Of what you wish for";
    new_for_you: "관심 분야의 새 소식", "New of what you follow";
    near_me: "우리 동네 파티", "Parties near you";
    near_me_hint: "대용량을 이웃과 나눠 사요. 어디 근처를 볼지 알려 주시면 가까운 파티를 여기에 보여드려요.", "Neighbours share what is sold in bulk. Say where you look from, and parties nearby are shown here.";
    near_me_go: "동네 둘러보기", "Look around";
    coming_up: "곧 열려요", "Coming up";
    recently: "최근에 열렸어요", "Recently opened";
    nothing_next: "예정된 이벤트가 아직 없어요.", "No event is announced yet.";
    nothing_next_hint: "크리에이터 모드에서 첫 이벤트를 열어 보세요.", "Switch to creator mode and make the first one.";
    nothing_recent: "아직 끝난 이벤트가 없어요.", "Nothing has ended yet.";
    to_room: "대기실 입장", "Enter the room";
    waiting(count: count): "{count}명 대기 중", "{count} waiting";
    rate(ratio): "{ratio} : 1", "{ratio} : 1";
    places(count: plural): "{count}명", "{count} place" | "{count} places";
    entered_of(total: count, capacity: plural): "{total}명 참여 · 정원 {capacity}명", "{total} entered · {capacity} place" | "{total} entered · {capacity} places";
    giveaway: "경품", "Giveaway";
    ticket: "티켓", "Ticket";
    deal: "타임딜", "Time deal";
    state_draft: "임시 저장", "Draft";
    state_scheduled: "예정", "Scheduled";
    state_open: "진행 중", "Open";
    state_full: "정원 마감", "Full";
    state_closed: "마감", "Closed";
    state_settled: "정산 완료", "Settled";
    state_cancelled: "취소", "Cancelled";
    state_suspended: "멈춤", "Stopped";
    opens_today(clock): "오늘 {clock} 시작", "Opens today at {clock}";
    opens_on(date, clock): "{date} {clock} 시작", "Opens {date}, {clock}";
    prizes: "경품", "Prizes";
    prize_line(place, name, winners: count): "{place}등 {name} {winners}", "{place}. {name} × {winners}";
    event_cancelled: "취소된 이벤트예요", "This event was cancelled";
    cancel_event: "이벤트 취소", "Cancel this event";
    cancel_reason: "취소 사유 (모두에게 보여요)", "Reason (everyone will see it)";
    cancel_why(reason): "사유: {reason}", "Reason: {reason}";
    event_suspended: "운영진이 잠시 멈췄어요", "Stopped for now by the site's team";
    event_suspended_why(reason): "운영진이 잠시 멈췄어요: {reason}", "Stopped for now by the site's team: {reason}";
    event_suspended_hint: "다시 열리면 여기서 참여할 수 있어요. 이미 한 참여와 결제는 그대로예요.", "Once it goes on you can enter here. Entries and payments made before stay as they are.";
    event_readmitted: "운영진이 다시 열었어요", "The site's team lets it go on";
    my_events: "내 이벤트", "My events";
    stage_all: "전체", "All";
    stage_drafts: "임시 저장", "Drafts";
    stage_upcoming: "예정", "Upcoming";
    stage_live: "진행 중", "Live";
    stage_closed: "결과 처리 중", "Giveaways";
    stage_over: "끝남", "Over";
    edit: "고치기", "Edit";
    duplicate: "복제", "Duplicate";
    edit_event: "이벤트 고치기", "Edit the event";
    edit_hint: "바꾼 내용은 누구나 볼 수 있게 기록돼요. 여는 시각은 열리기 10분 전까지만 옮길 수 있어요.", "Changes are recorded for everyone to see. The opening can be moved until ten minutes before.";
    edit_opened_hint: "열린 뒤에는 글과 당첨 인원 늘리기만 돼요. 바꾼 내용은 누구나 볼 수 있게 기록돼요.", "Once open, only texts change and winners are added. Changes are recorded for everyone to see.";
    last_winners(place, name): "{place}등 {name} 당첨 인원", "{place}. {name}: winners";
    last_winners_hint: "늘릴 수만 있어요. 늘어난 자리는 대기 순서대로 드려요.", "It can only grow. New places go to those who stand by, in order.";
    save_draft: "임시 저장", "Save as a draft";
    draft_hint: "임시 저장은 제목만 있으면 돼요. 나머지는 열 때 확인해요.", "A draft needs only a title; the rest is asked for when you publish.";
    their_events: "연 이벤트", "Events";
    changes: "변경 내역", "Changes";
    changes_count(n: count): "변경 내역 {n}", "Changes {n}";
    changes_hint: "공개된 뒤 바뀐 것은 모두 여기에 남아요.", "Everything changed since it was published stays here.";
    no_changes: "바뀐 것이 없어요.", "Nothing was changed.";
    changed_now: "이벤트 내용이 바뀌었어요.", "This event was changed.";
    new_event: "이벤트 만들기", "New event";
    no_events: "아직 만든 이벤트가 없어요.", "You have made no event yet.";
    no_events_hint: "제목과 경품, 열리는 시각만 있으면 1분 만에 만들 수 있어요.", "A title, a prize and an opening second: one minute is enough.";
    creator_only: "크리에이터 모드에서 볼 수 있어요.", "This is for creators.";
    become_creator: "크리에이터 시작하기", "Become a creator";
    field_title: "제목", "Title";
    title_hint: "2–80자. 무엇을 몇 분께 드리는지 적으면 좋아요.", "2–80 characters. Say what, and for how many.";
    field_summary: "한 줄 소개", "Summary";
    field_description: "자세한 소개", "Description";
    description_hint: "마크다운을 쓸 수 있어요.", "Markdown works here.";
    field_category: "분류", "Category";
    field_opens: "열리는 시각 (한국 시간)", "Opens (Korea time)";
    field_closes: "닫히는 시각 (한국 시간)", "Closes (Korea time)";
    field_code: "참여 코드 (선택)", "Entry code (optional)";
    field_code_hint: "적어 두면 코드를 아는 사람만 참여할 수 있어요. 4자 이상, 띄어쓰기와 대소문자는 상관없어요.", "Only people with the code can enter. At least 4 characters; spaces and case do not count.";
    field_rules: "참여 규칙", "Rules";
    prize_name: "경품 이름", "Prize";
    prize_kind: "받는 방법", "Delivery";
    prize_winners: "당첨 인원", "Winners";
    prize_goods: "배송", "Shipped";
    prize_coupon: "모바일 쿠폰", "Mobile coupon";
    prize_add: "경품 추가", "Add a prize";
    prize_number(n): "{n}등", "Prize {n}";
    publish: "이벤트 열기", "Publish";
    publish_hint: "바로 공개되고, 정해진 시각에 저절로 열려요.", "It becomes public now and opens by itself on time.";
    preview: "미리보기", "Preview";
    preview_title: "제목이 여기에 보여요", "Your title";
    qr_alt: "이 이벤트 주소의 QR 코드", "This event's address as a QR code";
    error_settled: "모두 끝난 이벤트라 바꿀 수 없어요.", "This event is settled and cannot change.";
    field_past: "지금보다 뒤여야 해요.", "It must lie ahead.";
    field_not_after: "열리는 시각보다 1분 이상 뒤여야 해요.", "It must be at least a minute after the opening.";
    field_frozen: "여는 시각은 열리기 10분 전까지, 지금부터 10분 뒤 이후로만 옮길 수 있어요.", "The opening can be moved until ten minutes before it, to no earlier than ten minutes from now.";
    field_fixed: "열린 뒤에는 바꿀 수 없어요.", "This cannot change once it has opened.";
    field_before_closing: "닫히는 시각보다 앞설 수 없어요.", "It cannot come before the closing.";
    kind_of_event: "무엇을 여나요?", "What do you release?";
    new_deal: "타임딜 만들기", "New time deal";
    new_ticket: "티켓 만들기", "New ticket";
    title_hint_sale: "2–80자. 무엇인지 한눈에 알 수 있게 적어 주세요.", "2–80 characters. Say what it is.";
    field_list_price: "정가 (원)", "List price (won)";
    field_discount: "할인율 (%)", "Discount (%)";
    field_stock: "재고", "Stock";
    field_limit: "한 사람이 살 수 있는 수", "Most per person";
    field_limit_hint: "100까지", "Up to 100";
    field_delivery: "배송 안내", "Delivery";
    delivery_hint: "언제 어떻게 보내는지, 배송비는 얼마인지 적어 주세요. 300자까지.", "When and how it is sent, and what that costs. Up to 300 characters.";
    deal_closes_hint: "타임딜은 길어야 7일이에요.", "A deal is open for 7 days at most.";
    field_details: "상세 사진", "Detail pictures";
    details_hint: "8장까지. 한 장에 10 MB, 카드 사진과 모두 합쳐 32 MB까지예요. 고른 순서대로 보여요.", "Up to 8, 10 MB each, and 32 MB in all with the card picture. Shown in the order you choose them.";
    field_place: "장소 이름", "Place";
    field_address: "도로명 주소", "Road address";
    field_coordinates: "위도, 경도 (선택)", "Latitude, longitude (optional)";
    coordinates_hint: "지도에서 복사해 붙이면 돼요. 예: 37.5446, 127.0559", "Paste from a map, such as 37.5446, 127.0559";
    field_starts: "시작하는 시각 (한국 시간)", "Starts (Korea time)";
    starts_hint: "예매가 닫힌 뒤여야 해요.", "After booking has closed.";
    field_seats: "좌석 수", "Seats";
    field_price: "값 (원)", "Price (won)";
    price_hint: "무료면 0을 적어 주세요.", "0 is free.";
    checkout_legend: "결제 시간 (선택)", "Payment (optional)";
    field_minutes: "몇 분 안에", "Within minutes";
    minutes_hint_deal: "비워 두면 10분. 3분에서 하루(1,440분)까지", "10 if left empty; 3 to 1,440";
    minutes_hint_ticket: "비워 두면 그날 자정까지(적어도 60분). 3분에서 하루(1,440분)까지", "Until midnight if left empty (at least 60); 3 to 1,440";
    field_at_once: "한 번에 몇 명씩", "How many at a time";
    at_once_hint: "비워 두면 모두 바로 결제해요. 적으려면 분도 정해 주세요.", "Everybody if left empty. Needs the minutes.";
    refunds_legend: "돌려줄 때 떼는 비율 (%)", "Fee for giving back (%)";
    refunds_hint: "기본보다 너그럽게만 바꿀 수 있어요: 0 · 10 · 20 · 30 · 100", "Only kinder than the usual 0 · 10 · 20 · 30 · 100";
    confirm_price(price: count, count: count, total): "한 개에 {price}원, {count}개, 모두 {total}원. 이 값이 맞아요.", "₩{price} each, {count} of them, ₩{total} in all. This is right.";
    confirm_title: "값을 한 번 더 확인해 주세요", "Please look at the price once more";
    edit_opened_sale_hint: "열린 뒤에는 글과 수량 늘리기만 돼요. 바꾼 내용은 누구나 볼 수 있게 기록돼요.", "Once open, only texts change and units are added. Changes are recorded for everyone to see.";
    units_grow_hint: "늘릴 수만 있어요. 늘어난 만큼 대기 순서대로 드려요.", "It can only grow. New units go to those who stand by, in order.";
    offer_changed: "판매 조건", "Terms";
    entered_units(total: count, units): "{total}명 참여 · {units}", "{total} entered · {units}";
    fashion: "패션", "Fashion";
    beauty: "뷰티", "Beauty";
    food: "식품", "Food";
    appliances: "가전", "Appliances";
    sports: "스포츠", "Sports";
    living: "생활", "Living";
    pets: "반려동물", "Pets";
    travel: "여행", "Travel";
    culture: "공연·전시·축제", "Culture";
    other: "기타", "Other";
    crowd_sent: "가상의 사람들이 출발했어요.", "A crowd is on its way.";
}

impl Lang {
    /// Why nothing can be done about an event.
    pub(crate) fn event_error(self, error: &EventError) -> String {
        match error {
            EventError::Cancelled => self.event_cancelled().into(),
            EventError::Settled => self.error_settled().into(),
            EventError::Suspended => self.event_suspended().into(),
        }
    }

    /// The name of a category.
    pub fn category(self, category: Category) -> &'static str {
        match category {
            Category::Fashion => self.fashion(),
            Category::Beauty => self.beauty(),
            Category::Food => self.food(),
            Category::Appliances => self.appliances(),
            Category::Sports => self.sports(),
            Category::Living => self.living(),
            Category::Pets => self.pets(),
            Category::Travel => self.travel(),
            Category::Culture => self.culture(),
            Category::Other => self.other(),
        }
    }

    /// The name of a stage in the creator's list.
    pub fn stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::All => self.stage_all(),
            Stage::Drafts => self.stage_drafts(),
            Stage::Upcoming => self.stage_upcoming(),
            Stage::Live => self.stage_live(),
            Stage::Closed => self.stage_closed(),
            Stage::Over => self.stage_over(),
        }
    }

    /// The name of an event's state.
    pub fn event_state(self, state: EventState) -> &'static str {
        match state {
            EventState::Draft => self.state_draft(),
            EventState::Scheduled => self.state_scheduled(),
            EventState::Open => self.state_open(),
            EventState::Full => self.state_full(),
            EventState::Closed => self.state_closed(),
            EventState::Settled => self.state_settled(),
            EventState::Cancelled => self.state_cancelled(),
            EventState::Suspended => self.state_suspended(),
        }
    }
}
