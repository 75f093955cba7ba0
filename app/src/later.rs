//! Parts of a page that are not taken over with the rest of it: a slow phone that walks a long page at once answers nothing
//! meanwhile.
//!
//! ```text
//! later   what is pressed, or changes: taken over in a task of its own once the rest was, in the order of the document
//! last    the same, behind those that follow it: what stands above what a page is there for
//! still   what neither is nor does: stays as the server rendered it, until the page is read again
//! ```
//!
//! Until it is taken over a part is what it is without scripts: links lead on, and the browser sends forms. On the server both are
//! the view itself.

use leptos::prelude::*;

/// A part that is taken over once the rest of the page was. Its view is one element, and says at first what the server said,
/// although time went on.
pub fn later<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static) -> AnyView {
    part(view, 1)
}

/// The same as [`later`], behind the parts that follow it in the document.
pub fn last<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static) -> AnyView {
    part(view, 2)
}

/// A part in which nothing is pressed, and nothing changes by itself. Its view is one element.
pub fn still<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static) -> AnyView {
    part(view, 0)
}

#[cfg(not(feature = "hydrate"))]
fn part<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static, _: u8) -> AnyView {
    view().into_any()
}

#[cfg(feature = "hydrate")]
fn part<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static, turns: u8) -> AnyView {
    browser::Part { view: Box::new(move || view().into_any()), turns }.into_any()
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::browser::undo_translation;
    use leptos::{
        attr::any_attribute::AnyAttribute,
        prelude::*,
        tachys::{
            hydration::Cursor,
            no_attrs,
            renderer::types::{Element, Node},
            view::{Position, PositionState, any_view::AnyViewState},
        },
    };
    use std::{cell::RefCell, rc::Rc, time::Duration};
    use wasm_bindgen::JsCast;

    /// Makes the view of a part.
    type MakeView = Box<dyn FnOnce() -> AnyView + Send>;

    /// A part of a page.
    pub struct Part {
        pub view: MakeView,
        /// How many turns of the browser it waits for until it is taken over; 0 for as long as it can be left.
        pub turns: u8,
    }

    /// Does something after so many turns, each behind everything that waits already.
    fn after(turns: u8, act: impl FnOnce() + 'static) {
        let next = move || if turns > 1 { after(turns - 1, act) } else { act() };
        set_timeout(next, Duration::ZERO);
    }

    /// What is there of a part.
    pub enum Shown {
        /// What the server rendered, and the view of it until that is made.
        Rendered(Element, Option<MakeView>),
        /// What was taken over, or made here.
        Ours(AnyViewState),
    }

    impl Shown {
        /// Takes over what the server rendered.
        fn take_over(&mut self) {
            if let Shown::Rendered(element, view) = self
                && let Some(view) = view.take()
            {
                // Translators begin whenever they like.
                undo_translation(element);
                *self = Shown::Ours(view().hydrate_from_position::<true>(element, Position::Current));
            }
        }

        fn state(&self) -> &dyn Mountable {
            match self {
                Shown::Rendered(element, _) => element,
                Shown::Ours(state) => state,
            }
        }

        fn state_mut(&mut self) -> &mut dyn Mountable {
            match self {
                Shown::Rendered(element, _) => element,
                Shown::Ours(state) => state,
            }
        }
    }

    impl Mountable for Shown {
        fn unmount(&mut self) {
            self.state_mut().unmount();
        }

        fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
            self.state_mut().mount(parent, marker);
        }

        fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
            self.state().insert_before_this(child)
        }

        fn elements(&self) -> Vec<Element> {
            self.state().elements()
        }
    }

    impl Render for Part {
        type State = Rc<RefCell<Shown>>;

        fn build(self) -> Self::State {
            Rc::new(RefCell::new(Shown::Ours((self.view)().build())))
        }

        fn rebuild(self, state: &mut Self::State) {
            let mut shown = state.borrow_mut();
            // First what is there, so that its elements stay: one of them may have the focus.
            shown.take_over();
            if let Shown::Ours(state) = &mut *shown {
                (self.view)().rebuild(state);
            }
        }
    }

    no_attrs!(Part);

    impl RenderHtml for Part {
        type AsyncOutput = Self;
        type Owned = Self;

        const MIN_LENGTH: usize = 0;

        fn dry_resolve(&mut self) {}

        async fn resolve(self) -> Self {
            self
        }

        fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {
            unreachable!("only the server renders");
        }

        fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
            // To its element, as elements themselves go, and no further.
            match position.get() {
                Position::Current => {}
                Position::FirstChild => cursor.child(),
                _ => cursor.sibling(),
            }
            position.set(Position::NextChild);
            let Ok(element) = cursor.current().dyn_into::<Element>() else {
                unreachable!("a part is one element");
            };
            let part = Rc::new(RefCell::new(Shown::Rendered(element, Some(self.view))));
            if let (1.., Some(owner)) = (self.turns, Owner::current()) {
                let waiting = Rc::downgrade(&part);
                let take_over = move || {
                    // Unless its page was read again, and is without it.
                    if let Some(part) = waiting.upgrade() {
                        owner.with(|| part.borrow_mut().take_over());
                    }
                };
                after(self.turns, take_over);
            }
            part
        }

        fn into_owned(self) -> Self {
            self
        }
    }
}
