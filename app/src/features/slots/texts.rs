//! Texts of hours for deals.

use crate::texts::{Lang, texts};
use model::{DAY, SlotError, Time};

texts! {
    slots: "시간 빌리기", "Hours for deals";
    slots_hint: "타임딜은 빌린 시간 안에서만 열려요. 딜 하나에 한 자리예요.", "A deal is open within hours that you booked. Each deal takes a place.";
    hour_price(won: count, n: plural): "한 시간에 {won}원 · 시간마다 딜 {n}개까지", "₩{won} an hour · {n} deal an hour" | "₩{won} an hour · {n} deals an hour";
    hour_free(n: plural): "무료 · 시간마다 딜 {n}개까지. 딜을 열면 필요한 시간을 바로 잡아요.", "Free · {n} deal an hour. A deal that you publish takes the hours it needs." | "Free · {n} deals an hour. A deal that you publish takes the hours it needs.";
    go_to_day: "이 날짜로 가기", "Go to this day";
    day_to_show: "볼 날짜", "Day to show";
    week_before: "지난주", "Week before";
    week_after: "다음 주", "Week after";
    hour_column: "시각", "Hour";
    places_left(n: count): "{n} 남음", "{n} left";
    hour_is_full: "마감", "Full";
    hour_is_closed: "닫힘", "Closed";
    hour_is_held: "결제 대기", "To be paid";
    hour_is_mine: "내 시간", "Yours";
    hour_has_deal: "내 딜", "Your deal";
    choose_hours: "빌릴 시간을 골라 주세요. 시작 24시간 전까지 돌려받을 수 있어요.", "Choose hours. They can be given back until 24 hours before they begin.";
    hours_chosen(n: count, won: count): "고른 시간 {n} · {won}원 · 시작 24시간 전까지 무료 취소", "{n} chosen · ₩{won} · free to cancel until 24 hours before";
    book_hours: "고른 시간 빌리기", "Book these hours";
    hours_set_aside: "시간을 잡았어요.", "The hours are set aside for you.";
    hours_waiting: "잡아 둔 시간", "Set aside for you";
    give_hours_up: "빌리지 않기", "Do not book them";
    give_hours_up_hint: "잡아 둔 시간이 바로 풀려요.", "They are free at once.";
    hours_given_up: "잡아 둔 시간을 풀었어요.", "They are free again.";
    my_hours: "내 시간", "Your hours";
    hours_to_come: "다가오는 시간", "To come";
    hours_over: "지난 시간", "Over";
    no_hours: "아직 빌린 시간이 없어요.", "You have not booked any yet.";
    hour_without_deal: "아직 딜이 없어요", "No deal yet";
    open_a_deal: "딜 만들기", "Make a deal";
    give_hour_back: "환불", "Give it back";
    give_hour_back_hint(won: count): "{won}원을 돌려 드리고, 시간은 바로 풀려요.", "₩{won} go back to you, and the hour is free.";
    hour_was_given_back: "환불", "Given back";
    hour_is_given_back: "시간을 돌려줬어요.", "The hour was given back.";
    hour_kept: "환불 기한이 지났어요", "Too late to be given back";
    deal_hours_hint: "딜을 취소하면 24시간 넘게 남은 시간은 돈과 함께 돌아오고, 나머지는 다른 딜에 쓸 수 있어요.", "When you call a deal off, hours that begin more than 24 hours later go back for their money. The others can be used for another deal.";
    hours_you_have(hours): "딜을 열 수 있는 내 시간: {hours}", "Your hours without a deal: {hours}";
    hours_you_lack: "딜은 빌린 시간 안에서 열려요. 쓸 수 있는 시간이 아직 없어요.", "A deal is open within booked hours. You have none to use yet.";
    hours_taken_by_deal: "딜을 열면 필요한 시간을 바로 잡아요.", "Publishing it takes the hours it needs.";
    income_of_hours: "시간 수입", "Income";
    income_hint: "사이트의 유일한 수입이에요. 시간은 그 시간이 있는 달에, 돈은 오간 달에 세요.", "All that the site earns. Hours count in the month in which they are, money in which it moved.";
    hours_column: "빌린 시간", "Hours";
    income_column: "수입", "Income";
    no_income: "아직 빌린 시간이 없어요.", "No hours were booked yet.";
    field_not_booked(hours): "먼저 이 시간을 빌려 주세요: {hours}", "Please book these hours first: {hours}";
    field_hour_used(hours): "이 시간에는 이미 내 다른 딜이 있어요: {hours}", "Another deal of yours is in these hours: {hours}";
    field_hour_full(hours): "이 시간은 자리가 모두 찼어요: {hours}", "These hours are full: {hours}";
    error_no_hours: "빌릴 시간을 먼저 골라 주세요.", "Please choose the hours first.";
    error_not_whole: "시간은 정각부터 한 시간씩 빌릴 수 있어요.", "Only whole hours can be booked.";
    error_too_many_hours: "한 번에 24시간까지 빌릴 수 있어요.", "At most 24 hours can be booked at once.";
    error_hour_past: "이미 지난 시간이 있어요. 다시 골라 주세요.", "Some of these hours are over. Please choose again.";
    error_hour_too_far: "너무 먼 시간이에요. 1년 안에 여는 딜의 시간까지 빌릴 수 있어요.", "That is too far ahead: hours are booked for deals that open within a year.";
    error_hour_full: "그 사이 자리가 찬 시간이 있어요. 다시 골라 주세요.", "Some of these hours were taken meanwhile. Please choose again.";
    error_hour_own: "이미 빌린 시간이 있어요. 한 시간에 한 자리예요.", "Some of these hours are yours already: one place an hour.";
    error_booking_unpaid: "잡아 둔 시간을 먼저 결제하거나 풀어 주세요.", "Please pay for the hours that are set aside first, or give them up.";
    error_booking_over: "결제할 시간이 지났거나 이미 끝난 예약이에요.", "The time to pay for this is over, or it was settled.";
    error_hour_too_late: "시작 24시간 전까지만 돌려받을 수 있어요.", "An hour can be given back until 24 hours before it begins.";
    error_hour_used: "이 시간에 열릴 딜이 있어요. 딜을 취소하거나 옮기면 돌려받을 수 있어요.", "A deal of yours is in this hour. Call it off or move it first.";
}

impl Lang {
    /// From when until when, by the hour: "11월 27일 20:00–22:00", as it is told at `now`.
    pub fn hours(self, (from, until): (Time, Time), now: Time) -> String {
        let (begins, ends) = (from.civil(), until.civil());
        let day = self.date(from, now);
        let end = match until {
            until if until == from.midnight() + DAY => "24:00".to_owned(),
            until if until.day() == from.day() => format!("{:02}:{:02}", ends.hour, ends.minute),
            _ => format!("{} {:02}:{:02}", self.date(until, now), ends.hour, ends.minute),
        };
        format!("{day} {:02}:{:02}–{end}", begins.hour, begins.minute)
    }

    /// Why hours cannot be booked, paid for or given back.
    pub(crate) fn slot_error(self, error: &SlotError) -> &'static str {
        match error {
            SlotError::NoHours => self.error_no_hours(),
            SlotError::NotWhole => self.error_not_whole(),
            SlotError::TooMany => self.error_too_many_hours(),
            SlotError::Past => self.error_hour_past(),
            SlotError::TooFar => self.error_hour_too_far(),
            SlotError::Full => self.error_hour_full(),
            SlotError::Own => self.error_hour_own(),
            SlotError::Unpaid => self.error_booking_unpaid(),
            SlotError::Over => self.error_booking_over(),
            SlotError::BeingPaid => self.error_being_paid(),
            SlotError::TooLate => self.error_hour_too_late(),
            SlotError::Used => self.error_hour_used(),
        }
    }
}
