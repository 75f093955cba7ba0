//! The page's clock: server time, corrected for the connection, ticking with the screen.

use leptos::prelude::*;
use model::Time;

/// Server time as signals.
#[derive(Clone, Copy)]
pub struct Ticker {
    /// Server time, renewed with every frame the screen shows.
    pub now: RwSignal<Time>,
    /// The same, renewed about ten times a second: for what need not run with the screen.
    pub seconds: RwSignal<Time>,
    /// How far `now` may be off, in microseconds, once it was measured.
    pub error: RwSignal<Option<i64>>,
    /// What to add to the browser's own clock, in microseconds.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    offset: RwSignal<Option<i64>>,
}

impl Ticker {
    /// Begins at the server's time when the page was made; in the browser it starts to run.
    pub fn start(at: Time) -> Ticker {
        let ticker = Ticker {
            now: RwSignal::new(at),
            seconds: RwSignal::new(at),
            error: RwSignal::new(None),
            offset: RwSignal::new(None),
        };
        #[cfg(feature = "hydrate")]
        ticker.run(at);
        ticker
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Ticker;
    use leptos::prelude::*;
    use model::{SECOND, Time};
    use std::{cell::RefCell, rc::Rc};
    use wasm_bindgen::{JsCast, closure::Closure};

    /// How often what need not run with the screen is renewed, in microseconds.
    const SLOW: i64 = 90_000;

    /// What runs before the next frame; it holds itself until the page is gone.
    type FrameCallback = Rc<RefCell<Option<Closure<dyn FnMut()>>>>;

    /// The browser's monotonic clock in microseconds.
    pub fn local() -> i64 {
        let performance = web_sys::window().and_then(|window| window.performance());
        performance.map_or(0, |performance| (performance.now() * 1000.0) as i64)
    }

    impl Ticker {
        pub(super) fn run(self, at: Time) {
            // Until the first measurement, as if the page had just been made.
            self.offset.set(Some(at.0 - local()));
            let frame = FrameCallback::default();
            let again = frame.clone();
            *frame.borrow_mut() = Some(Closure::new(move || {
                let Some(offset) = self.offset.try_get_untracked().flatten() else {
                    // The page is gone.
                    again.borrow_mut().take();
                    return;
                };
                let now = Time(local() + offset);
                self.now.set(now);
                let shown = self.seconds.get_untracked();
                // Never later than the second itself: events open and close on whole ones.
                if (now.0 - shown.0).abs() >= SLOW || now.0 / SECOND != shown.0 / SECOND {
                    self.seconds.set(now);
                }
                request(&again);
            }));
            Effect::new(move |_| request(&frame));
        }

        /// Takes in a measurement: a message left at `sent` and came back at `received` on the browser's clock, and the
        /// server answered at `at`. The shortest way there and back tells the most.
        pub fn measured(self, sent: i64, received: i64, at: Time) {
            let error = (received - sent) / 2;
            let offset = at.0 + error - received;
            let old = self.offset.get_untracked().unwrap_or(offset);
            // Two measurements that cannot both be right: the clock slept or stepped, and the newer one knows.
            let better =
                self.error.get_untracked().is_none_or(|best| error <= best || (offset - old).abs() > best + error);
            if better {
                self.error.set(Some(error));
                self.offset.set(Some(offset));
            }
        }

        /// What was measured no longer counts.
        pub fn forget(self) {
            self.error.set(None);
        }

        /// An old measurement is worth less and less: clocks drift.
        pub fn age(self, microseconds: i64) {
            self.error.update(|error| *error = error.map(|error| error + microseconds));
        }
    }

    fn request(frame: &FrameCallback) {
        if let (Some(window), Some(closure)) = (web_sys::window(), frame.borrow().as_ref()) {
            let _ = window.request_animation_frame(closure.as_ref().unchecked_ref());
        }
    }
}

#[cfg(feature = "hydrate")]
pub use browser::local;
