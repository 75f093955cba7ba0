//! Room for pages that are made and taken.

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use futures::future::join_all;
use model::{Error, MemberId};
use server::inside::{LOOK_AGAIN, Renders, SentPages, USUAL};
use std::{net::IpAddr, sync::Arc};
use uuid::Uuid;

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn member(number: u128) -> Option<MemberId> {
    Some(MemberId(Uuid::from_u128(number)))
}

#[tokio::test]
async fn strangers_find_room_for_so_many_and_members_for_some_more() {
    // Twelve for everybody, six of them for one address; four more for members, two of them for one.
    let renders = Renders::new(16 * USUAL);
    let mut pages = Vec::new();
    for n in 0..12 {
        pages.push(renders.begin(None, address(n % 2)).await.unwrap());
    }
    let more = [renders.begin(None, address(0)), renders.begin(None, address(2)), renders.begin(None, address(3))];
    let told: Vec<_> = join_all(more).await.into_iter().map(Result::err).collect();
    // Whoever has their share is too many; for others there is no room because of them.
    assert_eq!(told, [Some(Error::TooMany { retry_after: 5 }), Some(Error::Busy), Some(Error::Busy)]);
    for n in 0..4 {
        pages.push(renders.begin(member(n % 2), address(0)).await.unwrap());
    }
    let more = join_all([renders.begin(member(0), address(2)), renders.begin(member(2), address(3))]).await;
    let told: Vec<_> = more.into_iter().map(Result::err).collect();
    assert_eq!(told, [Some(Error::TooMany { retry_after: 5 }), Some(Error::Busy)]);
    // A page that is light leaves room for others, and there is none for one that is too heavy.
    let first = &mut pages[0];
    first.weighs(USUAL / 4).unwrap();
    assert_eq!(first.weighs(2 * USUAL), Err(Error::Busy));
    pages[1].weighs(USUAL / 4).unwrap();
    pages.push(renders.begin(None, address(2)).await.unwrap());
    // Whoever waits a moment finds what is given back.
    let waiting = renders.begin(None, address(0));
    let going = async {
        tokio::time::sleep(2 * LOOK_AGAIN).await;
        pages.clear();
    };
    assert!(tokio::join!(waiting, going).0.is_ok());
}

#[tokio::test]
async fn where_pages_hang_nobody_else_is_told_that_they_are_too_many() {
    let renders = Renders::new(400 * USUAL);
    let mut hanging = Vec::new();
    let refused = loop {
        match renders.begin(None, address(hanging.len() as u8)).await {
            Ok(page) => hanging.push(page),
            Err(error) => break error,
        }
    };
    assert_eq!((refused.status(), refused.retry_after()), (503, Some(1)));
    // Members have turns of their own, and no one of them has all.
    let mut theirs = Vec::new();
    let refused = loop {
        match renders.begin(member(0), address(0)).await {
            Ok(page) => theirs.push(page),
            Err(error) => break error,
        }
    };
    assert_eq!((refused.status(), theirs.len()), (429, 16));
    assert!(renders.begin(member(1), address(0)).await.is_ok());
    // One of them is made after all.
    hanging[0].weighs(10).unwrap();
    assert!(renders.begin(None, address(200)).await.is_ok());
}

#[tokio::test]
async fn one_address_has_half_of_the_room_and_others_find_the_rest() {
    // Twelve for everybody.
    let renders = Renders::new(16 * USUAL);
    let mut pages = Vec::new();
    for _ in 0..6 {
        pages.push(renders.begin(None, address(0)).await.unwrap());
    }
    let room = renders.room();
    let more = (0..20).map(|_| tokio::time::timeout(4 * LOOK_AGAIN, renders.begin(None, address(0))));
    assert!(join_all(more).await.iter().all(Result::is_err), "they wait, though there is room");
    assert_eq!(renders.room(), room);
    for _ in 0..6 {
        pages.push(renders.begin(None, address(1)).await.unwrap());
    }
    assert_eq!(renders.room(), 0);
}

#[tokio::test]
async fn so_many_pages_are_made_at_once_and_the_next_waits_for_a_turn() {
    let renders = Renders::new(400 * USUAL);
    let mut made = Vec::new();
    for n in 0..32 {
        made.push(renders.begin(None, address(n)).await.unwrap());
    }
    let soon = async |n: u8| tokio::time::timeout(4 * LOOK_AGAIN, renders.begin(None, address(n))).await;
    assert!(soon(100).await.is_err(), "there is room for hundreds, and no turn");
    // One that is made waits for its reader, and for no turn.
    made[0].weighs(USUAL / 4).unwrap();
    made.push(soon(100).await.unwrap().unwrap());
    assert!(soon(101).await.is_err(), "it was one turn");
    // Whoever goes away while theirs is made leaves it too.
    made.pop();
    assert!(soon(101).await.is_ok_and(|page| page.is_ok()));
}

#[tokio::test]
async fn a_page_has_its_room_until_all_of_it_was_taken() {
    let renders = Renders::new(16 * USUAL);
    let room = || renders.room();
    let before = room();
    let mut page = renders.begin(None, address(0)).await.unwrap();
    page.weighs(10).unwrap();
    assert_eq!(room(), before - 1);
    let mut answer = Response::new(Body::from("page"));
    page.go_with(&mut answer);
    let sent = Arc::new(SentPages::default());
    let answer = sent.of(answer);
    assert_eq!(answer.body().size_hint().exact(), Some(4));
    sent.all_taken();
    assert_eq!(room(), before - 1, "nothing of it was written");
    assert_eq!(axum::body::to_bytes(answer.into_body(), 10).await.unwrap(), "page");
    assert_eq!(room(), before - 1, "it was written, and not taken");
    sent.all_taken();
    assert_eq!(room(), before);
}
