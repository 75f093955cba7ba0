//! Texts of what admins do.

use crate::texts::{Lang, texts};
use model::{
    PayWay,
    administration::{AuditAction, EventStage, Listed, MembersShown},
};

texts! {
    // Pages
    admin_overview: "한눈에 보기", "Overview";
    admin_members: "회원", "Members";
    admin_events: "이벤트", "Events";
    admin_orders: "주문과 환불", "Orders and refunds";
    admin_parties: "파티", "Parties";
    audit: "감사 기록", "Audit log";

    // Overview
    admin_waits: "기다리는 일", "What waits";
    admin_count: "건수", "How many";
    admin_what: "할 일", "What";
    admin_much(count): "{count}건 이상", "{count} or more";
    waiting_refunds: "한 시간 넘게 끝나지 않은 환불", "Refunds that took more than an hour";
    waiting_jobs: "지난번에 실패한 일", "Jobs whose last run failed";
    waiting_triggers: "5분 넘게 보내지 못한 알림", "Notices that waited for more than five minutes";
    suspended_members: "정지된 회원", "Suspended members";
    acting_admins: "관리자", "Admins";
    admin_health: "이 서버의 상태", "How this server is";
    tasks_run(n: plural): "작업 {n}개가 돌고 있어요.", "{n} task runs." | "{n} tasks run.";
    task_dead(name): "꼭 필요한 작업이 멈췄어요: {name}", "An essential task is dead: {name}";
    database_writable: "데이터베이스에 쓸 수 있어요.", "The database can be written to.";
    database_not_writable: "데이터베이스에 쓸 수 없어요.", "The database cannot be written to.";

    // Members
    find_member: "닉네임, 이메일 전체, 전화번호 전체 또는 회원 번호", "Nickname, whole email, whole phone number or id";
    find_member_hint: "닉네임은 앞부분만 적어도 돼요. 이메일과 전화번호는 전체가 맞아야 찾아요.", "A nickname is found by its beginning, an email or phone number only as a whole.";
    nobody_here: "찾는 회원이 없어요.", "Nobody was found.";
    no_member_listed: "여기에 해당하는 회원이 없어요.", "There is nobody in this list.";
    member_since: "가입", "Signed up";
    account_state: "상태", "State";
    member_role: "역할", "Role";
    member_ok: "이용 중", "Active";
    member_is_suspended: "정지됨", "Suspended";
    suspended_until(when): "정지됨 · {when}까지", "Suspended until {when}";
    role_admin: "관리자", "Admin";
    role_creator: "크리에이터", "Creator";
    role_member: "회원", "Member";
    members_all: "모두", "All";
    look_is_noted: "이 페이지를 본 것은 감사 기록에 남아요.", "That you looked at this is in the audit log.";
    member_email: "이메일", "Email";
    member_phone: "확인한 전화번호 끝자리", "Ending of the confirmed phone";
    member_devices: "로그인한 기기", "Devices signed in";
    member_entries: "참여한 이벤트", "Events entered";
    member_penalties: "유효한 페널티", "Penalties that count";
    member_history: "이 회원에 관한 기록", "What was done to them";
    their_orders: "최근 주문", "Newest orders";
    events_they_made: "최근에 만든 이벤트", "Newest events of theirs";
    their_parties: "최근 파티", "Newest parties";
    nothing_of_these: "없어요.", "None.";
    suspend_member: "회원 정지하기", "Suspend this member";
    suspend_hint: "바로 적용돼요. 누르기, 대화, 이벤트 만들기를 할 수 없게 돼요.", "At once: they can no longer press, chat or make events.";
    suspend_for: "언제까지", "Until when";
    suspend_for_good: "풀어 줄 때까지", "Until somebody lets them act again";
    for_days(n: plural): "{n}일 동안", "For {n} day" | "For {n} days";
    restore_member: "정지 풀기", "Lift the suspension";
    warn_member: "주의 주기", "Warn";
    warn_hint: "회원에게 알림으로 보내요.", "They are told by a notice.";
    make_password_link: "비밀번호 링크 만들기", "Make a link to another password";
    make_password_link_hint: "비밀번호를 잊었는데 메일을 받을 수 없는 회원에게 써요. 링크를 여는 사람이 이 회원이 되니, 본인인지 먼저 확인해 주세요.", "For a member who forgot their password and gets no mail. Whoever opens the link becomes this member: make sure first who asks.";
    password_link_made: "링크를 만들었어요.", "The link is made.";
    password_link_once: "지금만 보여요. 30분 안에 한 번만 쓸 수 있어요. 본인에게만 전해 주세요.", "It is shown only now, and can be used once, within half an hour. Pass it on to them alone.";
    make_admin: "관리자로 만들기", "Make an admin";
    remove_admin: "관리자에서 내리기", "No longer an admin";
    make_admin_hint: "다른 사람을 정지하고 이벤트를 취소하고 환불할 수 있게 돼요.", "They may suspend others, call events off and give money back.";
    last_admin_hint: "마지막 관리자라서 내릴 수 없어요. 먼저 다른 사람을 관리자로 만들어 주세요.", "This is the last admin. Make somebody else one first.";
    admins_are_not_suspended: "관리자는 정지하거나 풀어 줄 수 없어요. 먼저 관리자에서 내려 주세요.", "Admins are neither suspended nor let in again: take that role from them first.";
    admin_reason: "이유", "Reason";
    admin_reason_hint: "감사 기록에 남아요.", "Kept in the audit log.";
    member_suspended: "회원을 정지했어요.", "The member is suspended.";
    member_restored: "정지를 풀었어요.", "The member may act again.";
    member_warned: "주의를 보냈어요.", "The warning was sent.";
    error_last_admin: "마지막 관리자예요. 먼저 다른 사람을 관리자로 만들어 주세요.", "This is the last admin. Make somebody else one first.";
    error_picture_changed: "그사이 사진이 바뀌었거나 지워졌어요. 새로고침해서 지금 사진을 확인해 주세요.", "The picture was changed or removed meanwhile. Load the page again and look at the one that is there now.";
    error_admin_link: "이 링크는 이미 쓰였거나 시간이 지났어요. 새로 받아 주세요.", "This link was used or is too old. Ask for a new one.";

    // The link
    admin_join: "관리자 되기", "Become an admin";
    admin_join_hint(name): "이 링크는 한 번만 쓸 수 있어요. 지금 로그인한 {name} 계정이 관리자가 돼요.", "This link can be used once. It makes {name}, who is signed in here, an admin.";
    admin_joined: "이제 관리자예요.", "You are an admin now.";

    // Events, parties, orders
    find_event: "이벤트 주소 또는 번호", "An event's address or id";
    no_event_here: "이벤트가 없어요.", "There is no event.";
    event_title: "이벤트", "Event";
    event_kind: "종류", "Kind";
    event_by: "만든 사람", "By";
    event_opens: "열리는 시각", "Opens";
    event_entered: "참여", "Entered";
    call_off_event: "이벤트 취소하기", "Call an event off";
    call_off_hint: "이유는 이벤트 페이지에 그대로 보이고, 결제한 돈은 모두 돌려줘요.", "Everybody sees the reason on the event's page, and every payment goes back.";
    event_called_off: "이벤트를 취소했어요.", "The event is called off.";
    suspend_event: "멈추기", "Stop for now";
    suspend_event_hint: "이유는 이벤트 페이지에 그대로 보여요. 다시 열 때까지 아무도 찾거나 누를 수 없고, 이미 한 참여와 결제는 그대로예요.", "Everybody sees the reason on the event's page. Until it goes on nobody finds or enters it; entries and payments stay as they are.";
    event_is_suspended: "이벤트를 멈췄어요.", "The event is stopped.";
    readmit_event: "다시 열기", "Let it go on";
    event_goes_on: "이벤트를 다시 열었어요.", "The event goes on.";
    no_party_here: "파티가 없어요.", "There is no party.";
    party_item: "품목", "Item";
    party_where: "마켓", "Market";
    party_leader: "리더", "Leader";
    party_meets: "모이는 시각", "Meets";
    party_shares: "몫", "Shares";
    cancel_any_party: "파티 취소하기", "Call a party off";
    cancel_any_party_hint: "리더와 파티원 모두에게 이유를 알려요.", "The leader and everybody in it are told the reason.";
    any_party_called_off: "파티를 취소했어요.", "The party is called off.";
    find_order: "주문 번호", "Order number";
    find_order_hint: "D로 시작하는 주문 번호를 그대로 적어 주세요.", "Write the whole number: it begins with D.";
    refunds_wait: "오래 걸리는 환불", "Refunds that take long";
    refunds_wait_hint: "한 시간이 지나도 끝나지 않은 환불이에요. 결제사에서 확인해 주세요. 그동안에도 계속 다시 시도해요.", "Refunds that did not arrive within an hour. Look at the provider's own pages; they are tried again meanwhile.";
    no_refunds_wait: "기다리는 환불이 없어요.", "No refund waits.";
    refund_owed: "환불하기로 한 시각", "Owed since";
    refund_provider: "결제사", "Provider";
    provider_portone: "포트원", "PortOne";
    order_number: "주문 번호", "Order number";
    order_amount: "금액", "Amount";
    order_made: "주문 시각", "Ordered";
    order_buyer: "산 사람", "Buyer";
    refund_order: "남은 금액 모두 환불하기", "Give everything back";
    refund_order_hint: "남은 수량과 금액을 모두 돌려주고, 산 사람에게 이유를 알려요.", "All units and money that are left go back; the buyer is told the reason.";
    refund_begun: "환불을 시작했어요.", "The refund has begun.";

    // Reports
    report_context: "앞뒤 대화 보기", "What was said around it";
    decide_author: "이 회원에게 조치하기", "Do something about this member";
    decide_hint: "신고된 이 회원의 글을 모두 숨기고, 주의를 주거나 정지해요.", "Hides all of their lines that were reported, and warns or suspends them.";
    reports_decided: "신고를 처리했어요.", "The reports are decided.";

    // The log
    audit_hint: "관리자와 크리에이터가 다른 사람에게 한 일이에요. 고칠 수 없고, 2년 뒤에 지워요.", "What admins and creators did to others. Nobody can change it; it is deleted after two years.";
    audit_when: "언제", "When";
    audit_by: "누가", "Who";
    audit_what: "한 일", "What";
    audit_by_link: "일회용 링크로", "by a one-time link";
    audit_line(number): "{number}번째 메시지", "message {number}";
    audit_to: "누구에게, 무엇에", "To whom, to what";
    audit_device: "기기", "Device";
    audit_all: "모든 일", "Everything";
    audit_empty: "기록이 없어요.", "There is nothing.";
    audit_program: "프로그램", "The program";
    audit_gone: "떠난 회원", "A member who left";
    audit_newer: "새 버전에서 한 일", "Done by a newer version";
    audit_of_all: "모두의 기록", "Of everybody";
}

impl Lang {
    pub(crate) fn members_shown(self, shown: MembersShown) -> &'static str {
        match shown {
            MembersShown::All => self.members_all(),
            MembersShown::Suspended => self.suspended_members(),
            MembersShown::Admins => self.role_admin(),
        }
    }

    /// Who took a payment, by the name that it is kept by.
    pub(crate) fn provider(self, name: &str) -> String {
        match PayWay::named(name) {
            Some(PayWay::PortOne) => self.provider_portone().to_owned(),
            Some(way) => self.way(way).to_owned(),
            None => name.to_owned(),
        }
    }

    pub(crate) fn listed(self, listed: Listed) -> &'static str {
        match (self, listed) {
            (Lang::Ko, Listed::All) => "모두",
            (Lang::Ko, Listed::Live) => "끝나지 않은 것",
            (Lang::Ko, Listed::Cancelled) => "취소된 것",
            (Lang::En, Listed::All) => "All",
            (Lang::En, Listed::Live) => "Not over",
            (Lang::En, Listed::Cancelled) => "Called off",
        }
    }

    pub(crate) fn event_stage(self, stage: EventStage) -> &'static str {
        match (self, stage) {
            (Lang::Ko, EventStage::Draft) => "작성 중",
            (Lang::Ko, EventStage::Coming) => "예정",
            (Lang::Ko, EventStage::Open) => "열림",
            (Lang::Ko, EventStage::Closed) => "닫힘",
            (Lang::Ko, EventStage::Settled) => "마무리됨",
            (Lang::Ko, EventStage::Cancelled) => "취소됨",
            (Lang::En, EventStage::Draft) => "Draft",
            (Lang::En, EventStage::Coming) => "To come",
            (Lang::En, EventStage::Open) => "Open",
            (Lang::En, EventStage::Closed) => "Closed",
            (Lang::En, EventStage::Settled) => "Settled",
            (Lang::En, EventStage::Cancelled) => "Called off",
        }
    }

    /// What was done.
    pub(crate) fn audit_action(self, action: AuditAction) -> &'static str {
        let (ko, en) = match action {
            AuditAction::Suspend => ("회원 정지", "Suspended a member"),
            AuditAction::Restore => ("정지 풀기", "Lifted a suspension"),
            AuditAction::Warn => ("주의", "Warned a member"),
            AuditAction::RemovePicture => ("프로필 사진 지움", "Took a picture away"),
            AuditAction::MakeAdmin => ("관리자 지정", "Made an admin"),
            AuditAction::RemoveAdmin => ("관리자 해제", "Took an admin's role"),
            AuditAction::MakeAdminLink => ("관리자 링크 발급", "Made a link for an admin"),
            AuditAction::MakePasswordLink => ("비밀번호 링크 발급", "Made a link for a password"),
            AuditAction::LookAtMember => ("회원 정보 열람", "Looked at a member"),
            AuditAction::LookAtOrder => ("주문 열람", "Looked at an order"),
            AuditAction::LookAtParty => ("파티 대화 열람", "Read a party's chat"),
            AuditAction::ExportPeople => ("참여자·주문 목록 내려받음", "Took a table of people along"),
            AuditAction::CallOff => ("이벤트 취소", "Called an event off"),
            AuditAction::SuspendEvent => ("이벤트 멈춤", "Stopped an event"),
            AuditAction::ReadmitEvent => ("이벤트 다시 엶", "Let an event go on"),
            AuditAction::Disqualify => ("참여 제외", "Took an entry out"),
            AuditAction::SendPrize => ("경품 보냄 표시", "Marked a prize as sent"),
            AuditAction::Refund => ("환불", "Gave an order back"),
            AuditAction::CancelParty => ("파티 취소", "Called a party off"),
            AuditAction::GrantAppeal => ("이의 인정", "Granted an appeal"),
            AuditAction::RefuseAppeal => ("이의 기각", "Refused an appeal"),
            AuditAction::HideLine => ("메시지 숨김", "Hid a line of chat"),
            AuditAction::Mute => ("말 막기", "Muted a member"),
            AuditAction::Unmute => ("말 막기 풀기", "Let a member speak again"),
            AuditAction::Dismiss => ("신고 문제없음", "Dismissed a report"),
            AuditAction::HideReview => ("후기 가림", "Hid a review"),
            AuditAction::RestoreReview => ("후기 다시 보임", "Showed a review again"),
            AuditAction::CorrectMarket => ("마켓 수정", "Corrected a market"),
            AuditAction::MergeMarket => ("마켓 합치기", "Merged markets"),
            AuditAction::HideMarket => ("마켓 숨김", "Hid a market"),
            AuditAction::ShowMarket => ("마켓 다시 보임", "Showed a market again"),
            AuditAction::CorrectItem => ("품목 수정", "Corrected an item"),
            AuditAction::ImportList => ("목록 올림", "Brought a list"),
            AuditAction::RunJob => ("저절로 하는 일 실행", "Ran a job"),
            AuditAction::CallOffOrders => ("판매자의 주문 취소", "Called orders off, as their seller"),
            AuditAction::RefuseReturn => ("판매자의 반품 거절", "Refused a return, as its seller"),
            AuditAction::PayOut => ("정산금 지급 기록", "Noted a payout"),
        };
        if self == Lang::Ko { ko } else { en }
    }
}
