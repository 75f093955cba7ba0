//! The writing end of a live socket.

use bytes::Bytes;
use engine::rooms::Reader;
use futures::StreamExt;
use server::inside::{MAX_HEAD, MAX_WAITING, Stream, Wire, put};
use std::sync::Arc;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, server) =
        tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), async { listener.accept().await.unwrap().0 });
    (client.unwrap(), server)
}

/// Somebody gives frames while the task sends its own and the other side reads now and then.
#[tokio::test]
async fn frames_of_different_writers_arrive_whole_and_each_writers_in_order() {
    let (client, server) = connected().await;
    let wire = Arc::new(Wire::new(server));
    let giver = wire.clone();
    let giving = tokio::spawn(async move {
        let (mut given, mut refused) = (0u32, 0);
        while given < 400 {
            // Short, medium and long heads.
            let length = [5, 300, 70_000][given as usize % 3];
            let frame = [&b"g"[..], &given.to_be_bytes(), &vec![0; length]].concat();
            if giver.give(&[frame.into()]) {
                given += 1;
            } else {
                refused += 1;
                tokio::time::sleep(std::time::Duration::from_micros(200)).await;
            }
        }
        refused
    });
    let tasks = wire.clone();
    let sending = tokio::spawn(async move {
        let mut stream = Stream(tasks);
        for sent in 0..400u32 {
            let mut frame = Vec::new();
            put(&mut frame, &[&b"s"[..], &sent.to_be_bytes(), &[0; 999]].concat());
            stream.write_all(&frame).await.unwrap();
            stream.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        // The task flushes what was taken of the last frame given.
        loop {
            stream.0.called().await;
            stream.flush().await.unwrap();
        }
    });
    let mut socket = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let (mut given, mut sent) = (0u32, 0u32);
    while given < 400 || sent < 400 {
        let Some(Ok(Message::Binary(bytes))) = socket.next().await else { panic!("no whole frame") };
        let next = if bytes[0] == b'g' { &mut given } else { &mut sent };
        assert_eq!(bytes[1..5], next.to_be_bytes());
        *next += 1;
        if given % 50 == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
    assert!(giving.await.unwrap() > 0, "nothing ever waited: the test tests too little");
    sending.abort();
}

#[tokio::test]
async fn what_nobody_reads_does_not_pile_up() {
    let (_client, server) = connected().await;
    let wire = Arc::new(Wire::new(server));
    let mut stream = Stream(wire.clone());
    let frame: Bytes = vec![0; 60_000].into();
    while wire.give(std::slice::from_ref(&frame)) {}
    assert!(wire.bytes_waiting() <= frame.len() + MAX_HEAD);
    let mut refused = false;
    for _ in 0..2 * MAX_WAITING / frame.len() {
        refused |= stream.write_all(&frame).await.is_err();
    }
    assert!(refused && wire.bytes_waiting() <= MAX_WAITING);
}

#[tokio::test]
async fn nothing_follows_the_farewell() {
    let (client, server) = connected().await;
    let wire = Arc::new(Wire::new(server));
    let frame = Bytes::from_static(b"news");
    assert!(wire.give(std::slice::from_ref(&frame)));
    wire.close();
    assert!(!wire.give(std::slice::from_ref(&frame)));
    let mut socket = WebSocketStream::from_raw_socket(Stream(wire.clone()), Role::Server, None).await;
    socket.close(None).await.unwrap();
    assert!(!wire.give(std::slice::from_ref(&frame)));
    let mut other = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    assert!(matches!(other.next().await, Some(Ok(Message::Binary(bytes))) if bytes == frame));
    assert!(matches!(other.next().await, Some(Ok(Message::Close(_)))));
}
