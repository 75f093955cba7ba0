//! Who receives something, and where: one of the reader's addresses, or another that is typed. Without scripts it is the same form.

use super::functions::TYPED;
use crate::{
    boot::lang,
    components::{Asked, Choice, Combobox},
    forms::{Field, FormState, Tick},
    paths,
    texts::Lang,
};
use leptos::{html, prelude::*};
use model::{
    AddressBook, Delivery,
    addresses::{Address, FinderKind},
};
#[cfg(feature = "hydrate")]
use model::{addresses::FoundAddresses, search::Piece};

/// The addresses of the book to choose from, where there are any, and the fields for another.
#[component]
pub fn WhereTo(
    /// Its form.
    form: FormState,
    /// The reader's addresses.
    book: AddressBook,
    /// Where it is to go already, once that was said.
    given: Option<Delivery>,
    /// Whether it needs a road address.
    goods: bool,
    /// Whether what is typed may be kept in the book.
    save: bool,
) -> impl IntoView {
    let t = lang();
    let (has_room, finder) = (book.has_room(), book.finder);
    let known = book.default_delivery().cloned();
    let is_listed = |address: &Address| goods && !address.delivery.address.is_empty();
    let listed: Vec<Address> = book.addresses.into_iter().filter(is_listed).collect();
    let given = given.filter(|given| !given.name.is_empty());
    let same = listed.iter().find(|address| given.as_ref() == Some(&address.delivery)).map(|one| one.id.to_string());
    let first = listed.first().filter(|_| given.is_none()).map(|one| one.id.to_string());
    let is_there = |to: &String| to == TYPED || listed.iter().any(|address| address.id.to_string() == *to);
    // What was chosen when the form was refused, else where it goes already, else the default.
    let chosen = form.value("to").filter(is_there).or(same).or(first).unwrap_or_else(|| TYPED.to_owned());
    let typed = match (given, known) {
        (Some(given), _) if chosen == TYPED => given,
        // Who receives it is known, if not where.
        (None, Some(Delivery { name, phone, .. })) if listed.is_empty() => {
            Delivery { name, phone, ..Delivery::default() }
        }
        _ => Delivery::default(),
    };
    let any = !listed.is_empty();
    let choices = any.then(|| view! { <Choices form listed chosen /> });
    let save = (save && has_room).then(|| view! { <Tick form name="save" label=t.save_delivery() /> });
    view! {
        <div class="where-to" class:known=any>
            {choices}
            <div class="typed">
                <Receiver form to=typed goods required={!any} finder />
                {save}
            </div>
        </div>
    }
}

/// One of the book, or another: the one that is chosen is a card, and the others are there once they are asked for (`addresses.css`).
#[component]
fn Choices(form: FormState, listed: Vec<Address>, chosen: String) -> impl IntoView {
    let t = lang();
    let another = chosen == TYPED;
    let rows = listed
        .into_iter()
        .map(|address| {
            let id = address.id.to_string();
            let checked = id == chosen;
            view! {
                <label class="consent">
                    <input type="radio" name="to" value=id checked=checked />
                    <Written address />
                </label>
            }
        })
        .collect_view();
    // Without scripts the form comes back with it open. Where it is refused in the background, since the one that was chosen is gone, the
    // others would stay hidden.
    let others = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        if form.field("to").is_some()
            && let Some(others) = others.get()
        {
            others.set_open(true);
        }
    });
    let wrong = move || form.field("to").map(|_| view! { <p class="note bad" role="alert">{t.address_gone()}</p> });
    view! {
        <fieldset class="known-addresses">
            <legend class="visually-hidden">{t.where_to()}</legend>
            <details class="elsewhere" open=form.was_refused() node_ref=others>
                <summary>{t.choose_another()}</summary>
                <p class="note"><a href=paths::ADDRESSES>{t.edit_addresses()}</a></p>
            </details>
            {rows}
            <label class="consent">
                <input type="radio" name="to" value=TYPED checked=another />
                <span>{t.another_address()}</span>
            </label>
            {wrong}
        </fieldset>
    }
}

/// An address in a few words.
#[component]
pub(super) fn Written(
    /// It.
    address: Address,
) -> impl IntoView {
    let Address { delivery: Delivery { name, phone, postcode, address, detail }, note, .. } = address;
    let note = (!note.is_empty()).then(|| view! { " "<em>{note}</em> });
    let place = (!address.is_empty()).then(|| view! { <small>{format!("({postcode}) {address} {detail}")}</small> });
    view! { <span class="written"><b>{name}</b>{note}<small>{phone}</small>{place}</span> }
}

/// The fields of who receives it, and of where goods go.
#[component]
pub(super) fn Receiver(
    /// Its form.
    form: FormState,
    /// What they start with.
    to: Delivery,
    /// Whether it needs a road address.
    goods: bool,
    /// Whether the browser insists on them.
    required: bool,
    /// Who finds road addresses.
    finder: FinderKind,
) -> impl IntoView {
    let t = lang();
    let Delivery { name, phone, postcode, address, detail } = to;
    let [at_postcode, at_address, at_detail] = [(); 3].map(|()| NodeRef::<html::Input>::new());
    let goods = goods.then(|| {
        let find = (finder != FinderKind::Nobody).then(|| {
            view! { <Find finder postcode=at_postcode address=at_address detail=at_detail /> }
        });
        view! {
            {find}
            <Field form name="postcode" label=t.postcode() autocomplete="postal-code" inputmode="numeric" required value=postcode input=at_postcode />
            <Field form name="address" label=t.address() autocomplete="street-address" maxlength=100 required value=address input=at_address />
            <Field form name="detail" label=t.address_detail() autocomplete="address-line2" maxlength=100 value=detail input=at_detail />
        }
    });
    view! {
        <Field form name="name" label=t.receiver() autocomplete="name" maxlength=30 required value=name />
        <Field form name="phone" label=t.phone() kind="tel" autocomplete="tel" required value=phone />
        {goods}
    }
}

/// A field that finds a road address while one types, and writes it into the others. Without scripts it is not there: the page of the book
/// has one that is sent.
#[component]
fn Find(
    finder: FinderKind,
    postcode: NodeRef<html::Input>,
    address: NodeRef<html::Input>,
    detail: NodeRef<html::Input>,
) -> impl IntoView {
    let t = lang();
    let ask = Callback::new(move |text: String| Box::pin(suggested(text)) as Asked);
    let choose = Callback::new(move |Choice { title, note, .. }: Choice| {
        let road: String = title.into_iter().map(|piece| piece.text).collect();
        for (field, value) in [(postcode, note), (address, road)] {
            if let Some(field) = field.get_untracked() {
                field.set_value(&value);
            }
        }
        if let Some(detail) = detail.get_untracked() {
            let _ = detail.focus();
        }
    });
    view! {
        <div class="field combo by-scripts">
            <label for="find">{t.find_address()}</label>
            <Combobox name="find" value={String::new()} described="find-note" list="found-addresses"
                list_label=t.found_addresses() how_many=Lang::addresses_found ask choose apart=true />
            <p class="note" id="find-note">{find_hint(t, finder)}</p>
        </div>
    }
}

/// What may be looked for.
pub(super) fn find_hint(t: Lang, finder: FinderKind) -> &'static str {
    match finder {
        FinderKind::Included => t.find_address_included(),
        FinderKind::Nobody | FinderKind::Juso => t.find_address_hint(),
    }
}

/// What is suggested for what was typed.
#[cfg(feature = "hydrate")]
async fn suggested(text: String) -> Option<Vec<Choice>> {
    let found = crate::api::fetch::<FoundAddresses>(&paths::address_suggestions(&text)).await.ok()?;
    let choice = |found: model::addresses::FoundAddress| Choice {
        href: paths::found_address(&found, None),
        title: vec![Piece { text: found.address, hit: false }],
        note: found.postcode,
    };
    Some(found.rows.into_iter().map(choice).collect())
}

#[cfg(not(feature = "hydrate"))]
async fn suggested(_: String) -> Option<Vec<Choice>> {
    None
}
