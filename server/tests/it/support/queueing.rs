//! Presses that are queued on a connection: sent without waiting for answers, as no person does.

use model::{Entry, EntryError, Error, EventId, Span};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends so many presses on one connection without waiting for answers; status and body of each.
pub async fn queue_presses(address: SocketAddr, cookie: &str, event: EventId, presses: usize) -> Vec<(u16, Vec<u8>)> {
    queue_on(&mut TcpStream::connect(address).await.unwrap(), cookie, event, presses).await
}

/// The same on a connection that is open.
pub async fn queue_on(stream: &mut TcpStream, cookie: &str, event: EventId, presses: usize) -> Vec<(u16, Vec<u8>)> {
    let one = head(stream, cookie, event, "content-length: 0");
    stream.write_all(one.repeat(presses).as_bytes()).await.unwrap();
    answers(stream, presses).await
}

/// Sends one press with a body, and so many more behind its last byte, which is sent when the server has begun it.
pub async fn queue_behind_a_body(
    stream: &mut TcpStream,
    cookie: &str,
    event: EventId,
    presses: usize,
) -> Vec<(u16, Vec<u8>)> {
    let first = head(stream, cookie, event, "expect: 100-continue\r\ncontent-length: 5");
    stream.write_all(first.as_bytes()).await.unwrap();
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    let others = head(stream, cookie, event, "content-length: 0").repeat(presses);
    stream.write_all(format!("code={others}").as_bytes()).await.unwrap();
    answers(stream, 1 + presses).await
}

fn head(stream: &TcpStream, cookie: &str, event: EventId, more: &str) -> String {
    let address = stream.peer_addr().unwrap();
    format!("POST /events/{event}/enter HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n{more}\r\n\r\n")
}

async fn answers(stream: &mut TcpStream, presses: usize) -> Vec<(u16, Vec<u8>)> {
    let (mut bytes, mut answers) = (Vec::new(), Vec::new());
    while answers.len() < presses {
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|at| at == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "closed after {} answers", answers.len());
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
        let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap();
        let length: usize = length.parse().unwrap();
        while bytes.len() < head + length {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
        }
        answers.push((text[9..12].parse().unwrap(), bytes[head..head + length].to_vec()));
        bytes.drain(..head + length);
    }
    answers
}

/// What presses of one member were told: how early those were that came before the opening, and of which entry the others.
pub fn told(answers: &[(u16, Vec<u8>)]) -> (Vec<Span>, Vec<Entry>) {
    let of = |statuses: &'static [u16]| {
        answers.iter().filter(move |(status, _)| statuses.contains(status)).map(|(_, body)| body.as_slice())
    };
    let early = of(&[425]).map(|body| match serde_json::from_slice(body).unwrap() {
        Error::Entry(EntryError::TooEarly { early }) => early,
        other => panic!("{other:?}"),
    });
    (early.collect(), of(&[200, 201]).map(|body| serde_json::from_slice(body).unwrap()).collect())
}
