//! `/sign-in`, `/sign-up`, `/my`.

use crate::{
    api,
    boot::{FormState, Viewer, boot, lang},
    components::{Field, FormError, Tick, shown},
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{Came, ClaimState, EntryState, MyEntries, MyEntry};

/// Where to go on after signing in.
fn next(form: &FormState) -> String {
    form.value("next")
        .or_else(|| use_query_map().with_untracked(|query| query.get("next")))
        .unwrap_or_else(|| "/".into())
}

/// The sign-in page.
#[component]
pub fn SignIn() -> impl IntoView {
    let t = lang();
    let form = FormState::of("/sign-in");
    let next = next(&form);
    let sign_up = format!("/sign-up?next={next}");
    view! {
        <Title text=t.sign_in() />
        <section class="narrow">
            <h1>{t.welcome_back()}</h1>
            <form method="post" action="/sign-in">
                <FormError form=form.clone() />
                <input type="hidden" name="next" value=next />
                <Field form=form.clone() name="email" label=t.email() kind="email" autocomplete="username" required=true />
                <Field form name="password" label=t.password() kind="password" autocomplete="current-password" required=true />
                <button class="btn go">{t.sign_in()}</button>
            </form>
            <p class="aside">{t.no_account()}" "<a href=sign_up>{t.sign_up()}</a></p>
        </section>
    }
}

/// The sign-up page.
#[component]
pub fn SignUp() -> impl IntoView {
    let t = lang();
    let form = StoredValue::new(FormState::of("/sign-up"));
    let next = next(&form.get_value());
    let sign_in = format!("/sign-in?next={next}");
    let suggestion = api::read(|| (), |()| api::suggest_nickname());
    view! {
        <Title text=t.sign_up() />
        <section class="narrow">
            <h1>{t.welcome()}</h1>
            <form method="post" action="/sign-up">
                <FormError form=form.get_value() />
                <input type="hidden" name="next" value=next />
                <Field form=form.get_value() name="email" label=t.email() kind="email" autocomplete="username" required=true />
                <Field
                    form=form.get_value()
                    name="password"
                    label=t.password()
                    hint=t.password_hint()
                    kind="password"
                    autocomplete="new-password"
                    required=true
                />
                <Suspense>
                    {move || Suspend::new(async move {
                        let value = suggestion.await.unwrap_or_default();
                        view! {
                            <Field
                                form=form.get_value()
                                name="nickname"
                                label=t.nickname()
                                hint=t.nickname_hint()
                                autocomplete="nickname"
                                maxlength=20
                                required=true
                                value
                            />
                        }
                    })}
                </Suspense>
                <Tick form=form.get_value() name="terms" label=t.agree_terms() required=true />
                <Tick form=form.get_value() name="adult" label=t.agree_age() required=true />
                <Tick form=form.get_value() name="marketing" label=t.agree_marketing() />
                <button class="btn go">{t.sign_up()}</button>
            </form>
            <p class="aside">{t.have_account()}" "<a href=sign_in>{t.sign_in()}</a></p>
        </section>
    }
}

/// The reader's own page.
#[component]
pub fn My() -> impl IntoView {
    let t = lang();
    let body = match boot().viewer {
        Some(viewer) => view! {
            <div class="head">
                <h1>{t.hello(viewer.nickname.clone())}</h1>
                <form method="post" action="/sign-out"><button class="btn small ghost">{t.sign_out()}</button></form>
            </div>
            {viewer.admin.then(|| view! { <p class="aside"><a href="/admin/reports">{t.admin()}</a></p> })}
            <Masked viewer=viewer.clone() />
            <Entries />
        }
        .into_any(),
        None => view! {
            <h1>{t.my()}</h1>
            <p class="sub">{t.signed_out_my()}</p>
            <a class="btn go" href="/sign-in?next=/my" rel="external">{t.sign_in()}</a>
            <p class="aside">{t.no_account()}" "<a href="/sign-up?next=/my" rel="external">{t.sign_up()}</a></p>
        }
        .into_any(),
    };
    view! {
        <Title text=t.my() />
        <section class="narrow">{body}</section>
    }
}

/// The name that boards show.
#[component]
fn Masked(viewer: Viewer) -> impl IntoView {
    let t = lang();
    let masked = viewer.board_name != viewer.nickname;
    let shown = t.masked_now(viewer.board_name);
    view! {
        <form class="masked" method="post" action="/my/masked">
            <label class="consent"><input type="checkbox" name="masked" value="yes" checked=masked /><span>{t.masked()}</span></label>
            <button class="btn small ghost">{t.save()}</button>
            <p class="note">{shown}</p>
        </form>
    }
}

/// What the reader entered, and what came of it.
#[component]
fn Entries() -> impl IntoView {
    let t = lang();
    let query = use_query_map();
    let which = move || {
        query.with(|query| {
            let came = match query.get("came").as_deref() {
                Some("won") => Came::Won,
                Some("lost") => Came::Lost,
                _ => Came::All,
            };
            (came, query.get("before").and_then(|before| before.parse().ok()))
        })
    };
    let entries = api::read(which, |(came, before)| async move {
        api::load_my_entries(came, before).await.map(|entries| (came, entries))
    });
    view! {
        <h2>{t.my_entries()}</h2>
        {shown(entries, |(came, entries)| view! { <EntryList came entries /> }.into_any())}
    }
}

#[component]
fn EntryList(came: Came, entries: MyEntries) -> impl IntoView {
    let t = lang();
    let MyEntries { entries, all, won, next } = entries;
    let tab = |which: Came, name: &str, text: String| {
        view! { <a class="tab" href=format!("/my?came={name}") aria-current=(came == which).then_some("true")>{text}</a> }
    };
    let name = match came {
        Came::All => "all",
        Came::Won => "won",
        Came::Lost => "lost",
    };
    let more = next.map(|next| {
        view! { <nav class="pages"><a class="btn small" href=format!("/my?came={name}&before={}", next.0)>{t.more()}</a></nav> }
    });
    let empty = entries.is_empty().then(|| view! { <p class="none">{t.no_entries()}" "{t.no_entries_hint()}</p> });
    let rows = entries
        .into_iter()
        .map(|MyEntry { event, entry, claim }| {
            let state = match claim {
                Some((ClaimState::Offered, due_at)) => format!("{} ~{}", t.fill_in(), t.moment(due_at)),
                Some((state, _)) => t.claim_state(state).to_owned(),
                None => t.entry_state(entry.state).to_owned(),
            };
            view! {
                <li class:won=entry.state == EntryState::Won>
                    <a href=format!("/events/{}/result", event.id)>
                        <strong>{event.title}</strong>
                        <small>{t.moment(entry.entered_at)}" · "{event.creator}</small>
                        <span class="r">{number(entry.rank)}{t.rank_suffix()}</span>
                        <span class="t">{t.after(seconds_ms(entry.since_open_us))}</span>
                        <span class="s">{state}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs">
            {tab(Came::All, "all", t.came_all(number(all)))}
            {tab(Came::Won, "won", t.came_won(number(won)))}
            {tab(Came::Lost, "lost", t.came_lost(number(all - won)))}
        </nav>
        {empty}
        <ul class="my-entries">{rows}</ul>
        {more}
    }
}
