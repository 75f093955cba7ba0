//! Texts of notices.

use crate::texts::{Lang, texts};
use model::notices::Kind;

impl Lang {
    /// What is chosen by a kind of notices.
    pub fn notice_kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::OpensInDay => self.kind_opens_in_day(),
            Kind::OpensInHalfDay => self.kind_opens_in_half_day(),
            Kind::OpensInHour => self.kind_opens_in_hour(),
            Kind::NewEvents => self.kind_new_events(),
            Kind::Turns => self.kind_turns(),
            Kind::Prizes => self.kind_prizes(),
            Kind::Orders => self.kind_orders(),
            Kind::Selling => self.kind_selling(),
            Kind::EventChanges => self.kind_event_changes(),
            Kind::NewParties => self.kind_new_parties(),
            Kind::PartyChat => self.kind_party_chat(),
            Kind::Parties => self.kind_parties(),
            Kind::Penalties => self.kind_penalties(),
        }
    }
}

texts! {
    notices: "알림", "Notices";
    notices_unread(n: plural): "읽지 않은 알림 {n}개", "{n} unread notice" | "{n} unread notices";
    no_notices: "알림이 없어요.", "No notices.";
    notice_unread: " (읽지 않음)", " (unread)";
    notice_opened: "읽음으로 표시했어요.", "It is marked as read.";
    delete_notice: "이 알림 지우기", "Delete this notice";
    notice_deleted: "알림을 지웠어요.", "The notice is deleted.";
    notice_settings: "알림 설정", "Settings";
    notice_settings_title: "받을 알림", "What you are told of";
    notice_settings_hint: "끈 알림은 목록에도 남지 않아요.", "What is off is not in your list either.";
    kind_opens_in_day: "찜한 이벤트가 열리기 하루 전", "A day before what you wish for opens";
    kind_opens_in_half_day: "찜한 이벤트가 열리기 12시간 전", "Twelve hours before what you wish for opens";
    kind_opens_in_hour: "찜한 이벤트가 열리기 1시간 전", "An hour before what you wish for opens";
    kind_new_events: "관심 카테고리와 검색어의 새 이벤트", "New events in categories and for words you follow";
    kind_turns: "대기 순서와 결제 시간", "Your turn in a line, and the time to pay";
    kind_prizes: "당첨과 상품", "Prizes you won";
    kind_orders: "주문, 배송과 환불", "Your orders, parcels and refunds";
    kind_selling: "내 판매의 주문, 반품과 후기", "Orders, returns and reviews of what you sell";
    kind_event_changes: "참여하거나 찜한 이벤트의 변경과 취소", "Changes and cancellations of events you entered or wish for";
    kind_new_parties: "즐겨찾는 매장과 품목의 새 모임", "New parties at markets and for items you favour";
    kind_party_chat: "내 모임의 대화", "What is said in your parties";
    kind_parties: "내 모임의 참여, 약속과 정산", "What becomes of your parties";
    kind_penalties: "패널티와 이의 신청 결과", "Marks, and what was decided about them";
    read_all: "모두 읽음", "Mark all read";
    delete_read: "읽은 알림 지우기", "Delete read";
    notice_won(event, when): "‘{event}’에 당첨됐어요! {when}까지 받을 곳을 적어 주세요.", "You won at “{event}”! Say where it goes by {when}.";
    notice_due(event, when): "‘{event}’ 상품 받을 곳을 {when}까지 적어 주세요. 지나면 다음 분께 넘어가요.", "Your prize of “{event}” waits until {when}. Then it goes to the next in line.";
    notice_expired(event): "‘{event}’ 당첨 기한이 지나 다음 분께 넘어갔어요.", "The deadline for “{event}” passed; the prize went on.";
    notice_sent(event): "‘{event}’ 상품을 보냈어요.", "Your prize of “{event}” was sent.";
    notice_disqualified(event, reason): "‘{event}’에서 제외됐어요. 사유: {reason}", "You were taken out of “{event}”: {reason}";
    notice_changed(event): "‘{event}’ 이벤트 내용이 바뀌었어요.", "“{event}” was changed.";
    notice_your_turn(event, when): "‘{event}’ 내 차례예요! {when}까지 결제해 주세요.", "It is your turn at “{event}”! Pay by {when}.";
    notice_opens_in_day(event, when): "찜한 ‘{event}’ 하루 안에 열려요. {when}", "“{event}”, which you wish for, opens within a day: {when}";
    notice_opens_in_hours(event, hours, when): "찜한 ‘{event}’ {hours}시간 안에 열려요. {when}", "“{event}”, which you wish for, opens within {hours} hours: {when}";
    notice_opens_in_hour(event, when): "찜한 ‘{event}’ 곧 열려요! {when}", "“{event}”, which you wish for, opens within the hour: {when}";
    notice_suspended(event, reason): "운영진이 ‘{event}’ 이벤트를 잠시 멈췄어요. 사유: {reason}", "The site's team stopped “{event}” for now: {reason}";
    notice_readmitted(event): "운영진이 ‘{event}’ 이벤트를 다시 열었어요.", "The site's team lets “{event}” go on.";
    notice_warned(reason): "운영진이 주의를 드려요: {reason}", "A warning from the site's team: {reason}";
    notice_new_event(event, when): "새로 올라온 ‘{event}’ {when}에 열려요.", "New for you: “{event}” opens {when}.";
    notice_hold_ending(event, when): "‘{event}’ 결제 시간이 곧 끝나요. {when}까지 결제해 주세요.", "Time to pay for “{event}” is about to end: pay by {when}.";
    notice_hold_over(event): "‘{event}’ 결제 시간이 지나 다음 분께 넘어갔어요.", "Time to pay for “{event}” ran out; it went to the next in line.";
    notice_paid(event, won: count): "‘{event}’ {won}원을 결제했어요.", "You paid ₩{won} for “{event}”.";
    notice_cancelled(event, reason): "‘{event}’ 이벤트가 취소됐어요. 사유: {reason}", "“{event}” was called off: {reason}";
    notice_shipped(event, carrier, tracking): "‘{event}’ 상품을 보냈어요. {carrier} {tracking}", "“{event}” was sent: {carrier} {tracking}";
    notice_delivered(event): "‘{event}’ 상품이 도착했어요.", "“{event}” has arrived.";
    notice_called_off(event, reason, won: count): "‘{event}’ 주문이 취소됐어요. {won}원을 돌려 드려요. 사유: {reason}", "Your order of “{event}” was called off; ₩{won} go back: {reason}";
    notice_return_asked(event, reason): "‘{event}’ 반품 신청이 들어왔어요. 사유: {reason}", "Somebody wishes to send “{event}” back: {reason}";
    notice_return_accepted(event, answer): "‘{event}’ 반품을 받아 줬어요. {answer}", "You may send “{event}” back: {answer}";
    notice_return_refused(event, answer): "‘{event}’ 반품을 받지 못했어요. {answer}", "“{event}” cannot be sent back: {answer}";
    notice_return_received(event, won: count): "‘{event}’ 반품이 도착해 {won}원을 돌려 드려요.", "What you sent back of “{event}” is there; ₩{won} go back.";
    notice_preparing(event): "‘{event}’ 상품을 준비하고 있어요.", "“{event}” is being prepared for you.";
    notice_unpaid(event): "‘{event}’ 결제가 제때 확인되지 않아 주문이 끝났어요. 빠져나간 돈은 모두 돌려 드려요.", "Your payment for “{event}” was not there in time, and the order is over. Whatever was taken goes back.";
    notice_all_back(event, won: count): "‘{event}’ 결제한 {won}원을 돌려 드려요.", "₩{won} that you paid for “{event}” go back.";
    notice_reviewed(event, stars): "‘{event}’에 별 {stars}개 후기가 올라왔어요.", "“{event}” was reviewed: {stars} of 5.";
    notice_review_answered(event): "‘{event}’ 후기에 판매자가 답했어요.", "The seller answered your review of “{event}”.";
    notice_orders(n: plural, event): "‘{event}’ 주문 {n}건이 들어왔어요.", "{n} order of “{event}” came in." | "{n} orders of “{event}” came in.";
    notice_given_back(n: plural, event): "‘{event}’ 주문 {n}건이 취소됐어요. 돌려준 수량은 다시 팔려요.", "{n} order of “{event}” was cancelled; its units are sold again." | "{n} orders of “{event}” were cancelled; their units are sold again.";
    notice_sold_out(event): "‘{event}’ 다 팔렸어요!", "“{event}” is sold out!";
    notice_hours_lapsed(n: plural, first): "{first}부터 잡아 둔 {n}시간이 결제되지 않아 풀렸어요. 필요하면 다시 골라 주세요.", "{n} hour from {first} was not paid for in time and is free again. Choose anew if you need it." | "{n} hours from {first} were not paid for in time and are free again. Choose anew if you need them.";
    notice_hours_unused(n: plural, first, until): "{first}부터 빌린 {n}시간에 아직 딜이 없어요. {until}까지는 돌려받을 수 있어요.", "{n} hour that you booked from {first} has no deal yet. It can be given back until {until}." | "{n} hours that you booked from {first} have no deal yet. They can be given back until {until}.";
    notices_read: "모두 읽음으로 표시했어요.", "All are marked as read.";
    notices_deleted: "읽은 알림을 지웠어요.", "Read notices are deleted.";
}
