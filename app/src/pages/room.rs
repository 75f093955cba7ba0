//! `/events/{id}`: the event and its room.

use crate::{
    api,
    boot::{FormState, boot, lang},
    components::{Dial, Failed, FormError, Skeleton, countdown, kind_name, opens_text, prizes_text, state_class},
    room::{Connection, Room},
    texts::{number, ratio, seconds_ms},
};
use leptos::{html, prelude::*};
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use model::{
    BoardRow, Entry, EntryState, Error, EventState, EventView, MINUTE, Offer, RequestId, SECOND,
    live::{ChatLine, Said, TOP},
};

/// The room's page.
#[component]
pub fn RoomPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let page = Resource::new_blocking(id, |id| async move {
        let view = api::load_event(id.clone()).await?;
        // Nothing stands on a board before the opening.
        let top = if view.card.total > 0 { api::load_board(id, 1).await?.1.entries } else { Vec::new() };
        Ok::<_, api::PageError>((view, top))
    });
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok((view, top)) => view! { <RoomView view top /> }.into_any(),
                    Err(error) => view! { <Failed error=error.0 /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn RoomView(view: EventView, mut top: Vec<BoardRow>) -> impl IntoView {
    top.truncate(TOP as usize);
    let room = Room::new(&view, top);
    Effect::new(move |_| room.connect());
    let refresh = refresh_in(&view);
    let card = view.card.clone();
    let form = FormState::of(&format!("/events/{}", card.id));
    let title = card.title.clone();
    view! {
        <Title text=title.clone() />
        <Meta name="description" content=view.summary.clone() />
        {refresh.map(|seconds| view! { <noscript><meta http-equiv="refresh" content=seconds /></noscript> })}
        <div class="room">
            <article class="stage">
                <p class="eyebrow">
                    <StateChip room kind=kind_name(card.kind) />
                    <Standing room opens=opens_text(card.moments.opens_at, view.now) />
                    " · "{card.creator.clone()}
                </p>
                <h1>{title}</h1>
                <p class="sub">{prizes_text(&view.offer)}</p>
                <FormError form=form.clone() />
                <Cancelled room reason=view.cancel_reason.clone() />
                <Result room offer=view.offer.clone() />
                <Countdown room />
                <Facts room />
            </article>
            <Dock room view=view.clone() form=form.clone() />
            <div class="side">
                <Board room />
                <Chat room request=view.request form />
            </div>
            <About view />
            <Announcer room />
        </div>
    }
}

/// Without scripts the page renews itself at the opening and now and then while it is open.
fn refresh_in(view: &EventView) -> Option<String> {
    let moments = &view.card.moments;
    let left = moments.opens_at.since(view.now);
    match view.card.state {
        EventState::Scheduled if left < 60 * MINUTE => Some((left / SECOND + 1).to_string()),
        EventState::Open | EventState::Full => Some("15".to_owned()),
        _ => None,
    }
}

#[component]
fn StateChip(room: Room, kind: &'static str) -> impl IntoView {
    let t = lang();
    let state = Memo::new(move |_| room.state());
    let text = move || match state.get() {
        EventState::Scheduled => kind,
        EventState::Open => t.live(),
        other => t.event_state(other),
    };
    view! { <span class=move || state_class(state.get())>{text}</span> }
}

/// One line on where the event stands.
#[component]
fn Standing(room: Room, opens: String) -> impl IntoView {
    let t = lang();
    let last = Memo::new(move |_| room.remaining(room.ticker.seconds.get()) <= 59 * SECOND);
    move || match room.state() {
        EventState::Scheduled | EventState::Draft if last.get() => t.last_59().to_owned(),
        EventState::Scheduled | EventState::Draft => opens.clone(),
        EventState::Open | EventState::Full => t.open_until(room.snapshot.with(|room| room.closes_at.clock())),
        EventState::Closed | EventState::Settled | EventState::Cancelled => {
            room.snapshot.with(|room| t.closed_with(number(room.total), number(room.capacity.min(room.total))))
        }
    }
}

#[component]
fn Cancelled(room: Room, reason: Option<String>) -> impl IntoView {
    let t = lang();
    let cancelled = Memo::new(move |_| room.state() == EventState::Cancelled);
    move || {
        cancelled.get().then(|| {
            let reason = reason.clone().map(|reason| t.cancel_why(reason));
            view! { <p class="banner" role="status"><b>{t.event_cancelled()}</b>" "{reason}</p> }
        })
    }
}

/// What an entry came to, in words.
fn outcome(entry: &Entry, offer: &Offer, capacity: u64) -> String {
    let t = lang();
    match entry.state {
        EntryState::Won => match offer.prize(entry.rank) {
            Some((place, prize)) => t.won_prize(place, &prize.name),
            None => t.won().to_owned(),
        },
        EntryState::Standby => t.standby(number(entry.rank.saturating_sub(capacity))),
        EntryState::Lost => t.lost().to_owned(),
        EntryState::Disqualified => t.disqualified().to_owned(),
    }
}

/// The reader's own rank and time.
#[component]
fn Result(room: Room, offer: Offer) -> impl IntoView {
    let t = lang();
    let view = move || {
        room.mine.get().map(|entry| {
            let capacity = room.snapshot.with_untracked(|room| room.capacity);
            let class = match entry.state {
                EntryState::Won => "result won",
                EntryState::Standby => "result standby",
                EntryState::Lost | EntryState::Disqualified => "result lost",
            };
            let total = move || room.snapshot.with(|room| t.you_are(number(entry.rank), number(room.total.max(entry.rank))));
            view! {
                <section class=class>
                    <p class="rank">{number(entry.rank)}<small>{t.rank_suffix()}</small></p>
                    <p class="time">
                        <b>{t.after(seconds_ms(entry.since_open_us))}</b>
                        <i>{t.received_at(entry.entered_at.clock_ms())}</i>
                    </p>
                    <p class="words">
                        <b>{outcome(&entry, &offer, capacity)}</b>" "
                        {if entry.state == EntryState::Won { t.won_next().to_owned().into_any() } else { total.into_any() }}
                    </p>
                </section>
            }
        })
    };
    view! { <div aria-live="off">{view}</div> }
}

#[component]
fn Countdown(room: Room) -> impl IntoView {
    let t = lang();
    let ticker = room.ticker;
    let remaining = Memo::new(move |_| room.remaining(ticker.seconds.get()));
    let exact = Memo::new(move |_| room.remaining(ticker.now.get()));
    let waiting = Memo::new(move |_| matches!(room.state(), EventState::Scheduled | EventState::Draft));
    let open = Memo::new(move |_| matches!(room.state(), EventState::Open | EventState::Full));
    // Once the reader has their result, the board takes the dial's place.
    let shown = Memo::new(move |_| waiting.get() || open.get() && room.mine.with(Option::is_none));
    let last = Memo::new(move |_| waiting.get() && remaining.get() <= 59 * SECOND + 999_999);
    let big = move || {
        let left = exact.get();
        if last.get() {
            // 59 … 1: the second that is running.
            ((left.max(0) + SECOND - 1) / SECOND).min(59).to_string()
        } else if waiting.get() {
            countdown(left).0
        } else {
            countdown(-left).0
        }
    };
    let caption = move || {
        if waiting.get() { t.until_opening() } else { t.since_opening() }
    };
    let error = move || match ticker.error.get() {
        Some(error) => t.clock_error((error + 999) / 1000),
        None if cfg!(feature = "hydrate") => t.clock_syncing().to_owned(),
        None => t.clock_no_script().to_owned(),
    };
    view! {
        <div class="dial" class:hot=last class:hidden=move || !shown.get()>
            <Dial remaining />
            <div class="num">
                <div class="big" class:last=last role="timer" aria-label=caption>{big}</div>
                <div class="cap">
                    {t.server_clock()}" "<b>{move || ticker.now.get().clock_ms()}</b><br />
                    <span class="error">{error}</span>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Facts(room: Room) -> impl IntoView {
    let t = lang();
    let present = Memo::new(move |_| room.snapshot.with(|room| room.present));
    let total = Memo::new(move |_| room.snapshot.with(|room| room.total));
    let capacity = room.snapshot.with_untracked(|room| room.capacity);
    let before = Memo::new(move |_| matches!(room.state(), EventState::Scheduled | EventState::Draft));
    let competing = move || {
        let people = if before.get() { present.get() } else { total.get() };
        t.rate(ratio(people, capacity))
    };
    view! {
        <dl class="facts">
            <div><dd>{move || number(if before.get() { present.get() } else { total.get() })}</dd>
                <dt>{move || if before.get() { t.in_room() } else { t.ranked() }}</dt></div>
            <div><dd>{competing}</dd><dt>{t.competition()}</dt></div>
            <div><dd>{number(capacity)}</dd><dt>{t.capacity()}</dt></div>
        </dl>
    }
}

/// The button at the bottom edge. It never moves when it changes.
#[component]
fn Dock(room: Room, view: EventView, form: FormState) -> impl IntoView {
    let t = lang();
    let signed_in = boot().viewer.is_some();
    let id = view.card.id;
    let own = view.own;
    let needs_code = view.has_code;
    let action = format!("/events/{id}/enter");
    let sign_in = format!("/sign-in?next=/events/{id}");
    let state = Memo::new(move |_| room.state());
    let entered = Memo::new(move |_| room.mine.get().is_some());
    let last = Memo::new(move |_| room.remaining(room.ticker.seconds.get()) <= 10 * SECOND);
    let over = move || matches!(state.get(), EventState::Closed | EventState::Settled | EventState::Cancelled);
    let opens_at = room.snapshot.with_untracked(|room| room.opens_at);
    let typed_code = form.value("code").unwrap_or_default();
    room.code.set(typed_code.clone());

    let label = move || {
        if room.pressing.get() {
            return t.pressing().to_owned();
        }
        match state.get() {
            EventState::Scheduled | EventState::Draft if last.get() => t.ready().to_owned(),
            EventState::Scheduled | EventState::Draft => {
                t.opens_in(t.duration(room.remaining(room.ticker.seconds.get()) + SECOND - 1))
            }
            _ => t.press().to_owned(),
        }
    };
    let class = move || match state.get() {
        _ if room.pressing.get() => "btn sending",
        EventState::Scheduled | EventState::Draft if last.get() => "btn ready",
        EventState::Scheduled | EventState::Draft => "btn wait",
        _ => "btn go",
    };
    // Signed in, and the code typed when there is one: nothing is left to do but press.
    let prepared = move || !needs_code || room.code.with(|code| !code.trim().is_empty());
    let note = move || {
        let early = matches!(room.refused.get(), Some(Error::TooEarly { .. }));
        if let Some(error) = room.refused.get()
            && !(early && state.get() == EventState::Open)
        {
            return view! { <p class="note bad" role="alert">{t.error(&error)}</p> }.into_any();
        }
        let text = match state.get() {
            EventState::Scheduled | EventState::Draft if last.get() => t.turns_on_at(opens_at.clock_ms()),
            EventState::Scheduled | EventState::Draft if prepared() => t.prepared(t.early_no_harm()),
            EventState::Scheduled | EventState::Draft => t.entry_code_hint().to_owned(),
            _ => t.first_click_counts().to_owned(),
        };
        view! { <p class="note">{text}</p> }.into_any()
    };
    let press = move |event: leptos::ev::SubmitEvent| {
        // Without the live socket the form goes its plain way.
        if room.connection.get_untracked() == Connection::Live {
            event.prevent_default();
            room.press();
        }
    };
    let body = move || {
        if entered.get() {
            let board = format!("/events/{id}/board");
            return view! {
                <a class="btn done" href=board>{t.entered_already()}" · "{t.see_board()}</a>
                <p class="note">{t.first_click_counts()}</p>
            }
            .into_any();
        }
        if over() {
            let (what, hint) = match state.get() {
                EventState::Cancelled => (t.event_cancelled(), t.event_closed_hint()),
                _ => (t.event_closed(), t.event_closed_hint()),
            };
            return view! { <span class="btn over">{what}</span><p class="note">{hint}</p> }.into_any();
        }
        if own {
            return view! { <span class="btn over">{t.own_event()}</span><p class="note">{t.own_event_hint()}</p> }
                .into_any();
        }
        if !signed_in {
            return view! {
                <a class="btn done" href=sign_in.clone() rel="external">{t.sign_in_to_enter()}</a>
                <p class="note">{t.sign_in_hint()}</p>
            }
            .into_any();
        }
        let code = needs_code.then(|| {
            let typed_code = typed_code.clone();
            view! {
                <label class="code">
                    <span class="visually-hidden">{t.entry_code()}</span>
                    <input
                        name="code"
                        placeholder=t.entry_code_hint()
                        autocomplete="off"
                        maxlength="20"
                        value=typed_code
                        on:input=move |event| room.code.set(event_target_value(&event))
                    />
                </label>
            }
        });
        view! {
            <form method="post" action=action.clone() on:submit=press>
                {code}
                <button class=class aria-busy=move || room.pressing.get().then_some("true")>{label}</button>
            </form>
            {note}
        }
        .into_any()
    };
    let connection = move || match room.connection.get() {
        Connection::Lost => Some(view! { <p class="connection" role="status">{t.reconnecting()}</p> }),
        Connection::Outdated => Some(view! { <p class="connection" role="status">{t.outdated()}</p> }),
        Connection::Connecting | Connection::Live => None,
    };
    view! { <div class="dock">{connection}{body}</div> }
}

#[component]
fn Board(room: Room) -> impl IntoView {
    let t = lang();
    let event = room.event;
    let total = Memo::new(move |_| room.snapshot.with(|room| room.total));
    let name = boot().viewer.map(|viewer| viewer.board_name);
    /// Rows shown before the middle is left out.
    const FIRST: u64 = 10;
    let rows = move || {
        let mine = room.mine.get();
        room.snapshot.with(|room| {
            let my_rank = mine.map(|entry| entry.rank);
            let near = |rank: u64| my_rank.is_some_and(|mine| rank.abs_diff(mine) <= 1);
            let mut shown: Vec<BoardRow> =
                room.top.iter().filter(|row| row.rank <= FIRST || near(row.rank)).cloned().collect();
            shown.extend(room.recent.iter().filter(|row| row.rank > FIRST).cloned());
            if let (Some(entry), Some(name)) = (mine, &name)
                && !shown.iter().any(|row| row.rank == entry.rank)
            {
                let nickname = name.clone();
                shown.push(BoardRow {
                    rank: entry.rank,
                    nickname,
                    since_open_us: entry.since_open_us,
                    state: entry.state,
                });
            }
            shown.sort_by_key(|row| row.rank);
            shown.dedup_by_key(|row| row.rank);
            let mut before = 0;
            shown
                .into_iter()
                .map(|row| {
                    let gap = row.rank - before - 1;
                    before = row.rank;
                    Shown { mine: my_rank == Some(row.rank), gap, width: bar(row.since_open_us), row }
                })
                .collect::<Vec<_>>()
        })
    };
    let link = format!("/events/{event}/board");
    let all = link.clone();
    view! {
        <section class="board" id="board" aria-labelledby="board-title">
            <h2 id="board-title">{move || t.board_count(number(total.get()))}</h2>
            {move || (total.get() == 0).then(|| view! { <p class="none">{t.board_empty()}</p> })}
            <ol>
                <For each=rows key=|shown| (shown.row.rank, shown.gap, shown.mine) let:shown>
                    <Row shown link=link.clone() />
                </For>
            </ol>
            <a class="more" class:hidden=move || total.get() == 0 href=all>{t.board_full()}</a>
        </section>
    }
}

#[derive(Clone)]
struct Shown {
    row: BoardRow,
    mine: bool,
    /// Ranks left out before this one.
    gap: u64,
    /// Percent.
    width: i64,
}

/// How long a time's bar is, in percent: half at a third of a second, never full.
fn bar(since_open_us: i64) -> i64 {
    since_open_us * 100 / (since_open_us + 333_000).max(1)
}

#[component]
fn Row(shown: Shown, link: String) -> impl IntoView {
    let t = lang();
    let Shown { row, mine, gap, width } = shown;
    let left_out = (gap > 0).then(|| {
        let from = row.rank - gap;
        view! { <li class="gap"><a href=format!("{link}?from={from}")>{t.board_all(number(gap))}</a></li> }
    });
    let me = mine.then(|| view! { <em>"("{t.me()}")"</em> });
    view! {
        {left_out}
        <li class:me=mine class:won=row.state == EntryState::Won>
            <span class="r">{number(row.rank)}</span>
            <span class="n">{row.nickname}" "{me}</span>
            <span class="t">{t.after(seconds_ms(row.since_open_us))}</span>
            <svg class="bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
                <rect width=width.to_string() height="2" />
            </svg>
        </li>
    }
}

#[component]
fn Chat(room: Room, request: RequestId, form: FormState) -> impl IntoView {
    let t = lang();
    let event = room.event;
    let signed_in = boot().viewer.is_some();
    let input = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Ol>::new();
    let request = StoredValue::new(request);
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
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            let text = input.value();
            if !text.trim().is_empty() {
                room.say(request.get_value(), text);
                request.set_value(fresh_request());
                input.set_value("");
            }
        }
    };
    // Whoever scrolls back reads on from the first line shown.
    let first = Memo::new(move |_| room.chat.with(|chat| chat.first().map_or(1, |line| line.number)));
    let older = move |_| {
        let before = first.get_untracked();
        leptos::task::spawn_local(async move {
            if let Ok(lines) = api::load_chat(event.to_string(), before).await
                && reading_back.try_set_value(true).is_none()
            {
                room.add_lines(lines);
            }
        });
    };
    let refused =
        move || room.chat_refused.get().map(|error| view! { <p class="note bad" role="alert">{t.error(&error)}</p> });
    let writing = if signed_in {
        view! {
            <form class="say" method="post" action=format!("/events/{event}/say") on:submit=submit>
                <input type="hidden" name="request" value=request.get_value().to_string() />
                <label class="visually-hidden" for="say">{t.chat_placeholder()}</label>
                <input
                    id="say"
                    node_ref=input
                    name="text"
                    maxlength="300"
                    autocomplete="off"
                    placeholder=t.chat_placeholder()
                    value=form.value("text").unwrap_or_default()
                />
                <button>{t.chat_send()}</button>
            </form>
            {refused}
        }
        .into_any()
    } else {
        view! { <p class="none"><a href=format!("/sign-in?next=/events/{event}") rel="external">{t.chat_sign_in()}</a></p> }.into_any()
    };
    view! {
        <section class="chat" id="chat" aria-labelledby="chat-title">
            <h2 id="chat-title">{t.chat()}</h2>
            <button class="link" class:hidden=move || { first.get() <= 1 } on:click=older>{t.chat_older()}</button>
            <ol node_ref=list tabindex="0">
                <Show when=move || room.chat.with(Vec::is_empty)>
                    <li class="none">{t.chat_empty()}</li>
                </Show>
                <For each=move || room.chat.get() key=|line| line.number let:line>
                    <Line line />
                </For>
            </ol>
            {writing}
        </section>
    }
}

#[component]
fn Line(line: ChatLine) -> impl IntoView {
    let t = lang();
    match line.said {
        Said::Member { nickname, creator, text } => {
            let host = creator.then(|| view! { <em class="host">{t.chat_host()}</em> });
            view! { <li><b>{nickname}</b>{host}" "<span>{text}</span></li> }.into_any()
        }
        Said::Room { state } => {
            let text = match state {
                EventState::Open => t.said_open(),
                EventState::Full => t.said_full(),
                EventState::Cancelled => t.said_cancelled(),
                _ => t.said_closed(),
            };
            view! { <li class="sys">{text}</li> }.into_any()
        }
    }
}

#[component]
fn About(view: EventView) -> impl IntoView {
    let t = lang();
    let id = view.card.id;
    let banner =
        view.banner.map(|source| view! { <img class="banner-picture" src=source alt="" width="1280" height="720" /> });
    let summary = (!view.summary.is_empty()).then(|| view! { <p class="lead">{view.summary}</p> });
    let rules = (!view.rules.is_empty()).then(|| view! { <h3>{t.rules()}</h3><p class="rules">{view.rules}</p> });
    let live = !matches!(view.card.state, EventState::Cancelled | EventState::Settled);
    let cancel = (view.own && live).then(|| {
        view! {
            <details class="danger">
                <summary>{t.cancel_event()}</summary>
                <form method="post" action=format!("/events/{id}/cancel")>
                    <label for="reason">{t.cancel_reason()}</label>
                    <input id="reason" name="reason" required minlength="2" maxlength="200" />
                    <button class="btn small">{t.cancel_event()}</button>
                </form>
            </details>
        }
    });
    view! {
        <section class="about" aria-labelledby="about-title">
            <h2 id="about-title">{t.about()}</h2>
            {banner}
            {summary}
            <div class="markdown" inner_html=view.description></div>
            {rules}
            {cancel}
        </section>
    }
}

/// Says out loud, for screen readers, that it opened and what the reader's click came to.
#[component]
fn Announcer(room: Room) -> impl IntoView {
    let t = lang();
    let state = Memo::new(move |_| room.state());
    let words = move || match room.mine.get() {
        Some(entry) => {
            let word = match entry.state {
                EntryState::Won => t.won(),
                EntryState::Standby => t.entry_standby(),
                EntryState::Lost => t.lost(),
                EntryState::Disqualified => t.disqualified(),
            };
            t.announce_result(number(entry.rank), seconds_ms(entry.since_open_us), word)
        }
        None if state.get() == EventState::Open => t.announce_open().to_owned(),
        None => String::new(),
    };
    view! { <p class="visually-hidden" role="alert" aria-live="assertive">{words}</p> }
}

/// A fresh id for a line of chat.
fn fresh_request() -> RequestId {
    #[cfg(feature = "hydrate")]
    let bytes = std::array::from_fn(|_| (js_sys::Math::random() * 256.0) as u8);
    #[cfg(not(feature = "hydrate"))]
    let bytes = [0; 16];
    RequestId(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
