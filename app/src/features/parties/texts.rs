//! Texts of parties.

use crate::texts::{Lang, texts};
use model::{
    PartyError, PartyState,
    parties::{MemberState, PartyNews, PenaltyKind},
};

texts! {
    parties: "우리동네", "Neighbours";
    parties_within(n: plural, km: count): "{km}km 안에 파티 {n}개", "{n} party within {km} km" | "{n} parties within {km} km";
    party_title(item): "{item} 나눠요", "Sharing {item}";
    new_party: "파티 열기", "Start a party";
    my_parties: "내 파티", "My parties";
    no_parties: "아직 가까운 파티가 없어요. 하나 열어 볼까요?", "No party near here yet. Start one?";
    no_own_parties: "아직 참여한 파티가 없어요.", "You have no party yet.";
    look_from: "다른 곳에서 보기", "Look from elsewhere";
    how_far: "얼마나 가까이", "How far";
    only_open: "자리 있는 파티만", "With shares left";
    drawn_parties: "가까운 파티를 방향과 거리로 그린 그림", "Parties by direction and distance";
    set_home: "여기를 우리 동네로", "Make this my neighbourhood";
    forget_home: "우리 동네 지우기", "Forget my neighbourhood";
    home_hint: "내 위치와 거리는 나만 볼 수 있어요.", "Only you can see where you are and how far things are.";
    home_set: "우리 동네를 바꿨어요.", "Your neighbourhood was changed.";
    home_first: "먼저 우리 동네를 정해 주세요. 가까운 마켓을 찾아 드려요.", "Set your neighbourhood first, so that we can find the markets around it.";
    no_markets: "10km 안에 마켓이 없어요.", "There is no market within 10 km.";
    shares_left(n: plural): "{n}자리 남았어요", "{n} share left" | "{n} shares left";
    free_shares(n): "남은 자리 {n}", "Shares left: {n}";
    count_shares(n: plural): "{n}몫", "{n} share" | "{n} shares";
    won_a_share(won: count): "1인 {won}원", "₩{won} a share";
    shares: "몫", "Shares";
    find_item: "무엇을 나눌까요?", "What do you want to share?";
    find_item_hint: "이름 앞부분이나 초성으로 찾아요. 예: 올리브, ㅇㄹㅂ", "Search by how the name begins, or by Korean initial consonants, such as 올리브 or ㅇㄹㅂ.";
    items_found(n: plural): "품목 {n}개. 화살표로 고르고 Enter를 눌러요.", "{n} item. Choose with the arrow keys and Enter." | "{n} items. Choose with the arrow keys and Enter.";
    filters: "품목·마켓 고르기", "Filter by item or market";
    any_item: "모든 품목", "Any item";
    item_shelf: "분류", "Category";
    any_shelf: "모든 분류", "Any category";
    any_market: "모든 마켓", "Any market";
    show_those: "이렇게 보기", "Apply";
    no_parties_limited: "고른 조건에 맞는 파티가 없어요.", "No party matches your filters.";
    all_parties: "모든 파티 보기", "All parties";
    where_first: "어디에서 볼지 알려 주시면 가까운 파티를 보여 드려요.", "Tell us where you are to see parties nearby.";
    say_where: "동네 정하기", "Choose a place";
    where_title: "어디에서 볼까요?", "Where should we look?";
    where_address: "도로명 주소나 동네", "Road address or district";
    where_places: "많이 찾는 곳", "Popular places";
    where_am_i: "지금 있는 곳에서 보기", "Use my location";
    where_am_i_hint: "누르면 브라우저가 위치를 써도 되는지 물어요.", "Your browser will ask for your permission.";
    where_looking: "위치를 찾고 있어요…", "Finding your location…";
    where_unknown: "위치를 알 수 없어요. 괜찮아요, 주소나 지도에서 골라 주세요.", "We could not get your location. That is fine: enter an address or choose a point on the map.";
    no_districts: "찾는 곳이 없어요. 도로명 주소나 구·시 이름으로 찾아 보세요.", "No place found. Try a road address, or the name of a district or city.";
    map_choose: "지도에서 가까운 도시를 골라 주세요.", "Choose the nearest city on the map.";
    map_of_country: "도시를 고르는 지도", "Map of Korea: choose a city";
    map_keys: "지도. 화살표 키로 점을 옮겨요. Shift를 누르면 더 멀리 가요.", "Map. Arrow keys move the point; hold Shift to move it further.";
    map_hint: "지도를 누르거나 화살표 키로 점을 옮겨요.", "Tap the map or use the arrow keys to move the point.";
    map_centre: "이 점을 가운데로", "Centre the map here";
    point_near(name): "{name} 근처", "Near {name}";
    look_from_here: "여기에서 파티 보기", "See parties from here";
    look_up: "찾기", "Find";
    no_items: "찾는 품목이 없어요. 이름을 바꿔 찾아 보세요.", "No item found. Try another name.";
    another_item: "다른 품목 고르기", "Choose another item";
    party_market: "마켓", "Market";
    market_missing: "찾는 마켓이 없나요? 지도에서 더하기", "Is a market missing? Add it on the map";
    party_buys: "나눌 양", "Amount to share";
    party_quantity: "수량", "Quantity";
    party_unit: "단위", "Unit";
    party_unit_hint: "예: 통, kg, 5L 병", "For example: bottles, kg";
    party_total: "예상 총액 (원)", "Estimated price (₩)";
    party_cost: "실제 총액", "Real price";
    party_wanted: "몇 몫으로 나눌까요?", "Split into how many shares?";
    party_wanted_hint: "2–20몫, 리더의 몫도 세요.", "2 to 20, the leader's own included.";
    party_own: "그중 내 몫", "Shares for the leader";
    party_least: "최소 몫", "Minimum shares";
    party_least_hint: "모임이 가까워진 뒤에 나간 분이 있어 이보다 적어지면 파티가 취소돼요.", "If somebody leaves near the meeting and fewer are taken, the party is called off.";
    party_from: "모임 시작", "Meeting starts";
    party_to: "모임 끝", "Meeting ends";
    party_note: "한마디", "Note";
    party_automatic: "신청하면 바로 함께해요", "Accept everyone who asks";
    party_rule: "나눠떨어지지 않는 돈은 리더가 내요. 모임 3시간 전부터, 또는 모임이 확정된 뒤에 나가면 늦은 취소라 페널티를 받을 수 있어요. 그때부터 모임 시작 전까지 누가 나가면 남은 분들은 30분 동안, 리더가 받은 분도 그때부터 30분 동안 자유롭게 나갈 수 있어요.", "What cannot be divided evenly is paid by the leader. Leaving less than 3 hours before the meeting, or once it is confirmed, counts as late and may bring a penalty. When somebody leaves between then and the start, the others may leave freely for 30 minutes, and so may whoever was just accepted.";
    make_party: "파티 열기", "Start the party";
    party_made: "파티를 열었어요.", "Your party is open.";
    party_changed: "바꿨어요.", "Changed.";
    party_asked: "신청했어요.", "Your request was sent.";
    party_left: "나왔어요.", "You left.";
    party_called_off: "파티를 취소했어요.", "The party was called off.";
    request_answered: "처리했어요.", "Done.";
    time_proposed: "다른 시간을 제안했어요.", "Another time was proposed.";
    time_answered: "답했어요.", "Answered.";
    attendance_marked: "표시했어요.", "Marked.";
    cost_set: "실제 값으로 다시 나눴어요.", "Split again by the real price.";
    question_asked: "물어봤어요.", "Asked.";
    question_answered: "답했어요.", "Answered.";
    // The line itself says so.
    line_said: "", "";
    lines_read: "읽었어요.", "Read.";
    appealed: "이의를 냈어요. 관리자가 살펴볼게요.", "Your appeal was sent to an admin.";
    leader: "리더", "Leader";
    that_is_me: "나", "You";
    badge_star: "페널티 없는 이웃", "No penalties";
    badge_ghost: "페널티 3개 이상", "Three or more penalties";
    accept: "받기", "Accept";
    reject: "거절", "Decline";
    take_out: "내보내기", "Remove";
    came: "왔어요", "Came";
    did_not_come: "안 왔어요", "Did not come";
    agreed: "새 시간 좋아요", "Agrees to the new time";
    how_many_shares: "몇 몫을 가질까요?", "How many shares?";
    join_party: "함께하기", "Join";
    ask_to_join: "참여 신청", "Ask to join";
    ask_no_more: "신청 취소", "Withdraw my request";
    leave_party: "파티에서 나가기", "Leave the party";
    leaves_late: "지금 나가면 늦은 취소라 페널티를 받을 수 있어요.", "Leaving now counts as late and may bring a penalty.";
    leaves_freely: "지금은 자유롭게 나갈 수 있어요.", "You can leave freely now.";
    free_until(clock): "몫과 모임을 확인해 주세요. {clock}까지는 자유롭게 나갈 수 있어요.", "Check your share and the meeting: you can leave freely until {clock}.";
    meeting_confirmed: "모임 확정", "Confirmed";
    proposed_time: "제안된 시간", "Proposed time";
    time_suits: "좋아요", "Works for me";
    time_does_not: "처음 시간 그대로", "Keep the original time";
    leader_absent: "리더가 안 왔어요", "The leader did not come";
    leader_absent_hint: "다른 파티원 절반 넘게 그렇다고 하면 리더가 페널티를 받아요.", "If more than half of the other members say so, the leader gets a penalty.";
    go_ahead: "지금 인원으로 가기", "Go ahead with these members";
    confirm_meeting: "모임 확정하기", "Confirm the meeting";
    finish_party: "모임 끝내기", "Finish the meeting";
    finish_later(clock): "모임 전에 나간 분이 있어 {clock}까지는 모두 자유롭게 나갈 수 있어요. 그 뒤에 모임을 끝낼 수 있어요.", "Somebody left shortly before the meeting, so everyone may leave freely until {clock}. You can finish the meeting after that.";
    real_price: "실제 총액 (원)", "Real price (₩)";
    real_price_hint: "온 사람끼리 다시 나눠요.", "Split again among those who came.";
    party_cost_each: "실제 1몫", "Real price a share";
    party_receipt: "영수증 사진", "Photo of the receipt";
    party_receipt_hint: "파티원만 볼 수 있어요. JPEG, PNG, WebP, 10MB까지.", "Only members can see it. JPEG, PNG or WebP, up to 10 MB.";
    see_receipt: "영수증 보기", "See the receipt";
    propose_time: "다른 시간 제안하기", "Propose another time";
    propose_hint: "모두 좋다고 해야 바뀌어요. 아니면 처음 시간 그대로예요.", "Everyone has to agree; otherwise the original time stands.";
    cancel_party: "파티 취소하기", "Call the party off";
    edit_party: "조건 바꾸기", "Change the terms";
    why: "이유", "Reason";
    questions: "묻고 답하기", "Questions";
    no_questions: "아직 질문이 없어요.", "No questions yet.";
    ask_leader: "리더에게 묻기", "Ask the leader";
    ask_leader_hint: "모두에게 보여요.", "Everyone can see it.";
    ask: "묻기", "Ask";
    answer: "답하기", "Answer";
    party_chat: "대화", "Chat";
    older_lines: "이전 대화", "Earlier messages";
    newest_lines: "지금 대화로", "Newest messages";
    no_lines: "아직 아무 말도 없어요. 먼저 인사해 보세요.", "Nobody has said anything yet. Say hello.";
    say_something: "파티원에게", "Message to the members";
    send_line: "보내기", "Send";
    mark_read(n: plural): "{n}줄 읽음으로", "Mark {n} message as read" | "Mark {n} messages as read";
    unread_lines(n: plural): "· 안 읽은 대화 {n}", "· {n} unread message" | "· {n} unread messages";
    penalties: "페널티", "Penalties";
    penalties_hint: "페널티는 90일 동안 남아요. 3개부터는 새 파티를 열거나 참여할 수 없어요.", "Penalties count for 90 days. With three or more you can neither start nor join a party.";
    former_penalties(n: plural): "이 이메일을 쓰던 예전 계정의 페널티 {n}개도 함께 세어요. 그 계정의 전화번호를 확인하면 무엇인지 볼 수 있어요.", "{n} penalty of an earlier account with this email counts as well. Confirm that account's phone number to see what it is for." | "{n} penalties of an earlier account with this email count as well. Confirm that account's phone number to see what they are for.";
    appeal: "이의 내기", "Appeal";
    appeal_text: "무슨 일이 있었나요?", "What happened?";
    appeal_open: "· 이의를 살펴보고 있어요", "· appeal under review";
    appeal_refused: "· 이의가 받아들여지지 않았어요", "· appeal rejected";
    appeal_granted: "· 이의가 받아들여졌어요", "· appeal accepted";
    appeals: "이의", "Appeals";
    no_appeals: "기다리는 이의가 없어요.", "No appeals are waiting.";
    grant_appeal: "페널티 거두기", "Withdraw the penalty";
    refuse_appeal: "그대로 두기", "Keep the penalty";
    appeal_decided: "결정했어요.", "Decided.";
    why_blocked: "왜 그런지 보고 이의 내기", "See why, and appeal";
    party_is_another: "파티 내용이 바뀌었어요.", "This party has changed.";
    see_anew: "새로 보기", "Show the changes";
    mark_absent: "안 온 것으로 표시", "Mark as absent";
    mark_absent_hint: "페널티를 받고, 되돌릴 수 없어요.", "They get a penalty. This cannot be undone.";
    mark_late: "늦게 나간 것으로 표시", "Mark as left late";
    counts_no_more: "더는 세지 않아요", "no longer counts";
    error_own_party: "내가 연 파티예요.", "This is your own party.";
    error_party_full: "남은 몫이 모자라요.", "There are not enough shares left.";
    error_party_over: "모임이 시작됐거나 끝난 파티예요.", "This party is over, or its meeting has started.";
    error_already_joined: "이미 참여했거나 신청했어요.", "You have joined already, or asked to.";
    error_not_again: "이 파티에는 다시 참여할 수 없어요.", "You cannot join this party again.";
    error_cannot_join: "확인된 휴대폰 번호가 없거나 정지된 계정이라 지금은 받을 수 없어요.", "They have no confirmed phone or are suspended at the moment, so they cannot be accepted.";
    error_not_requested: "기다리는 신청이 없어요.", "There is no request waiting.";
    error_not_joined: "파티원만 할 수 있어요.", "Only members of this party can do that.";
    error_not_alone: "다른 분이 참여했거나 신청해서 바꿀 수 없어요.", "Somebody has joined or asked to join, so this can no longer be changed.";
    error_confirm_too_early: "모임 하루 전부터 확정할 수 있어요.", "A meeting can be confirmed a day before it at the earliest.";
    error_too_few_shares: "아직 모인 몫이 모자라요.", "Not enough shares are taken yet.";
    error_party_too_late: "모임이 가까워져서 할 수 없어요.", "It is too close to the meeting for that.";
    error_not_begun: "모임이 시작된 뒤에 할 수 있어요.", "This can be done once the meeting has started.";
    error_leader_may_come: "리더가 늦을 수 있어요. 모임이 시작되고 30분 뒤부터 할 수 있어요.", "The leader may be late. This can be done from 30 minutes after the meeting starts.";
    error_members_may_leave: "모임 전에 나간 분이 있어, 남은 분들이 아직 자유롭게 나갈 수 있는 시간이에요.", "Somebody left shortly before the meeting, and the others may still leave freely.";
    error_nothing_proposed: "제안된 다른 시간이 없어요.", "No other time has been proposed.";
    error_not_done: "끝난 파티에서만 할 수 있어요.", "This is only possible for a party that took place.";
    error_already_marked: "이미 표시했어요.", "This has been marked already.";
    error_marking_over: "표시할 수 있는 7일이 지났어요.", "The seven days for this are over.";
    error_penalty_blocked: "페널티가 3개 이상이라 새 파티를 열거나 참여할 수 없어요.", "With three or more penalties you can neither start nor join a party.";
    error_not_appealable: "이미 이의를 냈거나, 더는 세지 않는 페널티예요.", "You have already appealed against this penalty, or it no longer counts.";
    party_recruiting: "모집 중", "Open";
    party_full: "모집 완료", "Full";
    party_done: "완료", "Done";
    party_cancelled: "취소", "Called off";
    party_expired: "만료", "Expired";
    member_requested: "신청", "Asked to join";
    member_joined: "참여", "Joined";
    member_rejected: "거절", "Declined";
    member_withdrawn: "신청 취소", "Withdrawn";
    member_left: "나감", "Left";
    member_left_late: "늦게 나감", "Left late";
    member_removed: "내보냄", "Removed";
    penalty_no_show: "모임에 오지 않음", "Did not come";
    penalty_late_leave: "늦게 나감", "Left late";
    penalty_absent_leader: "리더가 오지 않음", "Led the party but did not come";
    news_requested(item): "‘{item}’ 파티에 참여 신청이 왔어요.", "Somebody asks to join “{item}”.";
    news_joined(item): "‘{item}’ 파티에 새 파티원이 왔어요.", "Somebody joined “{item}”.";
    news_accepted(item): "‘{item}’ 파티에 함께하게 됐어요. 이제 파티에서 대화할 수 있어요.", "You are in “{item}” now: its chat is open to you.";
    party_chat_unread(n: plural, item): "‘{item}’ 파티에 안 읽은 대화가 {n}개 있어요.", "{n} unread message in “{item}”." | "{n} unread messages in “{item}”.";
    news_rejected(item): "‘{item}’ 파티 신청이 받아들여지지 않았어요.", "Your request to join “{item}” was declined.";
    news_removed(item): "리더가 ‘{item}’ 파티에서 내보냈어요.", "The leader removed you from “{item}”.";
    news_left(item): "‘{item}’ 파티에서 한 분이 나갔어요.", "Somebody left “{item}”.";
    news_left_near(item): "‘{item}’ 파티에서 한 분이 나갔어요. 내 몫을 다시 보고, 30분 안에는 자유롭게 나갈 수 있어요.", "Somebody left “{item}”. Check your share: you can leave freely for 30 minutes.";
    news_full(item): "‘{item}’ 파티가 다 모였어요.", "“{item}” is full.";
    news_confirmed(item): "‘{item}’ 모임이 확정됐어요.", "The meeting of “{item}” is confirmed.";
    news_proposed(item): "‘{item}’ 파티에 다른 시간이 제안됐어요. 모두 좋다고 해야 바뀌어요.", "Another time has been proposed for “{item}”. Everyone has to agree.";
    news_moved(item): "‘{item}’ 모임 시간이 바뀌었어요.", "“{item}” meets at a new time.";
    news_stays(item): "‘{item}’ 모임은 처음 시간 그대로예요.", "“{item}” meets at its original time.";
    news_cancelled(item, reason): "‘{item}’ 파티가 취소됐어요. {reason}", "“{item}” was called off. {reason}";
    news_too_few(item): "‘{item}’ 파티는 남은 인원이 모자라 취소됐어요.", "“{item}” was called off: too few members are left.";
    party_too_few: "남은 인원이 모자라 취소됐어요.", "It was called off: too few members are left.";
    news_asked(item): "‘{item}’ 파티에 질문이 올라왔어요.", "Somebody asks you something about “{item}”.";
    news_answered(item): "‘{item}’ 파티에 남긴 질문에 리더가 답했어요.", "The leader of “{item}” answered your question.";
    hide_question: "질문 숨기기", "Hide this question";
    question_hidden: "숨겼어요.", "Hidden.";
    news_done(item): "‘{item}’ 파티가 끝났어요.", "“{item}” is done.";
    news_marked(item, why): "‘{item}’ 파티에서 페널티를 받았어요: {why}. 내 파티에서 이의를 낼 수 있어요.", "You got a penalty in “{item}”: {why}. You can appeal under My parties.";
    news_made(item, market): "단골 소식: {market}에서 ‘{item}’ 파티가 열렸어요.", "One of your favourites: a party for “{item}” was started at {market}.";
    news_appeal_granted(item): "‘{item}’ 파티의 페널티가 취소됐어요. 이의가 받아들여졌어요.", "Your appeal was accepted: the penalty in “{item}” was withdrawn.";
    news_appeal_refused(item): "‘{item}’ 파티의 페널티에 낸 이의가 받아들여지지 않았어요. 이유는 내 파티에서 볼 수 있어요.", "Your appeal against the penalty in “{item}” was rejected. You can read why under My parties.";
    news_cost(item): "‘{item}’ 실제 값이 나왔어요.", "The real price of “{item}” is known.";
}

impl Lang {
    /// Why nothing can be done about a party.
    pub(crate) fn party_error(self, error: &PartyError) -> &'static str {
        match error {
            PartyError::OwnParty => self.error_own_party(),
            PartyError::PartyFull => self.error_party_full(),
            PartyError::PartyOver => self.error_party_over(),
            PartyError::AlreadyJoined => self.error_already_joined(),
            PartyError::NotAgain => self.error_not_again(),
            PartyError::CannotJoin => self.error_cannot_join(),
            PartyError::NotRequested => self.error_not_requested(),
            PartyError::NotJoined => self.error_not_joined(),
            PartyError::NotAlone => self.error_not_alone(),
            PartyError::ConfirmTooEarly => self.error_confirm_too_early(),
            PartyError::TooFewShares => self.error_too_few_shares(),
            PartyError::TooLate => self.error_party_too_late(),
            PartyError::NotBegun => self.error_not_begun(),
            PartyError::LeaderMayCome => self.error_leader_may_come(),
            PartyError::MembersMayLeave => self.error_members_may_leave(),
            PartyError::NothingProposed => self.error_nothing_proposed(),
            PartyError::NotDone => self.error_not_done(),
            PartyError::AlreadyMarked => self.error_already_marked(),
            PartyError::MarkingOver => self.error_marking_over(),
            PartyError::Blocked => self.error_penalty_blocked(),
            PartyError::NotAppealable => self.error_not_appealable(),
        }
    }

    /// Where a party stands.
    pub(crate) fn party_state(self, state: PartyState) -> &'static str {
        match state {
            PartyState::Recruiting => self.party_recruiting(),
            PartyState::Full => self.party_full(),
            PartyState::Done => self.party_done(),
            PartyState::Cancelled => self.party_cancelled(),
            PartyState::Expired => self.party_expired(),
        }
    }

    /// How somebody stands to a party.
    pub(crate) fn member_state(self, state: MemberState) -> &'static str {
        match state {
            MemberState::Requested => self.member_requested(),
            MemberState::Joined => self.member_joined(),
            MemberState::Rejected => self.member_rejected(),
            MemberState::Withdrawn => self.member_withdrawn(),
            MemberState::Left => self.member_left(),
            MemberState::LeftLate => self.member_left_late(),
            MemberState::Removed => self.member_removed(),
        }
    }

    /// What somebody was marked for.
    pub(crate) fn penalty_kind(self, kind: PenaltyKind) -> &'static str {
        match kind {
            PenaltyKind::NoShow => self.penalty_no_show(),
            PenaltyKind::LateLeave => self.penalty_late_leave(),
            PenaltyKind::AbsentLeader => self.penalty_absent_leader(),
        }
    }

    /// What a notice tells of a party for this item.
    pub(crate) fn party_news(self, item: String, news: PartyNews) -> String {
        match news {
            PartyNews::Requested => self.news_requested(item),
            PartyNews::Joined => self.news_joined(item),
            PartyNews::Accepted => self.news_accepted(item),
            PartyNews::Rejected => self.news_rejected(item),
            PartyNews::Removed => self.news_removed(item),
            PartyNews::Left { frees: false } => self.news_left(item),
            PartyNews::Left { frees: true } => self.news_left_near(item),
            PartyNews::Full => self.news_full(item),
            PartyNews::Confirmed => self.news_confirmed(item),
            PartyNews::Proposed => self.news_proposed(item),
            PartyNews::Moved => self.news_moved(item),
            PartyNews::Stays => self.news_stays(item),
            PartyNews::Cancelled { reason } if reason.is_empty() => self.news_too_few(item),
            PartyNews::Cancelled { reason } => self.news_cancelled(item, reason),
            PartyNews::Done => self.news_done(item),
            PartyNews::Marked(kind) => self.news_marked(item, self.penalty_kind(kind)),
            PartyNews::Cost => self.news_cost(item),
            PartyNews::Decided { granted: true } => self.news_appeal_granted(item),
            PartyNews::Decided { granted: false } => self.news_appeal_refused(item),
            PartyNews::Asked => self.news_asked(item),
            PartyNews::Answered => self.news_answered(item),
            PartyNews::Made { market } => self.news_made(item, market),
        }
    }
}
