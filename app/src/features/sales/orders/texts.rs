//! Texts of the line, checkout, orders and tickets.

use crate::texts::{Lang, texts};
use model::sales::SaleError;

texts! {
    checkout: "줄과 결제", "Line and checkout";
    no_money_moves: "연습용 결제예요. 실제로 돈이 오가지 않아요.", "This is for practice. No money moves.";
    count_pieces(n: plural): "{n}개", "{n} piece" | "{n} pieces";
    count_tickets(n: plural): "{n}장", "{n} ticket" | "{n} tickets";
    not_entered: "아직 누르지 않았어요. 열리면 대기실의 버튼을 눌러 주세요.", "You have not pressed yet. Once it opens, press the button in the room.";
    how_many: "몇 개", "How many";
    one_fewer: "하나 줄이기", "One fewer";
    one_more: "하나 늘리기", "One more";
    won_each(won: count): "하나에 {won}원", "₩{won} each";
    choose_units: "몇 개 살지 미리 정하기", "Choose how many beforehand";
    readiness: "열리기 전에 할 일", "Before it opens";
    is_done: "했음", "done";
    is_to_do: "아직", "to do";
    sign_in_first: "로그인하기", "Sign in";
    pieces_chosen(n: plural): "{n}개 사기로 정함 (바꾸기)", "{n} chosen (change)" | "{n} chosen (change)";
    tickets_chosen(n: plural): "{n}장 사기로 정함 (바꾸기)", "{n} ticket chosen (change)" | "{n} tickets chosen (change)";
    fewer_chosen(one): "모자라면 {one}라도: 네 (바꾸기)", "If there are fewer, even {one}: yes (change)";
    fewer_not_chosen(one): "모자라면 {one}라도: 아니요 (바꾸기)", "If there are fewer, even {one}: no (change)";
    address_known: "받는 곳 저장됨 (바꾸기)", "Address known (change)";
    address_to_give: "받는 곳 미리 적기", "Write where it goes";
    fewer_would_do: "다 안 되면 적게라도 받을게요", "Fewer would do if there are not enough";
    choice_hint: "미리 정해 두면 열리는 순간 버튼만 누르면 돼요.", "Chosen now, one press is all it takes when it opens.";
    choose: "이대로 정하기", "Choose";
    where_to: "받는 곳", "Where it goes";
    where_to_hint: "미리 적어 두면 내 차례에 결제만 하면 돼요. 주소록에 저장돼요.", "Said now, paying is all there is to do on your turn. It is kept among your addresses.";
    save_address: "받는 곳 저장하기", "Save it";
    units_chosen: "정했어요.", "Chosen.";
    sale_over: "판매가 끝났어요.", "This sale is over.";
    line_title: "내 차례까지", "Until your turn";
    line_suffix: "번째", " in line";
    line_ahead(n: plural): "앞에 {n}명", "{n} person ahead" | "{n} people ahead";
    line_minutes(from: count, to: count): "약 {from}–{to}분", "about {from}–{to} min";
    line_unknown: "얼마나 걸릴지는 아직 알 수 없어요.", "How long it takes is not known yet.";
    line_standby(units): "{units}가 돌아오면 차례대로 드려요.", "{units}: offered in order as units return.";
    line_given(units): "{units}를 맡아 두었어요. 결제 차례를 기다려 주세요.", "{units} are yours. Please wait to be let into checkout.";
    line_kept: "새로고침하거나 창을 닫아도, 다른 기기에서도 자리는 그대로예요.", "Your place stays: after a refresh, a closed tab, or on another device.";
    leave_line: "줄에서 나가기", "Leave the line";
    leave_checkout: "구매하지 않기", "Do not buy";
    leave_hint: "맡아 둔 수량은 바로 다음 분께 가요.", "What was held goes to the next in line at once.";
    leave_while_unpaid: "결제 전에는 언제든 나갈 수 있어요. 자리는 다음 분께 가요.", "You may leave at any time before paying: your place goes to the next in line.";
    left_line: "나갔어요.", "You left.";
    your_turn: "내 차례예요", "It is your turn";
    held_until(clock): "{clock}까지", "until {clock}";
    sum: "합계", "Total";
    pay(won: count): "{won}원 결제하기", "Pay ₩{won}";
    pay_by_phone: "휴대폰으로 결제하기 (QR)", "Pay on a phone (QR)";
    scan_to_pay: "휴대폰 카메라로 찍어 결제를 승인해 주세요. 끝나면 이 화면이 저절로 넘어가요.", "Approve it with a phone's camera. This page goes on by itself.";
    payment_code: "결제 QR 코드", "QR code of the payment";
    approve_until(clock): "{clock}까지 승인할 수 있어요.", "It can be approved until {clock}.";
    pay_here(won: count): "이 화면에서 {won}원 결제하기", "Pay ₩{won} here";
    change_delivery: "받는 곳 바꾸기", "Change where it goes";
    bought: "구매했어요!", "It is yours!";
    hold_expired: "결제 시간이 지나 다음 분께 넘어갔어요.", "Time ran out, and it went to the next in line.";
    paid_too_late(won: count): "그 사이 다른 분께 넘어가, 결제한 {won}원을 돌려 드려요.", "It went to somebody else meanwhile: the ₩{won} you paid go back.";
    you_left: "나갔어요.", "You left.";
    all_given_back: "모두 환불했어요.", "All of it was refunded.";
    join_again: "판매 중이니 한 번 더, 맨 뒤에 설 수 있어요.", "While it is on sale you may join once more, at the end.";
    join: "다시 줄 서기", "Join again";
    to_order: "주문 보기", "See the order";
    see_order: "내역 보기", "See what happened";
    go_pay: "결제하러 가기", "Go to checkout";
    order: "주문", "Order";
    my_orders: "주문 내역", "My orders";
    my_tickets: "내 티켓", "My tickets";
    no_orders: "아직 주문이 없어요.", "No orders yet.";
    no_own_tickets: "앞으로 쓸 티켓이 없어요.", "No tickets to come.";
    receipt: "영수증", "Receipt";
    receipt_hint: "이 페이지를 인쇄해서 쓸 수 있어요.", "This page can be printed.";
    refunded: "환불", "Refunded";
    refund_coming: "환불 예정", "To be refunded";
    kept: "최종 결제 금액", "Paid in the end";
    sold_by: "판매자", "Sold by";
    ordered_at: "주문 시각", "Ordered at";
    what: "내용", "What";
    state: "상태", "State";
    history: "진행 내역", "What happened";
    cancel_order: "주문 취소하기", "Cancel the order";
    give_back_tickets: "티켓 돌려주기", "Give tickets back";
    goes_back(units, won: count): "{units} · {won}원 환불", "{units} · ₩{won} back";
    goes_back_fee(units, won: count, fee: count): "{units} · {won}원 환불 (수수료 {fee}원)", "{units} · ₩{won} back (fee ₩{fee})";
    goes_on: "돌아온 수량은 대기하던 분께 가요.", "What comes back goes to those who stand by.";
    given_back: "돌려줬어요. 결제한 금액은 곧 환불돼요.", "Given back. The money is on its way.";
    order_awaiting: "결제 대기", "To be paid";
    order_paid: "결제 완료", "Paid";
    order_preparing: "준비 중", "Being prepared";
    order_shipped: "배송 중", "Shipped";
    order_delivered: "배송 완료", "Delivered";
    order_cancelled: "취소", "Cancelled";
    order_refunded: "환불", "Refunded";
    by_buyer: "구매자", "buyer";
    by_seller: "판매자", "seller";
    by_site: "자동", "automatic";
    step_held(when): "{when}까지 선점", "Held until {when}";
    step_paid: "결제", "Paid";
    step_free: "무료로 받음", "Free";
    step_expired: "결제 시간 지남", "Time ran out";
    step_left: "구매하지 않음", "Left";
    step_declined: "결제 거절", "Payment declined";
    step_called_off: "판매자가 취소했거나 판매가 끝남", "Cancelled by the seller, or the sale ended";
    step_given_back(n: count, won: count): "{n}개 반환, {won}원 환불 예정", "{n} given back, ₩{won} to be refunded";
    step_given_back_fee(n: count, won: count, fee: count): "{n}개 반환, 수수료 {fee}원을 뺀 {won}원 환불 예정", "{n} given back, ₩{won} to be refunded, fee ₩{fee}";
    step_called_off_for(reason): "판매자가 취소: {reason}", "Called off by the seller: {reason}";
    step_refunded_by_site(reason): "운영진이 환불: {reason}", "Given back by the site's team: {reason}";
    step_shipped(carrier, tracking): "보냄 · {carrier} {tracking}", "Sent · {carrier} {tracking}";
    step_return_asked(n: count, reason): "{n}개 반품 신청: {reason}", "{n} to be sent back: {reason}";
    step_return_accepted(answer): "반품 수락: {answer}", "May be sent back: {answer}";
    step_return_refused(answer): "반품 거절: {answer}", "May not be sent back: {answer}";
    shipment: "배송", "Delivery";
    confirm_arrival: "받았어요", "I have it";
    arrival_confirmed: "잘 받았다고 알렸어요.", "Noted that it has arrived.";
    send_back: "반품 신청하기", "Send it back";
    send_back_hint: "받은 뒤 7일 안에 신청할 수 있어요. 판매자가 물건을 받으면 결제한 금액을 돌려 드려요.", "Within seven days of delivery. Once the seller has it, the money goes back.";
    return_reason: "반품 사유", "Why";
    return_asked: "반품을 신청했어요.", "The seller was asked.";
    return_asked_wait: "반품을 신청했어요. 판매자의 답을 기다려 주세요.", "You asked to send it back. The seller will answer.";
    return_is_accepted: "반품할 수 있어요. 판매자가 받으면 환불해요.", "You may send it back; the money follows once the seller has it.";
    return_is_refused: "반품을 받지 못했어요.", "It cannot be sent back.";
    return_is_received: "반품이 도착했어요. 결제한 금액은 곧 환불돼요.", "The seller has it. The money is on its way.";
    step_refunded(won: count): "{won}원 환불", "₩{won} refunded";
    ticket_code: "입장 코드", "Entry code";
    ticket_number(n: count): "{n}번째 장", "No. {n}";
    ticket_given_back: "돌려준 티켓", "Given back";
    to_calendar: "캘린더에 넣기", "Add to calendar";
    error_hold_over: "결제할 수 있는 시간이 지났어요. 다음 분께 넘어갔어요.", "The time to pay is over. It went to the next in line.";
    error_being_paid: "지금 결제를 확인하고 있어요. 잠시 뒤 다시 봐 주세요.", "A payment is being confirmed. Please look again in a moment.";
    error_already_paid: "이미 결제했어요.", "It was paid for already.";
    error_not_in_line: "나갈 줄이 없어요.", "There is no place in the line to give up.";
    error_not_returnable: "지금은 돌려줄 수 없어요. 기한이 지났거나 수량이 맞지 않아요.", "This cannot be given back any more, or not so many.";
    error_fee_changed: "그 사이 돌려받는 금액이 줄었어요. 바뀐 금액을 보고 다시 눌러 주세요.", "Less would go back by now than was shown. Please look at it once more, and press again.";
}

impl Lang {
    /// Why nothing can be done about units of a sale.
    pub(crate) fn sale_error(self, error: &SaleError) -> &'static str {
        match error {
            SaleError::HoldOver => self.error_hold_over(),
            SaleError::BeingPaid => self.error_being_paid(),
            SaleError::Paid => self.error_already_paid(),
            SaleError::NotInLine => self.error_not_in_line(),
            SaleError::NotReturnable => self.error_not_returnable(),
            SaleError::FeeChanged => self.error_fee_changed(),
        }
    }
}
