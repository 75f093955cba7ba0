//! Texts of members' own programs, and of what is said of the interface.

use crate::texts::{Lang, texts};
use model::programs::Scope;

texts! {
    tokens: "내 프로그램용 토큰", "Tokens for my programs";
    tokens_hint: "직접 만든 프로그램이 나 대신 59초를 쓸 때 필요해요. 비밀번호처럼 다뤄 주세요.", "What your own programs need to use 59초 for you. Treat them like passwords.";
    tokens_none: "아직 토큰이 없어요.", "There are no tokens yet.";
    tokens_too_many: "토큰은 20개까지예요. 쓰지 않는 것을 지워 주세요.", "There can be 20 tokens. Please remove those that you do not use.";
    token_new: "새 토큰", "A new token";
    token_name: "이름", "Name";
    token_name_hint: "어디에 쓰는지 알아볼 수 있게", "So that you know what it is for";
    token_scopes: "할 수 있는 일", "What it may do";
    token_days: "언제까지", "For how long";
    token_make: "토큰 만들기", "Make the token";
    token_made: "토큰을 만들었어요.", "The token was made.";
    token_shown_once: "지금만 보여요. 복사해서 안전한 곳에 두세요.", "It is shown only now. Copy it to a safe place.";
    token_until(since, until): "{since}에 만들었어요 · {until}까지 쓸 수 있어요", "Made {since} · until {until}";
    token_over: "기한이 끝났어요", "It has ended";
    token_used(at): "마지막 사용 {at}", "last used {at}";
    token_unused: "아직 쓰지 않았어요", "never used";
    token_revoke: "지우기", "Remove";
    token_revoke_which(name): "{name} 지우기", "Remove {name}";
    token_revoke_hint: "이 토큰을 쓰는 프로그램이 바로 멈춰요. 되돌릴 수 없어요.", "Programs that use it stop at once. It cannot be brought back.";
    token_revoked: "토큰을 지웠어요. 이제 쓸 수 없어요.", "The token was removed and no longer works.";
    scope_profile: "내가 누구인지 보기", "See who I am";
    scope_entries: "내가 참여한 것 보기", "See what I entered";
    scope_enter: "나 대신 버튼 누르기", "Press the button for me";
    scope_events: "내가 여는 이벤트 보기", "See the events that I run";
    api_title: "프로그램을 위한 59초", "59초 for programs";
    api_intro: "아래 주소로 JSON을 주고받아요. 시각은 1970년부터의 마이크로초예요. 토큰은 Authorization: Bearer 헤더로 보내요.", "These addresses speak JSON. Times are microseconds since 1970. A token is sent in the header Authorization: Bearer.";
    api_document: "OpenAPI 3.1 문서", "The OpenAPI 3.1 document";
    api_open: "토큰 없이", "Without a token";
    api_needs(scope): "토큰 범위: {scope}", "Scope of the token: {scope}";
    api_query: "주소의 값", "Parameters";
    api_body: "보내는 것", "What is sent";
    api_answer: "답", "Answer";
    api_said(said): "끝나면 하는 말: {said}", "What the site says when it is done: {said}";
    api_headers: "함께 보내는 헤더", "Headers that it is sent with";
    api_refusal: "거절한 까닭", "Why something is refused: a code, and what belongs to it.";
    api_refusal_code: "까닭의 코드", "The code.";
    api_retry_after: "같은 것을 다시 할 수 있을 때까지, 초", "In how many seconds the same may be tried again.";
    api_early: "얼마나 빨리 눌렀는지, 마이크로초", "How much too early a press came, in microseconds.";
    api_wrong_fields: "받지 못한 칸의 이름과 까닭", "Names of fields that were not taken, each with why.";
    api_told_type: "무슨 일인지", "What happened.";
    api_told_at: "일어난 시각, 한국 시간과 그리니치와의 차이", "When, in Korea's time, with how far that is from Greenwich.";
    api_told_data: "그 일의 내용", "What belongs to it.";
    api_told_event: "이벤트의 아이디", "The event.";
    api_told_title: "이벤트의 제목", "What it is called.";
    api_told_capacity: "정원, 좌석 또는 재고", "How many places or units it has.";
    api_told_entered: "참여한 수", "How many entered.";
    api_told_placed: "그중 자리를 얻었거나 결제한 수", "How many of them have a place, or paid.";
    api_told_count: "주문의 수", "Of how many orders.";
    api_told_rank: "몇 등의 경품인지", "Of which place.";
    api_told_id: "다시 보내도 같은 아이디", "The same for whatever is sent again.";
    api_told_sent_at: "보낸 시각, 1970년부터의 초", "When it is sent, in seconds since 1970.";
    api_told_signature: "Standard Webhooks 서명: v1, 아이디와 시각과 본문의 HMAC-SHA256", "As Standard Webhooks has it: v1 and HMAC-SHA256 over id, time and body.";
    api_changes: "페이지가 바꾸는 것", "What pages change";
    api_changes_hint: "브라우저가 로그인한 쿠키로 부르는 주소예요. 페이지의 양식과 같은 칸을 받고, 토큰으로는 부를 수 없어요.", "Browsers call these with the cookie of their session: they take the fields of the page's form, and no token opens them.";
    api_types: "답의 모양", "Shapes of answers";
    api_errors: "거절은 상태 코드와 {\"error\": \"코드\"} 로 와요.", "Refusals come with a status and {\"error\": \"code\"}.";
    api_me: "토큰의 주인", "Whose token it is";
    api_event: "이벤트 하나", "An event";
    api_board: "순위판 한 쪽", "A page of the board";
    api_entry: "내 참여 하나", "One's own entry";
    api_enter: "버튼 누르기: 처음이면 201, 다시 누르면 같은 참여와 200", "Presses the button: 201 the first time, 200 with the same entry after that";
    api_entries: "내가 참여한 것, 새것부터", "What one entered, newest first";
    api_own_events: "내가 여는 이벤트, 새것부터", "The events that one runs, newest first";
}

impl Lang {
    /// What a token may do.
    pub fn scope(self, scope: Scope) -> &'static str {
        match scope {
            Scope::Profile => self.scope_profile(),
            Scope::Entries => self.scope_entries(),
            Scope::Enter => self.scope_enter(),
            Scope::Events => self.scope_events(),
        }
    }
}
