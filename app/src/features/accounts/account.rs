//! `/my/account`: what the reader agreed to, what is kept of them to take along, and the way out.

use super::functions::{AcceptTerms, SetMarketing};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState, Tick},
    head, paths,
};
use leptos::prelude::*;
use model::terms::Consents;

/// Reads what the reader agreed to.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Consents> {
    Ok(asked.reader.engine.accounts.consents(&asked.reader.actor).await?)
}

/// The page of the reader's account.
pub fn view(consents: Consents) -> impl IntoView {
    let t = lang();
    head::title(t.my_account());
    let (due, accepts) = (consents.due(), FormState::of::<AcceptTerms>());
    let due = due.then(|| {
        view! {
            <p class="banner" role="status">{t.terms_changed_hint()}</p>
            <ChangeForm state=accepts class="claim">
                <Tick form=accepts name="terms" label=t.agree_terms() required=true />
                <button class="btn go">{t.terms_accept()}</button>
            </ChangeForm>
        }
    });
    let since = consents.marketing_at.map(|at| view! { <p class="note">{t.consent_since(t.moment(at))}</p> });
    view! {
        <section class="narrow account">
            <h1>{t.my_account()}</h1>
            {due}
            <h2>{t.consents()}</h2>
            <ul class="consents">
                <li><a href=paths::TERMS>{t.terms()}</a><small>{t.consent_version(u64::from(consents.terms))}</small></li>
                <li><a href=paths::PRIVACY>{t.privacy()}</a><small>{t.consent_version(u64::from(consents.privacy))}</small></li>
            </ul>
            <ChangeForm state={FormState::of::<SetMarketing>()} class="masked">
                <label class="consent"><input type="checkbox" name="marketing" value="yes" checked=consents.marketing /><span>{t.agree_marketing()}</span></label>
                <button class="btn small ghost">{t.save()}</button>
                {since}
            </ChangeForm>
            <h2>{t.my_data()}</h2>
            <p class="note">{t.my_data_hint()}</p>
            <p><a class="btn" href=paths::MY_DATA download="">{t.my_data_download()}</a></p>
            <h2>{t.leave_title()}</h2>
            <p class="note">{t.leave_site_hint()}</p>
            <p><a class="btn small ghost" href=paths::LEAVE>{t.leave_look()}</a></p>
        </section>
    }
}
