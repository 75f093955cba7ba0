//! `/my/addresses`: the reader's address book.

use super::{
    fields::{Receiver, Written, find_hint},
    functions::{AddAddress, ChangeAddress, DeleteAddress, SetDefaultAddress},
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState, Tick},
    head, paths,
};
use leptos::prelude::*;
use model::{
    AddressBook, AddressId, Delivery,
    addresses::{Address, FinderKind, FoundAddress, FoundAddresses, MOST_ADDRESSES, NOTE_LENGTH},
};
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    book: AddressBook,
    /// What was looked for, without scripts, and what was found.
    find: String,
    found: FoundAddresses,
    /// A road address that was chosen of that.
    chosen: Option<FoundAddress>,
    /// Which address is being changed.
    editing: Option<AddressId>,
}

/// Reads the reader's book, and what they look for.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Addresses> {
    let (addresses, actor) = (&asked.reader.engine.addresses, &asked.reader.actor);
    let book = addresses.book(actor).await?;
    let text = |name: &str| asked.query(name).unwrap_or_default().to_owned();
    let find: String = text("find").chars().take(model::addresses::FIND_LENGTH).collect();
    let found = match find.is_empty() {
        true => FoundAddresses::default(),
        false => addresses.find(actor, &find).await?,
    };
    let (postcode, address) = (text("postcode"), text("address"));
    let chosen = (!postcode.is_empty() && !address.is_empty()).then_some(FoundAddress { postcode, address });
    let editing: Option<AddressId> = asked.query("edit").and_then(|id| id.parse().ok());
    let editing = editing.filter(|id| book.addresses.iter().any(|address| address.id == *id));
    Ok(Addresses { book, find, found, chosen, editing })
}

/// The page of the book.
pub fn view(Addresses { book, find, found, chosen, editing }: Addresses) -> impl IntoView {
    let t = lang();
    head::title(t.my_addresses());
    let (count, has_room, finder) = (book.addresses.len(), book.has_room(), book.finder);
    let none = (count == 0).then(|| view! { <p class="none">{t.no_addresses()}</p> });
    let edited = editing.and_then(|id| book.addresses.iter().find(|address| address.id == id).cloned());
    let rows = book
        .addresses
        .into_iter()
        .enumerate()
        .map(|(at, address)| view! { <Row address is_default={at == 0} /> })
        .collect_view();
    let look = (finder != FinderKind::Nobody).then(|| view! { <Look finder find found editing /> });
    let form = match edited {
        Some(address) => view! { {look}<Edit address chosen finder /> }.into_any(),
        None if has_room => view! { {look}<New chosen finder first={count == 0} /> }.into_any(),
        None => view! { <p class="banner">{t.error_too_many_addresses()}</p> }.into_any(),
    };
    view! {
        <section class="narrow addresses">
            <h1>{t.my_addresses()}" "<small>{t.of_most(count, MOST_ADDRESSES)}</small></h1>
            <p class="sub">{t.addresses_hint()}</p>
            {none}
            <ul>{rows}</ul>
            {form}
            <p class="aside"><a href=paths::MY>{t.my()}</a></p>
        </section>
    }
}

/// An address with what may be done about it.
#[component]
fn Row(address: Address, is_default: bool) -> impl IntoView {
    let t = lang();
    let id = address.id;
    let name = format!("{} {}", address.delivery.name, address.delivery.detail);
    let incomplete = address.delivery.address.is_empty();
    let chip = is_default.then(|| view! { <span class="chip over">{t.default_address()}</span> });
    let lacks = incomplete.then(|| view! { <small>{t.address_missing()}</small> });
    let prefer = (!is_default).then(|| {
        let label = t.make_default_of(name.clone());
        view! {
            <ChangeForm state={FormState::keyed::<SetDefaultAddress>(id)}>
                <input type="hidden" name="id" value=id.to_string() />
                <button class="btn small ghost" aria-label=label>{t.make_default()}</button>
            </ChangeForm>
        }
    });
    view! {
        <li>
            <p><Written address />{chip}{lacks}</p>
            <div class="tools">
                <a class="btn small ghost" href=paths::edit_address(id) aria-label=t.edit_of(name.clone())>{t.edit_address()}</a>
                {prefer}
                <details class="leave">
                    <summary aria-label=t.delete_of(name)>{t.delete_address()}</summary>
                    <ChangeForm state={FormState::keyed::<DeleteAddress>(id)}>
                        <input type="hidden" name="id" value=id.to_string() />
                        <p class="note">{t.delete_address_hint()}</p>
                        <button class="btn small">{t.delete_address()}</button>
                    </ChangeForm>
                </details>
            </div>
        </li>
    }
}

/// Without scripts: looks for a road address by a form of its own, and leads back to the other with what is chosen.
#[component]
fn Look(finder: FinderKind, find: String, found: FoundAddresses, editing: Option<AddressId>) -> impl IntoView {
    let t = lang();
    let none = match (found.failed, found.rows.is_empty() && !find.is_empty()) {
        (true, _) => Some(t.finder_failed()),
        (false, true) => Some(t.no_address_found()),
        (false, false) => None,
    };
    let none = none.map(|none| view! { <p class="none">{none}</p> });
    let rows = found
        .rows
        .into_iter()
        .map(|found| {
            let to = paths::found_address(&found, editing);
            view! { <li><a href=to><span>{found.address}</span><small>{found.postcode}</small></a></li> }
        })
        .collect_view();
    let editing = editing.map(|id| view! { <input type="hidden" name="edit" value=id.to_string() /> });
    view! {
        <form method="get" action=paths::ADDRESSES class="claim without-scripts">
            {editing}
            <div class="field">
                <label for="look">{t.find_address()}</label>
                <input id="look" name="find" value=find autocomplete="off" aria-describedby="look-note" required=true />
                <p class="note" id="look-note">{find_hint(t, finder)}</p>
            </div>
            <button class="btn small">{t.find()}</button>
        </form>
        {none}
        <ul class="found">{rows}</ul>
    }
}

/// The form for another address.
#[component]
fn New(chosen: Option<FoundAddress>, finder: FinderKind, first: bool) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<AddAddress>();
    let to = with_chosen(Delivery::default(), chosen);
    let default = (!first).then(|| view! { <Tick form name="default" label=t.make_default() /> });
    view! {
        <h2 id="new">{t.new_address()}</h2>
        <ChangeForm state=form class="claim">
            <Receiver form to goods=true required=true finder />
            <Field form name="note" label=t.address_note() hint=t.address_note_hint() maxlength={NOTE_LENGTH as u32} />
            {default}
            <button class="btn go">{t.save()}</button>
        </ChangeForm>
    }
}

/// The form of an address that is there.
#[component]
fn Edit(address: Address, chosen: Option<FoundAddress>, finder: FinderKind) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<ChangeAddress>();
    let Address { id, delivery, note } = address;
    let to = with_chosen(delivery, chosen);
    view! {
        <h2 id="new">{t.edit_address()}</h2>
        <ChangeForm state=form class="claim">
            <input type="hidden" name="id" value=id.to_string() />
            <Receiver form to goods=true required=true finder />
            <Field form name="note" label=t.address_note() hint=t.address_note_hint() maxlength={NOTE_LENGTH as u32} value=note />
            <button class="btn go">{t.save()}</button>
            <a class="btn small ghost" href=paths::ADDRESSES>{t.leave_as_is()}</a>
        </ChangeForm>
    }
}

/// With the road address that was found in the place of its own.
fn with_chosen(delivery: Delivery, chosen: Option<FoundAddress>) -> Delivery {
    match chosen {
        Some(FoundAddress { postcode, address }) => Delivery { postcode, address, ..delivery },
        None => delivery,
    }
}
