//! Texts of rooms: waiting, the button, the board.

use crate::texts::{Lang, seconds_ms, texts};
use model::{EntryError, EntryState, EventState, SECOND};

texts! {
    see_board: "순위판 보기", "See the board";
    last_59: "마지막 59초", "The last 59 seconds";
    live: "LIVE", "LIVE";
    open_until(clock): "{clock}까지 열려 있어요", "Open until {clock}";
    closed_with(total: count, capacity: count): "{total}명 중 {capacity}명", "{capacity} of {total}";
    server_clock: "서버 시계", "Server clock";
    clock_error(ms): "오차 ±{ms} ms", "within ±{ms} ms";
    clock_syncing: "시계를 맞추는 중이에요", "Setting the clock";
    clock_no_script: "이 화면을 연 시각이에요", "When this page was made";
    until_opening: "열릴 때까지", "Until the opening";
    since_opening: "열린 지", "Since the opening";
    in_room: "지금 대기실", "In the room";
    competition: "경쟁률", "Competition";
    capacity: "정원", "Places";
    ranked: "참여", "Entered";
    about: "이벤트 소개", "About";
    rules: "참여 규칙", "Rules";
    press: "지금 참여하기", "Enter now";
    pressing: "보내는 중이에요…", "Sending…";
    opens_in(time): "{time} 뒤에 열려요", "Opens in {time}";
    ready: "준비…", "Ready…";
    early_no_harm: "미리 눌러도 불이익은 없어요. 열린 뒤 첫 클릭만 셉니다.", "Pressing early does no harm. Only the first press after the opening counts.";
    prepared(hint): "준비 완료! {hint}", "All set! {hint}";
    code_typed: "코드를 입력했어요. 맞는지는 열린 뒤에 확인해요.", "Your code is typed. Whether it is right is checked once it opens.";
    turns_on_at(clock): "{clock}에 자동으로 켜져요", "Turns on by itself at {clock}";
    first_click_counts: "첫 클릭만 순위가 돼요.", "Only your first press is ranked.";
    sign_in_to_enter: "로그인하고 준비하기", "Sign in to get ready";
    sign_in_hint: "미리 로그인해 두면 열리는 순간 버튼 하나만 누르면 돼요.", "Sign in now, and one press is all it takes.";
    own_event: "내가 연 이벤트예요", "This is your event";
    own_event_hint: "내 이벤트에는 참여할 수 없어요.", "You cannot enter your own event.";
    event_closed: "마감됐어요", "This event has closed";
    event_closed_hint: "순위판은 계속 볼 수 있어요.", "The board stays open to everyone.";
    entered_already: "참여 완료", "You are in";
    rank_suffix: "위", "";
    after(seconds): "+{seconds}초", "+{seconds} s";
    received_at(clock): "{clock} 접수", "Received {clock}";
    won_prize(place, name): "당첨이에요! {place}등 · {name}.", "You won! Prize {place}: {name}.";
    won: "당첨이에요!", "You won!";
    standby(place: count): "대기 {place}번이에요. 자리가 나면 순서대로 드려요.", "You are number {place} on standby. Places that return go in order.";
    lost: "아쉽지만 이번엔 정원 밖이에요.", "This time the places ran out before you.";
    disqualified: "참여가 취소됐어요.", "Your entry was taken out.";
    you_are(rank: count, total: count): "{total}명 중 {rank}위예요", "You are {rank} of {total}";
    announce_result(rank: count, seconds, outcome): "{rank}위, 열린 지 {seconds}초 만에 접수됐어요. {outcome}", "Rank {rank}, {seconds} seconds after the opening. {outcome}";
    announce_left(time): "열릴 때까지 {time} 남았어요.", "{time} until the opening.";
    sound: "소리", "Sound";
    announce_open: "열렸어요. 지금 누르세요.", "It is open. Press now.";
    board: "순위판", "Board";
    board_count(total: count): "순위판 {total}", "Board {total}";
    nobody_entered: "아무도 참여하지 않았어요.", "Nobody entered.";
    board_empty: "열리면 순위가 여기에 바로 올라와요.", "Ranks appear here the moment it opens.";
    board_all(count: count): "⋯ 앞 {count}명 모두 보기", "⋯ see all {count} ahead";
    board_full: "순위판 전체 보기", "See the whole board";
    board_page(from: count, to: count): "{from}–{to}위", "Ranks {from}–{to}";
    page_before: "이전 100명", "Previous 100";
    page_after: "다음 100명", "Next 100";
    me: "나", "me";
    rank_column: "순위", "Rank";
    name_column: "닉네임", "Nickname";
    time_column: "열린 뒤", "After opening";
    result_column: "결과", "Result";
    entry_won: "당첨", "Won";
    entry_standby: "대기", "Standby";
    entry_lost: "미당첨", "—";
    entry_disqualified: "취소됨", "Disqualified";
    entry_expired: "기한이 지났어요", "Out of time";
    entry_given: "차례를 기다려요", "Waiting for their turn";
    entry_checkout: "결제 중", "In checkout";
    entry_paid: "결제 완료", "Paid";
    entry_left: "나갔어요", "Left";
    entry_refunded: "환불됨", "Refunded";
    entry_void: "이벤트 취소", "Called off";
    called_off_with_result: "이벤트가 취소되어 결과도 취소됐어요.", "The event was cancelled, and its result with it.";
    reconnecting: "연결이 끊겨 다시 잇는 중이에요. 자리는 그대로예요.", "Connection lost, reconnecting. Your place is safe.";
    reading: "이 네트워크에서는 실시간 연결이 막혀 있어 몇 초마다 새로 읽어요. 참여는 그대로 돼요.", "This network blocks live updates, so the page is read every few seconds. Entering works as always.";
    outdated: "새 버전이 나왔어요. 새로고침해 주세요.", "There is a new version. Please reload.";
    entry_code: "참여 코드", "Entry code";
    entry_code_hint: "크리에이터가 알려준 코드를 넣어 두세요.", "Type the code the creator gave you.";
    shared_title(name, rank: count, after): "{name} 님, {rank}위 {after}", "{name}: rank {rank}, {after}";
    pulse(most: count): "열린 뒤 60초 동안의 초당 참여, 가장 많을 때 {most}명", "Entries per second in the first 60 seconds, {most} at most";
    early_by_seconds(seconds): "{seconds}초 빨랐어요", "{seconds} s too early";
    early_by(ms: count): "{ms} ms 빨랐어요", "{ms} ms too early";
    error_full: "정원이 모두 찼어요.", "All places are taken.";
    error_closed: "이미 마감됐어요.", "It has already closed.";
    error_quantity: "한 사람이 살 수 있는 수량이 아니에요.", "That is not a quantity one person may take.";
    error_code: "참여 코드가 맞지 않아요.", "That entry code is not right.";
}

impl Lang {
    /// Why a click became no entry.
    pub(crate) fn entry_error(self, error: &EntryError) -> String {
        match error {
            EntryError::TooEarly { early } if *early >= SECOND => self.early_by_seconds(seconds_ms(*early)),
            EntryError::TooEarly { early } => self.early_by((early.micros() as u64).div_ceil(1000)),
            EntryError::Full => self.error_full().into(),
            EntryError::Closed => self.error_closed().into(),
            EntryError::OwnEvent => self.own_event_hint().into(),
            EntryError::Disqualified => self.disqualified().into(),
            EntryError::WrongCode => self.error_code().into(),
            EntryError::Quantity => self.error_quantity().into(),
        }
    }

    /// What became of an entry of an event in this state: in one that was called off nobody has won or waits, and who had units in
    /// their checkout was not late.
    pub fn entry_in(self, state: EntryState, event: EventState) -> &'static str {
        use EntryState::{Checkout, Expired, Given, Lost, Standby, Won};
        let promised = matches!(state, Won | Standby | Lost | Given | Checkout | Expired);
        if promised && event == EventState::Cancelled { self.entry_void() } else { self.entry_state(state) }
    }

    /// The name of an entry's state.
    pub fn entry_state(self, state: EntryState) -> &'static str {
        match state {
            EntryState::Won => self.entry_won(),
            EntryState::Standby => self.entry_standby(),
            EntryState::Lost => self.entry_lost(),
            EntryState::Disqualified => self.entry_disqualified(),
            EntryState::Expired => self.entry_expired(),
            EntryState::Given => self.entry_given(),
            EntryState::Checkout => self.entry_checkout(),
            EntryState::Paid => self.entry_paid(),
            EntryState::Left => self.entry_left(),
            EntryState::Refunded => self.entry_refunded(),
        }
    }
}
