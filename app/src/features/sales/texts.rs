//! Texts of what is sold: lists, prices, terms.

use crate::texts::{Lang, texts};
use model::{MILLISECOND, MINUTE, Span};

texts! {
    deals: "타임딜", "Deals";
    tickets: "티켓", "Tickets";
    deals_today: "오늘의 타임딜", "Today's deals";
    tickets_next: "곧 시작하는 공연과 모임", "Starting soon";
    see_all: "전체", "See all";
    today: "오늘", "Today";
    deals_ended: "끝난 딜", "Ended deals";
    deals_over_today: "오늘 끝났어요", "Over today";
    days_label: "날짜", "Days";
    all_categories: "전체 분류", "All categories";
    no_deals: "이 날 여는 타임딜이 아직 없어요.", "No deal is announced for this day yet.";
    no_deals_ended: "끝난 타임딜이 아직 없어요.", "No deal has ended yet.";
    see_today: "오늘 딜 보기", "See today's deals";
    tickets_upcoming: "예정", "Upcoming";
    tickets_past: "지난 티켓", "Past";
    no_tickets: "예정된 티켓이 아직 없어요.", "No ticket is announced yet.";
    no_tickets_past: "지난 티켓이 아직 없어요.", "There are no past tickets yet.";
    in_won(price: count): "{price}원", "₩{price}";
    free: "무료", "Free";
    percent_off(percent): "{percent}%", "{percent}%";
    units_deal(n: plural): "{n}개", "{n} piece" | "{n} pieces";
    units_ticket(n: plural): "{n}석", "{n} seat" | "{n} seats";
    left_deal(n: count): "{n}개 남았어요", "{n} left";
    left_ticket(n: plural): "{n}석 남았어요", "{n} seat left" | "{n} seats left";
    being_paid(units): "{units} 결제 중", "{units} being paid for";
    sold_out: "모두 나갔어요", "All gone";
    sold_out_ticket: "매진됐어요", "Sold out";
    sold_out_in(time): "{time} 만에 모두 나갔어요", "All gone in {time}";
    sold_out_ticket_in(time): "{time} 만에 매진됐어요", "Sold out in {time}";
    sold_of(sold: count, all): "{all} 중 {sold} 나갔어요", "{sold} of {all} went";
    is_over: "끝났어요", "Over";
    time_left(time): "남은 {time}", "{time} left";
    about_hours(h): "{h}시간", "{h} h";
    about_minutes(m): "{m}분", "{m} min";
    list_price_was: "정가", "List price";
    term_limit: "한 사람이", "Per person";
    at_most_deal(n: count): "{n}개까지", "up to {n}";
    at_most_ticket(n: count): "{n}석까지", "up to {n}";
    term_delivery: "배송", "Delivery";
    term_checkout: "결제", "Payment";
    checkout_minutes(m: plural): "차례가 온 뒤 {m}분 안에", "within {m} minute of your turn" | "within {m} minutes of your turn";
    checkout_midnight: "차례가 온 날 자정까지, 적어도 60분 안에", "until midnight of the day your turn comes, at least 60 minutes";
    at_once_line(n: plural): "한 번에 {n}명씩 결제해요", "{n} person pays at a time" | "{n} people pay at a time";
    term_place: "장소", "Place";
    term_starts: "시작", "Starts";
    refund_table: "돌려줄 때", "Giving it back";
    refund_when: "돌려주는 때", "When";
    refund_fee: "떼는 금액", "Fee";
    refund_days_10: "시작 10일 전까지", "until 10 days before";
    refund_days_7: "7일 전까지", "until 7 days before";
    refund_days_3: "3일 전까지", "until 3 days before";
    refund_days_1: "하루 전까지", "until the day before";
    refund_days_0: "그 뒤", "after that";
    refund_none: "모두 돌려받아요", "in full";
    refund_part(percent): "{percent}%", "{percent}%";
    refund_all: "돌려받을 수 없어요", "no refund";
    in_detail: "상품 자세히 보기", "In detail";
    detail_alt(n): "상세 사진 {n}", "Detail picture {n}";
    weekday_0: "일", "Sun";
    weekday_1: "월", "Mon";
    weekday_2: "화", "Tue";
    weekday_3: "수", "Wed";
    weekday_4: "목", "Thu";
    weekday_5: "금", "Fri";
    weekday_6: "토", "Sat";
    date_time(date, weekday, clock): "{date}({weekday}) {clock}", "{weekday} {date}, {clock}";
}

impl Lang {
    /// A price in whole won; nothing is free.
    pub fn price(self, price: i64) -> String {
        if price == 0 { self.free().to_owned() } else { self.in_won(price.max(0) as u64) }
    }

    /// How long it took until nothing was left: below a minute in tenths of a second, cut as by a stopwatch, and one at least.
    pub fn took(self, span: Span) -> String {
        if span >= MINUTE {
            return self.duration(span);
        }
        let tenths = (span / MILLISECOND.times(100)).max(1);
        self.seconds(format!("{}.{}", tenths / 10, tenths % 10))
    }

    /// The short name of a day of the week, from Sunday.
    pub fn weekday(self, weekday: i64) -> &'static str {
        match weekday {
            0 => self.weekday_0(),
            1 => self.weekday_1(),
            2 => self.weekday_2(),
            3 => self.weekday_3(),
            4 => self.weekday_4(),
            5 => self.weekday_5(),
            _ => self.weekday_6(),
        }
    }

    /// "11월 27일(금) 19:30" as it is told at `now`: with its year when that is another.
    pub fn day_and_time(self, at: model::Time, now: model::Time) -> String {
        let c = at.civil();
        self.date_time(self.date(at, now), self.weekday(c.weekday), format!("{:02}:{:02}", c.hour, c.minute))
    }
}
