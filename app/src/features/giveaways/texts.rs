//! Texts of giveaways: results, prizes, the creator's table.

use crate::texts::{Lang, texts};
use model::{ClaimState, GiveawayError};

texts! {
    result: "내 결과", "My result";
    result_none: "이 이벤트에 참여하지 않았어요.", "You did not enter this event.";
    see_room: "대기실로", "To the room";
    standby_number(n: count): "대기 {n}번", "Standby {n}";
    fill_in: "받을 곳 적기", "Say where it goes";
    claim_title(prize): "{prize} 받을 곳을 알려 주세요", "Where should {prize} go?";
    claim_until(when): "{when}까지 적지 않으면 다음 분께 넘어가요.", "Without it by {when} it goes to the next in line.";
    claim_taken: "받을 곳을 보냈어요.", "Sent to the creator.";
    taken_out: "제외했어요.", "Taken out.";
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
    save_delivery: "다음에도 쓸 수 있게 주소록에 저장할게요 (선택)", "Keep it among my addresses (optional)";
    send_form: "보내기", "Send";
    claim_offered: "작성 대기", "Form due";
    claim_state_filled: "발송 대기", "To be sent";
    claim_state_sent: "발송 완료", "Sent";
    claim_state_expired: "기한 지남", "Expired";
    claim_state_withdrawn: "회수", "Taken back";
    my_entries: "참여한 이벤트", "My entries";
    came_all(n: count): "전체 {n}", "All {n}";
    came_won(n: count): "당첨 {n}", "Won {n}";
    came_lost(n: count): "미당첨 {n}", "Lost {n}";
    no_entries: "아직 참여한 이벤트가 없어요.", "You have not entered anything yet.";
    no_entries_hint: "곧 열리는 이벤트의 대기실에 들어가 보세요.", "Step into the room of an event that opens soon.";
    entrants: "참여자", "Entrants";
    entrants_file: "참여자", "entrants";
    winners: "당첨자", "Winners";
    entered_column: "참여 시각", "Entered at";
    claim_column: "상태", "State";
    prizes_counts(offered: plural, filled: count, sent: count): "작성 대기 {offered} · 발송 대기 {filled} · 발송 완료 {sent}", "{offered} form due · {filled} to be sent · {sent} sent" | "{offered} forms due · {filled} to be sent · {sent} sent";
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
    same_device_elsewhere: "다른 이벤트 당첨자와 같은 기기", "Same device as a winner of another event";
    alike_elsewhere: "다른 이벤트 당첨자와 같은 연락처·주소", "Same phone or address as a winner of another event";
    chat_moderation: "말을 막은 사람", "Muted people";
    as_csv: "CSV로 받기", "CSV";
    as_xlsx: "엑셀로 받기", "Excel";
    shared_result(rank: count, after, event): "{rank}위 {after} · {event}", "Rank {rank}, {after} · {event}";
    nobody_found: "해당하는 참여자가 없어요.", "Nobody matches.";
    error_already: "이미 처리됐어요.", "This was done before.";
    error_too_late: "기한이 지났어요.", "The deadline has passed.";
}

impl Lang {
    /// Why nothing can be done about a prize.
    pub(crate) fn giveaway_error(self, error: &GiveawayError) -> String {
        match error {
            GiveawayError::AlreadyDone => self.error_already().into(),
            GiveawayError::TooLate => self.error_too_late().into(),
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
}
