//! Figure 21: the home page while sockets without an account send all they can.

use crate::{
    Failure,
    figures::{median, ratio},
    site,
    sockets::Socket,
};
use model::{EventId, live::ToServer, wire};
use std::{
    cell::Cell,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{JoinSet, LocalSet},
};

/// Sockets that send.
const SOCKETS: usize = 64;
/// How often the home page is asked for in a round.
const PAGES: usize = 200;
/// How long the sockets may take until no more of what they send is taken, if it ever is not.
const BEFORE: Duration = Duration::from_secs(20);

/// Runs it.
pub async fn run(rounds: usize) -> Result<(), Failure> {
    println!("\nthe home page, and beside {SOCKETS} sockets without an account that send all they can");
    let prepared = site::prepare(1, 1).await?;
    let (server, address) = site::serve(prepared.folder.path()).await?;
    println!("{:<8} {:>12} {:>14} {:>18}", "round", "quiet, ms", "flooded, ms", "memory, MiB");
    let figure = async {
        let mut ratios = Vec::new();
        for round in 0..rounds {
            let quiet = home_page(address).await?;
            let before = server.written_memory();
            let sent = Rc::new(Cell::new(0));
            let mut flooding: JoinSet<Result<(), Failure>> = JoinSet::new();
            for nth in 0..SOCKETS {
                flooding.spawn_local(flood(address, nth, sent.clone()));
            }
            let sent = settled(&sent).await;
            let flooded = home_page(address).await?;
            let after = server.written_memory();
            if let Some(ended) = flooding.try_join_next() {
                return ended?;
            }
            flooding.shutdown().await;
            let (before, after) = (before / 1048576.0, after / 1048576.0);
            println!(
                "{round:<8} {:>12.2} {:>14.2} {before:>8.0} → {after:.0}, {sent} frames sent before",
                quiet * 1e3,
                flooded * 1e3
            );
            ratios.push(flooded / quiet);
        }
        ratio("anonymous_flood", median(ratios));
        Ok(())
    };
    LocalSet::new().run_until(figure).await
}

/// Waits until hardly anything more is taken; frames that were.
async fn settled(sent: &Cell<u64>) -> u64 {
    let until = Instant::now() + BEFORE;
    while Instant::now() < until {
        let before = sent.get();
        tokio::time::sleep(Duration::from_millis(500)).await;
        if sent.get() - before < 10 * SOCKETS as u64 {
            break;
        }
    }
    sent.get()
}

/// How long the home page takes, in the middle; in seconds.
async fn home_page(address: SocketAddr) -> Result<f64, Failure> {
    let mut took = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let began = Instant::now();
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
            .await?;
        let mut page = Vec::new();
        stream.read_to_end(&mut page).await?;
        if !page.starts_with(b"HTTP/1.1 200 ") || !page.windows(7).any(|bytes| bytes == b"</html>") {
            return Err("the home page is not whole".into());
        }
        took.push(began.elapsed().as_secs_f64());
    }
    Ok(median(took))
}

/// Asks to come in, and presses, at one event after the other that is not there; what is answered is read and thrown away.
/// Whenever the server has had enough, another socket is opened at once.
async fn flood(address: SocketAddr, nth: usize, sent: Rc<Cell<u64>>) -> Result<(), Failure> {
    let made_up = || EventId(engine::ids::new_id(model::Time(0)));
    loop {
        let mut socket = Socket::open(address, nth, "").await?;
        loop {
            let join = ToServer::Join { event: made_up(), chat_seen: 0 };
            let enter = ToServer::Enter { event: made_up(), code: None, wish: None };
            let frames = [wire::encode(&join), wire::encode(&enter)];
            if socket.say_reading(&frames).await.is_err() {
                break;
            }
            sent.set(sent.get() + frames.len() as u64);
        }
    }
}
