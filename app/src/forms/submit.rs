//! Sends a form in the background: one way for all of them, which knows nothing of what they say.

use super::{Declaration, FormState, Toasts};
use crate::{api::Changed, boot};
use js_sys::Uint8Array;
use leptos::{ev::SubmitEvent, prelude::*};
use model::{Error, wire};
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    FormData, HtmlButtonElement, HtmlElement, HtmlFormElement, HtmlInputElement, ProgressEvent, XmlHttpRequest,
    XmlHttpRequestResponseType,
};

/// Sends a form, unless it is on its way already. By XMLHttpRequest: only that tells how much of a file was sent.
pub fn submit(event: &SubmitEvent, state: FormState) {
    let Some(declaration) = state.declaration else { return };
    if event.default_prevented() {
        return;
    }
    // A second press while the first is on its way.
    if state.sent.get_untracked().is_some() {
        event.prevent_default();
        return;
    }
    let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form else { return };
    let (Ok(request), Ok(data)) = (XmlHttpRequest::new(), FormData::new_with_form(&form)) else { return };
    // The button that was pressed says what is wanted, where there are several.
    let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
    let pressed = button.map(|button| (button.name(), button.value())).filter(|(name, _)| !name.is_empty());
    if let Some((name, value)) = &pressed {
        let _ = data.append_with_str(name, value);
    }
    if request.open("POST", declaration.path).is_err() || request.set_request_header("accept", wire::KIND).is_err() {
        return;
    }
    request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    let (changed, toasts) = (use_context::<Changed>().filter(|_| state.read_again), use_context::<Toasts>());
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        let percent = event.loaded() / event.total().max(1.0) * 100.0;
        state.sent.try_set(Some(percent as u32));
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    }
    let answered = request.clone();
    let owner = Owner::current();
    let done = Closure::once_into_js(move || {
        drop(progress);
        let finish = move || finish(&answered, declaration, state, &form, pressed, changed, toasts);
        let leaves = match owner {
            Some(owner) => owner.with(finish),
            None => finish(),
        };
        // A page that is being left takes no second press.
        if !leaves {
            state.sent.try_set(None);
        }
    });
    request.set_onloadend(Some(done.unchecked_ref()));
    if request.send_with_opt_form_data(Some(&data)).is_ok() {
        event.prevent_default();
        state.sent.set(Some(0));
    }
}

/// Does what the answer says; whether the page is left for another.
fn finish(
    answered: &XmlHttpRequest,
    declaration: &Declaration,
    state: FormState,
    form: &HtmlFormElement,
    pressed: Option<(String, String)>,
    changed: Option<Changed>,
    toasts: Option<Toasts>,
) -> bool {
    let status = answered.status().unwrap_or_default();
    let bytes = answered.response().map(|body| Uint8Array::new(&body).to_vec()).unwrap_or_default();
    // Where to go on, or why not; nothing when nothing came back, or nothing that we said ourselves.
    let answer = wire::decode::<Result<Option<String>, Error>>(&bytes);
    let here = boot::here;
    if status == 200 {
        state.error.try_set(None);
        // What another version of the site answers says no less that it was done.
        let to = answer.unwrap_or_else(|| Ok(Some(here()))).unwrap_or_default();
        let leave = match to {
            Some(to) => {
                let here = here();
                // To the same address with another anchor the browser would not load anything.
                Some(if to.split('#').next() == Some(here.as_str()) { here } else { to })
            }
            // Not reloaded: that would send again what the page itself may have been the answer to.
            None => declaration.whole.then(here),
        };
        if let Some(page) = leave {
            return window().location().assign(&page).is_ok();
        }
        if let Some(Toasts(said)) = toasts {
            said.set(Some((declaration.said)(boot::lang()).to_owned()));
        }
        if let Some(Changed(count)) = changed {
            count.update(|count| *count += 1);
        }
        return false;
    }
    // Another version of the site refuses in words that only programs read.
    let other_version =
        || answered.get_response_header("content-type").is_ok_and(|kind| kind.as_deref() == Some("application/json"));
    // Nobody is signed in any more: the plain way carries what was typed through the sign-in. So does it to a page that says what is wrong,
    // and, where the page shows what is true no more, to one that shows what is.
    if matches!(status, 401 | 412) || answer.is_none() && other_version() {
        // Sent like this, a form does not say which of its buttons was pressed.
        if let Some((name, value)) = pressed
            && let Some(input) =
                document().create_element("input").ok().and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
        {
            input.set_type("hidden");
            input.set_name(&name);
            input.set_value(&value);
            let _ = form.append_child(&input);
        }
        return form.submit().is_ok();
    }
    let error = answer.and_then(Result::err).unwrap_or(Error::Busy);
    if state.error.try_set(Some(error)).is_some() {
        return false;
    }
    let form = form.clone();
    // Once the errors stand at their fields.
    set_timeout(
        move || {
            let first = |what: &str| form.query_selector(what).ok().flatten();
            let first = first("[aria-invalid=true]").or_else(|| first("[role=alert]"));
            if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
                let _ = first.focus();
            }
        },
        Duration::ZERO,
    );
    false
}
