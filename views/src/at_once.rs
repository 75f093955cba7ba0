//! Views whose type is erased, taken over at once.

use leptos_itself::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::{AddAnyAttr, AnyView, Render, RenderHtml},
    tachys::{
        hydration::Cursor,
        view::{Position, PositionState, any_view},
    },
};
use std::future::poll_fn;

/// Erases the type of a view.
pub trait IntoAny {
    /// The view, of no type of its own.
    fn into_any(self) -> AnyView;
}

impl<T: RenderHtml> IntoAny for T {
    fn into_any(self) -> AnyView {
        any_view::IntoAny::into_any(AtOnce(self.into_owned()))
    }
}

/// Erases the type of what stands within a view: `view!` calls it.
pub trait IntoMaybeErased {
    /// The view, of no type of its own.
    fn into_maybe_erased(self) -> AnyView;
}

impl<T: RenderHtml> IntoMaybeErased for T {
    fn into_maybe_erased(self) -> AnyView {
        self.into_any()
    }
}

/// A view that is taken over at once: all as the one within, but for `hydrate_async`.
struct AtOnce<T>(T);

impl<T: Render> Render for AtOnce<T> {
    type State = T::State;

    fn build(self) -> T::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut T::State) {
        self.0.rebuild(state);
    }
}

impl<T: AddAnyAttr> AddAnyAttr for AtOnce<T> {
    type Output<A: Attribute> = AtOnce<T::Output<A>>;

    fn add_any_attr<A: Attribute>(self, attribute: A) -> Self::Output<A>
    where
        Self::Output<A>: RenderHtml,
    {
        AtOnce(self.0.add_any_attr(attribute))
    }
}

impl<T: RenderHtml> RenderHtml for AtOnce<T> {
    type AsyncOutput = T::AsyncOutput;
    type Owned = AtOnce<T::Owned>;

    const MIN_LENGTH: usize = T::MIN_LENGTH;
    const EXISTS: bool = T::EXISTS;

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    fn resolve(self) -> impl Future<Output = Self::AsyncOutput> + Send {
        self.0.resolve()
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        attributes: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(html, position, escape, mark_branches, attributes);
    }

    fn hydrate_async(self, _: &Cursor, _: &PositionState) -> impl Future<Output = T::State> {
        poll_fn(|_| unreachable!("views are taken over at once"))
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> T::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    fn into_owned(self) -> Self::Owned {
        AtOnce(self.0.into_owned())
    }
}
