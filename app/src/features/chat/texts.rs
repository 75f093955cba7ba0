//! Texts of chat.

use crate::texts::{Lang, texts};
use model::ChatError;

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
    /// Why a line is not said.
    pub(crate) fn chat_error(self, error: &ChatError) -> String {
        match error {
            ChatError::Muted => self.error_muted().into(),
        }
    }
}
