//! Where hours cost nothing: deals take them by themselves, and their limit holds.

use super::{agrees, book, deal, hours_of, made, market, page, seller, wrong};
use crate::support::{
    START,
    events::{send, send_to},
};
use model::{FieldError, HOUR, MINUTE, SlotError, slots::Hour};
use testing::{On, both};

both!(a_deal_takes_the_hours_that_it_lacks_where_they_cost_nothing, "multi_thread");
async fn a_deal_takes_the_hours_that_it_lacks_where_they_cost_nothing(on: On) {
    let (site, _) = market(on, 0, 1).await;
    let (person, other) = (seller(&site).await, seller(&site).await);
    let words = person.get("/creator/new?kind=deal").await.text().await.unwrap();
    assert!(words.contains("딜을 열면 필요한 시간을 바로 잡아요."));
    book(&person, &[3]).await.unwrap();
    assert_eq!(page(&site, &person).await.unpaid, None, "nothing is to be paid");
    let event = made(&send(&person, deal(&site, 2 * HOUR, 2 * HOUR, &[])).await);
    assert_eq!(hours_of(&site, event).await, [2, 3].map(|ahead| Hour::of(START + ahead * HOUR)));
    let at = |from: i64, until: i64| (START + from * HOUR, START + until * HOUR);
    let (from, until) = at(3, 4);
    let full = wrong(&other, "/creator/new", deal(&site, 3 * HOUR, 2 * HOUR, &[])).await;
    assert_eq!(full, [("opens_at".to_owned(), FieldError::HourFull { from, until })]);
    let again = wrong(&person, "/creator/new", deal(&site, 3 * HOUR, 2 * HOUR, &[])).await;
    assert_eq!(again, [("opens_at".to_owned(), FieldError::HourFull { from, until })]);
    assert_eq!(book(&other, &[2]).await, Err(SlotError::Full.into()));
    // Moved, it takes others; what it left is its seller's until they give it back.
    let edit = format!("/creator/events/{event}/edit");
    assert_eq!(send_to(&person, &edit, deal(&site, 3 * HOUR + MINUTE, 2 * HOUR, &[])).await.status(), 303);
    assert_eq!(hours_of(&site, event).await, [3, 4, 5].map(|ahead| Hour::of(START + ahead * HOUR)));
    let own = page(&site, &person).await.own.rows.remove(0);
    assert!(own.may_give_back && own.deal.is_none());
    let cancel = [("event", event.to_string()), ("reason", "재고 오류".to_owned())];
    let cancel: Vec<(&str, &str)> = cancel.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(person.call("cancel-event", &cancel).await, 200);
    made(&send(&other, deal(&site, 3 * HOUR, 2 * HOUR, &[])).await);
    agrees(&site).await;
}

both!(two_deals_at_once_do_not_share_the_last_place, "multi_thread");
async fn two_deals_at_once_do_not_share_the_last_place(on: On) {
    let (site, _) = market(on, 0, 1).await;
    let (one, two) = (seller(&site).await, seller(&site).await);
    for round in 0..crate::support::ROUNDS as i64 {
        let form = || deal(&site, (2 + round) * HOUR, HOUR, &[]);
        let (first, second) = tokio::join!(send(&one, form()), send(&two, form()));
        let statuses = [first.status().as_u16(), second.status().as_u16()];
        assert!(matches!(statuses, [303, 422] | [422, 303]), "{statuses:?}");
    }
    agrees(&site).await;
}
