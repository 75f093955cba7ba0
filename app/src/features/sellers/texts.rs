//! Texts of sellers.

use crate::texts::{Lang, texts};
use model::{SellerError, sellers::Carrier};

texts! {
    business: "사업자 정보", "Business";
    business_hint: "값을 받고 팔려면 필요해요. 사는 분께 그대로 보여요.", "Needed to sell for money. Buyers see all of it.";
    to_business: "사업자 정보 적기", "Write it down";
    business_number: "사업자등록번호", "Business number";
    representative: "대표자", "Representative";
    opening_date: "개업일", "Opening date";
    opening_date_hint: "사업자등록증에 적힌 날.", "As registered.";
    company: "상호", "Company";
    mail_order: "통신판매업 신고번호", "Mail-order number";
    mail_order_hint: "신고 면제라면 그렇게 적어 주세요.", "Where none is needed, say so.";
    contact: "연락처", "Contact";
    contact_email: "문의 이메일", "Email for customers";
    contact_phone: "문의 전화", "Phone for customers";
    check_business: "확인하고 저장하기", "Check and save";
    business_checked: "사업자 정보를 확인했어요.", "The business was checked.";
    checked_at(when): "{when}에 국세청에서 확인했어요.", "Checked with the tax service, {when}.";
    checked_by_tax_service: "국세청 등록 정보와 맞는지 바로 확인해요.", "Compared with what the tax service has, at once.";
    checked_by_practice: "연습용이에요. 번호의 모양만 확인해요. 999로 시작하면 폐업, 998은 없는 번호, 997은 응답 없음이 돼요.", "For practice: only the number's form is checked. With 999 it is closed, with 998 there is none, with 997 nobody answers.";
    checked_by_nobody: "이 사이트에는 아직 사업자를 확인할 곳이 없어 값을 받고 팔 수 없어요.", "Nobody checks businesses on this site yet, so nothing is sold for money.";
    practice_business: "연습용 사업자예요. 확인된 곳이 아니에요.", "A business for practice: nobody checked it.";
    business_is_checked: "사업자 확인됨", "Checked";
    sold_by_business(company): "판매자 {company}", "Sold by {company}";
    sales_and_settlement: "판매와 정산", "Sales";
    sold_orders: "주문", "Orders";
    no_sold_orders: "여기에 해당하는 주문이 없어요.", "No orders here.";
    show_to_ship: "보낼 주문", "To be sent";
    show_returns: "반품", "Sent back";
    show_all: "전체", "All";
    units_sold(n: plural): "{n}개", "{n} unit" | "{n} units";
    units_left(n: count, of: plural): "{of}개 중 {n}개", "{n} of {of} unit" | "{n} of {of} units";
    carrier_label: "택배사", "Carrier";
    tracking: "송장번호", "Tracking number";
    mark_shipped: "보냈어요", "Sent";
    correct_shipment: "송장 고치기", "Correct it";
    order_noted: "주문에 적었어요.", "Noted.";
    call_order_off: "주문 취소", "Call it off";
    call_orders_off(n: plural): "보낼 주문 {n}건 모두 취소", "Call {n} order off" | "Call all {n} orders off";
    call_off_reason: "취소 사유 (사는 분께 보여요)", "Why (buyers read it)";
    call_orders_off_hint: "결제한 금액은 모두 돌려 드리고, 한 분 한 분께 알려요. 수량은 재고로 돌아가요.", "All money goes back, every buyer is told, and the units go back to stock.";
    order_called_off: "주문을 취소하고 알렸어요.", "The order was called off, and its buyer told.";
    orders_being_called_off: "주문을 차례로 취소하고 있어요.", "The orders are being called off.";
    calling_off_now: "보내지 않은 주문을 차례로 취소하고 있어요.", "Orders that were not sent are being called off.";
    return_answer: "답", "Answer";
    return_answer_hint: "받아 준다면 보낼 곳을, 아니라면 까닭을 적어 주세요.", "Where it goes, or why not.";
    accept_return: "받아 주기", "Take it back";
    refuse_return: "거절하기", "Refuse";
    return_answered: "답했어요.", "Answered.";
    return_is_here: "반품이 도착했어요", "It is here";
    return_is_here_hint: "누르면 결제한 금액을 돌려 드리고 수량은 재고로 돌아가요.", "The money goes back then, and the units to stock.";
    return_noted: "환불을 시작했어요.", "The money is on its way back.";
    return_state_asked: "반품 신청", "Wishes to send back";
    return_state_accepted: "반품 오는 중", "On its way back";
    return_state_refused: "반품 거절", "Refused";
    return_state_received: "반품 완료", "Sent back";
    import_shipments: "송장 한꺼번에 넣기 (XLSX, CSV)", "Many at once (XLSX, CSV)";
    import_shipments_hint: "여기서 내려받은 XLSX나 CSV에 택배사와 송장번호를 채워 그대로 올려 주세요. 상태를 바꿔 적으면 그것도 반영해요. 100,000줄까지, 목록에 하나라도 틀린 곳이 있으면 아무것도 바뀌지 않아요. 올리는 사이에 바뀐 주문이 있으면 그 주문과 앞뒤 몇 건만 빼고 알려 드려요.", "Fill in carriers and numbers in the XLSX or CSV from here and upload it. Changed states count too. Up to 100,000 rows; when anything in the list is wrong, nothing changes. An order that changes while the list is taken is left out with a few beside it, and you are told.";
    take_shipments: "올리기", "Upload";
    shipments_taken: "송장을 넣었어요.", "The list was taken.";
    sale_curves: "현황", "Over time";
    curve_units(width): "{width}초마다 팔린 수량", "Units sold every {width} s";
    curve_revenue: "판매 금액 (돌려준 금액을 뺌)", "Revenue, less what went back";
    curve_line: "줄 선 인원", "People in the line";
    curve_none: "아직 팔린 것이 없어요.", "Nothing was sold yet.";
    curve_table: "표로 보기", "As a table";
    curve_when: "열린 뒤", "Since opening";
    holds: "결제 전환", "From checkout to paid";
    holds_conversion(percent): "끝난 결제 중 {percent}%가 결제했어요.", "{percent} % of those that ended paid.";
    holds_begun: "결제에 들어감", "Were in checkout";
    holds_paid: "결제함", "Paid";
    holds_left: "그만둠", "Left";
    holds_expired: "시간 지남", "Ran out of time";
    holds_open: "결제 중", "Still there";
    not_of_this_sale: "이 판매의 주문이 아니에요.", "Not an order of this sale.";
    no_such_state: "모르는 상태예요. 내려받은 파일에 있는 말로 적어 주세요.", "There is no such state. Please use the words of the file from here.";
    no_such_column: "이 이름의 열이 없어요.", "There is no column of this name.";
    twice_in_list: "목록에 두 번 있어요.", "It is in the list twice.";
    line_wrong(line, column, error): "{line}번째 줄, {column}: {error}", "Line {line}, {column}: {error}";
    settlement: "정산", "Settlement";
    settlement_hint: "수수료는 없어요. 돌려준 금액이 더 많은 달은 다음 달에서 빼요. 한 달이 끝나면 정산해요.", "There is no fee. Where more went back than came in, the next months make up for it. Months are paid out once they are over.";
    month_sales(month): "{month} 판매", "Sales in {month}";
    month_column: "달", "Month";
    what_is_to_do: "보낼 곳과 할 일", "Where to, and what to do";
    orders_column: "주문", "Orders";
    sales_column: "판매", "Sales";
    refunds: "환불", "Refunds";
    fee_column: "수수료", "Fee";
    to_pay_out: "받을 돈", "To be paid";
    paid_out: "받은 돈", "Paid";
    carried_column: "이월", "From before";
    carried(won): "지난달에서 {won}", "{won} from before";
    month_goes_on: "진행 중", "goes on";
    no_statements: "아직 결제된 주문이 없어요.", "Nobody has paid for anything yet.";
    by_sale: "판매별", "By sale";
    nothing_sold: "아직 판 것이 없어요.", "Nothing was sold yet.";
    to_ship_count(n: plural): "보낼 주문 {n}건", "{n} to send" | "{n} to send";
    returns_count(n: plural): "반품 {n}건", "{n} return" | "{n} returns";
    orders_and_units(orders: plural, units: count): "주문 {orders}건 · {units}개", "{orders} order · {units} units" | "{orders} orders · {units} units";
    statements_file: "정산", "statements";
    orders_file: "주문", "orders";
    error_business_needed: "값을 받고 팔려면 사업자 정보가 필요해요. 무료 티켓은 지금도 열 수 있고, 임시 저장은 언제든 돼요.", "Selling for money needs a business profile. Free tickets do not, and you can always save a draft.";
    error_business_closed: "휴업했거나 폐업한 사업자예요.", "This business rests or was closed.";
    error_business_unknown: "등록된 정보와 달라요. 번호, 대표자, 개업일을 확인해 주세요.", "This is not what is registered. Please check number, representative and opening date.";
    error_business_unchecked: "지금은 사업자를 확인할 수 없어요. 바뀐 것은 없으니 잠시 뒤 다시 해 주세요.", "Businesses cannot be checked right now. Nothing was changed; please try again later.";
    error_not_to_ship: "지금 이 주문에는 할 수 없어요.", "This cannot be done to this order now.";
    error_no_return: "반품은 받은 뒤 7일 안에, 한 번에 하나만 신청할 수 있어요.", "Something is sent back within seven days of delivery, one request at a time.";
}

impl Lang {
    /// What a carrier is called.
    pub(crate) fn carrier(self, carrier: Carrier) -> &'static str {
        let [_, korean, english] = carrier.names();
        if self == Lang::Ko { korean } else { english }
    }

    /// Why somebody cannot sell, or nothing can be done about what they sold.
    pub(crate) fn seller_error(self, error: &SellerError) -> &'static str {
        match error {
            SellerError::BusinessNeeded => self.error_business_needed(),
            SellerError::BusinessClosed => self.error_business_closed(),
            SellerError::BusinessUnknown => self.error_business_unknown(),
            SellerError::BusinessUnchecked => self.error_business_unchecked(),
            SellerError::NotToShip => self.error_not_to_ship(),
            SellerError::NoReturn => self.error_no_return(),
        }
    }
}
