//! Labelled form fields that show what was typed and why it was not taken.

use super::{FormState, over};
use crate::{boot::lang, components::words};
use leptos::{html, prelude::*};

/// A labelled input.
#[component]
pub fn Field(
    /// Its form.
    form: FormState,
    /// Field name.
    name: &'static str,
    /// Above the input.
    #[prop(into)]
    label: String,
    /// Below the input.
    #[prop(optional, into)]
    hint: Option<String>,
    /// `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What it starts with unless something was typed.
    #[prop(optional, into)]
    value: Option<String>,
    /// For password managers.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Which keyboard a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Whether the browser insists on it.
    #[prop(optional)]
    required: bool,
    /// Most characters: more are not cut, but said.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Follows what is typed.
    #[prop(optional)]
    typed: Option<RwSignal<String>>,
    /// Whether something is wrong that is said elsewhere.
    #[prop(optional)]
    wrong: Option<Signal<bool>>,
    /// Where the input itself is found.
    #[prop(optional)]
    input: NodeRef<html::Input>,
) -> impl IntoView {
    let value = form.value(name).or(value).unwrap_or_default();
    let id = form.id(name);
    // On a page that came back with a refused form, whoever goes by the keyboard is where the first thing is to be mended.
    let mend = form.is_first_wrong(name);
    let described = format!("{id}-note");
    let too_many = RwSignal::new(None);
    let read = move |value: String| {
        too_many.set(maxlength.and_then(|max| over(&value, max.into()).zip(Some(max.into()))));
        if let Some(typed) = typed {
            typed.set(value);
        }
    };
    // What was typed before the browser's code had loaded.
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            read(input.value());
        }
    });
    let invalid = move || {
        let said = form.field(name).is_some() || too_many.get().is_some();
        (said || wrong.is_some_and(|wrong| wrong.get())).then_some("true")
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                node_ref=input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                // Of type `email` a browser refuses what the server reads: full-width letters, names in Hangul.
                autocapitalize=(inputmode == Some("email")).then_some("none")
                required=required
                autofocus=mend
                step=(kind == "datetime-local").then_some("1")
                aria-describedby=described.clone()
                aria-invalid=invalid
                on:input=move |event| read(event_target_value(&event))
            />
            <Note form name id=described hint too_many />
        </div>
    }
}

/// A labelled text of several lines.
#[component]
pub fn Area(
    /// Its form.
    form: FormState,
    /// Field name.
    name: &'static str,
    /// Above the text.
    #[prop(into)]
    label: String,
    /// Below the text.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What it starts with unless something was typed.
    #[prop(optional, into)]
    value: Option<String>,
    /// Lines shown.
    #[prop(default = 4)]
    rows: u32,
) -> impl IntoView {
    let value = form.value(name).or(value).unwrap_or_default();
    let id = form.id(name);
    let described = format!("{id}-note");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea id=id name=name rows=rows aria-describedby=described.clone() aria-invalid=move || form.field(name).map(|_| "true")>
                {value}
            </textarea>
            <Note form name id=described hint />
        </div>
    }
}

/// A box to tick.
#[component]
pub fn Tick(
    /// Its form.
    form: FormState,
    /// Field name.
    name: &'static str,
    /// What is agreed to.
    #[prop(into)]
    label: String,
    /// Whether the browser insists on it.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let checked = form.value(name).is_some();
    view! {
        <label class="consent">
            <input type="checkbox" name=name value="yes" checked=checked required=required
                aria-invalid=move || form.field(name).map(|_| "true") />
            <span>{label}</span>
            {move || form.field(name).map(|error| view! { <span class="note bad">{lang().field_error(&error)}</span> })}
        </label>
    }
}

/// Under a field: why it was not taken, else a hint.
#[component]
fn Note(
    form: FormState,
    name: &'static str,
    id: String,
    hint: Option<String>,
    /// How many characters there are, and how many there may be.
    #[prop(optional)]
    too_many: RwSignal<Option<(u64, u64)>>,
) -> impl IntoView {
    let t = lang();
    let hint = hint.unwrap_or_default();
    let wrong = move || match too_many.get() {
        Some((is, max)) => Some(t.field_over(max, is)),
        None => form.field(name).map(|error| t.field_error(&error)),
    };
    let class = move || if wrong().is_some() { "note bad" } else { "note" };
    let text = move || wrong().unwrap_or_else(|| hint.clone());
    view! { <p id=id class=class inner_html=words(text) /> }
}

/// Above a form that was refused: what to do.
#[component]
pub fn FormError(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let t = lang();
    move || {
        form.error.get().map(|error| view! { <p class="banner bad" role="alert" tabindex="-1">{t.error(&error)}</p> })
    }
}
