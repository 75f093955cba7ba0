//! Texts of payments and the sandbox.

use crate::texts::{Lang, texts};
use model::{Decline, PayWay, PaymentError, PaymentState};

texts! {
    won_amount(won: count): "{won}원", "₩{won}";
    error_no_provider: "지금은 결제를 받을 수 없어요. 연결된 결제사가 없어요.", "Nothing can be paid for here: no payment provider is connected.";
    error_payment_refused: "결제사가 받지 않았어요. 잠시 뒤 다시 해 주세요.", "The payment provider did not take this. Please try again later.";
    error_payment_over: "이미 끝난 결제예요. 처음부터 다시 해 주세요.", "This payment is over. Please begin anew.";
    error_refund_too_much: "결제한 금액보다 많이 돌려줄 수 없어요.", "More than was paid cannot be given back.";
    payment_waits: "결제 승인을 기다리고 있어요.", "Waiting for your approval.";
    payment_under_way: "결제를 확인하고 있어요. 다시 결제하지 마세요.", "The payment is being confirmed. Please do not pay again.";
    payment_unknown: "결제사의 답을 기다리고 있어요. 늦어도 10분 안에 정해지고, 빠져나간 돈은 남지 않아요.", "We are asking the payment provider. It is settled within 10 minutes, and no money stays behind.";
    payment_paid: "결제했어요.", "Paid.";
    declined_customer: "결제를 그만두었어요.", "You did not approve the payment.";
    declined_expired: "결제 시간이 지났어요.", "The time to approve the payment is over.";
    declined_refused: "결제가 거절됐어요. 돈은 빠져나가지 않았어요.", "The payment was declined. No money was taken.";
    declined_amount: "금액이 맞지 않아 결제하지 않았어요. 빠져나간 돈은 돌려 드려요.", "The amount did not match. Whatever was taken goes back.";
    declined_gone: "그 사이 다른 분께 넘어가 결제하지 않았어요.", "It went to somebody else meanwhile, so nothing was taken.";
    declined_unanswered: "결제사의 답이 없어 결제를 취소했어요. 빠져나간 돈은 돌려 드려요.", "The payment provider did not answer, so it was cancelled. Whatever was taken goes back.";
    pay_with: "결제 방법", "Pay with";
    way_kakaopay: "카카오페이", "KakaoPay";
    way_portone: "카드·다른 결제", "Card and others";
    way_sandbox: "연습용 결제 (돈이 오가지 않아요)", "Practice (no money moves)";
    going_on: "결제 화면으로 넘어가요", "On the way to pay";
    going_on_hint: "저절로 넘어가지 않으면 눌러 주세요.", "Press the button if nothing happens.";
    go_on: "결제하러 가기", "Go on to pay";
    window_open: "결제창 열기", "Open the payment window";
    window_opening: "결제창을 열고 있어요. 끝날 때까지 이 화면을 닫지 마세요.", "The payment window is opening. Please keep this page until it is done.";
    window_failed: "결제창을 열지 못했어요. 다시 열거나, 돌아가서 다른 방법으로 결제해 주세요.", "The payment window did not open. Open it again, or go back and pay another way.";
    window_needs_scripts: "이 결제창은 스크립트가 있어야 열려요. 브라우저에서 스크립트를 켜거나, 돌아가서 다른 방법으로 결제해 주세요.", "This payment window needs scripts. Switch them on in your browser, or go back and pay another way.";
    paid_elsewhere: "결제 화면을 닫아도 돼요", "You may close this page";
    sandbox: "결제 승인 · 샌드박스", "Approve a payment · sandbox";
    sandbox_no_money: "연습용 결제예요. 실제로 돈이 오가지 않아요.", "This is for practice. No money moves.";
    sandbox_for: "내용", "For";
    sandbox_amount: "금액", "Amount";
    sandbox_until(clock): "{clock}까지 승인할 수 있어요.", "To be approved by {clock}.";
    sandbox_approve: "결제 승인하기", "Approve";
    sandbox_decline: "결제하지 않기", "Decline";
    sandbox_trials: "문제 상황 만들어 보기", "Try what may go wrong";
    sandbox_expire: "시간 넘기기", "Let the time run out";
    sandbox_expire_hint: "승인하지 않은 채 시간이 끝나요.", "The time ends without an approval.";
    sandbox_repeat: "승인하고 여러 번 알리기", "Approve, and call back repeatedly";
    sandbox_repeat_hint: "같은 알림이 한꺼번에 여러 번 와요. 결제는 한 번이에요.", "The same call-back comes several times at once. It is paid once.";
    sandbox_another: "다른 금액으로 승인하기", "Approve another amount";
    sandbox_another_hint: "1,000원이 더 빠져나가고, 모두 돌아와요.", "₩1,000 more is taken, and all of it goes back.";
    sandbox_unknown: "승인하고 결과 숨기기", "Approve, and hide the outcome";
    sandbox_unknown_hint: "20초 동안 결과를 아무도 몰라요. 그 뒤에 확인돼요.", "For 20 s nobody knows the outcome. Then it is found out.";
    sandbox_slow: "승인하고 늦게 답하기", "Approve, and answer slowly";
    sandbox_slow_hint: "답이 8초 걸려요.", "The answer takes 8 s.";
    sandbox_approved: "승인했어요.", "Approved.";
    sandbox_declined: "결제하지 않았어요.", "Declined.";
    sandbox_expired: "결제 시간이 끝났어요.", "The time to approve is over.";
    sandbox_closed: "취소된 결제예요.", "This payment was cancelled.";
    sandbox_back: "돌아가기", "Go back";
    sandbox_elsewhere: "결제하던 화면에서 이어서 볼 수 있어요. 이 창은 닫아도 돼요.", "Go on where you were paying. You may close this page.";
    sandbox_decided: "정했어요.", "Decided.";
}

impl Lang {
    /// What a way to pay is called.
    pub fn way(self, way: PayWay) -> &'static str {
        match way {
            PayWay::KakaoPay => self.way_kakaopay(),
            PayWay::PortOne => self.way_portone(),
            PayWay::Sandbox => self.way_sandbox(),
        }
    }

    /// Why something cannot be paid for or given back.
    pub(crate) fn payment_error(self, error: &PaymentError) -> String {
        match error {
            PaymentError::NoProvider => self.error_no_provider().into(),
            PaymentError::Refused => self.error_payment_refused().into(),
            PaymentError::Over => self.error_payment_over().into(),
            PaymentError::TooMuch => self.error_refund_too_much().into(),
        }
    }

    /// Where a payment stands, for whoever pays.
    pub fn payment_state(self, state: PaymentState, decline: Option<Decline>) -> &'static str {
        match (state, decline) {
            (PaymentState::Preparing | PaymentState::Prepared, _) => self.payment_waits(),
            (PaymentState::Approved | PaymentState::Confirming, _) => self.payment_under_way(),
            (PaymentState::Unknown, _) => self.payment_unknown(),
            (PaymentState::Paid, _) => self.payment_paid(),
            (_, Some(Decline::Customer)) => self.declined_customer(),
            (_, Some(Decline::Expired)) => self.declined_expired(),
            (_, Some(Decline::Amount)) => self.declined_amount(),
            (_, Some(Decline::Gone)) => self.declined_gone(),
            (_, Some(Decline::Unanswered)) => self.declined_unanswered(),
            (_, Some(Decline::Refused) | None) => self.declined_refused(),
        }
    }
}
