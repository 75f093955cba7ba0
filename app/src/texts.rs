//! Every text of the interface, in every language, checked at compile time.
//!
//! Own code instead of a translation library: the site never changes its language while a page is open, so all that is
//! needed is a function per text. It costs the browser nothing but the texts, and a missing translation does not compile.

use model::{Category, ClaimState, EntryState, Error, EventState, FieldError, Reason, SECOND, Stage, Time};
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

macro_rules! texts {
    ($($name:ident $(($($arg:ident),+))?: $ko:literal, $en:literal;)*) => {
        #[allow(missing_docs)]
        impl Lang { $(texts!(@one $name $(($($arg),+))?, $ko, $en);)* }
    };
    (@one $name:ident, $ko:literal, $en:literal) => {
        pub fn $name(self) -> &'static str {
            match self { Lang::Ko => $ko, Lang::En => $en }
        }
    };
    (@one $name:ident ($($arg:ident),+), $ko:literal, $en:literal) => {
        pub fn $name(self, $($arg: impl std::fmt::Display),+) -> String {
            match self { Lang::Ko => format!($ko), Lang::En => format!($en) }
        }
    };
}

texts! {
    // The frame of every page
    site: "59초", "59초";
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
    demo_crowd: "가상 인원 300명 보내기", "Send a crowd of 300";
    demo_crowd_hint: "다음에 열리는 이벤트 대기실로 가상의 사람들이 들어와 이야기하고 버튼을 눌러요.", "Simulated people enter the next event's room, chat and press.";
    loading: "불러오는 중이에요", "Loading";

    // Home
    opens_next: "다음에 열려요", "Opens next";
    open_now: "지금 열려 있어요", "Open now";
    coming_up: "곧 열려요", "Coming up";
    recently: "최근에 열렸어요", "Recently opened";
    nothing_next: "예정된 이벤트가 아직 없어요.", "No event is announced yet.";
    nothing_next_hint: "크리에이터 모드에서 첫 이벤트를 열어 보세요.", "Switch to creator mode and make the first one.";
    nothing_recent: "아직 끝난 이벤트가 없어요.", "Nothing has ended yet.";
    to_room: "대기실 입장", "Enter the room";
    waiting(count): "{count}명 대기 중", "{count} waiting";
    rate(ratio): "{ratio} : 1", "{ratio} : 1";
    places(count): "{count}명", "{count} places";
    entered_of(total, capacity): "{total}명 참여 · 정원 {capacity}명", "{total} entered · {capacity} places";
    see_board: "순위판 보기", "See the board";

    // Kinds and states
    giveaway: "경품", "Giveaway";
    ticket: "티켓", "Ticket";
    deal: "타임딜", "Time deal";
    state_draft: "임시 저장", "Draft";
    state_scheduled: "예정", "Scheduled";
    state_open: "진행 중", "Open";
    state_full: "정원 마감", "Full";
    state_closed: "마감", "Closed";
    state_settled: "정산 완료", "Settled";
    state_cancelled: "취소", "Cancelled";

    // The room
    opens_today(clock): "오늘 {clock} 시작", "Opens today at {clock}";
    opens_on(date, clock): "{date} {clock} 시작", "Opens {date}, {clock}";
    last_59: "마지막 59초", "The last 59 seconds";
    live: "LIVE", "LIVE";
    open_until(clock): "{clock}까지 열려 있어요", "Open until {clock}";
    closed_with(total, capacity): "{total}명 중 {capacity}명", "{capacity} of {total}";
    server_clock: "서버 시계", "Server clock";
    clock_error(ms): "오차 ±{ms} ms", "within ±{ms} ms";
    clock_syncing: "시계를 맞추는 중이에요", "Setting the clock";
    clock_no_script: "이 화면을 연 시각이에요", "When this page was made";
    until_opening: "열릴 때까지", "Until the opening";
    since_opening: "열린 지", "Since the opening";
    in_room: "지금 대기실", "In the room";
    competition: "경쟁률", "Competition";
    capacity: "정원", "Places";
    ranked: "참여", "Entered";
    about: "이벤트 소개", "About";
    rules: "참여 규칙", "Rules";
    prizes: "경품", "Prizes";
    prize_line(place, name, winners): "{place}등 {name} {winners}", "{place}. {name} × {winners}";
    press: "지금 참여하기", "Enter now";
    pressing: "보내는 중이에요…", "Sending…";
    opens_in(time): "{time} 뒤에 열려요", "Opens in {time}";
    ready: "준비…", "Ready…";
    early_no_harm: "미리 눌러도 불이익은 없어요. 열린 뒤 첫 클릭만 셉니다.", "Pressing early does no harm. Only the first press after the opening counts.";
    prepared(hint): "준비 완료! {hint}", "All set! {hint}";
    turns_on_at(clock): "{clock}에 자동으로 켜져요", "Turns on by itself at {clock}";
    first_click_counts: "첫 클릭만 순위가 돼요.", "Only your first press is ranked.";
    sign_in_to_enter: "로그인하고 준비하기", "Sign in to get ready";
    sign_in_hint: "미리 로그인해 두면 열리는 순간 버튼 하나만 누르면 돼요.", "Sign in now, and one press is all it takes.";
    own_event: "내가 연 이벤트예요", "This is your event";
    own_event_hint: "내 이벤트에는 참여할 수 없어요.", "You cannot enter your own event.";
    event_closed: "마감됐어요", "This event has closed";
    event_closed_hint: "순위판은 계속 볼 수 있어요.", "The board stays open to everyone.";
    event_cancelled: "취소된 이벤트예요", "This event was cancelled";
    entered_already: "참여 완료", "You are in";
    rank_suffix: "위", "";
    after(seconds): "+{seconds}초", "+{seconds} s";
    received_at(clock): "{clock} 접수", "Received {clock}";
    won_prize(place, name): "당첨이에요! {place}등 · {name}.", "You won! Prize {place}: {name}.";
    won: "당첨이에요!", "You won!";
    standby(place): "대기 {place}번이에요. 자리가 나면 순서대로 드려요.", "You are number {place} on standby. Places that return go in order.";
    lost: "아쉽지만 이번엔 정원 밖이에요.", "This time the places ran out before you.";
    disqualified: "참여가 취소됐어요.", "Your entry was taken out.";
    you_are(rank, total): "{total}명 중 {rank}위예요", "You are {rank} of {total}";
    announce_result(rank, seconds, outcome): "{rank}위, 열린 지 {seconds}초 만에 접수됐어요. {outcome}", "Rank {rank}, {seconds} seconds after the opening. {outcome}";
    announce_left(time): "열릴 때까지 {time} 남았어요.", "{time} until the opening.";
    sound: "소리", "Sound";
    sound_on: "소리 켜짐", "Sound on";
    sound_off: "소리 꺼짐", "Sound off";
    announce_open: "열렸어요. 지금 누르세요.", "It is open. Press now.";
    board: "순위판", "Board";
    board_count(total): "순위판 {total}", "Board {total}";
    nobody_entered: "아무도 참여하지 않았어요.", "Nobody entered.";
    board_empty: "열리면 순위가 여기에 바로 올라와요.", "Ranks appear here the moment it opens.";
    board_all(count): "⋯ 앞 {count}명 모두 보기", "⋯ see all {count} ahead";
    board_full: "순위판 전체 보기", "See the whole board";
    board_page(from, to): "{from}–{to}위", "Ranks {from}–{to}";
    page_before: "이전 100명", "Previous 100";
    page_after: "다음 100명", "Next 100";
    me: "나", "me";
    rank_column: "순위", "Rank";
    name_column: "닉네임", "Nickname";
    time_column: "열린 뒤", "After opening";
    result_column: "결과", "Result";
    entry_won: "당첨", "Won";
    entry_standby: "대기", "Standby";
    entry_lost: "미당첨", "—";
    entry_disqualified: "취소됨", "Disqualified";
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
    reconnecting: "연결이 끊겨 다시 잇는 중이에요. 자리는 그대로예요.", "Connection lost, reconnecting. Your place is safe.";
    outdated: "새 버전이 나왔어요. 새로고침해 주세요.", "There is a new version. Please reload.";
    cancel_event: "이벤트 취소", "Cancel this event";
    cancel_reason: "취소 사유 (모두에게 보여요)", "Reason (everyone will see it)";
    cancel_why(reason): "사유: {reason}", "Reason: {reason}";
    entry_code: "참여 코드", "Entry code";
    entry_code_hint: "크리에이터가 알려준 코드를 넣어 두세요.", "Type the code the creator gave you.";

    // Accounts
    welcome_back: "다시 만나서 반가워요", "Welcome back";
    welcome: "1분이면 준비 끝이에요", "Ready in a minute";
    email: "이메일", "Email";
    password: "비밀번호", "Password";
    password_hint: "10자 이상, 흔하지 않은 것으로. 특수문자는 없어도 돼요.", "At least 10 characters, not a common one. No special characters needed.";
    nickname: "닉네임", "Nickname";
    nickname_hint: "순위판과 채팅에 보여요. 2–20자.", "Shown on boards and in chat. 2–20 characters.";
    agree_terms: "이용약관과 개인정보 처리방침에 동의해요 (필수)", "I accept the terms and the privacy policy (required)";
    agree_age: "만 14세 이상이에요 (필수)", "I am 14 or older (required)";
    agree_marketing: "새 소식을 받을래요 (선택)", "Send me news (optional)";
    no_account: "아직 회원이 아니세요?", "No account yet?";
    have_account: "이미 회원이세요?", "Already a member?";
    hello(name): "{name} 님, 안녕하세요", "Hello, {name}";
    signed_out_my: "로그인하면 여기에서 내 정보를 볼 수 있어요.", "Sign in to see your account here.";

    // Creators
    my_events: "내 이벤트", "My events";
    stage_all: "전체", "All";
    stage_drafts: "임시 저장", "Drafts";
    stage_upcoming: "예정", "Upcoming";
    stage_live: "진행 중", "Live";
    stage_closed: "결과 처리 중", "Giveaways";
    stage_over: "끝남", "Over";
    edit: "고치기", "Edit";
    duplicate: "복제", "Duplicate";
    dashboard: "현황", "Dashboard";
    edit_event: "이벤트 고치기", "Edit the event";
    edit_hint: "바꾼 내용은 누구나 볼 수 있게 기록돼요. 여는 시각은 열리기 10분 전까지만 옮길 수 있어요.", "Changes are recorded for everyone to see. The opening can be moved until ten minutes before.";
    edit_opened_hint: "열린 뒤에는 글과 당첨 인원 늘리기만 돼요. 바꾼 내용은 누구나 볼 수 있게 기록돼요.", "Once open, only texts change and winners are added. Changes are recorded for everyone to see.";
    last_winners_hint: "늘릴 수만 있어요. 늘어난 자리는 대기 순서대로 드려요.", "It can only grow. New places go to those who stand by, in order.";
    save_draft: "임시 저장", "Save as a draft";
    uploading: "올리는 중", "Uploading";
    crop: "보일 부분", "What is shown";
    crop_x: "가로 위치", "Across";
    crop_y: "세로 위치", "Down";
    crop_zoom: "확대", "Zoom";
    their_events: "연 이벤트", "Events";
    changes: "변경 내역", "Changes";
    changes_count(n): "변경 내역 {n}", "Changes {n}";
    changes_hint: "공개된 뒤 바뀐 것은 모두 여기에 남아요.", "Everything changed since it was published stays here.";
    no_changes: "바뀐 것이 없어요.", "Nothing was changed.";
    changed_now: "이벤트 내용이 바뀌었어요.", "This event was changed.";
    reload: "새로 보기", "Reload";
    new_event: "이벤트 만들기", "New event";
    no_events: "아직 만든 이벤트가 없어요.", "You have made no event yet.";
    no_events_hint: "제목과 경품, 열리는 시각만 있으면 1분 만에 만들 수 있어요.", "A title, a prize and an opening second: one minute is enough.";
    creator_only: "크리에이터 모드에서 볼 수 있어요.", "This is for creators.";
    become_creator: "크리에이터 시작하기", "Become a creator";
    profile_title: "크리에이터 프로필", "Creator profile";
    profile_hint: "이벤트마다 이 이름으로 소개돼요. 나중에 바꿀 수 있어요.", "Events are shown under this name. You can change it later.";
    profile_name: "이름", "Name";
    profile_introduction: "소개", "Introduction";
    profile_links: "링크 (한 줄에 하나, 5개까지)", "Links (one a line, up to 5)";
    save: "저장하기", "Save";
    field_title: "제목", "Title";
    title_hint: "2–80자. 무엇을 몇 분께 드리는지 적으면 좋아요.", "2–80 characters. Say what, and for how many.";
    field_summary: "한 줄 소개", "Summary";
    field_description: "자세한 소개", "Description";
    description_hint: "마크다운을 쓸 수 있어요.", "Markdown works here.";
    field_category: "분류", "Category";
    field_opens: "열리는 시각 (한국 시간)", "Opens (Korea time)";
    field_closes: "닫히는 시각 (한국 시간)", "Closes (Korea time)";
    field_code: "참여 코드 (선택)", "Entry code (optional)";
    field_code_hint: "적어 두면 코드를 아는 사람만 참여할 수 있어요.", "Only people with the code can enter.";
    field_rules: "참여 규칙", "Rules";
    field_picture: "사진", "Picture";
    picture_hint: "JPEG, PNG, WebP · 10 MB까지. 위치 정보는 지워져요.", "JPEG, PNG or WebP up to 10 MB. Location data is removed.";
    picture_again: "사진은 다시 골라 주세요.", "Please choose the picture again.";
    prize_name: "경품 이름", "Prize";
    prize_kind: "받는 방법", "Delivery";
    prize_winners: "당첨 인원", "Winners";
    prize_goods: "배송", "Shipped";
    prize_coupon: "모바일 쿠폰", "Mobile coupon";
    prize_add: "경품 추가", "Add a prize";
    prize_number(n): "{n}등", "Prize {n}";
    publish: "이벤트 열기", "Publish";
    publish_hint: "바로 공개되고, 정해진 시각에 저절로 열려요.", "It becomes public now and opens by itself on time.";
    preview: "미리보기", "Preview";
    preview_title: "제목이 여기에 보여요", "Your title";

    // After the click
    result: "내 결과", "My result";
    result_none: "이 이벤트에 참여하지 않았어요.", "You did not enter this event.";
    see_room: "대기실로", "To the room";
    standby_waits: "대기 중이에요. 자리가 나면 알려 드릴게요.", "Standing by. We tell you when a place returns.";
    fill_in: "받을 곳 적기", "Say where it goes";
    claim_title(prize): "{prize} 받을 곳을 알려 주세요", "Where should {prize} go?";
    claim_until(when): "{when}까지 적지 않으면 다음 분께 넘어가요.", "Without it by {when} it goes to the next in line.";
    claim_filled: "크리에이터에게 전해졌어요. 보내면 알려 드릴게요.", "The creator has it. We tell you when it is sent.";
    claim_sent: "보냈어요. 적어 주신 내용은 30일 뒤에 지워져요.", "It was sent. What you wrote is erased after 30 days.";
    claim_expired: "기한이 지나 다음 분께 넘어갔어요.", "The deadline passed and it went to the next in line.";
    claim_withdrawn: "이 당첨은 취소됐어요.", "This prize was taken back.";
    receiver: "받는 분", "Receiver";
    phone: "휴대폰", "Mobile phone";
    postcode: "우편번호", "Postcode";
    address: "도로명 주소", "Road address";
    address_detail: "상세 주소", "Flat, floor";
    consent_delivery(creator): "위 내용을 {creator}에게 상품 발송을 위해 전달하고, 발송 30일 뒤 지우는 데 동의해요 (필수)", "I agree that {creator} gets this to send the prize, and that it is erased 30 days after (required)";
    save_delivery: "다음에도 쓸 수 있게 저장할게요 (선택)", "Keep it for next time (optional)";
    send_form: "보내기", "Send";
    claim_offered: "작성 대기", "Form due";
    claim_state_filled: "발송 대기", "To be sent";
    claim_state_sent: "발송 완료", "Sent";
    claim_state_expired: "기한 지남", "Expired";
    claim_state_withdrawn: "회수", "Taken back";
    my_entries: "참여한 이벤트", "My entries";
    came_all(n): "전체 {n}", "All {n}";
    came_won(n): "당첨 {n}", "Won {n}";
    came_lost(n): "미당첨 {n}", "Lost {n}";
    no_entries: "아직 참여한 이벤트가 없어요.", "You have not entered anything yet.";
    no_entries_hint: "곧 열리는 이벤트의 대기실에 들어가 보세요.", "Step into the room of an event that opens soon.";
    more: "더 보기", "More";
    notices: "알림", "Notices";
    notices_unread(n): "읽지 않은 알림 {n}개", "{n} unread notices";
    no_notices: "알림이 없어요.", "No notices.";
    read_all: "모두 읽음", "Mark all read";
    delete_read: "읽은 알림 지우기", "Delete read";
    notice_won(event, when): "‘{event}’에 당첨됐어요! {when}까지 받을 곳을 적어 주세요.", "You won at “{event}”! Say where it goes by {when}.";
    notice_due(event, when): "‘{event}’ 상품 받을 곳을 {when}까지 적어 주세요. 지나면 다음 분께 넘어가요.", "Your prize of “{event}” waits until {when}. Then it goes to the next in line.";
    notice_expired(event): "‘{event}’ 당첨 기한이 지나 다음 분께 넘어갔어요.", "The deadline for “{event}” passed; the prize went on.";
    notice_sent(event): "‘{event}’ 상품을 보냈어요.", "Your prize of “{event}” was sent.";
    notice_disqualified(event, reason): "‘{event}’에서 제외됐어요. 사유: {reason}", "You were taken out of “{event}”: {reason}";
    notice_changed(event): "‘{event}’ 이벤트 내용이 바뀌었어요.", "“{event}” was changed.";
    notice_cancelled(event, reason): "‘{event}’ 이벤트가 취소됐어요. 사유: {reason}", "“{event}” was called off: {reason}";
    entrants: "참여자", "Entrants";
    winners: "당첨자", "Winners";
    entered_column: "참여 시각", "Entered at";
    claim_column: "상태", "State";
    prizes_counts(offered, filled, sent): "작성 대기 {offered} · 발송 대기 {filled} · 발송 완료 {sent}", "{offered} forms due · {filled} to be sent · {sent} sent";
    find_entrant: "순위나 닉네임으로 찾기", "Find a rank or nickname";
    find: "찾기", "Find";
    last_first: "늦은 순", "Last first";
    first_first: "빠른 순", "First first";
    mark_sent: "발송 완료로", "Mark sent";
    disqualify: "제외하기", "Take out";
    disqualify_reason: "제외 사유", "Reason for taking out";
    disqualify_hint: "사유는 순위판에 그대로 보이고, 되돌릴 수 없어요.", "The reason is shown on the board, and there is no way back.";
    same_device: "같은 기기", "Same device";
    alike: "같은 연락처·주소", "Same phone or address";
    as_csv: "CSV로 받기", "CSV";
    as_xlsx: "엑셀로 받기", "Excel";
    hide_line: "숨기기", "Hide";
    mute_member: "말 막기", "Mute";
    muted_member: "말을 막았어요", "Muted";
    report_line: "신고", "Report";
    reported_line: "신고했어요", "Reported";
    hidden_line: "숨긴 메시지예요.", "This message is hidden.";
    line_menu(name): "{name} 님의 메시지에 대해", "About {name}'s message";
    reports: "신고된 메시지", "Reported messages";
    reported(n): "신고 {n}건", "{n} reports";
    dismiss_report: "문제없음", "Harmless";
    admin: "관리", "Administration";
    jobs: "저절로 하는 일", "Jobs";
    jobs_hint: "여러 대가 함께 돌아도 한 일은 한 곳에서만 해요. 자주 하는 일의 기록은 15초마다 적어요.", "However many nodes there are, each job is run by one. What runs often is noted every 15 s.";
    job: "하는 일", "Job";
    job_every: "주기", "Every";
    job_last: "마지막 실행", "Last run";
    job_took: "걸린 시간", "Took";
    job_next: "다음 실행", "Next run";
    job_failures: "연속 실패", "Failures in a row";
    job_held: "계속 보는 중", "Watching";
    job_soon: "곧", "Soon";
    job_run: "지금 실행", "Run now";
    job_follow: "참여 뒤처리: 내 참여 목록과 당첨 기록", "Writes members' entries and winners' claims";
    job_expire: "기한이 지난 경품 넘기기", "Passes on prizes whose deadline passed";
    job_remind: "당첨 정보 입력 알리기", "Reminds winners of their form";
    job_tell: "알림 보내기", "Tells members what is new";
    job_settle: "끝난 이벤트 마무리", "Settles events that are over";
    job_erase: "당첨자 개인정보 지우기", "Erases what winners wrote";
    job_sessions: "끝난 로그인 지우기", "Deletes sessions that ended";
    job_devices: "오래된 기기 잊기", "Forgets old devices";
    no_reports: "살펴볼 신고가 없어요.", "Nothing to look at.";
    error_muted: "크리에이터가 이 이벤트에서 말하기를 막았어요.", "The creator does not let you speak here.";
    plot_entries(width): "{width}초마다 참여", "Entries every {width} s";
    plot_present: "대기실 인원", "People in the room";
    plot_refused(reason, sum): "거절된 클릭 · {reason} {sum}", "Refused clicks · {reason} {sum}";
    reason_early: "너무 빠름", "too early";
    reason_full: "정원 마감", "full";
    reason_closed: "마감 뒤", "closed";
    reason_cancelled: "취소됨", "cancelled";
    reason_own: "내 이벤트", "own event";
    reason_code: "코드 틀림", "wrong code";
    reason_out: "제외됨", "taken out";
    reason_suspended: "정지된 계정", "suspended";
    reason_busy: "붐빔", "busy";
    share: "공유하기", "Share";
    share_address: "공유할 주소", "Address to share";
    copied: "주소를 복사했어요.", "The address was copied.";
    qr_alt: "이 이벤트 주소의 QR 코드", "This event's address as a QR code";
    shared_title(name, rank, after): "{name} 님, {rank}위 {after}", "{name}: rank {rank}, {after}";
    shared_result(rank, after, event): "{rank}위 {after} · {event}", "Rank {rank}, {after} · {event}";
    masked: "순위판에 닉네임을 가려서 보여 주세요", "Show my nickname masked on boards";
    masked_now(name): "지금은 ‘{name}’(으)로 보여요.", "It is shown as “{name}” now.";
    pulse(most): "열린 뒤 60초 동안의 초당 참여, 가장 많을 때 {most}명", "Entries per second in the first 60 seconds, {most} at most";
    refused_clicks: "거절된 클릭", "Refused clicks";
    nobody_found: "해당하는 참여자가 없어요.", "Nobody matches.";
    error_already: "이미 처리됐어요.", "This was done before.";
    error_too_late: "기한이 지났어요.", "The deadline has passed.";
    error_settled: "모두 끝난 이벤트라 바꿀 수 없어요.", "This event is settled and cannot change.";

    // What was done
    signed_out: "로그아웃했어요.", "You are signed out.";
    mode_set: "모드를 바꿨어요.", "The mode was changed.";
    saved: "저장했어요.", "Saved.";
    crowd_sent: "가상의 사람들이 출발했어요.", "A crowd is on its way.";
    chat_said: "보냈어요.", "Sent.";
    line_looked_at: "처리했어요.", "Done.";
    notices_read: "모두 읽음으로 표시했어요.", "All are marked as read.";
    notices_deleted: "읽은 알림을 지웠어요.", "Read notices are deleted.";
    job_asked: "곧 실행돼요.", "It runs in a moment.";
    carried_hint: "로그인하면 적은 내용을 이어서 보낼 수 있어요.", "Sign in, and what you typed goes on.";
    carried_title: "로그인했어요. 적은 내용을 이어서 보낼까요?", "You are signed in. Send what you typed?";
    carried_on: "이어서 보내기", "Go on";

    // Errors
    not_found: "찾는 페이지가 없어요", "There is nothing here";
    not_found_hint: "주소가 바뀌었거나 사라졌어요.", "The address changed or is gone.";
    go_home: "홈으로", "Back home";
    went_wrong: "잠시 문제가 생겼어요", "Something went wrong";
    went_wrong_hint: "다시 시도해 주세요. 접수된 것은 사라지지 않아요.", "Please try again. Nothing accepted is lost.";
    try_again: "다시 시도", "Try again";
    check_fields: "표시된 칸을 확인해 주세요.", "Please check the marked fields.";
    early_by_seconds(seconds): "{seconds}초 빨랐어요", "{seconds} s too early";
    early_by(ms): "{ms} ms 빨랐어요", "{ms} ms too early";
    error_full: "정원이 모두 찼어요.", "All places are taken.";
    error_closed: "이미 마감됐어요.", "It has already closed.";
    error_suspended: "이용이 정지된 계정이에요.", "This account is suspended.";
    error_code: "참여 코드가 맞지 않아요.", "That entry code is not right.";
    error_signed_out: "먼저 로그인해 주세요.", "Please sign in first.";
    error_forbidden: "할 수 없는 일이에요.", "This is not allowed.";
    error_too_many(seconds): "너무 잦아요. {seconds}초 뒤에 다시 해 주세요.", "Too often. Try again in {seconds} s.";
    error_busy: "지금 많이 붐벼요. 다시 눌러 주세요.", "Very busy right now. Please press again.";
    error_password: "이메일이나 비밀번호가 맞지 않아요.", "Email or password is not right.";
    error_malformed: "보낸 내용을 읽지 못했어요.", "What was sent could not be read.";
    error_too_large: "너무 커요.", "That is too large.";
    field_required: "꼭 필요해요.", "This is needed.";
    field_short(min): "{min}자 이상 적어 주세요.", "At least {min} characters.";
    field_long(max): "{max}까지만 돼요.", "At most {max}.";
    field_invalid: "형식이 맞지 않아요.", "This does not look right.";
    field_taken: "이미 쓰이고 있어요.", "Somebody already has this.";
    field_well_known: "너무 널리 알려진 비밀번호예요. 다른 것으로 해 주세요.", "This password is too well known. Please choose another.";
    field_past: "지금보다 뒤여야 해요.", "It must lie ahead.";
    field_not_after: "열리는 시각보다 1분 이상 뒤여야 해요.", "It must be at least a minute after the opening.";
    field_frozen: "여는 시각은 열리기 10분 전까지, 지금부터 10분 뒤 이후로만 옮길 수 있어요.", "The opening can be moved until ten minutes before it, to no earlier than ten minutes from now.";
    field_range(min, max): "{min}에서 {max} 사이로 적어 주세요.", "Between {min} and {max}.";
    field_not_picture: "읽을 수 없는 사진이에요. JPEG, PNG, WebP로 올려 주세요.", "We cannot read this picture. Use JPEG, PNG or WebP.";
    field_picture_large: "사진이 너무 커요. 10 MB, 8,192픽셀까지예요.", "The picture is too large: up to 10 MB and 8,192 pixels.";

    // Categories
    fashion: "패션", "Fashion";
    beauty: "뷰티", "Beauty";
    food: "식품", "Food";
    appliances: "가전", "Appliances";
    sports: "스포츠", "Sports";
    living: "생활", "Living";
    pets: "반려동물", "Pets";
    travel: "여행", "Travel";
    culture: "공연·전시·축제", "Culture";
    other: "기타", "Other";

    // Times
    hours_minutes(h, m): "{h}시간 {m}분", "{h} h {m} min";
    minutes_seconds(m, s): "{m}분 {s}초", "{m} min {s} s";
    seconds(s): "{s}초", "{s} s";
    minutes(m): "{m}분", "{m} min";
    ago(time): "{time} 전", "{time} ago";
    in_time(time): "{time} 뒤", "in {time}";
    days(d): "{d}일", "{d} days";
    month_day(month, day): "{month}월 {day}일", "{month}/{day}";
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
            Error::TooEarly { early_us } if *early_us >= SECOND => self.early_by_seconds(seconds_ms(*early_us)),
            Error::TooEarly { early_us } => self.early_by(number((*early_us as u64).div_ceil(1000))),
            Error::Full => self.error_full().into(),
            Error::Closed => self.error_closed().into(),
            Error::Cancelled => self.event_cancelled().into(),
            Error::OwnEvent => self.own_event_hint().into(),
            Error::Disqualified => self.disqualified().into(),
            Error::AlreadyDone => self.error_already().into(),
            Error::TooLate => self.error_too_late().into(),
            Error::Settled => self.error_settled().into(),
            Error::Muted => self.error_muted().into(),
            Error::Suspended => self.error_suspended().into(),
            Error::WrongCode => self.error_code().into(),
            Error::SignedOut => self.error_signed_out().into(),
            Error::Forbidden => self.error_forbidden().into(),
            Error::NotFound => self.not_found().into(),
            Error::TooMany { retry_after } => self.error_too_many(retry_after),
            Error::Busy => self.error_busy().into(),
            Error::WrongPassword => self.error_password().into(),
            Error::Malformed => self.error_malformed().into(),
            Error::TooLarge => self.error_too_large().into(),
            Error::Invalid { .. } => self.check_fields().into(),
            Error::Internal => self.went_wrong().into(),
        }
    }

    /// Why a click was refused.
    pub fn reason(self, reason: Reason) -> &'static str {
        match reason {
            Reason::TooEarly => self.reason_early(),
            Reason::Full => self.reason_full(),
            Reason::Closed => self.reason_closed(),
            Reason::Cancelled => self.reason_cancelled(),
            Reason::OwnEvent => self.reason_own(),
            Reason::WrongCode => self.reason_code(),
            Reason::Disqualified => self.reason_out(),
            Reason::Suspended => self.reason_suspended(),
            Reason::Busy => self.reason_busy(),
        }
    }

    /// What became of a prize.
    pub fn claim_state(self, state: ClaimState) -> &'static str {
        match state {
            ClaimState::Offered => self.claim_offered(),
            ClaimState::Filled => self.claim_state_filled(),
            ClaimState::Sent => self.claim_state_sent(),
            ClaimState::Expired => self.claim_state_expired(),
            ClaimState::Withdrawn => self.claim_state_withdrawn(),
        }
    }

    /// A moment of another day: "11월 25일 20:00".
    pub fn moment(self, at: Time) -> String {
        let c = at.civil();
        format!("{} {:02}:{:02}", self.month_day(c.month, c.day), c.hour, c.minute)
    }

    /// What to tell a person about a field.
    pub fn field_error(self, error: &FieldError) -> String {
        match error {
            FieldError::Required => self.field_required().into(),
            FieldError::TooShort { min } => self.field_short(min),
            FieldError::TooLong { max } => self.field_long(max),
            FieldError::Invalid => self.field_invalid().into(),
            FieldError::Taken => self.field_taken().into(),
            FieldError::WellKnown => self.field_well_known().into(),
            FieldError::InPast => self.field_past().into(),
            FieldError::NotAfter => self.field_not_after().into(),
            FieldError::Frozen => self.field_frozen().into(),
            FieldError::OutOfRange { min, max } => self.field_range(number(*min as u64), number(*max as u64)),
            FieldError::NotAPicture => self.field_not_picture().into(),
            FieldError::TooLarge => self.field_picture_large().into(),
        }
    }

    /// The name of a category.
    pub fn category(self, category: Category) -> &'static str {
        match category {
            Category::Fashion => self.fashion(),
            Category::Beauty => self.beauty(),
            Category::Food => self.food(),
            Category::Appliances => self.appliances(),
            Category::Sports => self.sports(),
            Category::Living => self.living(),
            Category::Pets => self.pets(),
            Category::Travel => self.travel(),
            Category::Culture => self.culture(),
            Category::Other => self.other(),
        }
    }

    /// The name of a stage in the creator's list.
    pub fn stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::All => self.stage_all(),
            Stage::Drafts => self.stage_drafts(),
            Stage::Upcoming => self.stage_upcoming(),
            Stage::Live => self.stage_live(),
            Stage::Closed => self.stage_closed(),
            Stage::Over => self.stage_over(),
        }
    }

    /// The name of an event's state.
    pub fn event_state(self, state: EventState) -> &'static str {
        match state {
            EventState::Draft => self.state_draft(),
            EventState::Scheduled => self.state_scheduled(),
            EventState::Open => self.state_open(),
            EventState::Full => self.state_full(),
            EventState::Closed => self.state_closed(),
            EventState::Settled => self.state_settled(),
            EventState::Cancelled => self.state_cancelled(),
        }
    }

    /// The name of an entry's state.
    pub fn entry_state(self, state: EntryState) -> &'static str {
        match state {
            EntryState::Won => self.entry_won(),
            EntryState::Standby => self.entry_standby(),
            EntryState::Lost => self.entry_lost(),
            EntryState::Disqualified => self.entry_disqualified(),
        }
    }

    /// A duration in words, to the second; days alone when there are any.
    pub fn duration(self, microseconds: i64) -> String {
        let s = microseconds.max(0).div_euclid(model::SECOND);
        match s {
            0..60 => self.seconds(s),
            60..3600 => self.minutes_seconds(s / 60, s % 60),
            3600..86_400 => self.hours_minutes(s / 3600, s % 3600 / 60),
            _ => self.days(s / 86_400),
        }
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

/// Microseconds as seconds to the millisecond: `0.084`. Cut, not rounded, as a stopwatch does.
pub fn seconds_ms(microseconds: i64) -> String {
    format!("{}.{:03}", number((microseconds / model::SECOND) as u64), microseconds % model::SECOND / 1000)
}

/// People for each place, to a tenth: `12.8`.
pub fn ratio(people: u64, capacity: u64) -> String {
    let tenths = people * 10 / capacity.max(1);
    format!("{}.{}", number(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times() {
        assert_eq!([number(0), number(999), number(6012), number(1_234_567)], ["0", "999", "6,012", "1,234,567"]);
        assert_eq!(seconds_ms(84_999), "0.084");
        assert_eq!(seconds_ms(61_000_000), "61.000");
        assert_eq!(ratio(1284, 100), "12.8");
        assert_eq!(Lang::Ko.error(&Error::TooEarly { early_us: 212_001 }), "213 ms 빨랐어요");
        assert_eq!(Lang::Ko.error(&Error::TooEarly { early_us: 37_442_000 }), "37.442초 빨랐어요");
        assert_eq!(Lang::Ko.duration(444 * model::SECOND), "7분 24초");
    }
}
