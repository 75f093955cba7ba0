//! Texts of creators' own servers.

use crate::texts::{Lang, texts};
use model::webhooks::WebhookKind;

texts! {
    webhooks: "웹훅", "Webhooks";
    webhooks_hint: "내 이벤트와 판매에 생긴 일을 내 서버로 바로 보내 드려요. Standard Webhooks 방식으로 서명해요.", "What happens at your events and sales is sent to your own server at once, signed as Standard Webhooks.";
    webhooks_none: "아직 등록한 서버가 없어요.", "There is no server yet.";
    webhook_new: "서버 추가하기", "Add a server";
    webhook_url: "주소", "Address";
    webhook_url_hint: "https로 시작하는 공개된 주소", "A public address that begins with https";
    webhook_kinds: "알릴 일", "What to send";
    webhook_add: "추가하기", "Add it";
    webhook_added: "서버를 추가했어요.", "The server was added.";
    webhook_secret: "서명을 확인할 비밀 값이에요. 지금만 보여요.", "The secret by which you verify signatures. It is shown only now.";
    webhook_remove: "지우기", "Remove";
    webhook_remove_which(url): "{url} 지우기", "Remove {url}";
    webhook_remove_hint: "더 이상 보내지 않고, 보낸 기록과 비밀 값도 지워요. 되돌릴 수 없어요.", "Nothing more is sent there, and what was sent is forgotten with the secret. It cannot be brought back.";
    webhook_removed: "서버를 지웠어요.", "The server was removed.";
    webhook_resume: "다시 보내기 시작", "Send again from now on";
    webhook_resumed: "이제 다시 보내요.", "It is sent to again.";
    webhook_off(at): "{at}에 꺼졌어요. 하루 동안 받지 못했거나 사라졌다고 답했어요.", "Switched off {at}: for a day nothing arrived, or it said that it is gone.";
    webhook_reached(at): "마지막으로 받은 시각: {at}", "It last took something {at}";
    webhook_unreached: "이 서버가 아직 받은 것이 없어요.", "It took nothing yet.";
    webhook_nothing: "아직 보낸 것이 없어요.", "Nothing was sent yet.";
    webhook_what: "알린 일", "What";
    webhook_when: "보낸 시각", "When";
    webhook_answer: "응답", "Answer";
    webhook_tries: "보낸 횟수", "Tries";
    webhook_untried: "곧 보내요", "About to be sent";
    webhook_unanswered: "응답이 없었어요", "No answer";
    webhook_next(at): "다음 시도 {at}", "Next {at}";
    webhook_resend: "다시 보내기", "Send again";
    webhook_resend_which(what, at): "{at} {what} 다시 보내기", "Send {what} of {at} again";
    webhook_resent: "다시 보낼게요.", "It is sent again.";
    webhook_event_opened: "이벤트가 열렸어요", "An event opened";
    webhook_event_closed: "이벤트가 끝났어요", "An event closed";
    webhook_order_paid: "주문이 결제됐어요", "Orders were paid";
    webhook_order_cancelled: "주문이 취소됐어요", "Orders were cancelled";
    webhook_prize_claimed: "당첨자가 받을 곳을 적었어요", "A winner said where the prize goes";
    notice_webhook_off(host): "{host} 서버가 받지 못해서 웹훅을 껐어요.", "Webhooks to {host} were switched off: it took nothing.";
}

impl Lang {
    /// What a server is told of.
    pub fn webhook_kind(self, kind: WebhookKind) -> &'static str {
        match kind {
            WebhookKind::EventOpened => self.webhook_event_opened(),
            WebhookKind::EventClosed => self.webhook_event_closed(),
            WebhookKind::OrderPaid => self.webhook_order_paid(),
            WebhookKind::OrderCancelled => self.webhook_order_cancelled(),
            WebhookKind::PrizeClaimed => self.webhook_prize_claimed(),
        }
    }
}
