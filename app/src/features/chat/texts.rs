//! Texts of chat.

use crate::texts::{Lang, texts};
use model::{ChatError, EventState};

texts! {
    chat: "채팅", "Chat";
    chat_empty: "첫 인사를 건네 보세요.", "Say the first hello.";
    chat_placeholder: "다른 분들과 이야기해 보세요", "Say something";
    chat_send: "보내기", "Send";
    chat_older: "이전 대화 보기", "Earlier messages";
    chat_sign_in: "로그인하면 이야기할 수 있어요.", "Sign in to chat.";
    chat_host: "주최", "Host";
    said_open: "열렸어요!", "It is open!";
    said_full: "정원이 모두 찼어요.", "All places are taken.";
    said_closed: "마감됐어요. 모두 수고하셨어요.", "Closed. Thank you all.";
    said_cancelled: "이벤트가 취소됐어요.", "The event was cancelled.";
    hide_line: "숨기기", "Hide";
    mute_member: "말 막기", "Mute";
    muted_member: "말을 막았어요", "Muted";
    muted: "말을 막은 사람", "Muted";
    muted_since(when): "{when}부터", "Since {when}";
    muted_nobody: "말을 막은 사람이 없어요.", "Nobody is muted.";
    unmute_member: "다시 말할 수 있게", "Unmute";
    unmuted: "이제 다시 말할 수 있어요.", "They may speak again.";
    chat_newer: "다음 대화 보기", "Later messages";
    no_older_lines: "더 이전 대화가 없어요.", "Nothing was said before.";
    reports_of_author(n: count): "이 회원의 신고된 메시지 {n}개 모두", "All {n} reported messages of this member";
    report_line: "신고", "Report";
    reported_line: "신고했어요", "Reported";
    hidden_line: "숨긴 메시지예요.", "This message is hidden.";
    line_menu(name): "{name} 님의 메시지에 대해", "About {name}'s message";
    reports: "신고된 메시지", "Reported messages";
    reported(n: plural): "신고 {n}건", "{n} report" | "{n} reports";
    dismiss_report: "문제없음", "Harmless";
    no_reports: "살펴볼 신고가 없어요.", "Nothing to look at.";
    error_muted: "크리에이터가 이 이벤트에서 말하기를 막았어요.", "The creator does not let you speak here.";
    chat_said: "보냈어요.", "Sent.";
    line_looked_at: "처리했어요.", "Done.";
}

impl Lang {
    /// What the room says when its event enters a state.
    pub(crate) fn said_by_room(self, state: EventState) -> &'static str {
        match state {
            EventState::Open => self.said_open(),
            EventState::Full => self.said_full(),
            EventState::Cancelled => self.said_cancelled(),
            _ => self.said_closed(),
        }
    }

    /// Why a line is not said.
    pub(crate) fn chat_error(self, error: &ChatError) -> String {
        match error {
            ChatError::Muted => self.error_muted().into(),
        }
    }
}
