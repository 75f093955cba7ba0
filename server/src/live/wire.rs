//! The writing end of a live socket, shared by its own task and by whoever has something for it at hand.
//!
//! Rooms hand thousands of sockets the same bytes: waking a task for each, so that it may write them, costs more than
//! writing. Here whoever has frames writes them into the socket, as long as nothing written before still waits to leave. Every
//! write is of whole frames, so those of different writers never mix.

use bytes::{Buf, Bytes, BytesMut};
use engine::rooms::Reader;
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::Notify,
};

/// Bytes that may wait to be taken by the other side: more than the largest snapshot, with the lines said since.
pub const MAX_WAITING: usize = 1 << 20;

/// Beyond this more than any one room waits to be taken.
const CLOGGED: usize = MAX_WAITING / 4;

/// A socket that several write to.
pub struct Wire {
    stream: TcpStream,
    /// Written, and not yet taken by the system.
    waiting: Mutex<BytesMut>,
    /// Whether the last frame is about to be sent, after which the other side takes none. Looked at under the lock.
    closing: AtomicBool,
    called: Notify,
}

impl Wire {
    /// Of a connection that nothing was written into yet.
    pub fn new(stream: TcpStream) -> Wire {
        Wire { stream, waiting: Mutex::default(), closing: AtomicBool::new(false), called: Notify::new() }
    }

    /// From now on only the task writes: its farewell is the last frame.
    pub fn close(&self) {
        let _waiting = self.waiting();
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Resolves when the task has to flush, and to fetch what it was not given.
    pub async fn called(&self) {
        self.called.notified().await;
    }

    /// Whether something was written that the other side has not taken yet.
    pub fn is_waiting(&self) -> bool {
        !self.waiting().is_empty()
    }

    /// How many bytes that are.
    pub fn bytes_waiting(&self) -> usize {
        self.waiting().len()
    }

    /// Whether that is so much that nothing should be added.
    pub fn is_clogged(&self) -> bool {
        self.bytes_waiting() > CLOGGED
    }

    /// Resolves when everything written so far was taken. For the task alone.
    ///
    /// # Errors
    /// The connection's.
    pub async fn flushed(&self) -> io::Result<()> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    fn waiting(&self) -> MutexGuard<'_, BytesMut> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the system takes of `bytes` at once.
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.stream.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            done => done,
        }
    }

    /// Writes whole frames; what the system does not take at once waits for the next flush.
    fn push(&self, bytes: &[u8]) -> io::Result<()> {
        let mut waiting = self.waiting();
        let written = if waiting.is_empty() { self.write(bytes)? } else { 0 };
        if waiting.len() + bytes.len() - written > MAX_WAITING {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        waiting.extend_from_slice(&bytes[written..]);
        Ok(())
    }

    fn poll_flush(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            {
                let mut waiting = self.waiting();
                if !waiting.is_empty() {
                    let written = self.write(&waiting)?;
                    waiting.advance(written);
                }
                if waiting.is_empty() {
                    // Its room is given back: most sockets never need it again.
                    *waiting = BytesMut::new();
                    return Poll::Ready(Ok(()));
                }
            }
            ready!(self.stream.poll_write_ready(context))?;
        }
    }
}

impl Reader for Wire {
    fn give(&self, frames: &[Bytes]) -> bool {
        let mut waiting = self.waiting();
        if !waiting.is_empty() || self.closing.load(Ordering::Relaxed) {
            return false;
        }
        let mut bytes = Vec::with_capacity(frames.iter().map(|frame| frame.len() + MAX_HEAD).sum());
        frames.iter().for_each(|frame| put(&mut bytes, frame));
        match self.write(&bytes) {
            Ok(0) | Err(_) => false,
            Ok(written) => {
                if written < bytes.len() {
                    waiting.extend_from_slice(&bytes[written..]);
                    self.called.notify_one();
                }
                true
            }
        }
    }

    fn call(&self) {
        self.called.notify_one();
    }
}

/// The longest head of a frame that a server sends.
pub const MAX_HEAD: usize = 10;

/// A whole, unmasked binary frame (RFC 6455, 5.2).
pub fn put(bytes: &mut Vec<u8>, payload: &[u8]) {
    const WHOLE_BINARY: u8 = 0x82;
    bytes.push(WHOLE_BINARY);
    match payload.len() {
        short @ 0..=125 => bytes.push(short as u8),
        medium @ 126..=0xffff => {
            bytes.push(126);
            bytes.extend((medium as u16).to_be_bytes());
        }
        long => {
            bytes.push(127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(payload);
}

/// The wire as the stream of the socket's task, which alone reads, and flushes what waits.
pub struct Stream(pub Arc<Wire>);

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = &self.0.stream;
        loop {
            ready!(stream.poll_read_ready(context))?;
            match stream.try_read(buffer.initialize_unfilled()) {
                Ok(read) => {
                    buffer.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Stream {
    /// Takes everything, so that what the WebSocket writes, whole frames, stays whole.
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.push(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_flush(context)
    }
}
