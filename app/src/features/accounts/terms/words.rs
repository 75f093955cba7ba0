//! What the documents say, in each of their versions, in Korean and in English. A version that somebody accepted is never changed:
//! another meaning is another version, with its day in `model::terms`.

use model::terms::Consent;

/// A part of a document.
pub struct Part {
    /// Its title.
    pub title: [&'static str; 2],
    /// What it says.
    pub paragraphs: &'static [[&'static str; 2]],
}

/// A version of a document; `None` when there is none. What is in it is held by a test.
pub fn of(consent: Consent, version: u32) -> Option<&'static [Part]> {
    match (consent, version) {
        (Consent::Terms, 1) => Some(TERMS_1),
        (Consent::Privacy, 1) => Some(PRIVACY_1),
        (Consent::Privacy, 2) => Some(PRIVACY_2),
        (Consent::Privacy, 3) => Some(PRIVACY_3),
        _ => None,
    }
}

const TERMS_1: &[Part] = &[
    Part {
        title: ["59초가 하는 일", "What 59초 does"],
        paragraphs: &[
            [
                "59초는 수량이 정해진 것을 정해진 시각에, 모두가 보는 앞에서 여는 곳이에요. 이벤트에 참여하고, 타임딜을 사고, 티켓을 예매하고, 가까운 이웃과 나눠 살 수 있어요.",
                "59초 is where limited things are released at one instant, in front of everyone: you enter events, buy time deals, book tickets, and share with neighbours what is only sold in bulk.",
            ],
            [
                "파는 것은 크리에이터이고, 59초는 그 자리를 마련해요. 타임딜과 유료 티켓의 판매자 정보는 사는 화면에서 볼 수 있어요.",
                "Creators sell; 59초 gives them the place. Who sells a deal or a ticket is shown where you buy it.",
            ],
        ],
    },
    Part {
        title: ["가입과 계정", "Your account"],
        paragraphs: &[
            [
                "만 14세 이상이면 가입할 수 있어요. 한 사람이 계정 하나를 쓰고, 비밀번호는 다른 사람에게 알려 주지 않아요.",
                "You can sign up from the age of 14. One person has one account, and keeps its password to themselves.",
            ],
            [
                "다른 사람이나 운영진처럼 보이는 이름은 쓸 수 없어요.",
                "Names that read like somebody else's or like our team's are not taken.",
            ],
            [
                "언제든지 떠날 수 있어요. 진행 중인 주문이나 이벤트, 이웃이 기다리는 파티가 있으면 먼저 마쳐 주세요.",
                "You may leave at any time, once orders, events of your own and parties that others count on you for are over.",
            ],
        ],
    },
    Part {
        title: ["공정하게 참여하기", "Taking part fairly"],
        paragraphs: &[
            [
                "순위는 서버가 누름을 받은 순서예요. 누구나 같은 시계를 보고, 순위와 시각을 확인할 수 있어요.",
                "Ranks are the order in which the server received presses. Everybody sees the same clock, and can check ranks and times.",
            ],
            [
                "여러 계정으로 참여하거나, 다른 분의 참여를 방해하거나, 사이트를 멈추게 하려고 하면 참여가 취소되거나 계정이 정지될 수 있어요. 이유를 알려 드려요.",
                "Whoever enters with several accounts, keeps others from entering or tries to stop the site may lose their entry or be suspended, and is told why.",
            ],
        ],
    },
    Part {
        title: ["사고, 받고, 돌려보내기", "Buying, receiving, returning"],
        paragraphs: &[
            [
                "결제하면 계약이 이루어져요. 타임딜은 상품 준비가 시작되기 전까지 자유롭게 취소할 수 있고, 받은 날부터 7일 안에 반품을 신청할 수 있어요.",
                "A contract is made when you pay. A deal can be cancelled until it is being prepared, and sent back within 7 days after it arrived.",
            ],
            [
                "티켓은 시작 10일 전까지 전액, 7일 전까지 90%, 3일 전까지 80%, 하루 전까지 70%를 돌려받아요. 판매자는 이보다 더 좋은 조건만 정할 수 있고, 결제하기 전에 보여요.",
                "Tickets are refunded in full until 10 days before the start, less 10% until 7, 20% until 3 and 30% until the day before. Sellers may only be kinder; you read it before you pay.",
            ],
            [
                "이벤트가 취소되면 결제한 금액을 모두 돌려 드려요.",
                "If an event is called off, everything that was paid for it goes back.",
            ],
        ],
    },
    Part {
        title: ["이웃과의 파티", "Parties of neighbours"],
        paragraphs: &[[
            "파티는 이웃끼리의 약속이고, 59초는 대금을 받지 않아요. 약속에 오지 않으면 노쇼로 표시될 수 있고, 이의를 제기할 수 있어요.",
            "A party is a promise among neighbours; 59초 takes no money for it. Whoever does not come may be marked for it, and may appeal.",
        ]],
    },
    Part {
        title: ["글과 사진", "What you write and upload"],
        paragraphs: &[[
            "쓰신 글과 사진은 여전히 쓰신 분의 것이에요. 59초는 서비스 안에서 보여 주는 데에만 써요. 다른 사람을 괴롭히거나 법을 어기는 것은 숨길 수 있어요.",
            "What you write and upload stays yours; 59초 shows it as part of the service and nothing else. What harasses others or breaks the law may be hidden.",
        ]],
    },
    Part {
        title: ["바뀔 때와 다툼이 있을 때", "Changes and disputes"],
        paragraphs: &[
            [
                "약관이 바뀌면 다시 동의를 받아요. 지난 판은 언제든지 이 페이지에서 볼 수 있어요.",
                "When these terms change you are asked anew. Earlier versions can always be read here.",
            ],
            [
                "대한민국 법을 따르고, 다툼은 민사소송법이 정하는 법원에서 다뤄요.",
                "The law of the Republic of Korea applies; disputes go to the court that its Civil Procedure Act names.",
            ],
        ],
    },
];

const PRIVACY_1: &[Part] = &[KEPT_1, HOW_LONG_1, WHO_ELSE_1, RIGHTS, COOKIES];
const PRIVACY_2: &[Part] = &[KEPT_2, HOW_LONG_2, WHO_ELSE_2, RIGHTS, COOKIES];
const PRIVACY_3: &[Part] = &[KEPT_2, HOW_LONG_3, LEFT_3, WHO_ELSE_2, RIGHTS, COOKIES];

const KEPT_1: Part = Part {
    title: ["무엇을 왜 보관하나요", "What we keep, and why"],
    paragraphs: &[
        [
            "가입할 때: 이메일, 비밀번호(되돌릴 수 없게 바꾼 값), 닉네임, 동의한 내역. 로그인하고 알아보는 데 써요.",
            "When you sign up: your email, your password (as a hash), your nickname and what you agreed to, to let you in.",
        ],
        [
            "참여할 때: 순위와 시각. 순위판에 닉네임으로 보이고, 가려서 보이게 할 수 있어요.",
            "When you enter: your rank and time, shown on the board under your nickname, or masked if you wish.",
        ],
        [
            "당첨되거나 살 때: 이름, 전화번호, 주소. 보내는 데 필요한 것만 받고, 그 크리에이터에게만 전해요.",
            "When you win or buy: your name, phone and address, only as far as sending needs it, and for that creator alone.",
        ],
        [
            "이웃과 나눌 때: 우리 동네 위치(다른 사람에게는 보이지 않아요), 확인한 전화번호(암호화된 값), 파티에서 한 말.",
            "Among neighbours: where you look from (told to nobody), your confirmed phone (as a keyed hash), and what you say in parties.",
        ],
        [
            "안전하게 지키려고: 로그인한 기기의 이름과 시각, 브라우저를 알아보는 암호화된 값. 접속 주소는 잦은 요청을 막는 데에만 쓰고 기록하지 않아요.",
            "To keep it safe: names and times of devices that are signed in, and hashes of browsers. Addresses of connections only limit how often somebody asks, and are not recorded.",
        ],
    ],
};

const KEPT_2: Part = Part {
    title: ["무엇을 왜 보관하나요", "What we keep, and why"],
    paragraphs: &[
        [
            "가입할 때: 이메일, 비밀번호(되돌릴 수 없게 바꾼 값), 닉네임, 동의한 내역. 로그인하고 알아보는 데 써요. 카카오로 로그인하면 카카오에서의 회원 번호와, 동의하셨다면 확인된 이메일도 보관해요. 프로필 사진은 올리신 경우에만 있고, 찍은 곳 같은 정보는 지우고 보관해요.",
            "When you sign up: your email, your password (as a hash), your nickname and what you agreed to, to let you in; of whoever signs in by Kakao also who they are there and, if they agreed, their confirmed email. A picture of you only if you upload one, without where it was taken.",
        ],
        [
            "참여할 때: 순위와 시각. 순위판에 닉네임으로 보이고, 가려서 보이게 할 수 있어요.",
            "When you enter: your rank and time, shown on the board under your nickname, or masked if you wish.",
        ],
        [
            "당첨되거나 살 때: 이름, 전화번호, 주소. 보내는 데 필요한 것만 받고, 그 크리에이터에게만 전해요.",
            "When you win or buy: your name, phone and address, only as far as sending needs it, and for that creator alone.",
        ],
        [
            "이웃과 나눌 때: 우리 동네 위치(다른 사람에게는 보이지 않아요), 확인한 전화번호(암호화된 값), 파티에서 한 말.",
            "Among neighbours: where you look from (told to nobody), your confirmed phone (as a keyed hash), and what you say in parties.",
        ],
        [
            "안전하게 지키려고: 로그인한 기기의 이름과 시각, 브라우저를 알아보는 암호화된 값. 접속 주소는 잦은 요청을 막는 데에만 쓰고 기록하지 않아요.",
            "To keep it safe: names and times of devices that are signed in, and hashes of browsers. Addresses of connections only limit how often somebody asks, and are not recorded.",
        ],
    ],
};

const HOW_LONG_1: Part = Part {
    title: ["얼마나 보관하나요", "For how long"],
    paragraphs: &[
        [
            "당첨자 정보는 상품을 보낸 지 30일, 늦어도 적은 지 90일 뒤에 지워요. 저장한 배송 정보는 마지막으로 쓴 지 90일 뒤에 지워요.",
            "Winners' details are erased 30 days after the prize was sent, at the latest 90 days after they were given; saved ones 90 days after they were last used.",
        ],
        [
            "파티에서 한 말과 질문은 160일 뒤에 지워요. 로그인했던 브라우저는 90일 뒤에 잊어요.",
            "What is said and asked in parties is erased after 160 days. Browsers are forgotten after 90.",
        ],
        [
            "주문, 결제, 배송 기록은 전자상거래법에 따라 5년 동안 보관해요.",
            "Records of orders, payments and deliveries are kept for 5 years, as the Act on the Consumer Protection in Electronic Commerce orders.",
        ],
    ],
};

const HOW_LONG_2: Part = Part {
    title: ["얼마나 보관하나요", "For how long"],
    paragraphs: &[
        [
            "당첨자 정보는 상품을 보낸 지 30일, 늦어도 적은 지 90일 뒤에 지워요. 저장한 배송 정보는 마지막으로 쓴 지 90일 뒤에 지워요.",
            "Winners' details are erased 30 days after the prize was sent, at the latest 90 days after they were given; saved ones 90 days after they were last used.",
        ],
        [
            "파티에서 한 말과 질문은 160일 뒤에 지워요. 로그인했던 브라우저는 90일 뒤에 잊어요.",
            "What is said and asked in parties is erased after 160 days. Browsers are forgotten after 90.",
        ],
        [
            "정지를 피해 다시 가입하지 못하게, 떠난 분의 이메일과 카카오 계정, 전화번호를 암호화된 값으로 90일 동안 보관해요.",
            "So that nobody escapes a suspension by signing up anew, the email, Kakao account and phone of who left are kept for 90 days, as keyed hashes.",
        ],
        [
            "주문, 결제, 배송 기록은 전자상거래법에 따라 5년 동안 보관해요.",
            "Records of orders, payments and deliveries are kept for 5 years, as the Act on the Consumer Protection in Electronic Commerce orders.",
        ],
    ],
};

const HOW_LONG_3: Part = Part {
    title: ["얼마나 보관하나요", "For how long"],
    paragraphs: &[
        [
            "당첨자 정보는 상품을 보낸 지 30일, 늦어도 적은 지 90일 뒤에 지워요. 저장한 배송 정보는 마지막으로 쓴 지 90일 뒤에 지워요.",
            "Winners' details are erased 30 days after the prize was sent, at the latest 90 days after they were given; saved ones 90 days after they were last used.",
        ],
        [
            "파티에서 한 말과 질문은 160일 뒤에 지워요. 로그인했던 브라우저는 90일 뒤에 잊어요.",
            "What is said and asked in parties is erased after 160 days. Browsers are forgotten after 90.",
        ],
        [
            "파티 약속에 오지 않거나 늦게 나가서 받은 노쇼 표시는 90일 동안 세요. 리더도 같아요. 그 뒤에는 파티의 기록으로만 남아요.",
            "A mark for not coming to a party, or for leaving it too late, counts for 90 days, a leader's as well. After that it is only part of the party's record.",
        ],
        [
            "주문, 결제, 배송 기록은 전자상거래법에 따라 5년 동안 보관해요.",
            "Records of orders, payments and deliveries are kept for 5 years, as the Act on the Consumer Protection in Electronic Commerce orders.",
        ],
    ],
};

const LEFT_3: Part = Part {
    title: ["떠난 뒤에 무엇이 남나요", "What stays after you leave"],
    paragraphs: &[
        [
            "이메일과 카카오 계정, 확인한 전화번호는 지우고, 암호화된 값만 90일 동안 보관해요. 다시 가입해서 정지나 노쇼 표시를 피하는 일을 막는 데에만 써요. 전화번호의 값은 그 뒤까지 세는 노쇼 표시가 있으면 그때까지 보관해요. 쓰지 않게 된 전화번호와, 정지된 동안 연결을 끊은 카카오 계정도 같아요.",
            "Your email, your Kakao account and the phone that you confirmed are erased. Keyed hashes of them alone are kept, for 90 days, so that nobody escapes a suspension or marks for not coming by signing up anew; they serve nothing else. That of a phone is kept until the last mark counts no more, where that is later. The same holds for a phone that you gave up, and for a Kakao account that was disconnected during a suspension.",
        ],
        [
            "같은 이메일이나 카카오 계정으로 다시 가입하면 정지가 그대로 이어지고, 정지된 계정의 전화번호로는 파티에 함께할 수 없어요. 노쇼 표시는 이메일과 카카오 계정, 전화번호를 모두 따라가요. 그래서 다시 가입했을 때에는 그 전의 계정이 무엇이었는지 90일 동안, 그 뒤까지 세는 표시가 있으면 그때까지 보관해요. 이메일만 같으면 같은 분인지 알 수 없으니, 표시를 세기만 하고 내용은 누구에게도 보여 주지 않아요.",
            "Whoever signs up anew with the same email or Kakao account is suspended as they were, and nobody joins parties by the phone of a suspended account. Marks follow an email, a Kakao account and a phone. So it is kept which account you had before, for 90 days after you signed up anew, or until the last mark counts no more. Where only the email is the same, nobody can tell whether it is you: marks then count, but what they are for is shown to nobody.",
        ],
        [
            "순위판, 끝난 이벤트, 함께한 파티와 노쇼 표시, 후기는 다른 분들의 기록이기도 해서 ‘떠난 회원’의 것으로 남아요. 운영진과 크리에이터가 한 조치와 그 이유는 2년 동안 보관해요. 주문과 대금, 판매자의 기록은 전자상거래법에 따라 5년 동안, 프로필과 떨어져 보관해요. 무엇이 남는지는 떠나기 전에 하나하나 보여 드려요.",
            "Boards, events that are over, parties with their marks, and reviews are others' record as well, and stay as those of a “떠난 회원” (a member who left). What the site's team and creators did, and why, is kept for 2 years. Records of orders, of payments and of whoever sold are kept for 5 years, apart from your profile, as the Act on the Consumer Protection in Electronic Commerce orders. Before you leave you are shown each of these.",
        ],
    ],
};

const WHO_ELSE_1: Part = Part {
    title: ["누구에게 전하나요", "Who else gets it"],
    paragraphs: &[[
        "당첨자 정보와 배송지는 동의를 받고 그 크리에이터에게만 전해요. 결제, 문자, 메일, 기기 알림을 맡은 회사에는 그 일에 필요한 것만 전해요. 광고 회사에는 아무것도 전하지 않아요.",
        "Winners' details and delivery addresses go to that creator alone, with your consent. Who takes payments, sends texts, mail or notices to devices gets what that needs. Nothing goes to advertisers.",
    ]],
};

const WHO_ELSE_2: Part = Part {
    title: ["누구에게 전하나요", "Who else gets it"],
    paragraphs: &[[
        "당첨자 정보와 배송지는 동의를 받고 그 크리에이터에게만 전해요. 결제, 문자, 메일, 기기 알림, 주소 찾기를 맡은 회사에는 그 일에 필요한 것만 전해요. 광고 회사에는 아무것도 전하지 않아요.",
        "Winners' details and delivery addresses go to that creator alone, with your consent. Who takes payments, sends texts, mail or notices to devices, or finds addresses gets what that needs. Nothing goes to advertisers.",
    ]],
};

const RIGHTS: Part = Part {
    title: ["내 권리", "Your rights"],
    paragraphs: &[
        [
            "‘계정과 내 정보’에서 보관한 정보를 파일로 받고, 소식을 받지 않게 바꾸고, 떠날 수 있어요. 떠나기 전에 무엇을 지우고 무엇을 왜 보관하는지 모두 보여 드려요.",
            "On “Account and my data” you take along what is kept of you, stop news, and leave. Before you do, you read everything that is erased, and what is kept and why.",
        ],
        ["만 14세 미만의 정보는 받지 않아요.", "We keep nothing of children under 14."],
    ],
};

const COOKIES: Part = Part {
    title: ["쿠키", "Cookies"],
    paragraphs: &[[
        "로그인, 언어와 화면 밝기, 그리고 사람 수를 한 번만 세기 위한 쿠키만 써요. 따라다니며 살피는 쿠키는 없어요.",
        "There are cookies for signing in, for language and theme, and for counting people once. None follows you around.",
    ]],
};
