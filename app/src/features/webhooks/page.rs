//! `/creator/webhooks`: a creator's own servers, and what was sent there.

use super::functions::{AddWebhook, RemoveWebhook, ResendWebhook, ResumeWebhook};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head,
};
use leptos::prelude::*;
use model::{
    RequestId,
    webhooks::{Delivery, Endpoint, WebhookKind},
};

/// What a secret begins with: nothing else is shown as one.
#[cfg(feature = "ssr")]
const SECRET: &str = "whsec_";

/// Reads the reader's servers, and the secret of one that was added a moment ago.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Vec<Endpoint>, Option<String>, RequestId)> {
    let engine = &asked.reader.engine;
    let endpoints = engine.webhooks.endpoints(&asked.reader.actor).await?;
    let request = RequestId(engine::ids::new_id(engine.clock.now()));
    Ok((endpoints, asked.reader.once.filter(|once| once.starts_with(SECRET)), request))
}

/// The page of servers.
pub fn view((endpoints, secret, request): (Vec<Endpoint>, Option<String>, RequestId)) -> impl IntoView {
    let t = lang();
    head::title(t.webhooks());
    let secret = secret.map(|secret| {
        view! {
            <div class="banner" role="status">
                <p>{t.webhook_secret()}</p>
                <p><code class="secret">{secret}</code></p>
            </div>
        }
    });
    let listed = match endpoints.is_empty() {
        true => view! { <p class="none">{t.webhooks_none()}</p> }.into_any(),
        false => endpoints.into_iter().map(|endpoint| view! { <Server endpoint /> }).collect_view().into_any(),
    };
    view! {
        <section class="webhooks">
            <h1>{t.webhooks()}</h1>
            <p class="sub">{t.webhooks_hint()}</p>
            {secret}
            {listed}
            <NewServer request />
        </section>
    }
}

/// One of them, with what was sent there.
#[component]
fn Server(endpoint: Endpoint) -> impl IntoView {
    let t = lang();
    let Endpoint { id, url, kinds, reached, off, deliveries } = endpoint;
    let id = id.to_string();
    let kinds = kinds.into_iter().map(|kind| t.webhook_kind(kind)).collect::<Vec<_>>().join(" · ");
    let state = match (off, reached) {
        (Some(off), _) => t.webhook_off(t.moment(off)),
        (None, Some(reached)) => t.webhook_reached(t.moment(reached)),
        (None, None) => t.webhook_unreached().to_owned(),
    };
    let (resumed, removed, label) = (id.clone(), id, t.webhook_remove_which(url.clone()));
    let which = url.clone();
    let resume = off.map(|_| {
        view! {
            <ChangeForm state={FormState::keyed::<ResumeWebhook>(&resumed)} class="tools">
                <input type="hidden" name="endpoint" value=resumed.clone() />
                <button class="btn small">{t.webhook_resume()}</button>
            </ChangeForm>
        }
    });
    let sent = match deliveries.is_empty() {
        true => view! { <p class="none">{t.webhook_nothing()}</p> }.into_any(),
        false => {
            let on = off.is_none();
            let rows = deliveries.into_iter().map(|delivery| view! { <Sent delivery on /> }).collect_view();
            view! {
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t.webhook_what()}</th>
                            <th scope="col">{t.webhook_when()}</th>
                            <th scope="col">{t.webhook_answer()}</th>
                            <th scope="col">{t.webhook_tries()}</th>
                            <td></td>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            }
            .into_any()
        }
    };
    view! {
        <article>
            <h2><code>{url}</code></h2>
            <p class="note">{kinds}</p>
            <p>{state}</p>
            {resume}
            {sent}
            <details class="leave">
                <summary>{t.webhook_remove()}<span class="visually-hidden">" "{which}</span></summary>
                <ChangeForm state={FormState::keyed::<RemoveWebhook>(&removed)}>
                    <input type="hidden" name="endpoint" value=removed.clone() />
                    <p class="note">{t.webhook_remove_hint()}</p>
                    <button class="btn small" aria-label=label>{t.webhook_remove()}</button>
                </ChangeForm>
            </details>
        </article>
    }
}

/// Something that was sent.
#[component]
fn Sent(
    delivery: Delivery,
    /// Whether its server is told at the moment.
    on: bool,
) -> impl IntoView {
    let t = lang();
    let Delivery { id, kind, since, tries, tried, status, done, next } = delivery;
    let id = id.to_string();
    let answer = match status {
        None => t.webhook_untried().to_owned(),
        Some(0) => t.webhook_unanswered().to_owned(),
        Some(status) => status.to_string(),
    };
    let next = next.filter(|_| on && !done && tries > 0);
    let next = next.map(|at| view! { " "<small>{t.webhook_next(t.moment(at))}</small> });
    let label = t.webhook_resend_which(t.webhook_kind(kind), t.moment(since));
    let again = (on && tries > 0).then(|| {
        view! {
            <ChangeForm state={FormState::keyed::<ResendWebhook>(&id)}>
                <input type="hidden" name="delivery" value=id.clone() />
                <button class="btn small ghost" aria-label=label>{t.webhook_resend()}</button>
            </ChangeForm>
        }
    });
    view! {
        <tr>
            <th scope="row">{t.webhook_kind(kind)}</th>
            <td data-label=t.webhook_when()>{t.moment(tried.unwrap_or(since))}</td>
            <td data-label=t.webhook_answer()>{answer}{next}</td>
            <td data-label=t.webhook_tries()>{tries}</td>
            <td>{again}</td>
        </tr>
    }
}

/// Another one.
#[component]
fn NewServer(request: RequestId) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<AddWebhook>();
    let (refused, chosen) = (form.error.get_untracked().is_some(), form.values("kind"));
    let kinds = WebhookKind::ALL
        .map(|kind| {
            // All of them, unless it was said otherwise.
            let checked = !refused || chosen.iter().any(|name| name == kind.name());
            view! {
                <label class="consent">
                    <input type="checkbox" name="kind" value=kind.name() checked=checked />
                    <span>{t.webhook_kind(kind)}</span>
                </label>
            }
        })
        .collect_view();
    let wrong = move || form.field("kind").map(|error| view! { <p class="note bad">{t.field_error(&error)}</p> });
    view! {
        <h2>{t.webhook_new()}</h2>
        <ChangeForm state=form class="claim">
            <input type="hidden" name="request" value=request.to_string() />
            <Field form name="url" label=t.webhook_url() hint=t.webhook_url_hint() inputmode="url" required=true />
            <fieldset class="field"><legend>{t.webhook_kinds()}</legend>{kinds}{wrong}</fieldset>
            <button class="btn go">{t.webhook_add()}</button>
        </ChangeForm>
    }
}
