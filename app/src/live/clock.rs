//! The page's clock: server time, corrected for the connection, ticking with the screen.

use leptos::prelude::*;
use model::{Span, Time};

/// Server time as signals.
#[derive(Clone, Copy)]
pub struct Ticker {
    /// Server time when the page was made.
    pub at: Time,
    /// Server time, renewed with every frame the screen shows.
    pub now: RwSignal<Time>,
    /// The same, renewed about ten times a second: for what need not run with the screen.
    pub seconds: RwSignal<Time>,
    /// How far `now` may be off, once it was measured.
    pub error: RwSignal<Option<Span>>,
    /// Server time when the browser's own clock began.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    began_at: RwSignal<Option<Time>>,
    /// Counts how often the page was shown again after it had not been: hidden, frozen, or the machine was asleep.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    pub woke: RwSignal<u32>,
}

impl Ticker {
    /// Begins at the server's time when the page was made; in the browser it starts to run.
    pub fn start(at: Time) -> Ticker {
        let ticker = Ticker {
            at,
            now: RwSignal::new(at),
            seconds: RwSignal::new(at),
            error: RwSignal::new(None),
            began_at: RwSignal::new(None),
            woke: RwSignal::new(0),
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
    use model::{MILLISECOND, SECOND, Span, Time};
    use std::{cell::RefCell, rc::Rc};
    use wasm_bindgen::{JsCast, closure::Closure};

    /// How often what need not run with the screen is renewed.
    const SLOW: Span = MILLISECOND.times(90);

    /// A page that showed no frame for longer was not looked at.
    const AWAY: Span = SECOND.times(2);

    /// What runs before the next frame; it holds itself until the page is gone.
    type FrameCallback = Rc<RefCell<Option<Closure<dyn FnMut()>>>>;

    /// The browser's monotonic clock: how long ago it began.
    pub fn local() -> Span {
        let performance = web_sys::window().and_then(|window| window.performance());
        performance.map_or(Span::ZERO, |performance| Span::from_micros((performance.now() * 1000.0) as i64))
    }

    /// The browser's wall clock, which people may set.
    fn wall() -> Span {
        Span::from_micros((js_sys::Date::now() * 1000.0) as i64)
    }

    impl Ticker {
        pub(super) fn run(self, at: Time) {
            // Until the first measurement, as if the page had just been made.
            self.began_at.set(Some(at - local()));
            let frame = FrameCallback::default();
            let again = frame.clone();
            let mut last = (local(), wall());
            *frame.borrow_mut() = Some(Closure::new(move || {
                let Some(began_at) = self.began_at.try_get_untracked().flatten() else {
                    // The page is gone.
                    again.borrow_mut().take();
                    return;
                };
                let before = std::mem::replace(&mut last, (local(), wall()));
                let (since, by_wall) = (last.0 - before.0, last.1 - before.1);
                // In many browsers the monotonic clock stands still while the machine sleeps, and only the wall clock tells.
                let slept = (by_wall - since).max(Span::ZERO);
                let mut began_at = began_at;
                if slept > AWAY {
                    began_at = began_at + slept;
                    self.forget();
                    self.began_at.set(Some(began_at));
                }
                if since + slept > AWAY {
                    self.woke.update(|times| *times += 1);
                }
                let now = began_at + last.0;
                self.now.set(now);
                let shown = self.seconds.get_untracked();
                // Never later than the second itself: events open and close on whole ones.
                if (now - shown).abs() >= SLOW || second(now) != second(shown) {
                    self.seconds.set(now);
                }
                request(&again);
            }));
            Effect::new(move |_| request(&frame));
        }

        /// Takes in a measurement: a message left at `sent` and came back at `received` on the browser's clock, and the
        /// server answered at `at`. The shortest way there and back tells the most.
        pub fn measured(self, sent: Span, received: Span, at: Time) {
            let error = (received - sent) / 2;
            let began_at = at + error - received;
            let old = self.began_at.get_untracked().unwrap_or(began_at);
            // Two measurements that cannot both be right: the clock slept or stepped, and the newer one knows.
            let better =
                self.error.get_untracked().is_none_or(|best| error <= best || (began_at - old).abs() > best + error);
            if better {
                self.error.set(Some(error));
                self.began_at.set(Some(began_at));
            }
        }

        /// What was measured no longer counts.
        pub fn forget(self) {
            self.error.set(None);
        }

        /// An old measurement is worth less and less: clocks drift.
        pub fn age(self, loss: Span) {
            self.error.update(|error| *error = error.map(|error| error + loss));
        }
    }

    fn second(at: Time) -> i64 {
        at.since(Time(0)) / SECOND
    }

    fn request(frame: &FrameCallback) {
        if let (Some(window), Some(closure)) = (web_sys::window(), frame.borrow().as_ref()) {
            let _ = window.request_animation_frame(closure.as_ref().unchecked_ref());
        }
    }
}

#[cfg(feature = "hydrate")]
pub use browser::local;
