//! Looking comes after pressing: what only computes, and for long, is done by threads of their own, which the system lets run when those
//! that take presses have nothing to do, and a little beside them otherwise.
//!
//! To make a page of what was read for it takes a processor for a millisecond, a press microseconds. Where processors are few and both
//! are many, a press would wait for every page that was asked for before it. Whatever writes does not belong here, nor what holds a
//! connection to a database or begins a task: a transaction that waits for its turn on a processor holds up the batch of presses
//! behind it.

use std::{
    panic::resume_unwind,
    sync::{LazyLock, Mutex, PoisonError},
    thread::{self, Builder as Thread},
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use tokio_util::task::AbortOnDropHandle;

/// How nice its threads are, as Unix counts: of a processor that both want they have about a quarter. With a tenth (10) pages came
/// seconds late where there were as many as a processor makes beside presses.
pub const NICENESS: i32 = 5;
/// Whoever works piece by piece rests as long as a piece took, and so many times as long while presses come.
const RESTS: u32 = 6;
/// But no longer than this.
const RESTS_AT_MOST: Duration = Duration::from_millis(500);
/// Presses come when the last were written no longer ago.
const LATELY: Duration = Duration::from_secs(1);
/// What its threads are called.
pub const NAME: &str = "background";

/// For as long as the process: nobody waits for its end.
static THREADS: LazyLock<Runtime> = LazyLock::new(|| {
    let built = Builder::new_multi_thread()
        .thread_name(NAME)
        .thread_stack_size(stack())
        .on_thread_start(be_nice)
        .enable_all()
        .build();
    #[allow(clippy::expect_used)]
    built.expect("the system has threads")
});

/// How large the stacks of threads are on which pages are made, in bytes.
pub fn stack() -> usize {
    // Unoptimised code keeps on its stack what optimised code does not: a page in there takes most of the usual two megabytes.
    if cfg!(debug_assertions) { 8 << 20 } else { 2 << 20 }
}

/// On Linux this is of the thread alone; elsewhere it would be of the whole process.
fn be_nice() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "what is computed for long runs beside presses, not behind them");
    }
}

/// Computes something there, as long as whoever asked waits for it. A panic is passed on.
///
/// # Panics
/// When `work` does.
pub async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match AbortOnDropHandle::new(THREADS.spawn(work)).await {
        Ok(done) => done,
        // It is not cancelled while it is waited for, but by the end of the process.
        Err(error) if error.is_cancelled() => std::future::pending().await,
        Err(error) => resume_unwind(error.into_panic()),
    }
}

/// Does something there in one go, such as what reads or writes files. It is done to its end, whoever waits for it.
pub fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    THREADS.spawn_blocking(work)
}

/// When presses were last written.
static PRESSED: Mutex<Option<Instant>> = Mutex::new(None);

/// Presses are about to be written.
pub fn pressed() {
    *PRESSED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

/// To be waited for between two pieces of what takes long and cannot be done there, since it reads or writes a database: the piece
/// before it began then. Without a rest there would be one before every press: in the queue of those who write, for the processor, or
/// for the disk, which copies in one go what was written in seconds.
pub async fn rest(began: Instant) {
    let pressed = *PRESSED.lock().unwrap_or_else(PoisonError::into_inner);
    let presses_come = pressed.is_some_and(|last| last.elapsed() < LATELY);
    rest_times(began, if presses_come { RESTS } else { 1 }).await;
}

/// The same behind a piece of what nobody waits for: it rests as long at any time.
pub async fn rest_long(began: Instant) {
    rest_times(began, RESTS).await;
}

async fn rest_times(began: Instant, times: u32) {
    tokio::time::sleep((times * began.elapsed()).min(RESTS_AT_MOST)).await;
}

/// Begins something whose own threads are to be like these.
///
/// # Errors
/// When the system has no thread for it, or `begin` panics.
pub fn begin<T: Send>(begin: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    thread::scope(|scope| {
        let thread = Thread::new().name(NAME.to_owned()).spawn_scoped(scope, || {
            // Whatever it starts is as nice as itself.
            be_nice();
            begin()
        })?;
        thread.join().map_err(|_| std::io::Error::other("it panicked"))
    })
}
