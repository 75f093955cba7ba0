//! `/admin/markets/{id}`: an admin corrects a market, or says that it is the same as another.

use super::functions::{CorrectMarket, HideMarket, MergeMarket};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    features::administration::AdminTabs,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{Market, MarketKind};

/// What the page shows: a market, those around it that may be the same, and whether it is hidden.
type Shown = (Market, Vec<Market>, bool);

/// Reads them.
///
/// # Errors
/// As [`engine::markets::Markets::to_correct`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let (markets, actor) = (&asked.reader.engine.markets, &asked.reader.actor);
    // Who may not see it is told so, whether or not it is there.
    actor.admin()?;
    let id = asked.named("id")?;
    let (_, hidden) = markets.market_for_admin(actor, id).await?;
    let (market, others) = markets.to_correct(actor, id).await?;
    Ok((market, others, hidden))
}

/// The admin's page.
pub fn view((market, others, hidden): Shown) -> impl IntoView {
    let t = lang();
    head::title(market.name.clone());
    let (correct, merge) = (FormState::keyed::<CorrectMarket>("correct"), FormState::keyed::<MergeMarket>("merge"));
    let (id, title) = (market.id, market.name.clone());
    let chosen = correct.value("kind").unwrap_or_else(|| market.kind.name().to_owned());
    let kinds = MarketKind::ALL
        .iter()
        .map(|kind| {
            let selected = chosen == kind.name();
            view! { <option value=kind.name() selected=selected>{t.market_kind(*kind)}</option> }
        })
        .collect_view();
    let into = merge.value("into");
    let nobody = others.is_empty().then(|| view! { <p class="none">{t.nothing_to_merge()}</p> });
    let merging = (!others.is_empty()).then(|| {
        let others = others
            .into_iter()
            .map(|other| {
                let value = other.id.to_string();
                let selected = into.as_ref() == Some(&value);
                view! { <option value=value selected=selected>{format!("{} · {}", other.name, other.address)}</option> }
            })
            .collect_view();
        view! {
            <ChangeForm state=merge>
                <input type="hidden" name="market" value=id.to_string() />
                <div class="choice">
                    <label for="into">{t.merge_into()}</label>
                    <select id="into" name="into">{others}</select>
                </div>
                <Field form=merge name="reason" label=t.why_correct() hint=t.why_correct_hint() required=true maxlength=200 />
                <button class="btn">{t.merge_market()}</button>
            </ChangeForm>
        }
    });
    let hide = FormState::keyed::<HideMarket>("hide");
    let (hide_words, hide_to) = if hidden { (t.show_market(), "no") } else { (t.hide_market(), "yes") };
    let its_page =
        (!hidden).then(|| view! { <p><a class="link" href=paths::market(id, None)>{t.market_parties()}</a></p> });
    view! {
        <section class="narrow">
            <AdminTabs page=paths::MARKET_LISTS />
            <h1>{title}</h1>
            {its_page}
            <h2>{t.correct_market()}</h2>
            <p class="note">{t.correct_market_hint()}</p>
            <ChangeForm state=correct>
                <input type="hidden" name="market" value=id.to_string() />
                <Field form=correct name="name" label=t.market_name() value=market.name required=true maxlength=50 />
                <div class="choice">
                    <label for="kind">{t.market_sort()}</label>
                    <select id="kind" name="kind">{kinds}</select>
                </div>
                <Field form=correct name="address" label=t.market_road() value=market.address required=true maxlength=120 />
                <Field form=correct name="latitude" label=t.market_degrees_north() value=market.at.latitude.to_string() inputmode="decimal" required=true />
                <Field form=correct name="longitude" label=t.market_degrees_east() value=market.at.longitude.to_string() inputmode="decimal" required=true />
                <Field form=correct name="reason" label=t.why_correct() hint=t.why_correct_hint() required=true maxlength=200 />
                <button class="btn">{t.correct_market()}</button>
            </ChangeForm>
            <h2>{t.merge_market()}</h2>
            <p class="note">{t.merge_market_hint()}</p>
            {nobody}
            {merging}
            <h2>{hide_words}</h2>
            <p class="note">{t.hide_market_hint()}</p>
            <ChangeForm state=hide>
                <input type="hidden" name="market" value=id.to_string() />
                <input type="hidden" name="hidden" value=hide_to />
                <Field form=hide name="reason" label=t.why_correct() hint=t.why_correct_hint() required=true maxlength=200 />
                <button class="btn">{hide_words}</button>
            </ChangeForm>
        </section>
    }
}
