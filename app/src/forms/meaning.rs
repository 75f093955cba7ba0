//! What the fields of forms mean, in both languages, for whoever writes a program: once for each name, and once more for a function that
//! means something of its own by it. A test fails for a field without words, and for words of no field.

use crate::texts::Lang;

/// What a field means.
#[derive(Debug)]
pub struct Meaning {
    /// Of which: a name, or a function and a name.
    pub of: &'static str,
    ko: &'static str,
    en: &'static str,
}

impl Meaning {
    /// What a field of a function means.
    pub fn of(function: &str, field: &str) -> Option<&'static Meaning> {
        let find = |of: &str| Meaning::ALL.iter().find(|meaning| meaning.of == of);
        find(&format!("{function} {field}")).or_else(|| find(field))
    }

    /// In words.
    pub fn said(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ko => self.ko,
            Lang::En => self.en,
        }
    }
}

macro_rules! meanings {
    ($($($of:literal)|+: $ko:literal, $en:literal;)*) => {
        impl Meaning {
            /// All of them.
            pub const ALL: &[Meaning] = &[$($(Meaning { of: $of, ko: $ko, en: $en }),+),*];
        }
    };
}

meanings! {
    // Whose and which
    "member": "회원의 아이디", "The id of a member.";
    "who": "회원의 이메일, 닉네임 또는 아이디", "A member's email, nickname or id.";
    "event": "이벤트의 아이디", "The id of an event.";
    "rank": "참여의 순위", "The rank of an entry.";
    "line": "채팅 한 줄의 번호", "The number of a line of a chat.";
    "order": "주문의 아이디", "The id of an order.";
    "return": "반품의 아이디", "The id of a return.";
    "booking": "빌린 시간 묶음의 아이디", "The id of a booking of hours.";
    "payment": "결제의 아이디", "The id of a payment.";
    "party": "파티의 아이디", "The id of a party.";
    "market": "마켓의 아이디", "The id of a market.";
    "into": "합칠 마켓의 아이디", "The id of the market that it is the same as.";
    "item": "품목의 아이디", "The id of an item.";
    "question": "질문의 아이디", "The id of a question.";
    "ask-leader question": "리더에게 묻는 말", "What the leader is asked.";
    "review": "후기의 아이디", "The id of a review.";
    "notice": "알림의 아이디", "The id of a notice.";
    "id": "주소록에 있는 주소의 아이디", "The id of an address in the book.";
    "device": "기기의 아이디", "The id of a device.";
    "endpoint": "웹훅을 받는 서버의 아이디", "The id of a server that is told.";
    "add-push-endpoint endpoint": "브라우저가 준 푸시 주소", "The address for pushes that the browser named.";
    "remove-push-endpoint endpoint": "브라우저가 준 푸시 주소; 비우면 device의 기기", "The address for pushes that the browser named; the device without it.";
    "resend-webhook delivery": "보낸 웹훅의 아이디", "The id of what was sent.";
    "job": "작업의 이름", "The name of a job.";
    "number": "주문 번호, D로 시작", "The number of an order, which begins with D.";
    "read-party number": "마지막으로 읽은 줄의 번호", "The number of the last line that was read.";
    "save-business number": "사업자등록번호 열 자리", "The business registration number, ten digits.";
    "request": "만들 것의 새 아이디: 같은 것을 두 번 보내도 한 번만 해요", "A new id for what is made: the same one sent twice counts once.";
    "like": "베낄 이벤트의 아이디", "The id of the event that it is a copy of.";

    // Accounts
    "email": "이메일", "An email.";
    "save-business email": "사업자의 이메일", "The email of the business.";
    "password": "지금 비밀번호", "The password of today.";
    "leave password": "지금 비밀번호; 비밀번호가 없는 회원은 비우고, 페이지에 있는 대로 먼저 확인해요", "The password of today; whoever has none leaves it out, and shows first that it is they, as the page says.";
    "create-token password": "지금 비밀번호; 비밀번호가 없는 회원은 비워요", "The password of today; whoever has none leaves it out.";
    "new_password": "새 비밀번호, 10–64자", "The new password, 10 to 64 characters.";
    "kakao": "카카오 연결도 끊을지", "Whether Kakao is disconnected as well.";
    "token": "링크에 있는 값", "What stands in the link.";
    "revoke-token token": "토큰의 아이디", "The id of a token.";
    "lang": "편지와 문자를 쓸 언어: ko 또는 en", "In which language one is written to: ko or en.";
    "add-push-endpoint lang": "푸시 알림을 쓸 언어: ko 또는 en", "In which language notices are pushed: ko or en.";
    "pay-booking lang": "결제의 이름을 쓸 언어: ko 또는 en", "In which language the payment is called: ko or en.";
    "language": "페이지의 언어: ko 또는 en", "The language of pages: ko or en.";
    "theme": "화면 밝기: system, light 또는 dark", "The theme: system, light or dark.";
    "marketing": "새 소식을 받을지", "Whether news may be sent.";
    "terms": "이용약관과 개인정보 처리방침에 동의하는지", "Whether terms and privacy policy are accepted.";
    "sure": "계정을 되살릴 수 없다는 것을 아는지", "Whether they know that the account cannot be brought back.";
    "mode": "모드: shopper 또는 creator", "The mode: shopper or creator.";
    "masked": "순위판에 닉네임을 가릴지", "Whether boards show the nickname masked.";
    "nickname": "닉네임, 2–20자", "A nickname, 2 to 20 characters.";
    "introduction": "소개, 1,000자까지", "An introduction, up to 1,000 characters.";
    "links": "링크, 한 줄에 하나, 5개까지", "Links, one a line, up to five.";
    "scope": "토큰으로 할 수 있는 일: profile, entries, enter, events", "What the token may do: profile, entries, enter, events.";
    "days": "며칠 동안; 비우면 끝을 정하지 않아요", "For how many days; without an end where it is left out.";
    "create-token days": "며칠 동안: 7, 30, 90 또는 365", "For how many days: 7, 30, 90 or 365.";

    // Where something goes
    "name": "이름", "A name.";
    "add-address name" | "change-address name" | "save-address name" | "fill-claim name" | "pay-order name": "받는 사람", "The receiver.";
    "phone": "휴대전화 번호", "A mobile number.";
    "postcode": "우편번호 다섯 자리", "The postcode, five digits.";
    "address": "도로명 주소", "A road address.";
    "detail": "상세 주소", "The rest of the address: building, door.";
    "note": "한마디", "A note.";
    "add-address note" | "change-address note": "메모, 나만 봐요", "A note that nobody else sees.";
    "to": "주소록에 있는 주소의 아이디, 또는 적은 곳으로 보내는 new", "The id of an address in the book, or new for what is typed.";
    "save": "적은 주소를 주소록에 저장할지", "Whether what is typed is kept in the book.";
    "default": "기본 주소로 할지", "Whether it is the default from now on.";
    "consent": "이 크리에이터에게 받는 곳을 알려도 되는지", "Whether this creator may be told where it goes.";

    // Events
    "title": "제목, 2–80자", "The title, 2 to 80 characters.";
    "summary": "한 줄 소개, 120자까지", "A summary, up to 120 characters.";
    "description": "설명 (Markdown)", "The description, in Markdown.";
    "category": "카테고리의 이름", "The name of a category.";
    "opens_at": "여는 시각, 한국 시간: 2026-11-27T20:00:00", "When it opens, in Korea time: 2026-11-27T20:00:00.";
    "closes_at": "닫는 시각, 한국 시간", "When it closes, in Korea time.";
    "entry_code": "입장 코드; 비우면 없어요", "The entry code; none where it is empty.";
    "rules": "규칙", "The rules.";
    "prize_name": "경품의 이름, 등수 차례로", "The names of prizes, in the order of ranks.";
    "prize_kind": "경품의 종류, 같은 차례로: goods 또는 coupon", "Their kinds, in the same order: goods or coupon.";
    "prize_winners": "경품마다 당첨 인원, 같은 차례로", "How many win each, in the same order.";
    "last_winners": "연 뒤에 늘린, 마지막 경품의 당첨 인원", "After the opening: how many win the last prize, which may only grow.";
    "kind": "종류: giveaway, ticket 또는 deal", "The kind: giveaway, ticket or deal.";
    "add-market kind" | "correct-market kind": "마켓의 종류", "The kind of the market.";
    "add-webhook kind": "보낼 일: event.opened, event.closed, order.paid, order.cancelled, prize.claimed", "What it is told of: event.opened, event.closed, order.paid, order.cancelled, prize.claimed.";
    "list_price": "타임딜의 정가, 원", "Of a deal: the list price, in won.";
    "discount": "타임딜의 할인율, %", "Of a deal: the discount, in percent.";
    "stock": "타임딜의 재고", "Of a deal: the stock.";
    "delivery": "타임딜의 배송 안내", "Of a deal: the delivery note.";
    "create-event detail" | "edit-event detail": "남겨 둘 상세 사진의 아이디", "The ids of detail pictures that stay.";
    "details": "새 상세 사진", "New detail pictures.";
    "place": "티켓의 장소", "Of a ticket: the name of the place.";
    "create-event address" | "edit-event address": "티켓의 장소 주소", "Of a ticket: the address of the place.";
    "coordinates": "티켓의 장소: 위도, 경도", "Of a ticket: latitude and longitude of the place.";
    "starts_at": "티켓의 시작 시각, 한국 시간", "Of a ticket: when it starts, in Korea time.";
    "seats": "티켓의 좌석 수", "Of a ticket: how many seats there are.";
    "price": "티켓의 값, 원; 0이면 무료", "Of a ticket: the price in won, 0 for none.";
    "refund": "돌려줄 때 떼는 비율 다섯, %: 10일 전, 7일 전, 3일 전, 하루 전까지, 그 뒤", "Five fees for giving a ticket back, in percent: until 10, 7 and 3 days before, the day before, and after that.";
    "limit": "한 사람이 살 수 있는 수", "How many one person may buy.";
    "minutes": "결제할 수 있는 시간, 분; 비우면 기본", "How many minutes there are to pay; the usual where it is empty.";
    "at_once": "한 번에 결제하는 사람 수; 비우면 모두", "How many pay at a time; everybody where it is empty.";
    "confirmed": "큰 값을 다시 확인한 것: 값x수", "A price that was asked about, once more: price x count.";
    "picture": "사진 파일: JPEG, PNG, WebP", "A picture: JPEG, PNG or WebP.";
    "take-picture-away picture": "내릴 사진의 아이디", "The id of the picture.";
    "crop_x": "사진을 자를 곳, 가로 0–100", "Where the picture is cut, from left to right, 0 to 100.";
    "crop_y": "사진을 자를 곳, 세로 0–100", "The same from top to bottom, 0 to 100.";
    "crop_zoom": "사진의 배율, 100–400 %", "How much it is enlarged, 100 to 400 percent.";
    "create-event save" | "edit-event save": "바로 알리려면 publish, 초안이면 draft", "publish to announce it, draft to keep it.";
    "people": "보낼 가상의 사람 수", "How many simulated people are sent.";
    "wished": "찜을 풀려면 no", "no to take the wish back.";

    // What is said
    "text": "하는 말", "What is said.";
    "moderate-line what": "할 일: hide, mute, report 또는 dismiss", "What is done: hide, mute, report or dismiss.";
    "decide-reports what": "할 일: warn 또는 suspend", "What is done: warn or suspend.";
    "run-party what": "할 일: go-ahead, confirm 또는 finish", "What is done: go-ahead, confirm or finish.";
    "all": "그 사람이 신고된 줄 모두에 할지", "Whether it is done to every reported line of its author.";
    "reason": "까닭; 관련된 사람이 읽어요", "Why, which those concerned read.";
    "disqualify-entry reason" | "cancel-event reason" | "call-off-event reason" | "suspend-event reason" | "cancel-party reason" | "cancel-any-party reason": "까닭; 모두에게 보여요", "Why, which everybody sees.";
    "suspend-member reason" | "restore-member reason" | "readmit-event reason" | "take-picture-away reason" | "set-admin reason" | "correct-market reason" | "merge-market reason" | "hide-market reason" | "correct-item reason" | "hide-review reason" | "restore-review reason": "까닭; 감사 기록에 남아요", "Why, which the audit log keeps.";
    "decide-reports reason": "까닭; 감사 기록에 남고, 주의를 받는 사람이 읽어요", "Why, which the audit log keeps, and who is warned reads.";
    "answer": "답하는 말", "The answer.";
    "answer-request answer": "답: accept, reject 또는 remove", "The answer: accept, reject or remove.";
    "appeal": "이의를 제기하는 말", "What is said against it.";
    "admin": "관리자로 하려면 yes, 그만두게 하려면 no", "yes to make them an admin, no to end that.";
    "stars": "별점, 1–5", "Stars, 1 to 5.";
    "kept": "남겨 둘 사진의 아이디", "The ids of pictures that stay.";
    "pictures": "새 사진, 모두 3장까지", "New pictures, three in all.";

    // Buying and selling
    "quantity": "수량", "How many.";
    "fewer": "더 적어도 되는지", "Whether fewer would do.";
    "how": "휴대폰 카메라로 결제하려면 phone", "phone to pay by the camera of a phone.";
    "by": "결제 방법: kakaopay, portone 또는 sandbox", "Through whom one pays: kakaopay, portone or sandbox.";
    "choice": "연습용 결제의 답", "What the sandbox answers.";
    "elsewhere": "다른 기기에서 결제하는지", "Whether it is paid for on another device.";
    "units": "수량", "How many units.";
    "seen": "주문을 읽은 시각, 그 주문의 now: 그때보다 많이 떼게 되면 거절해요; 비우면 떼는 것이 있을 때 거절해요", "When the order was read, its now: refused where the fee is higher by then; without it, where there is any.";
    "carrier": "택배사", "The carrier.";
    "tracking": "송장 번호", "The tracking number.";
    "list": "XLSX(첫 시트)나 CSV 파일, UTF-8 또는 CP949", "A list as XLSX (its first sheet) or CSV, in UTF-8 or CP949.";
    "accept": "받아들이려면 yes, 아니면 no", "yes to accept it, else no.";
    "company": "상호", "The name of the company.";
    "representative": "대표자", "The representative.";
    "opened": "개업일: 2020-03-02", "The opening date, such as 2020-03-02.";
    "mail_order": "통신판매업 신고번호", "The mail-order number.";
    "save-business address": "사업장 주소", "The address of the business.";
    "save-business phone": "사업자의 전화번호", "The phone of the business.";
    "hour": "한국 시간의 한 시간: 2026-11-27T20:00", "An hour, in Korea time: 2026-11-27T20:00.";

    // Neighbours
    "latitude": "위도", "The latitude.";
    "longitude": "경도", "The longitude.";
    "hidden": "다시 보이게 하려면 no", "no to show it again.";
    "marked": "빼려면 no", "no to take it out.";
    "correct-item category": "품목의 분류", "The category of the item.";
    "unit": "단위: 통, kg", "The unit, such as kg.";
    "total": "예상 총액, 원", "The estimated price of all, in won.";
    "wanted": "나눌 몫, 2–20", "Into how many shares it is cut, 2 to 20.";
    "own": "그중 리더의 몫", "How many of these are the leader's.";
    "least": "이보다 적으면 취소되는 몫", "With fewer shares than that it is called off.";
    "automatic": "신청하면 바로 받을지", "Whether everyone who asks is taken.";
    "from": "만나는 시각의 처음, 한국 시간", "When the meeting begins, in Korea time.";
    "make-party to" | "edit-party to" | "propose-time to": "만나는 시각의 끝, 한국 시간", "When the meeting ends, in Korea time.";
    "shares": "받고 싶은 몫", "How many shares are wished for.";
    "asked": "아직 답을 듣지 못한 신청인지", "Whether it is a request that was not answered.";
    "agree": "새 시각이 좋으면 yes", "yes where the other time suits.";
    "came": "왔으면 yes", "yes for whoever came.";
    "cost": "실제로 낸 값, 원", "What it did cost, in won.";
    "receipt": "영수증 사진", "A picture of the receipt.";
    "granted": "받아들이려면 yes", "yes to grant it.";
    "code": "문자로 온 숫자", "The code that was sent to the phone.";

    // Being told
    "on": "켤지", "Whether it is switched on.";
    "set-notices on": "받을 알림의 종류", "The kinds of notices that are wished for.";
    "p256dh": "브라우저의 푸시 공개 키", "The browser's public key for pushes.";
    "auth": "브라우저의 푸시 비밀 값", "The browser's secret for pushes.";
    "label": "목록에 보일 브라우저의 이름", "What the browser is called in the list.";
    "old": "전에 쓰던 푸시 주소", "The address for pushes that it had before.";
    "keyword": "키워드", "A keyword.";
    "url": "https로 시작하는 공개된 주소", "A public address that begins with https.";
}
