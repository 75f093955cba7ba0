//! `/creator/business`: the business that a creator sells as; and how it is shown where one buys.

use super::functions::SaveBusiness;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::sellers::{Business, BusinessPage, CheckKind};

/// Reads the creator's own business.
///
/// # Errors
/// As [`engine::sellers::Sellers::own_business`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<BusinessPage> {
    Ok(asked.reader.engine.sellers.own_business(&asked.reader.actor).await?)
}

/// The page of one's own business.
pub fn view(BusinessPage { business, check }: BusinessPage) -> impl IntoView {
    let t = lang();
    head::title(t.business());
    let form = FormState::of::<SaveBusiness>();
    let known = business.clone();
    let known = move |of: fn(&Business) -> String| known.as_ref().map(of).unwrap_or_default();
    let standing = business.map(|business| {
        let words = match (business.closed, business.checked) {
            (true, _) => t.error_business_closed().to_owned(),
            (_, CheckKind::TaxService) => t.checked_at(t.moment(business.checked_at)),
            (_, CheckKind::Practice) => t.practice_business().to_owned(),
        };
        view! { <p class="banner" class:bad=business.closed role="status">{words}</p> }
    });
    let how = match check {
        Some(CheckKind::TaxService) => t.checked_by_tax_service(),
        Some(CheckKind::Practice) => t.checked_by_practice(),
        None => t.checked_by_nobody(),
    };
    view! {
        <section class="narrow">
            <h1>{t.business()}</h1>
            <p class="sub">{t.business_hint()}</p>
            {standing}
            <ChangeForm state=form>
                <Field form name="number" label=t.business_number() inputmode="numeric" required=true hint=how
                    value=known(Business::number_shown) />
                <Field form name="representative" label=t.representative() required=true maxlength=30
                    value=known(|business| business.representative.clone()) />
                <Field form name="opened" label=t.opening_date() kind="date" required=true hint=t.opening_date_hint()
                    value=known(|business| business.opened.clone()) />
                <Field form name="company" label=t.company() autocomplete="organization" required=true maxlength=50 value=known(|business| business.company.clone()) />
                <Field form name="address" label=t.address() required=true maxlength=100 value=known(|business| business.address.clone()) />
                <Field form name="mail_order" label=t.mail_order() required=true maxlength=40 hint=t.mail_order_hint()
                    value=known(|business| business.mail_order.clone()) />
                <Field form name="email" label=t.contact_email() inputmode="email" autocomplete="email" required=true value=known(|business| business.email.clone()) />
                <Field form name="phone" label=t.contact_phone() kind="tel" autocomplete="tel" required=true value=known(|business| business.phone.clone()) />
                <button class="btn go">{t.check_business()}</button>
            </ChangeForm>
            <p class="aside"><a href=paths::CREATOR_EVENTS>{t.my_events()}</a></p>
        </section>
    }
}

/// A business where one buys from it.
#[component]
pub fn Imprint(
    /// In which language.
    t: Lang,
    /// Which.
    business: Business,
) -> impl IntoView {
    let practice = (business.checked == CheckKind::Practice).then(|| t.practice_business());
    let checked = (business.checked == CheckKind::TaxService && !business.closed).then(|| t.business_is_checked());
    view! {
        <details class="imprint">
            <summary>{t.sold_by_business(business.company.clone())}" "{checked.map(|words| view! { <span class="chip">{words}</span> })}</summary>
            <dl class="terms-list">
                <div><dt>{t.representative()}</dt><dd>{business.representative.clone()}</dd></div>
                <div><dt>{t.business_number()}</dt><dd>{business.number_shown()}</dd></div>
                <div><dt>{t.opening_date()}</dt><dd>{business.opened.clone()}</dd></div>
                <div><dt>{t.mail_order()}</dt><dd>{business.mail_order.clone()}</dd></div>
                <div><dt>{t.address()}</dt><dd>{business.address.clone()}</dd></div>
                <div><dt>{t.contact()}</dt><dd>{business.phone.clone()}<br />{business.email.clone()}</dd></div>
            </dl>
            {practice.map(|words| view! { <p class="note">{words}</p> })}
        </details>
    }
}
