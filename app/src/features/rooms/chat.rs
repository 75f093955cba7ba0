//! The room's chat.

use crate::{
    boot::{boot, lang},
    components::{face, words},
    features::chat::{ModerateLine, Say},
    forms::{ChangeForm, FormState, over},
    live::{Connection, Room},
    paths,
};
use leptos::{html, prelude::*};
use model::{
    Cursor, Error, FieldError, FormErrors, Moderation, RequestId,
    live::{ChatLine, MAX_FRAME, Said},
};

/// The most characters of a line.
const LONGEST: u64 = 300;

/// What was said, and a line to say something.
#[component]
pub fn Chat(room: Room, request: RequestId, own: bool) -> impl IntoView {
    let t = lang();
    let event = room.event;
    let signed_in = boot().viewer.is_some();
    let name = StoredValue::new(boot().viewer.map(|viewer| viewer.nickname));
    let input = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Ol>::new();
    let request = RwSignal::new(request);
    let reading_back = StoredValue::new(false);
    // The newest line stays in sight.
    Effect::new(move |_| {
        room.chat.track();
        let reading_back = reading_back.try_update_value(std::mem::take).unwrap_or_default();
        if let Some(list) = list.get()
            && !reading_back
        {
            list.set_scroll_top(list.scroll_height());
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        if room.connection.get_untracked() != Connection::Live {
            return;
        }
        let Some(input) = input.get_untracked() else { return };
        let text = input.value();
        let too_long = over(&text, LONGEST).is_some();
        // Emoji may be more bytes than a frame has: that goes its plain way, too.
        if text.len() > MAX_FRAME - 256 && !too_long {
            return;
        }
        event.prevent_default();
        if too_long {
            let errors = FormErrors(vec![("text".to_owned(), FieldError::TooLong { max: LONGEST })]);
            room.chat_refused.set(Some(Error::Invalid { fields: errors }));
        } else if !text.trim().is_empty() {
            room.say(request.get_untracked(), text);
            request.set(fresh_request());
            input.set_value("");
        }
    };
    // Whoever scrolls back reads on from the first line shown.
    let first = Memo::new(move |_| room.chat.with(|chat| chat.first().map_or(1, |line| line.number)));
    let older = move |event: leptos::ev::MouseEvent| {
        if !room.has_room_for_older() {
            return;
        }
        event.prevent_default();
        room.read_back(first.get_untracked(), reading_back);
    };
    let refused = move || {
        let error = room.chat_refused.get()?;
        let text = match &error {
            Error::Invalid { fields } => fields.of("text").map(|error| t.field_error(error)),
            _ => None,
        };
        Some(view! { <p class="note bad" role="alert">{text.unwrap_or_else(|| t.error(&error))}</p> })
    };
    let form = FormState::of::<Say>();
    let writing = if signed_in {
        view! {
            <ChangeForm state=form class="say" instead=Callback::new(submit)>
                <input type="hidden" name="event" value=event.to_string() />
                <input type="hidden" name="request" value=request.get_untracked().to_string()
                    prop:value=move || request.get().to_string() />
                <label class="visually-hidden" for="say">{t.chat_placeholder()}</label>
                <input
                    id="say"
                    node_ref=input
                    name="text"
                    autocomplete="off"
                    placeholder=t.chat_placeholder()
                    value=form.value("text").unwrap_or_default()
                />
                <button>{t.chat_send()}</button>
            </ChangeForm>
            {refused}
        }
        .into_any()
    } else {
        view! { <p class="none"><a href=paths::sign_in(&paths::room(event))>{t.chat_sign_in()}</a></p> }.into_any()
    };
    view! {
        <section class="chat" id="chat" aria-labelledby="chat-title">
            <h2 id="chat-title">{t.chat()}</h2>
            <a class="link" class:hidden=move || { first.get() <= 1 } href=move || paths::older_chat(event, &Cursor::of(&first.get())) on:click=older>{t.chat_older()}</a>
            <ol node_ref=list tabindex="0" aria-labelledby="chat-title">
                <Show when=move || room.chat.with(Vec::is_empty)>
                    <li class="none">{t.chat_empty()}</li>
                </Show>
                <For each=move || room.chat.get() key=|line| (line.number, line.said == Said::Hidden) let:line>
                    <Line line room own name=name.get_value() />
                </For>
            </ol>
            {writing}
        </section>
    }
}

#[component]
fn Line(line: ChatLine, room: Room, own: bool, name: Option<String>) -> impl IntoView {
    let t = lang();
    match line.said {
        Said::Hidden => view! { <li class="none">{t.hidden_line()}</li> }.into_any(),
        Said::Member { nickname, picture, creator, text } => {
            let host = creator.then(|| view! { <em class="host">{t.chat_host()}</em> });
            // The creator hides and mutes, everybody else reports, and nobody their own line.
            let others = name.is_some_and(|name| name != nickname);
            let menu = others.then(|| view! { <LineMenu room number=line.number own author=nickname.clone() /> });
            view! { <li>{face(&nickname, picture)}<b translate="no">{nickname}</b>{host}" "<span>{text}</span>{menu}</li> }.into_any()
        }
        Said::Room { state } => view! { <li class="sys">{t.said_by_room(state)}</li> }.into_any(),
    }
}

/// What can be done about somebody's line.
#[component]
fn LineMenu(room: Room, number: u64, own: bool, author: String) -> impl IntoView {
    let t = lang();
    let done = RwSignal::new(None::<Moderation>);
    let button = move |what: Moderation, name: &'static str, text: &'static str, after: &'static str| {
        let press = move |event: leptos::ev::MouseEvent| {
            // Without the live socket the form goes its plain way.
            if room.connection.get_untracked() == Connection::Live {
                event.prevent_default();
                room.moderate(number, what);
                done.set(Some(what));
            }
        };
        view! {
            <button name="what" value=name on:click=press disabled=move || done.get() == Some(what)
                inner_html=words(move || if done.get() == Some(what) { after } else { text }) />
        }
    };
    let buttons = if own {
        view! {
            {button(Moderation::Hide, "hide", t.hide_line(), t.hidden_line())}
            {button(Moderation::Mute, "mute", t.mute_member(), t.muted_member())}
        }
        .into_any()
    } else {
        button(Moderation::Report, "report", t.report_line(), t.reported_line()).into_any()
    };
    view! {
        <details class="line-menu">
            <summary aria-label=t.line_menu(author)>"⋯"</summary>
            <ChangeForm state={FormState::keyed::<ModerateLine>(number)}>
                <input type="hidden" name="event" value=room.event.to_string() />
                <input type="hidden" name="line" value=number.to_string() />
                {buttons}
            </ChangeForm>
        </details>
    }
}

/// A fresh id for a line of chat.
pub fn fresh_request() -> RequestId {
    #[cfg(feature = "hydrate")]
    let bytes = std::array::from_fn(|_| (js_sys::Math::random() * 256.0) as u8);
    #[cfg(not(feature = "hydrate"))]
    let bytes = [0; 16];
    RequestId(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
