//! `/my/phone`: the reader's phone: a number, the code that was sent to it, and where to go on to.

use super::functions::{AskPhoneCode, ConfirmPhone, ForgetPhone};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Error, PartyId, PhoneError,
    parties::{AskedCode, PhoneView},
};

/// Reads the reader's phone, and the party that they were on their way to.
///
/// # Errors
/// As [`engine::parties::Parties::phone`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(PhoneView, Option<PartyId>)> {
    let party = asked.query("party").and_then(|party| party.parse().ok());
    Ok((asked.reader.engine.parties.phone(&asked.reader.actor).await?, party))
}

/// The page of the reader's phone.
pub fn view((phone, party): (PhoneView, Option<PartyId>)) -> impl IntoView {
    let t = lang();
    head::title(t.my_phone());
    let PhoneView { confirmed, asked, available } = phone;
    let again = asked.is_some();
    let typing = asked.map(|asked| view! { <Code asked /> });
    let label = if again { t.send_code_again() } else { t.send_code() };
    let form = FormState::of::<AskPhoneCode>();
    let ask = match available {
        true => view! {
            <ChangeForm state=form class="claim">
                <input type="hidden" name="lang" value=t.code() />
                <Field form name="phone" label=t.phone_number() inputmode="tel" autocomplete="tel" required=true />
                <button class=if again { "btn ghost" } else { "btn go" }>{label}</button>
            </ChangeForm>
        }
        .into_any(),
        false => view! { <p class="banner" role="status">{t.error_sms_unavailable()}</p> }.into_any(),
    };
    let body = match confirmed {
        Some(ending) => {
            let (to, label) = match party {
                Some(party) => (paths::party(party), t.phone_then_party()),
                None => (paths::NEW_PARTY.to_owned(), t.new_party()),
            };
            view! {
                <p class="state" role="status">{t.phone_is(ending)}</p>
                <a class="btn go" href=to>{label}</a>
                <details open=again>
                    <summary>{t.phone_another()}</summary>
                    {typing}{ask}
                    <ChangeForm state={FormState::of::<ForgetPhone>()} class="tools">
                        <button class="btn small ghost">{t.phone_forget()}</button>
                    </ChangeForm>
                </details>
            }
            .into_any()
        }
        None => view! { <p class="sub">{t.phone_why()}</p>{typing}{ask} }.into_any(),
    };
    view! { <section class="narrow"><h1>{t.my_phone()}</h1>{body}<p class="note">{t.phone_follows()}</p></section> }
}

/// Where the code is typed in that was sent.
#[component]
fn Code(asked: AskedCode) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<ConfirmPhone>();
    let shown = asked.shown.map(|code| view! { <p class="banner" role="note">{t.code_shown(code)}</p> });
    view! {
        <p class="sub">{t.code_sent(asked.ending, asked.until.clock())}</p>
        {shown}
        <ChangeForm state=form class="claim">
            <Field form name="code" label=t.phone_code() inputmode="numeric" autocomplete="one-time-code" required=true />
            <button class="btn go">{t.confirm_code()}</button>
        </ChangeForm>
    }
}

/// The way to that page, under a form that was refused since there is no phone yet.
#[component]
pub fn PhoneFirst(
    /// The form.
    form: FormState,
    /// The party that it is about, when there is one.
    #[prop(optional_no_strip)]
    party: Option<PartyId>,
) -> impl IntoView {
    let t = lang();
    let to = party.map_or_else(|| paths::MY_PHONE.to_owned(), paths::phone_for);
    move || {
        let needed = form.error.with(|error| *error == Some(Error::Phone(PhoneError::Needed)));
        needed.then(|| view! { <a class="btn go" href=to.clone()>{t.phone_first()}</a> })
    }
}
