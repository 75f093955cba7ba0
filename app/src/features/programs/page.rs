//! `/my/tokens`: the tokens with which the reader's own programs call the site.

use super::functions::{CreateToken, RevokeToken};
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{
    boot::{boot, lang},
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    RequestId,
    programs::{Scope, TOKEN_DAYS, Token},
};

/// What a token begins with: nothing else is shown as one.
#[cfg(feature = "ssr")]
const TOKEN: &str = "59t_";

/// Reads the reader's tokens, the one that was made a moment ago, and whether they are asked for a password before they make another.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Vec<Token>, Option<String>, RequestId, bool)> {
    let Reader { engine, actor, once, .. } = &asked.reader;
    let tokens = engine.programs.tokens(actor).await?;
    let request = RequestId(engine::ids::new_id(engine.clock.now()));
    let has_password = engine.accounts.has_password(actor).await?;
    Ok((tokens, once.clone().filter(|once| once.starts_with(TOKEN)), request, has_password))
}

/// The page of tokens.
pub fn view((tokens, made, request, has_password): (Vec<Token>, Option<String>, RequestId, bool)) -> impl IntoView {
    let t = lang();
    head::title(t.tokens());
    let made = made.map(|token| {
        view! {
            <div class="banner" role="status">
                <p>{t.token_shown_once()}</p>
                <p><code class="secret">{token}</code></p>
            </div>
        }
    });
    let listed = match tokens.is_empty() {
        true => view! { <p class="none">{t.tokens_none()}</p> }.into_any(),
        false => {
            let tokens = tokens.into_iter().map(|token| view! { <OneToken token /> }).collect_view();
            view! { <ul class="signed-in">{tokens}</ul> }.into_any()
        }
    };
    view! {
        <section class="narrow">
            <h1>{t.tokens()}</h1>
            <p class="sub">{t.tokens_hint()}" "<a class="link" href=paths::API>{t.api_title()}</a></p>
            {made}
            {listed}
            <NewToken request has_password />
        </section>
    }
}

/// One of them.
#[component]
fn OneToken(token: Token) -> impl IntoView {
    let t = lang();
    let Token { id, name, scopes, since, until, used } = token;
    let id = id.to_string();
    let scopes = scopes.into_iter().map(|scope| t.scope(scope)).collect::<Vec<_>>().join(" · ");
    let over = until < boot().now;
    let lasts = if over { t.token_over().to_owned() } else { t.token_until(t.moment(since), t.moment(until)) };
    let used = used.map_or_else(|| t.token_unused().to_owned(), |at| t.token_used(t.moment(at)));
    let (which, label) = (name.clone(), t.token_revoke_which(name.clone()));
    view! {
        <li>
            <p><strong>{name}</strong><small>{scopes}</small><small>{lasts}" · "{used}</small></p>
            <details class="leave">
                <summary>{t.token_revoke()}<span class="visually-hidden">" "{which}</span></summary>
                <ChangeForm state={FormState::keyed::<RevokeToken>(&id)}>
                    <input type="hidden" name="token" value=id.clone() />
                    <p class="note">{t.token_revoke_hint()}</p>
                    <button class="btn small" aria-label=label>{t.token_revoke()}</button>
                </ChangeForm>
            </details>
        </li>
    }
}

/// Another one.
#[component]
fn NewToken(request: RequestId, has_password: bool) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<CreateToken>();
    let chosen = form.values("scope");
    let scopes = Scope::ALL
        .map(|scope| {
            let checked = chosen.iter().any(|name| name == scope.name());
            view! {
                <label class="consent">
                    <input type="checkbox" name="scope" value=scope.name() checked=checked />
                    <span>{t.scope(scope)}</span>
                </label>
            }
        })
        .collect_view();
    let days = form.value("days").and_then(|days| days.parse().ok()).unwrap_or(TOKEN_DAYS[1]);
    let lasting = TOKEN_DAYS
        .map(|count| view! { <option value=count.to_string() selected={count == days}>{t.days(count as u64)}</option> })
        .collect_view();
    let wrong = move || form.field("scope").map(|error| view! { <p class="note bad">{t.field_error(&error)}</p> });
    view! {
        <h2>{t.token_new()}</h2>
        <ChangeForm state=form class="claim">
            <input type="hidden" name="request" value=request.to_string() />
            <Field form name="name" label=t.token_name() hint=t.token_name_hint() required=true maxlength=40 />
            <fieldset class="field"><legend>{t.token_scopes()}</legend>{scopes}{wrong}</fieldset>
            <div class="field">
                <label for="token-days">{t.token_days()}</label>
                <select id="token-days" name="days">{lasting}</select>
            </div>
            {has_password.then(|| view! {
                <Field form name="password" kind="password" label=t.password_now() autocomplete="current-password" required=true />
            })}
            <button class="btn go">{t.token_make()}</button>
        </ChangeForm>
    }
}
