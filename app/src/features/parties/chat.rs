//! What members of a party say to one another: live with scripts, and read with the page without.

use super::{
    functions::{ReadParty, SayInParty},
    name::Name,
};
use crate::{
    api::Changed,
    boot::lang,
    components::face,
    features::rooms::fresh_request,
    forms::{ChangeForm, Field, FormState},
    paths,
};
use leptos::{html, prelude::*};
#[cfg(feature = "hydrate")]
use model::live::{ToBrowser, ToServer, take_in};
use model::{Cursor, PartyId, RequestId, parties::PartyLine};

/// The chat of a party, for its members.
#[component]
pub(super) fn Chat(
    /// Of which.
    id: PartyId,
    /// What was said, oldest first.
    lines: Vec<PartyLine>,
    /// How many lines the reader has not read.
    unread: u64,
    /// How often the party had been changed when it was read.
    changes: u64,
    /// What the next line is sent under.
    request: RequestId,
    /// Whether later lines follow, which are on another page.
    older: bool,
) -> impl IntoView {
    let t = lang();
    let newest = lines.last().map_or(0, |line| line.number);
    let lines = RwSignal::new(lines);
    // A page lets go of the oldest of many: they are read where older ones are.
    let first = move || lines.with(|lines| lines.first().map_or(1, |line| line.number));
    let connected = RwSignal::new(false);
    let is_another = RwSignal::new(false);
    let list = NodeRef::<html::Div>::new();
    let changed = expect_context::<Changed>();
    if !older {
        follow(id, changes, lines, connected, is_another, changed);
        // The newest line stays in sight.
        Effect::new(move |_| {
            lines.track();
            if let Some(list) = list.get() {
                list.set_scroll_top(list.scroll_height());
            }
        });
    }
    // What is said comes back by the socket; without one the page is read again.
    let form = FormState::of::<SayInParty>().by_itself();
    let typed = form.value("request").and_then(|request| request.parse().ok());
    let request = RwSignal::new(typed.unwrap_or(request));
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |was_on_its_way: Option<bool>| {
        let on_its_way = form.sent.get().is_some();
        if was_on_its_way == Some(true) && !on_its_way && form.error.with_untracked(Option::is_none) {
            request.set(fresh_request());
            if let Some(input) = input.get_untracked() {
                input.set_value("");
            }
            if !connected.get_untracked() {
                changed.0.update(|count| *count += 1);
            }
        }
        on_its_way
    });
    let before = move || paths::older_party_lines(id, &Cursor::of(&first()));
    let later =
        older.then(|| view! { <a class="link" href=format!("{}#chat", paths::party(id))>{t.newest_lines()}</a> });
    let read = (unread > 0 && !older).then(|| {
        view! {
            <div class:hidden=move || connected.get()>
                <ChangeForm state={FormState::of::<ReadParty>()} class="tools">
                    <input type="hidden" name="party" value=id.to_string() />
                    <input type="hidden" name="number" value=newest.to_string() />
                    <button class="btn small ghost">{t.mark_read(unread)}</button>
                </ChangeForm>
            </div>
        }
    });
    view! {
        <section class="talk" id="chat" aria-labelledby="chat-title">
            <h2 id="chat-title">{t.party_chat()}</h2>
            <Show when=move || { first() > 1 }><a class="link" href=before>{t.older_lines()}</a></Show>
            <p class="banner another" role="status" class:hidden=move || !is_another.get()>
                {t.party_is_another()}" "
                <button type="button" class="btn small" on:click=move |_| changed.0.update(|count| *count += 1)>{t.see_anew()}</button>
            </p>
            <div class="said" node_ref=list tabindex="0" role="log" aria-labelledby="chat-title">
                <ul>
                    <Show when=move || lines.with(Vec::is_empty)><li class="none">{t.no_lines()}</li></Show>
                    <For each=move || lines.get() key=|line| line.number let:line>
                        <li class="msg" class:me=line.mine><small>{face(&line.nickname, line.picture)}<Name nickname=line.nickname badge=line.badge />" · "{t.moment(line.at)}</small><bdi>{line.text}</bdi></li>
                    </For>
                </ul>
            </div>
            {later}{read}
            <ChangeForm state=form class="say">
                <input type="hidden" name="party" value=id.to_string() />
                <input type="hidden" name="request" value=request.get_untracked().to_string() prop:value=move || request.get().to_string() />
                <Field form name="text" label=t.say_something() required=true maxlength=300 input />
                <button class="btn">{t.send_line()}</button>
            </ChangeForm>
        </section>
    }
}

/// Takes in what is said and what becomes of the party, as long as the page is there.
#[cfg(feature = "hydrate")]
fn follow(
    id: PartyId,
    changes: u64,
    lines: RwSignal<Vec<PartyLine>>,
    connected: RwSignal<bool>,
    is_another: RwSignal<bool>,
    changed: Changed,
) {
    let last = move || lines.with_untracked(|lines| lines.last().map_or(0, |line| line.number));
    // A page that nobody looks at reads nothing.
    let read = move || (!document().hidden()).then(|| ToServer::ReadParty { party: id, number: last() });
    let says = move || {
        let follow = ToServer::FollowParty { party: id, seen: last(), changes };
        [Some(follow), read()].into_iter().flatten().collect()
    };
    let came = move |message| match message {
        ToBrowser::PartyLines { lines: new, .. } => {
            lines.update(|lines| take_in(lines, new));
            read()
        }
        // What somebody is about to send does not go with the page: they are told, and see it when they like.
        ToBrowser::PartyChanged { .. } if is_writing() => {
            is_another.set(true);
            None
        }
        ToBrowser::PartyChanged { .. } => {
            changed.0.update(|count| *count += 1);
            None
        }
        // The reader is no member any more: what the page shows is another.
        ToBrowser::Refused { .. } => {
            changed.0.update(|count| *count += 1);
            None
        }
        _ => None,
    };
    Effect::new(move |_| crate::live::follow(connected, says, came));
}

#[cfg(not(feature = "hydrate"))]
fn follow(_: PartyId, _: u64, _: RwSignal<Vec<PartyLine>>, _: RwSignal<bool>, _: RwSignal<bool>, _: Changed) {}

/// Whether somebody is in a field of the page or was, or has opened one of its forms.
#[cfg(feature = "hydrate")]
fn is_writing() -> bool {
    const FIELDS: &str = "main :is(input, textarea, select):is(:focus, :user-valid, :user-invalid),
        main details[open] form, main form details[open]";
    document().query_selector(FIELDS).is_ok_and(|found| found.is_some())
}
