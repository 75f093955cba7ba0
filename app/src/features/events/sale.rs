//! The part of the creator's form that says what is sold.

use crate::{
    boot::lang,
    features::{pictures::kept_pictures, sales::price_text},
    forms::{Area, Field, FormState},
    texts::number,
};
use leptos::{html, prelude::*};
use model::{Checkout, FieldError, Kind, Offer, RefundFees, sales::price_each};

/// What is typed of a sale, as far as the preview shows it.
#[derive(Clone, Copy)]
pub struct Typed {
    list_price: RwSignal<String>,
    discount: RwSignal<String>,
    price: RwSignal<String>,
    units: RwSignal<String>,
}

/// Reads a number as it is typed.
fn typed_number(text: &str) -> i64 {
    text.trim().replace(',', "").parse().unwrap_or_default()
}

impl Typed {
    /// What a form begins with: what was typed into it, else what is offered.
    pub fn new(form: FormState, offer: Option<&Offer>) -> Typed {
        let text = |name: &str, of: Option<String>| RwSignal::new(form.value(name).or(of).unwrap_or_default());
        let (mut list_price, mut discount, mut price, mut units) = (None, None, None, ("stock", None));
        match offer {
            Some(Offer::Deal { list_price: list, discount: off, stock, .. }) => {
                (list_price, discount) = (Some(list.to_string()), Some(off.to_string()));
                units.1 = Some(stock.to_string());
            }
            Some(Offer::Ticket { price: each, seats, .. }) => {
                (price, units) = (Some(each.to_string()), ("seats", Some(seats.to_string())));
            }
            _ if form.value("seats").is_some() => units.0 = "seats",
            _ => {}
        }
        Typed {
            list_price: text("list_price", list_price),
            discount: text("discount", discount),
            price: text("price", price),
            units: text(units.0, units.1),
        }
    }

    /// How many there are.
    pub fn units(self) -> u64 {
        typed_number(&self.units.get()).max(0) as u64
    }

    /// The price as a card shows it.
    pub fn price(self, kind: Kind) -> impl IntoView {
        match kind {
            Kind::Giveaway => ().into_any(),
            // Nothing is said before there is a price.
            Kind::Ticket => self
                .price
                .with(|price| !price.trim().is_empty())
                .then(|| price_text(typed_number(&self.price.get()).max(0), 0, 0))
                .into_any(),
            Kind::Deal => {
                let list_price = typed_number(&self.list_price.get()).max(0);
                let discount = typed_number(&self.discount.get()).clamp(0, 99);
                let offer = Offer::Deal {
                    list_price,
                    discount,
                    stock: 1,
                    limit: 1,
                    delivery: String::new(),
                    checkout: Checkout::default(),
                    details: Vec::new(),
                };
                (list_price > 0).then(|| price_text(price_each(&offer), list_price, discount)).into_any()
            }
        }
    }
}

/// What a deal sells.
#[component]
pub fn Deal(
    /// The form.
    form: FormState,
    /// What it is now.
    offer: Option<Offer>,
    /// What the preview follows.
    typed: Typed,
) -> impl IntoView {
    let t = lang();
    let (limit, delivery, checkout) = match &offer {
        Some(Offer::Deal { limit, delivery, checkout, .. }) => (limit.to_string(), delivery.clone(), *checkout),
        _ => ("1".to_owned(), String::new(), Checkout::default()),
    };
    view! {
        <div class="two">
            <Field form name="list_price" label=t.field_list_price() inputmode="numeric" required=true
                value=typed.list_price.get_untracked() typed=typed.list_price />
            <Field form name="discount" label=t.field_discount() inputmode="numeric"
                value=typed.discount.get_untracked() typed=typed.discount />
        </div>
        <div class="two">
            <Field form name="stock" label=t.field_stock() inputmode="numeric" required=true
                value=typed.units.get_untracked() typed=typed.units />
            <Field form name="limit" label=t.field_limit() hint=t.field_limit_hint() inputmode="numeric" required=true value=limit />
        </div>
        <Area form name="delivery" label=t.field_delivery() hint=t.delivery_hint() rows=2 value=delivery />
        <Paying form checkout hint=t.minutes_hint_deal() />
    }
}

/// What a ticket lets in to.
#[component]
pub fn Ticket(
    /// The form.
    form: FormState,
    /// What it is now.
    offer: Option<Offer>,
    /// What the preview follows.
    typed: Typed,
) -> impl IntoView {
    let t = lang();
    let [mut place, mut address, mut coordinates, mut starts_at] = [const { String::new() }; 4];
    let (mut limit, mut checkout, mut refunds) = ("2".to_owned(), Checkout::default(), RefundFees::default());
    if let Some(Offer::Ticket {
        place: p,
        address: a,
        coordinates: c,
        starts_at: s,
        limit: l,
        checkout: paid,
        refunds: r,
        ..
    }) = offer
    {
        (place, address, starts_at) = (p, a, s.to_local());
        coordinates = c.map(|c| format!("{}, {}", c.latitude, c.longitude)).unwrap_or_default();
        (limit, checkout, refunds) = (l.to_string(), paid, r);
    }
    view! {
        <Field form name="starts_at" label=t.field_starts() hint=t.starts_hint() kind="datetime-local" required=true value=starts_at />
        <Field form name="place" label=t.field_place() required=true maxlength=60 value=place />
        <Field form name="address" label=t.field_address() required=true maxlength=100 value=address />
        <Field form name="coordinates" label=t.field_coordinates() hint=t.coordinates_hint() value=coordinates />
        <div class="two">
            <Field form name="seats" label=t.field_seats() inputmode="numeric" required=true
                value=typed.units.get_untracked() typed=typed.units />
            <Field form name="price" label=t.field_price() hint=t.price_hint() inputmode="numeric" required=true
                value=typed.price.get_untracked() typed=typed.price />
        </div>
        <Field form name="limit" label=t.field_limit() hint=t.field_limit_hint() inputmode="numeric" required=true value=limit />
        <Paying form checkout hint=t.minutes_hint_ticket() />
        <Refunds form fees=refunds />
    }
}

/// How long there is to pay, and for how many at once.
#[component]
fn Paying(form: FormState, checkout: Checkout, hint: &'static str) -> impl IntoView {
    let t = lang();
    let text = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    view! {
        <fieldset class="two">
            <legend>{t.checkout_legend()}</legend>
            <Field form name="minutes" label=t.field_minutes() hint inputmode="numeric" value=text(checkout.minutes) />
            <Field form name="at_once" label=t.field_at_once() hint=t.at_once_hint() inputmode="numeric" value=text(checkout.at_once) />
        </fieldset>
    }
}

/// What giving a ticket back costs.
#[component]
fn Refunds(form: FormState, fees: RefundFees) -> impl IntoView {
    let t = lang();
    let mut typed = form.values("refund");
    if typed.len() != fees.0.len() {
        typed = fees.0.iter().map(u8::to_string).collect();
    }
    let RefundFees(usual) = RefundFees::default();
    let until = [t.refund_days_10(), t.refund_days_7(), t.refund_days_3(), t.refund_days_1(), t.refund_days_0()];
    let rows = until
        .into_iter()
        .zip(typed)
        .zip(usual)
        .map(|((until, typed), most)| {
            view! {
                <label>
                    <span>{until}</span>
                    <input name="refund" inputmode="numeric" required value=typed aria-label=format!("{until}, 0–{most} %") />
                </label>
            }
        })
        .collect_view();
    let class = move || if form.field("refunds").is_some() { "note bad" } else { "note" };
    let note = move || form.field("refunds").map_or(t.refunds_hint().to_owned(), |error| t.field_error(&error));
    view! {
        <fieldset class="refund-fields" aria-describedby="refunds-note">
            <legend>{t.refunds_legend()}</legend>
            {rows}
            <p id="refunds-note" class=class>{note}</p>
        </fieldset>
    }
}

/// More of what is sold, once it has opened.
#[component]
pub fn MoreUnits(
    /// The form.
    form: FormState,
    /// What it is.
    kind: Kind,
    /// What the preview follows.
    typed: Typed,
) -> impl IntoView {
    let t = lang();
    let (name, label) = if kind == Kind::Ticket { ("seats", t.field_seats()) } else { ("stock", t.field_stock()) };
    view! {
        <Field form name label hint=t.units_grow_hint() inputmode="numeric" value=typed.units.get_untracked() typed=typed.units />
    }
}

/// Pictures that show goods in detail: those that there are, each to keep or to leave out, and more.
#[component]
pub fn Details(
    /// The form.
    form: FormState,
    /// Addresses of those that there are.
    pictures: Vec<String>,
) -> impl IntoView {
    let t = lang();
    let input = NodeRef::<html::Input>::new();
    // Addresses under which this page can show what was chosen.
    let chosen = RwSignal::new(Vec::<String>::new());
    let choose = move || {
        let Some(files) = input.get_untracked().and_then(|input| input.files()) else { return };
        let files = (0..files.length()).filter_map(|i| files.get(i));
        let addresses = files.filter_map(|file| web_sys::Url::create_object_url_with_blob(&file).ok()).collect();
        for before in chosen.get_untracked() {
            let _ = web_sys::Url::revoke_object_url(&before);
        }
        chosen.set(addresses);
    };
    // What was chosen before the browser's code had loaded.
    Effect::new(move |_| {
        if input.get().is_some() {
            choose();
        }
    });
    let kept = kept_pictures(form, "detail", pictures);
    let shown = move || {
        let picture = |source| view! { <img src=source alt="" width="96" height="96" /> };
        chosen.get().into_iter().map(picture).collect_view()
    };
    view! {
        <div class="field detail-fields">
            <label for="details">{t.field_details()}</label>
            <div class="thumbs">{kept}{shown}</div>
            <input node_ref=input id="details" type="file" name="details" multiple accept="image/jpeg,image/png,image/webp"
                aria-describedby=move || form.field("details").map_or("details-hint", |_| "details-error details-hint")
                aria-invalid=move || form.field("details").map(|_| "true")
                on:change=move |_| choose() />
            {move || form.field("details").map(|error| view! { <p class="note bad" id="details-error">{t.field_error(&error)}</p> })}
            <p class="note" id="details-hint">{t.details_hint()}</p>
        </div>
    }
}

/// Reads a price back that looks like a mistake, and takes it only when it is ticked.
#[component]
pub fn Confirm(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let t = lang();
    move || {
        let Some(FieldError::Confirm { price, count }) = form.field("confirmed") else { return None };
        let (price, count) = (price.max(0) as u64, count.max(0) as u64);
        let total = number(price.saturating_mul(count));
        Some(view! {
            <fieldset class="banner bad confirm">
                <legend>{t.confirm_title()}</legend>
                <label class="consent">
                    <input type="checkbox" name="confirmed" value=format!("{price}x{count}") aria-invalid="true" />
                    <span>{t.confirm_price(price, count, total)}</span>
                </label>
            </fieldset>
        })
    }
}
