//! Every text of the interface, in every language, checked at compile time: here the words that all parts share, and in
//! `features/<name>/texts.rs` those of one.
//!
//! Own code instead of a translation library: the site never changes its language while a page is open, so all that is
//! needed is a function per text. It costs the browser nothing but the texts, and a missing translation does not compile.

use crate::boot::{Boot, boot};
use leptos::prelude::with_context;
use model::{DAY, Error, FieldError, MILLISECOND, SECOND, Span, Time};
use serde::{Deserialize, Serialize};

/// The language of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Lang; 2] = [Lang::Ko, Lang::En];
}

/// Texts by name, in Korean and in English, each a function of [`Lang`].
///
/// What stands in braces are its arguments: shown as they are, or, followed by `: count`, a number that is written with
/// thousands separators. Where an English noun depends on a number, that one is `: plural` and English has two texts, for
/// one and for any other number; one without the other does not compile.
///
/// ```ignore
/// texts! {
///     more: "더 보기", "More";
///     received_at(clock): "{clock} 접수", "Received {clock}";
///     reported(n: plural): "신고 {n}건", "{n} report" | "{n} reports";
/// }
/// ```
macro_rules! texts {
    ($($name:ident $(($($arg:ident $(: $kind:ident)?),+))?: $ko:literal, $en:literal $(| $many:literal)?;)*) => {
        #[allow(missing_docs)]
        impl Lang {$(
            texts!(@text $name $(($($arg $(: $kind)?),+))?, $ko, $en $(| $many)?);
        )*}
    };
    (@text $name:ident, $ko:literal, $en:literal) => {
        pub fn $name(self) -> &'static str {
            match self { Lang::Ko => $ko, Lang::En => $en }
        }
    };
    (@text $name:ident ($($arg:ident $(: $kind:ident)?),+), $ko:literal, $en:literal) => {
        pub fn $name(self, $($arg: texts!(@type $($kind)?)),+) -> String {
            $(let $arg = texts!(@shown $arg $($kind)?);)+
            match self { Lang::Ko => format!($ko), Lang::En => format!($en) }
        }
    };
    (@text $name:ident ($($arg:ident $(: $kind:ident)?),+), $ko:literal, $one:literal | $many:literal) => {
        pub fn $name(self, $($arg: texts!(@type_in_plural $($kind)?)),+) -> String {
            let one = texts!(@is_one $($arg $(: $kind)?),+);
            $(let $arg = texts!(@shown $arg $($kind)?);)+
            match self {
                Lang::Ko => format!($ko),
                Lang::En if one => format!($one),
                Lang::En => format!($many),
            }
        }
    };
    (@type) => { impl std::fmt::Display };
    (@type count) => { u64 };
    (@type_in_plural plural) => { u64 };
    (@type_in_plural $($other:ident)?) => { texts!(@type $($other)?) };
    (@shown $arg:ident) => { $arg };
    (@shown $arg:ident $kind:ident) => { $crate::texts::number($arg) };
    (@is_one $arg:ident: plural $($rest:tt)*) => { $arg == 1 };
    (@is_one $arg:ident $(: $kind:ident)?, $($rest:tt)+) => { texts!(@is_one $($rest)+) };
}
pub(crate) use texts;

texts! {
    // The frame of every page
    site: "59초", "59초";
    outside_why: "이 앱의 내장 브라우저에서는 파일이 저장되지 않을 수 있어요.", "Files may not be saved in this app's built-in browser.";
    outside_open: "브라우저에서 열기", "Open in a browser";
    outside_by_hand: "앱 메뉴에서 ‘다른 브라우저로 열기’를 눌러 주세요.", "Choose “Open in browser” in the app's menu.";
    preview_opens(year, month, day): "{year}년 {month}월 {day}일에 열려요", "Opens {year}-{month}-{day}";
    preview_zone: "한국 시간", "Korea time";
    installed_name: "59초 – 같은 1초에 열려요", "59초 – 59 seconds";
    offline: "지금은 연결되지 않았어요", "You are offline";
    offline_hint: "인터넷에 다시 연결되면 보던 페이지가 열려요. 접수된 것은 사라지지 않아요.", "This page opens once you are connected again. Nothing accepted is lost.";
    tagline: "모두가 보는 앞에서, 같은 1초에 열려요", "Released at one second, in front of everyone";
    shopper: "참여자", "Shopper";
    creator: "크리에이터", "Creator";
    mode: "모드", "Mode";
    home: "홈", "Home";
    my: "마이", "My page";
    sign_in: "로그인", "Sign in";
    sign_up: "회원가입", "Sign up";
    sign_out: "로그아웃", "Sign out";
    skip: "본문으로 건너뛰기", "Skip to content";
    main_menu: "주 메뉴", "Main menu";
    theme: "화면 밝기", "Theme";
    theme_system: "시스템", "System";
    theme_light: "밝게", "Light";
    theme_dark: "어둡게", "Dark";
    demo_strip: "체험용 59초예요. 한 번에 들어가 보세요.", "This is a demonstration. Step in with one click.";
    demo_shopper: "참여자로", "As a shopper";
    demo_creator: "크리에이터로", "As a creator";
    demo_neighbour: "이웃으로", "As a neighbour";
    demo_seller: "판매자로", "As a seller";
    demo_admin: "관리자로", "As an administrator";
    demo_crowd: "가상 인원 300명 보내기", "Send a crowd of 300";
    demo_crowd_hint: "다음에 열리는 이벤트 대기실로 가상의 사람들이 들어와 이야기하고 버튼을 눌러요.", "Simulated people enter the next event's room, chat and press.";

    // Words of many pages
    reload: "새로 보기", "Reload";
    save: "저장하기", "Save";
    saved: "저장했어요.", "Saved.";
    more: "더 보기", "More";
    admin: "관리", "Administration";
    share: "공유하기", "Share";
    share_address: "공유할 주소", "Address to share";
    copied: "주소를 복사했어요.", "The address was copied.";

    // Errors
    not_found: "찾는 페이지가 없어요", "There is nothing here";
    not_found_hint: "주소가 바뀌었거나 사라졌어요.", "The address changed or is gone.";
    go_home: "홈으로", "Back home";
    went_wrong: "잠시 문제가 생겼어요", "Something went wrong";
    went_wrong_hint: "다시 시도해 주세요. 접수된 것은 사라지지 않아요.", "Please try again. Nothing accepted is lost.";
    too_busy: "지금은 페이지를 열 수 없어요", "This page cannot be opened right now";
    too_busy_hint: "서버가 제때 답하지 못했어요. 잠시 뒤에 다시 열어 주세요. 접수된 것은 사라지지 않아요.", "The server did not answer in time. Please open it again in a moment. Nothing accepted is lost.";
    try_again: "다시 시도", "Try again";
    check_fields: "표시된 칸을 확인해 주세요.", "Please check the marked fields.";
    error_suspended: "이용이 정지된 계정이에요.", "This account is suspended.";
    error_signed_out: "먼저 로그인해 주세요.", "Please sign in first.";
    error_forbidden: "할 수 없는 일이에요.", "This is not allowed.";
    error_too_many(seconds: count): "너무 잦아요. {seconds}초 뒤에 다시 해 주세요.", "Too often. Try again in {seconds} s.";
    error_busy: "지금 많이 붐벼요. 다시 눌러 주세요.", "Very busy right now. Please press again.";
    error_malformed: "보낸 내용을 읽지 못했어요.", "What was sent could not be read.";
    error_too_slow: "보내는 데 너무 오래 걸렸어요. 연결을 확인하고 다시 보내 주세요.", "It took too long to arrive. Check your connection and send it again.";
    error_too_large: "너무 커요.", "That is too large.";
    field_required: "꼭 필요해요.", "This is needed.";
    field_short(min: plural): "{min}자 이상 적어 주세요.", "At least {min} character." | "At least {min} characters.";
    field_long(max: count): "{max}까지만 돼요.", "At most {max}.";
    field_over(max: count, is: count): "{max}자까지만 돼요. 지금 {is}자예요.", "At most {max} characters. These are {is}.";
    field_invalid: "형식이 맞지 않아요.", "This does not look right.";
    field_check_digit: "번호를 다시 확인해 주세요. 한 자리가 다른 것 같아요.", "Please check this number: a digit seems to be wrong.";
    field_taken: "이미 쓰이고 있어요.", "Somebody already has this.";
    field_reserved: "운영진이나 다른 크리에이터처럼 보이는 이름이에요.", "This reads like the name of the site's team or of another creator.";
    field_range(min, max): "{min}에서 {max} 사이로 적어 주세요.", "Between {min} and {max}.";

    // Times
    hours_minutes(h, m): "{h}시간 {m}분", "{h} h {m} min";
    minutes_seconds(m, s): "{m}분 {s}초", "{m} min {s} s";
    seconds(s): "{s}초", "{s} s";
    minutes(m): "{m}분", "{m} min";
    ago(time): "{time} 전", "{time} ago";
    in_time(time): "{time} 뒤", "in {time}";
    days(d: plural): "{d}일", "{d} day" | "{d} days";
    days_clock(d, clock): "{d}일 {clock}", "{d}d {clock}";
    month_day(month, day): "{month}월 {day}일", "{month}/{day}";
    year_month_day(year, month, day): "{year}년 {month}월 {day}일", "{year}/{month}/{day}";
    korea_time: "모든 시각은 한국 시간이에요.", "All times are Korea time.";
}

impl Lang {
    /// The code for `lang` attributes.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Ko => "ko",
            Lang::En => "en",
        }
    }

    /// What to tell a person about an error.
    pub fn error(self, error: &Error) -> String {
        match error {
            Error::SignedOut => self.error_signed_out().into(),
            Error::Suspended => self.error_suspended().into(),
            Error::Forbidden => self.error_forbidden().into(),
            Error::NotFound => self.not_found().into(),
            Error::TooMany { retry_after } => self.error_too_many(*retry_after),
            Error::Busy => self.error_busy().into(),
            Error::Malformed => self.error_malformed().into(),
            Error::TooSlow => self.error_too_slow().into(),
            Error::TooLarge => self.error_too_large().into(),
            Error::Invalid { .. } => self.check_fields().into(),
            Error::Internal => self.went_wrong().into(),
            Error::Entry(error) => self.entry_error(error),
            Error::Event(error) => self.event_error(error),
            Error::Giveaway(error) => self.giveaway_error(error),
            Error::Chat(error) => self.chat_error(error),
            Error::Account(error) => self.account_error(error),
            Error::Address(error) => self.address_error(error).into(),
            Error::Payment(error) => self.payment_error(error),
            Error::Sale(error) => self.sale_error(error).into(),
            Error::Seller(error) => self.seller_error(error).into(),
            Error::Slot(error) => self.slot_error(error).into(),
            Error::Party(error) => self.party_error(error).into(),
            Error::Phone(error) => self.phone_error(error).into(),
            Error::Market(error) => self.market_error(error).into(),
            Error::Review(error) => self.review_error(error).into(),
            Error::Subscription(error) => self.subscription_error(error).into(),
        }
    }

    /// A day as it is told at `now`: with its year when that is another.
    pub fn date(self, at: Time, now: Time) -> String {
        let c = at.civil();
        match c.year == now.civil().year {
            true => self.month_day(c.month, c.day),
            false => self.year_month_day(c.year, c.month, c.day),
        }
    }

    /// A moment of another day on a page: "11월 25일 20:00".
    pub(crate) fn moment(self, at: Time) -> String {
        self.moment_told(at, boot().now)
    }

    /// The same as it is told at `now`, where there is no page.
    pub(crate) fn moment_told(self, at: Time, now: Time) -> String {
        let c = at.civil();
        format!("{} {:02}:{:02}", self.date(at, now), c.hour, c.minute)
    }

    /// What to tell a person about a field.
    pub fn field_error(self, error: &FieldError) -> String {
        // As the page tells them, where there is one.
        let hours = |from, until| self.hours((from, until), with_context(|boot: &Boot| boot.now).unwrap_or(from));
        match error {
            FieldError::Required => self.field_required().into(),
            FieldError::TooShort { min } => self.field_short(*min),
            FieldError::TooLong { max } => self.field_long(*max),
            FieldError::Invalid => self.field_invalid().into(),
            FieldError::WrongPassword => self.field_wrong_password().into(),
            FieldError::CheckDigit => self.field_check_digit().into(),
            FieldError::Taken => self.field_taken().into(),
            FieldError::Reserved => self.field_reserved().into(),
            FieldError::WellKnown => self.field_well_known().into(),
            FieldError::InPast => self.field_past().into(),
            FieldError::NotAfter => self.field_not_after().into(),
            FieldError::Frozen => self.field_frozen().into(),
            FieldError::OutOfRange { min, max } => self.field_range(signed(*min), signed(*max)),
            FieldError::NotAPicture => self.field_not_picture().into(),
            FieldError::Heif => self.field_picture_heif().into(),
            FieldError::Cmyk => self.field_picture_cmyk().into(),
            FieldError::TooLarge => self.field_picture_large().into(),
            FieldError::Fixed => self.field_fixed().into(),
            FieldError::BeforeClosing => self.field_before_closing().into(),
            FieldError::NotBooked { from, until } => self.field_not_booked(hours(*from, *until)),
            FieldError::HourUsed { from, until } => self.field_hour_used(hours(*from, *until)),
            FieldError::HourFull { from, until } => self.field_hour_full(hours(*from, *until)),
            // The form reads it back where it asks.
            FieldError::Confirm { .. } => self.check_fields().into(),
        }
    }

    /// A duration in words, to the second; days alone when there are any.
    pub fn duration(self, span: Span) -> String {
        let s = span.max(Span::ZERO) / SECOND;
        match s {
            0..60 => self.seconds(s),
            60..3600 => self.minutes_seconds(s / 60, s % 60),
            3600..86_400 => self.hours_minutes(s / 3600, s % 3600 / 60),
            _ => self.days(s as u64 / 86_400),
        }
    }

    /// A countdown as `07:24.412`, with days and hours before it when there are any: whole part and milliseconds.
    pub fn countdown(self, remaining: Span) -> (String, String) {
        let left = remaining.max(Span::ZERO);
        let seconds = left / SECOND;
        let ms = format!(".{:03}", left % SECOND / MILLISECOND);
        let (days, h, m, s) = (left / DAY, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let whole = match h {
            _ if days > 0 => self.days_clock(days, format!("{h:02}:{m:02}:{s:02}")),
            0 => format!("{m:02}:{s:02}"),
            _ => format!("{h}:{m:02}:{s:02}"),
        };
        (whole, ms)
    }
}

/// A number with thousands separators: `6,012`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The same of one that may be below zero: `−90`.
fn signed(n: i64) -> String {
    format!("{}{}", if n < 0 { "−" } else { "" }, number(n.unsigned_abs()))
}

/// Seconds to the millisecond: `0.084`. Cut, not rounded, as a stopwatch does.
pub fn seconds_ms(span: Span) -> String {
    format!("{}.{:03}", number((span / SECOND) as u64), span % SECOND / MILLISECOND)
}

/// People for each place, to a tenth: `12.8`.
pub fn ratio(people: u64, capacity: u64) -> String {
    let tenths = people * 10 / capacity.max(1);
    format!("{}.{}", number(tenths / 10), tenths % 10)
}
