//! A WebSocket client that costs as little as it can: thousands share one core, and the server is what is measured.

use crate::Failure;
use model::wire::VERSION;
use std::{
    net::{Ipv4Addr, SocketAddr},
    ops::Range,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// Addresses that sockets come from, 127.0.0.1 onwards: one has 28,000 ports, and may only open so many sockets.
const SOURCES: usize = 16;
/// How a reader that will not read is connected: about what a bad mobile network lets through at once.
const NARROW_WINDOW: u32 = 4096;
const NARROW_SEGMENT: u32 = 536;

/// Kinds of frames (RFC 6455).
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// One end of an upgraded connection.
pub struct Socket {
    stream: TcpStream,
    received: Vec<u8>,
    /// How much of it the last frame handed out was.
    taken: usize,
}

impl Socket {
    /// Opens `/live` for whoever holds `token`; `nth` chooses the address it comes from.
    pub async fn open(server: SocketAddr, nth: usize, token: &str) -> Result<Socket, Failure> {
        Socket::upgrade(TcpSocket::new_v4()?, server, nth, token).await
    }

    /// The same over a connection that takes little at once, so that the server soon notices when nothing is read.
    pub async fn open_narrow(server: SocketAddr, nth: usize, token: &str) -> Result<Socket, Failure> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(NARROW_WINDOW)?;
        socket2::SockRef::from(&socket).set_tcp_mss(NARROW_SEGMENT)?;
        Socket::upgrade(socket, server, nth, token).await
    }

    async fn upgrade(socket: TcpSocket, server: SocketAddr, nth: usize, token: &str) -> Result<Socket, Failure> {
        let source = Ipv4Addr::new(127, 0, 0, 1 + (nth % SOURCES) as u8);
        socket.bind((source, 0).into())?;
        let mut stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /live?v={VERSION} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: session={token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut received = Vec::with_capacity(1024);
        let head = loop {
            if stream.read_buf(&mut received).await? == 0 {
                return Err("the server closed a connection".into());
            }
            if let Some(at) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
        };
        if !received.starts_with(b"HTTP/1.1 101 ") {
            let status = received.split(|byte| *byte == b'\r').next().unwrap_or_default();
            return Err(format!("a socket was refused: {}", String::from_utf8_lossy(status)).into());
        }
        Ok(Socket { stream, received, taken: head })
    }

    /// Sends text, which baselines echo.
    pub async fn say(&mut self, text: &[u8]) -> Result<(), Failure> {
        self.send(TEXT, text).await
    }

    /// Sends bytes, as browsers do.
    pub async fn give(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.send(BINARY, bytes).await
    }

    /// Sends messages for as long as they are taken, and throws away what comes meanwhile: whoever does not read is not read either.
    pub async fn say_reading(&mut self, messages: &[Vec<u8>]) -> Result<(), Failure> {
        let mut frames = Vec::new();
        for message in messages {
            frames.extend(masked(BINARY, message)?);
        }
        let (mut reading, mut writing) = self.stream.split();
        let sending = writing.write_all(&frames);
        let mut sending = std::pin::pin!(sending);
        loop {
            self.received.clear();
            tokio::select! {
                sent = &mut sending => return Ok(sent?),
                read = reading.read_buf(&mut self.received) => {
                    if read? == 0 {
                        return Err("the server closed a socket".into());
                    }
                }
            }
        }
    }

    async fn send(&mut self, kind: u8, payload: &[u8]) -> Result<(), Failure> {
        Ok(self.stream.write_all(&masked(kind, payload)?).await?)
    }

    /// The next message; pings are answered. May be given up and called again.
    pub async fn next(&mut self) -> Result<&[u8], Failure> {
        loop {
            self.received.drain(..std::mem::take(&mut self.taken));
            let Some((kind, payload)) = frame(&self.received) else {
                if self.stream.read_buf(&mut self.received).await? == 0 {
                    return Err("the server closed a socket".into());
                }
                continue;
            };
            self.taken = payload.end;
            match kind {
                TEXT | BINARY => return Ok(&self.received[payload]),
                PING => {
                    let sent = self.received[payload].to_vec();
                    self.send(PONG, &sent).await?;
                }
                CLOSE => return Err("the server said goodbye".into()),
                _ => {}
            }
        }
    }
}

/// Frames of clients are masked; nothing forbids the mask to be zero.
fn masked(kind: u8, payload: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut frame = Vec::with_capacity(8 + payload.len());
    frame.push(0x80 | kind);
    match payload.len() {
        length @ ..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(length)?.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    Ok(frame)
}

/// The kind of the first frame and where its payload is, once it is there whole. Servers mask nothing and these send every
/// message in one frame.
fn frame(bytes: &[u8]) -> Option<(u8, Range<usize>)> {
    let (kind, length) = (*bytes.first()? & 0x0f, *bytes.get(1)?);
    let (start, length) = match length {
        126 => (4, u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?).into()),
        127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize),
        short => (2, short.into()),
    };
    (bytes.len() >= start + length).then_some((kind, start..start + length))
}
