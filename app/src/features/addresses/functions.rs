//! What is changed of addresses, and how a form says where something goes.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::{FormField, form_fields},
    paths,
};
#[cfg(feature = "ssr")]
use engine::{Engine, accounts::Actor};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{AddressId, Delivery, Error};

/// In the field `to`: none of the book, but what is typed.
pub(super) const TYPED: &str = "new";

/// The fields of where something goes, as it is typed.
#[cfg(feature = "ssr")]
pub(crate) const ADDRESS: &[FormField] = form_fields!["name", "phone", "postcode", "address", "detail"];

/// Those that [`delivery`] reads beside them.
#[cfg(feature = "ssr")]
pub(crate) const DELIVERY: &[FormField] = form_fields!["to", "save"];

/// Which address of the book is chosen in the field `to`; none where it is typed.
#[cfg(feature = "ssr")]
fn chosen(form: &Form) -> Result<Option<AddressId>, Error> {
    match form.text("to") {
        "" | TYPED => Ok(None),
        id => id.parse().map(Some).map_err(|_| Error::Malformed),
    }
}

/// Where something goes, as it was typed.
#[cfg(feature = "ssr")]
fn typed(form: &Form) -> Delivery {
    let text = |name| form.text(name).to_owned();
    Delivery {
        name: text("name"),
        phone: text("phone"),
        postcode: text("postcode"),
        address: text("address"),
        detail: text("detail"),
    }
}

/// Where something goes, as the form says it: an address of the member's book, or what was typed; and whether that is to be kept in
/// the book.
#[cfg(feature = "ssr")]
pub(crate) async fn delivery(engine: &Engine, actor: &Actor, form: &Form) -> Result<(Delivery, bool), PageError> {
    match chosen(form)? {
        Some(id) => Ok((engine.addresses.chosen(actor, id).await?, false)),
        None => Ok((typed(form), form.ticked("save"))),
    }
}

change! { AddAddress: Active, pages: ["/my/addresses"], fields: ["note", "default"] + ADDRESS, said: saved }

/// Adds an address to the member's book, as its `default` where that is ticked.
#[server(endpoint = "add-address", protocol = Change, input_derive = ())]
pub async fn add_address(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let added = engine.addresses.add(&actor, &typed(&form), form.text("note")).await?;
    if form.ticked("default") {
        engine.addresses.set_default(&actor, added).await?;
    }
    Ok(Done::to(paths::ADDRESSES))
}

change! { ChangeAddress: Active, pages: ["/my/addresses"], fields: ["id", "note"] + ADDRESS, said: saved }

/// Changes the address `id`.
#[server(endpoint = "change-address", protocol = Change, input_derive = ())]
pub async fn change_address(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.addresses.change(&actor, form.named("id")?, &typed(&form), form.text("note")).await?;
    Ok(Done::to(paths::ADDRESSES))
}

change! { SetDefaultAddress: Active, pages: ["/my/addresses"], fields: ["id"], said: saved }

/// Makes the address `id` the default.
#[server(endpoint = "set-default-address", protocol = Change, input_derive = ())]
pub async fn set_default_address(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.addresses.set_default(&actor, form.named("id")?).await?;
    Ok(Done::here())
}

change! { DeleteAddress: SignedIn, pages: ["/my/addresses"], fields: ["id"], said: address_deleted }

/// Deletes the address `id`.
#[server(endpoint = "delete-address", protocol = Change, input_derive = ())]
pub async fn delete_address(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.addresses.delete(&actor, form.named("id")?).await?;
    Ok(Done::to(paths::ADDRESSES))
}

change! { SaveAddress: Active, pages: ["/events/:id/checkout"], fields: ["to"] + ADDRESS, said: saved }

/// Says where what is bought goes, before it is one's turn: from now on that is the default.
#[server(endpoint = "save-address", protocol = Change, input_derive = ())]
pub async fn save_address(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    match chosen(&form)? {
        Some(id) => {
            engine.addresses.chosen(&actor, id).await?;
            engine.addresses.set_default(&actor, id).await?;
        }
        None => engine.addresses.add_default(&actor, &typed(&form)).await?,
    }
    Ok(Done::here())
}
