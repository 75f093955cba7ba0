//! Texts of members' phones.

use crate::texts::{Lang, texts};
use model::PhoneError;

texts! {
    my_phone: "휴대폰 확인", "Your phone";
    phone_why: "파티를 열거나 참여하기 전에 한 번만 확인해요. 번호는 알아볼 수 없게 바꿔서 보관하고, 다른 이웃에게 보이지 않아요.", "Confirm it once, before you start or join your first party. It is stored in a form that nobody can read, and neighbours never see it.";
    phone_follows: "번호를 지우거나 바꿔도 페널티와 정지는 90일 동안 그 번호를 따라가요.", "If you remove or change a number, penalties and suspensions still follow it for 90 days.";
    phone_number: "휴대폰 번호", "Mobile number";
    send_code: "확인 번호 받기", "Send me a code";
    send_code_again: "다시 받기, 또는 다른 번호로 받기", "Send again, or to another number";
    phone_code: "확인 번호 6자리", "6-digit code";
    code_sent(ending, clock): "{ending}로 끝나는 번호로 보냈어요. {clock}까지 입력해 주세요.", "Sent to the number ending in {ending}. It is valid until {clock}.";
    code_shown(code): "체험용이라 문자를 보내지 않아요. 확인 번호는 {code}예요.", "This is a demonstration, so nothing is sent. The code is {code}.";
    confirm_code: "확인하기", "Confirm";
    phone_is(ending): "010-····-{ending} 번호를 확인했어요.", "Your number ending in {ending} is confirmed.";
    phone_another: "다른 번호로 바꾸기", "Use another number";
    phone_forget: "번호 지우기", "Remove this number";
    phone_asked: "확인 번호를 보냈어요.", "The code was sent.";
    phone_confirmed: "번호를 확인했어요.", "Your number is confirmed.";
    phone_forgotten: "번호를 지웠어요.", "The number was removed.";
    phone_then_party: "파티로 돌아가기", "Back to the party";
    phone_first: "휴대폰 번호부터 확인하기", "Confirm your phone first";
    error_phone_needed: "먼저 휴대폰 번호를 확인해 주세요.", "Please confirm your phone first.";
    error_phone_taken: "다른 계정에서 쓰고 있는 번호예요. 그 계정에서 지우면 쓸 수 있어요.", "Another account uses this number. It is free once that account removes it.";
    error_phone_suspended: "이 번호를 쓰던 계정이 정지되어 있어요.", "An account that used this number is suspended.";
    error_code_over: "확인 번호를 다시 받아 주세요. 시간이 지났거나 여러 번 틀렸어요.", "Please ask for a new code: this one is too old or was tried too often.";
    error_sms_unavailable: "지금은 확인 번호를 보낼 수 없어요.", "Codes cannot be sent at the moment.";
}

impl Lang {
    /// What is wrong with a phone.
    pub(crate) fn phone_error(self, error: &PhoneError) -> &'static str {
        match error {
            PhoneError::Needed => self.error_phone_needed(),
            PhoneError::Taken => self.error_phone_taken(),
            PhoneError::Suspended => self.error_phone_suspended(),
            PhoneError::CodeOver => self.error_code_over(),
            PhoneError::Unavailable => self.error_sms_unavailable(),
        }
    }
}
