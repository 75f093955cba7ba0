//! Looking comes after pressing: pages and exports are made by threads of their own, which the system lets run when those that take
//! presses have nothing to do, and a little beside them otherwise.
//!
//! A page takes a processor for milliseconds, a press for microseconds. Where processors are few and both are many, a press would
//! wait for every page that was asked for before it. Nothing that writes belongs here: a transaction that waits for its turn on a
//! processor holds up the batch of presses behind it.

use std::{panic::resume_unwind, sync::LazyLock};
use tokio::runtime::{Builder, Runtime};
use tokio_util::task::AbortOnDropHandle;

/// How nice its threads are, as Unix counts: of a processor that both want they have about a tenth.
pub const NICENESS: i32 = 10;
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
        tracing::warn!(%error, "pages run beside presses, not behind them");
    }
}

/// Does something there, as long as whoever asked waits for it. A panic is passed on.
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

/// Does something there, whoever waits for it.
pub fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    THREADS.spawn(work);
}
