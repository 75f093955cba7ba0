//! Sellers: the business that one sells as, sending what was sold, what comes back, and what comes of it.

mod business;
mod settlement;
mod shipping;

use crate::rights::{cases, reads};

reads! {
    "/creator/business" => 401, 200;
    "/creator/sales" => 401, 200;
    "/creator/events/{event}/orders" => 401, 403;
}

cases! {
    "save-business", [("number", "124-81-00998")] => 422;
    "prepare-order", [("order", "{order}")] => 404;
    "ship-order", [("order", "{order}"), ("carrier", "cj"), ("tracking", "650100000001")] => 404;
    "deliver-order", [("order", "{order}")] => 404;
    "import-shipments", [] => 403;
    "call-order-off", [("order", "{order}"), ("reason", "재고 오류")] => 404;
    "call-orders-off", [("reason", "재고 오류")] => 403;
    "answer-return", [("return", "{return}"), ("accept", "yes"), ("answer", "보내 주세요")] => 404;
    "receive-return", [("return", "{return}")] => 404;
    "confirm-arrival", [("order", "{order}")] => 404;
    "ask-return", [("order", "{order}"), ("units", "1"), ("reason", "깨졌어요")] => 404;
}
