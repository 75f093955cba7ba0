//! Labelled form fields that show what was typed and why it was not taken.

use crate::boot::{FormState, lang};
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
    /// Most characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Follows what is typed.
    #[prop(optional)]
    typed: Option<RwSignal<String>>,
) -> impl IntoView {
    let error = form.field(name).map(|error| lang().field_error(&error));
    let value = form.value(name).or(value).unwrap_or_default();
    let described = format!("{name}-note");
    let invalid = error.is_some().then_some("true");
    let input = NodeRef::<html::Input>::new();
    // What was typed before the browser's code had loaded.
    Effect::new(move |_| {
        if let (Some(typed), Some(input)) = (typed, input.get()) {
            typed.set(input.value());
        }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                node_ref=input
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                required=required
                maxlength=maxlength
                step=(kind == "datetime-local").then_some("1")
                aria-describedby=described.clone()
                aria-invalid=invalid
                on:input=move |event| if let Some(typed) = typed { typed.set(event_target_value(&event)) }
            />
            <Note id=described error hint />
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
    let error = form.field(name).map(|error| lang().field_error(&error));
    let value = form.value(name).or(value).unwrap_or_default();
    let described = format!("{name}-note");
    let invalid = error.is_some().then_some("true");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea id=name name=name rows=rows aria-describedby=described.clone() aria-invalid=invalid>
                {value}
            </textarea>
            <Note id=described error hint />
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
    let error = form.field(name).map(|error| view! { <span class="note bad">{lang().field_error(&error)}</span> });
    let checked = form.value(name).is_some();
    view! {
        <label class="consent">
            <input type="checkbox" name=name value="yes" checked=checked required=required />
            <span>{label}</span>
            {error}
        </label>
    }
}

#[component]
fn Note(id: String, error: Option<String>, hint: Option<String>) -> impl IntoView {
    match error {
        Some(error) => view! { <p id=id class="note bad">{error}</p> }.into_any(),
        None => view! { <p id=id class="note">{hint.unwrap_or_default()}</p> }.into_any(),
    }
}

/// Above a form that was refused: what to do.
#[component]
pub fn FormError(
    /// The form.
    form: FormState,
) -> impl IntoView {
    form.error.map(|error| view! { <p class="banner bad" role="alert">{lang().error(&error)}</p> })
}
