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
    "prepare-order", [("order", "01M807MNGSETC8MZPA7YPV075M")] => 404;
    "ship-order", [("order", "01M807MNGSETC8MZPA7YPV075M"), ("carrier", "cj"), ("tracking", "650100000001")] => 404;
    "deliver-order", [("order", "01M807MNGSETC8MZPA7YPV075M")] => 404;
    "import-shipments", [] => 403;
    "call-order-off", [("order", "01M807MNGSETC8MZPA7YPV075M"), ("reason", "재고 오류")] => 404;
    "call-orders-off", [("reason", "재고 오류")] => 403;
    "answer-return", [("return", "01M807MNGSETC8MZPA7YPV075M"), ("accept", "yes"), ("answer", "보내 주세요")] => 404;
    "receive-return", [("return", "01M807MNGSETC8MZPA7YPV075M")] => 404;
    "confirm-arrival", [("order", "01M807MNGSETC8MZPA7YPV075M")] => 404;
    "ask-return", [("order", "01M807MNGSETC8MZPA7YPV075M"), ("units", "1"), ("reason", "깨졌어요")] => 404;
}
