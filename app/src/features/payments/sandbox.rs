//! `/sandbox/pay/{id}`: where a payment at the sandbox is approved, as at a provider, and what may go wrong is tried.

use super::functions::DecideSandbox;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState},
    head,
    texts::Lang,
};
use leptos::prelude::*;
use model::{SandboxChoice, SandboxState, SandboxView};

/// Reads a payment of the sandbox, and whether it is looked at on another device than it is paid on.
///
/// # Errors
/// As [`engine::payments::Payments::sandbox_page`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(SandboxView, bool)> {
    let view = asked.reader.engine.payments.sandbox_page(asked.named("id")?).await?;
    Ok((view, asked.query("elsewhere").is_some()))
}

/// The approval page.
pub fn view((view, elsewhere): (SandboxView, bool)) -> impl IntoView {
    let t = lang();
    head::title(t.sandbox());
    let below = if view.state == SandboxState::Waiting {
        // What is paid for may be held for less time than there is to approve it.
        let until = view.until.map_or(view.expires_at, |until| until.min(view.expires_at));
        view! {
            <p class="note">{t.sandbox_until(until.clock())}</p>
            <Decision view=view.clone() elsewhere />
        }
        .into_any()
    } else {
        let back = (!elsewhere)
            .then(|| view! { <a class="btn go" href=view.back.clone() rel="nofollow">{t.sandbox_back()}</a> });
        let hint = elsewhere.then(|| view! { <p class="note">{t.sandbox_elsewhere()}</p> });
        view! { <p class="state" role="status">{decided(t, view.state)}</p>{hint}{back} }.into_any()
    };
    view! {
        <section class="narrow sandbox">
            <h1>{t.sandbox()}</h1>
            <p class="banner" role="note"><b>{t.sandbox_no_money()}</b></p>
            <dl>
                <dt>{t.sandbox_for()}</dt>
                <dd>{view.title.clone()}</dd>
                <dt>{t.sandbox_amount()}</dt>
                <dd class="amount">{t.won_amount(view.amount.0 as u64)}</dd>
            </dl>
            {below}
        </section>
    }
}

/// What its customer can do.
#[component]
fn Decision(view: SandboxView, elsewhere: bool) -> impl IntoView {
    let t = lang();
    let trial = move |choice: SandboxChoice, hint: &'static str| {
        view! {
            <li>
                <button class="btn ghost" name="choice" value=choice.name()>{choice_name(t, choice)}</button>
                <p class="note">{hint}</p>
            </li>
        }
    };
    view! {
        <ChangeForm state={FormState::of::<DecideSandbox>()}>
            <input type="hidden" name="payment" value=view.id.to_string() />
            {elsewhere.then(|| view! { <input type="hidden" name="elsewhere" value="yes" /> })}
            <button class="btn go" name="choice" value=SandboxChoice::Approve.name()>{choice_name(t, SandboxChoice::Approve)}</button>
            <button class="btn ghost" name="choice" value=SandboxChoice::Decline.name()>{choice_name(t, SandboxChoice::Decline)}</button>
            <details>
                <summary>{t.sandbox_trials()}</summary>
                <ul>
                    {trial(SandboxChoice::Expire, t.sandbox_expire_hint())}
                    {trial(SandboxChoice::Repeat, t.sandbox_repeat_hint())}
                    {trial(SandboxChoice::AnotherAmount, t.sandbox_another_hint())}
                    {trial(SandboxChoice::Unknown, t.sandbox_unknown_hint())}
                    {trial(SandboxChoice::Slow, t.sandbox_slow_hint())}
                </ul>
            </details>
        </ChangeForm>
    }
}

fn choice_name(t: Lang, choice: SandboxChoice) -> &'static str {
    match choice {
        SandboxChoice::Approve => t.sandbox_approve(),
        SandboxChoice::Decline => t.sandbox_decline(),
        SandboxChoice::Expire => t.sandbox_expire(),
        SandboxChoice::Repeat => t.sandbox_repeat(),
        SandboxChoice::AnotherAmount => t.sandbox_another(),
        SandboxChoice::Unknown => t.sandbox_unknown(),
        SandboxChoice::Slow => t.sandbox_slow(),
    }
}

fn decided(t: Lang, state: SandboxState) -> &'static str {
    match state {
        SandboxState::Waiting | SandboxState::Approved | SandboxState::Taken => t.sandbox_approved(),
        SandboxState::Declined => t.sandbox_declined(),
        SandboxState::Expired => t.sandbox_expired(),
        SandboxState::Closed => t.sandbox_closed(),
    }
}
