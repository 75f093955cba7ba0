//! The baseline of figure 20: an event's page as one writes it with axum and maud.
//!
//! It reads what the product's page reads, by the engine's own functions, and makes the same document of it: the same elements with the
//! same texts in the same places, and for the browser's code the same bytes. What it leaves out is what the measured page does not have:
//! it is the page of a deal that is open, of a seller without a business and without reviews, for a member who has not entered it.
//! The figure compares both documents and is invalid where they differ. Nothing is kept from one request to the next but what never
//! changes: the ends of the lines that are drawn.

use crate::{Failure, baselines::failed};
use app::{
    boot::{Boot, Theme, Viewer},
    page::{self, Sent},
    paths,
    texts::{Lang, number, ratio, seconds_ms},
};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use engine::{
    Engine,
    accounts::{Actor, Passwords, Session, SessionToken},
    clock::Clock,
    db::Db,
    pages::EventPage,
    pictures::DRAWN,
    sales::Ready,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use model::{
    BoardRow, Cursor, EntryState, EventId, EventState, EventView, MILLISECOND, Mode, Offer, PictureId, Role, SECOND,
    Span,
    live::{ChatLine, PULSE, Said},
    nickname,
    reviews::{ReviewsBrief, ReviewsQuery},
    sales::{WISHES_COUNTED, price_each},
    wire,
};
use std::{
    path::Path as Folder,
    sync::{Arc, LazyLock},
};

/// Where the browser's code is; as long as in the product, where it names what is in it.
const ROOT: &str = "/build/0123456789abcdef";
/// Ranks that the room shows.
const FIRST: u64 = 10;
/// How the code is begun, as the product's library writes it.
const LOADER: &str = r#"(function (root, pkg_path, output_name, wasm_output_name, defer) {
	const hydrate = () =>
		import(`${root}/${pkg_path}/${output_name}.js`)
			.then(mod => {
				mod.default({module_or_path: `${root}/${pkg_path}/${wasm_output_name}.wasm`}).then(() => {
					mod.hydrate();
				});
			});
	if (defer && "requestIdleCallback" in window) {
		// `timeout` is a backstop: a never-idle page would otherwise stay dead
		window.requestIdleCallback(hydrate, { timeout: 2000 });
	} else {
		hydrate();
	}
})
("/build/0123456789abcdef", "pkg", "fiftynine", "fiftynine_bg", false);"#;

/// Serves a data folder of the product's.
pub async fn router(folder: &str) -> Result<Router, Failure> {
    let folder = Folder::new(folder);
    let engine = Engine::start(Db::open(folder).await?, folder, Clock::system(), Passwords::weak()?).await?;
    Ok(Router::new().route("/events/{id}", get(event)).with_state(Arc::new(engine)))
}

/// The value of a cookie.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|pair| pair.trim_start().strip_prefix(name)?.strip_prefix('='))
}

async fn event(
    State(engine): State<Arc<Engine>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let id: EventId = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let token = cookie(&headers, "session").ok_or(StatusCode::UNAUTHORIZED)?;
    let token: SessionToken = token.parse().map_err(|_| StatusCode::UNAUTHORIZED)?;
    let session = engine.accounts.sessions.of(&token).await.map_err(failed)?.ok_or(StatusCode::UNAUTHORIZED)?;
    let unread = engine.notices.unread(session.member).await.map_err(failed)?;
    let viewer = viewer(&session, unread);
    let hash = engine::ids::hash(&[b"notices", session.member.0.as_bytes()]);
    let reader: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let view = read(&engine, &Actor::of(Some(session)), id).await.map_err(failed)?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let boot = Boot {
        viewer: Some(viewer.clone()),
        lang: Lang::Ko,
        theme: Theme::System,
        demo: false,
        demo_admin: false,
        origin: format!("http://{host}"),
        now: engine.clock.now(),
        here: paths::room(id),
        refused: None,
        carried: None,
        said: None,
        outside: None,
    };
    let nonce = BASE64_URL_SAFE_NO_PAD.encode(engine::ids::random::<16>());
    let document = document(boot, &viewer, &view, &nonce, &reader);
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            format!(
                "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
                 img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; \
                 form-action 'self'; frame-ancestors 'none'"
            ),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::SET_COOKIE, format!("session={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000")),
    ];
    Ok((headers, Html(document)).into_response())
}

fn viewer(session: &Session, unread: u64) -> Viewer {
    Viewer {
        nickname: session.nickname.to_string(),
        board_name: session.board_name.to_string(),
        picture: session.picture,
        mode: session.mode,
        creator: session.creator,
        admin: session.role == Role::Admin,
        terms_due: session.terms_due,
        unread,
    }
}

/// Everything that the product's page reads, with the two parts of it that are HTML already.
async fn read(engine: &Engine, actor: &Actor, id: EventId) -> Result<EventView, engine::Error> {
    let EventPage { mut view, wishes, ready, reviews, .. } = engine.pages.event_page(id, actor).await?;
    view.offered = offered(Lang::Ko, &view, wishes, ready).into_string();
    view.terms = terms(Lang::Ko, &view, &reviews.unwrap_or_default()).into_string();
    Ok(view)
}

/// The whole document.
fn document(boot: Boot, viewer: &Viewer, view: &EventView, nonce: &str, reader: &str) -> String {
    let sent = Sent { boot, page: "room".to_owned(), read: Ok(wire::encode(view)) };
    let data = BASE64_STANDARD.encode(wire::encode(&sent));
    let boot = &sent.boot;
    let t = boot.lang;
    let document = html! {
        (DOCTYPE)
        html lang=(t.code()) data-theme=(boot.theme.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content=(boot.theme.schemes());
                meta name="theme-color" content="#faf8f4" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#0e1014" media="(prefers-color-scheme: dark)";
                (about_it(boot, view, nonce))
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="apple-touch-icon" href="/icons/apple-180.png";
                link rel="manifest" href=(paths::manifest(t));
                script data-build=(ROOT) data-said=(t.outdated()) data-here=(boot.here) data-reader=(reader) nonce=(nonce) { (PreEscaped(app::ANEW)) }
                link rel="stylesheet" href={ (ROOT) "/pkg/fiftynine.css" };
                script src={ (ROOT) "/notices.js" } defer data-reader=(reader) nonce=(nonce) {}
                link rel="modulepreload" href={ (ROOT) "/pkg/fiftynine.js" } crossorigin=(nonce);
                link rel="preload" href={ (ROOT) "/pkg/fiftynine_bg.wasm" } as="fetch" type="application/wasm" crossorigin=(nonce);
                script type="module" nonce=(nonce) { (PreEscaped(LOADER)) }
                script type=(page::KIND) id="sent" nonce=(nonce) { (PreEscaped(&data)) }
            }
            body {
                a class="skip" href="#content" { (t.skip()) }
                (top(boot, viewer))
                main id="content" tabindex="-1" { (room(boot, viewer, view)) }
                (footer(boot))
                p class="toast" role="status" {}
            }
        }
    };
    document.into_string()
}

/// What the page says of itself.
fn about_it(boot: &Boot, view: &EventView, nonce: &str) -> Markup {
    let (t, card) = (boot.lang, &view.card);
    let address = format!("{}{}", boot.origin, paths::room(card.id));
    let picture = format!("{}{}", boot.origin, paths::preview(Some(card.id), t));
    let description = if view.summary.is_empty() { t.tagline() } else { view.summary.as_str() };
    let (width, height) = DRAWN;
    let structured = structured(boot, view);
    html! {
        title { (card.title) " · " (t.site()) }
        meta name="description" content=(description);
        meta property="og:site_name" content=(t.site());
        meta property="og:type" content="website";
        meta property="og:locale" content="ko_KR";
        meta property="og:title" content=(card.title);
        meta property="og:description" content=(description);
        meta property="og:image" content=(picture);
        meta property="og:image:width" content=(width);
        meta property="og:image:height" content=(height);
        meta property="og:image:alt" content=(card.title);
        meta name="twitter:card" content="summary_large_image";
        link rel="canonical" href=(address);
        script type="application/ld+json" nonce=(nonce) { (PreEscaped(&structured)) }
        meta property="og:url" content=(address);
        noscript { meta http-equiv="refresh" content="15"; }
    }
}

/// The same for programs.
fn structured(boot: &Boot, view: &EventView) -> String {
    let (card, origin) = (&view.card, &boot.origin);
    let address = format!("{origin}{}", paths::room(card.id));
    let about = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": card.title,
        "description": view.summary,
        "image": [format!("{origin}{}", paths::preview(Some(card.id), boot.lang))],
        "url": address,
        "category": boot.lang.category(card.category),
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": price_each(&view.offer),
            "priceCurrency": "KRW",
            "availability": "https://schema.org/InStock",
            "validFrom": card.moments.opens_at.iso(),
            "validThrough": card.moments.closes_at.iso(),
            "seller": {
                "@type": "Organization",
                "name": card.creator,
                "url": format!("{origin}{}", paths::creator(view.host, None)),
            },
        },
    });
    about.to_string().replace('<', "\\u003c")
}

/// Ends of lines on a circle, clockwise from the top.
fn lines(of: usize, centre: f64, from: impl Fn(usize) -> f64, to: f64) -> Vec<[String; 4]> {
    let line = |i: usize| {
        let (sin, cos) = (i as f64 / of as f64 * std::f64::consts::TAU).sin_cos();
        let from = from(i);
        [centre + from * sin, centre - from * cos, centre + to * sin, centre - to * cos].map(|at| format!("{at:.2}"))
    };
    (0..of).map(line).collect()
}

static MARK: LazyLock<Vec<[String; 4]>> = LazyLock::new(|| lines(12, 30.0, |_| 17.0, 27.0));
static DIAL: LazyLock<Vec<[String; 4]>> =
    LazyLock::new(|| lines(60, 131.0, |i| if i == 59 { 98.0 } else { 104.0 }, 122.0));

fn drawing(name: &str) -> Markup {
    html! { svg class="icon" viewBox="0 0 24 24" aria-hidden="true" { use href={ "/icons.svg#" (name) } {} } }
}

fn top(boot: &Boot, viewer: &Viewer) -> Markup {
    let t = boot.lang;
    let pressed = |mode: Mode| if viewer.mode == mode { "true" } else { "false" };
    let unread = viewer.unread;
    let count = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    let label = if unread > 0 { t.notices_unread(unread) } else { String::new() };
    let tabs = [
        (paths::HOME, "home", t.home()),
        (paths::DEALS, "clock", t.deals()),
        (paths::TICKETS, "ticket", t.tickets()),
        (paths::PARTIES, "pin", t.parties()),
        (paths::CREATOR_EVENTS, "spark", t.creator()),
        (paths::NOTICES, "bell", t.notices()),
        (paths::MY, "person", t.my()),
    ];
    html! {
        header class="top" {
            a class="brand" href=(paths::HOME) {
                svg class="mark" viewBox="0 0 60 60" aria-hidden="true" {
                    @for (i, [x1, y1, x2, y2]) in MARK.iter().enumerate() {
                        line.last[i == 11] x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
                    }
                }
                span class="word" lang="ko" { (t.site()) }
            }
            nav class="tabbar hidden" aria-label=(t.main_menu()) {
                @for (address, icon, name) in tabs {
                    a class=(icon) href=(address) {
                        (drawing(icon))
                        (name)
                        @if address == paths::NOTICES {
                            b data-unread=(unread) aria-hidden="true" hidden[unread == 0] { (count) }
                            span data-unread-label="" class="visually-hidden" { (label) }
                        }
                    }
                }
            }
            a class="find" href=(paths::SEARCH) aria-label=(t.search()) { (drawing("search")) }
            form class="toggle" method="post" action={ (boot.here) "?do=set-mode" } aria-label=(t.mode()) {
                button name="mode" value="shopper" aria-pressed=(pressed(Mode::Shopper)) { (t.shopper()) }
                button name="mode" value="creator" aria-pressed=(pressed(Mode::Creator)) { (t.creator()) }
            }
            a class="who" href=(paths::MY) { (face(&viewer.nickname, viewer.picture)) (viewer.nickname) }
        }
    }
}

fn footer(boot: &Boot) -> Markup {
    let t = boot.lang;
    let pressed = |theme: Theme| if boot.theme == theme { "true" } else { "false" };
    let themes = [(Theme::System, t.theme_system()), (Theme::Light, t.theme_light()), (Theme::Dark, t.theme_dark())];
    html! {
        footer class="foot" {
            form class="" method="post" action={ (boot.here) "?do=set-preferences" } {
                div role="group" aria-label=(t.theme()) {
                    @for (theme, name) in themes {
                        button name="theme" value=(theme.name()) aria-pressed=(pressed(theme)) { (name) }
                    }
                }
                button name="language" value="en" lang="en" { "English" }
            }
            p { a href=(paths::TERMS) { (t.terms()) } " · " a href=(paths::PRIVACY) { (t.privacy()) } }
        }
    }
}

fn room(boot: &Boot, viewer: &Viewer, view: &EventView) -> Markup {
    let (t, card) = (boot.lang, &view.card);
    let delivery = match &view.offer {
        Offer::Deal { delivery, .. } => delivery.as_str(),
        Offer::Ticket { .. } | Offer::Giveaway { .. } => "",
    };
    html! {
        div class="room" {
            article class="stage" {
                p class="eyebrow" {
                    span class="chip live" { (t.live()) }
                    span { (t.open_until(card.moments.closes_at.clock())) }
                    " · "
                    a translate="no" href=(paths::creator(view.host, None)) { (card.creator) }
                }
                h1 { (card.title) }
                p class="sub" { (delivery) }
                div class="offered" { (PreEscaped(&view.offered)) }
                div aria-live="off" {}
                (countdown(t, view))
                button type="button" class="sound" aria-pressed="false" { (t.sound()) }
                dl class="facts" {
                    div { dt { (t.ranked()) } dd translate="no" { (number(card.total)) } }
                    div { dt { (t.competition()) } dd translate="no" { (t.rate(ratio(card.total, card.capacity))) } }
                    div { dt { (t.capacity()) } dd translate="no" { (number(card.capacity)) } }
                }
            }
            div class="dock" {
                form method="post" action=(paths::enter(card.id)) { button class="btn go" { (t.press()) } }
                p class="note" { (t.first_click_counts()) }
            }
            div class="side" {
                (board(t, view))
                (chat(boot, viewer, view))
            }
            section class="about" aria-labelledby="about-title" {
                h2 id="about-title" { (t.about()) }
                @if !view.summary.is_empty() { p class="lead" { (view.summary) } }
                div class="terms" { (PreEscaped(&view.terms)) }
                div class="markdown" { (PreEscaped(&view.description)) }
                @if !view.rules.is_empty() { h3 { (t.rules()) } p class="rules" { (view.rules) } }
                p { a href=(paths::share(card.id)) { (t.share()) } }
            }
            p class="visually-hidden" role="status" {}
            p class="visually-hidden" role="alert" aria-live="assertive" { (t.announce_open()) }
        }
    }
}

/// How long it has been open.
fn countdown(t: Lang, view: &EventView) -> Markup {
    let seconds = view.now.since(view.card.moments.opens_at) / SECOND;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let big = if h == 0 { format!("{m:02}:{s:02}") } else { format!("{h}:{m:02}:{s:02}") };
    html! {
        div class="dial" {
            svg class="dial-ring hot" viewBox="0 0 262 262" aria-hidden="true" {
                @for (i, [x1, y1, x2, y2]) in DIAL.iter().enumerate() {
                    line.tick.last[i == 59].lit[seconds >= 0] x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
                }
            }
            div class="num" {
                div class="big" role="timer" aria-label=(t.since_opening()) translate="no" { (big) }
                div class="cap" {
                    (t.server_clock()) " " b translate="no" { (view.now.clock_ms()) } br;
                    span class="error" { (t.clock_no_script()) }
                }
            }
        }
    }
}

fn board(t: Lang, view: &EventView) -> Markup {
    const HEIGHT: u64 = 24;
    let (card, top) = (&view.card, &view.top);
    // How long after the one before it each came, as a bar: half at a tenth of a second, never full.
    let bar = |(i, row): (usize, &BoardRow)| {
        let before = i.checked_sub(1).and_then(|i| top.get(i)).map_or(Span::ZERO, |row| row.since_open);
        let gap = (row.since_open - before).max(Span::ZERO);
        gap * 100 / (gap + 100 * MILLISECOND)
    };
    let rows: Vec<_> = top.iter().enumerate().take_while(|(_, row)| row.rank <= FIRST).collect();
    let most = u64::from(view.pulse.iter().copied().max().unwrap_or_default());
    let bars: String = view
        .pulse
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(second, count)| {
            let height = (u64::from(*count) * HEIGHT).div_ceil(most);
            format!("M{second} {HEIGHT}v-{height}h.8v{height}z")
        })
        .collect();
    html! {
        section class="board" id="board" aria-labelledby="board-title" {
            h2 id="board-title" { (t.board_count(card.total)) }
            @if most > 0 {
                svg class="pulse" viewBox={ "0 0 " (PULSE) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(t.pulse(most)) {
                    path d=(bars) {}
                }
            }
            @if card.total == 0 { p class="none" { (t.board_empty()) } }
            ol {
                @for (i, row) in rows {
                    li.won[row.state == EntryState::Won] {
                        span class="r" { (number(row.rank)) }
                        span class="n" translate="no" { (row.nickname) " " }
                        span class="t" { (t.after(seconds_ms(row.since_open))) }
                        svg class="bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" {
                            rect width=(bar((i, row))) height="2" {}
                        }
                    }
                }
            }
            a.more.hidden[card.total == 0] href=(paths::board(card.id)) { (t.board_full()) }
        }
    }
}

fn chat(boot: &Boot, viewer: &Viewer, view: &EventView) -> Markup {
    let (t, id) = (boot.lang, view.card.id);
    let first = view.chat.first().map_or(1, |line| line.number);
    html! {
        section class="chat" id="chat" aria-labelledby="chat-title" {
            h2 id="chat-title" { (t.chat()) }
            a.link.hidden[first <= 1] href=(paths::older_chat(id, &Cursor::of(&first))) { (t.chat_older()) }
            ol tabindex="0" aria-labelledby="chat-title" {
                @if view.chat.is_empty() { li class="none" { (t.chat_empty()) } }
                @for said in &view.chat { (line(boot, viewer, id, said)) }
            }
            form class="say" method="post" action={ (boot.here) "?do=say" } {
                input type="hidden" name="event" value=(id);
                input type="hidden" name="request" value=(view.request);
                label class="visually-hidden" for="say" { (t.chat_placeholder()) }
                input id="say" name="text" autocomplete="off" placeholder=(t.chat_placeholder()) value="";
                button { (t.chat_send()) }
            }
        }
    }
}

fn face(shown: &str, picture: Option<PictureId>) -> Markup {
    html! {
        i class={ "face t" (nickname::tint(shown)) } data-of=(nickname::initial(shown)) aria-hidden="true" {
            @if let Some(picture) = picture { img src=(paths::face_small(picture)) alt="" loading="lazy"; }
        }
    }
}

fn line(boot: &Boot, viewer: &Viewer, event: EventId, line: &ChatLine) -> Markup {
    let t = boot.lang;
    match &line.said {
        Said::Hidden => html! { li class="none" { (t.hidden_line()) } },
        Said::Room { state } => {
            let said = match state {
                EventState::Open => t.said_open(),
                EventState::Full => t.said_full(),
                EventState::Cancelled => t.said_cancelled(),
                _ => t.said_closed(),
            };
            html! { li class="sys" { (said) } }
        }
        Said::Member { nickname, picture, creator, text } => html! {
            li {
                (face(nickname, *picture))
                b translate="no" { (nickname) }
                @if *creator { em class="host" { (t.chat_host()) } }
                " "
                span { (text) }
                @if *nickname != viewer.nickname {
                    details class="line-menu" {
                        summary aria-label=(t.line_menu(nickname)) { "⋯" }
                        form class="" method="post" action={ (boot.here) "?do=moderate-line&form=" (line.number) } {
                            input type="hidden" name="event" value=(event);
                            input type="hidden" name="line" value=(line.number);
                            button name="what" value="report" { (t.report_line()) }
                        }
                    }
                }
            }
        },
    }
}

/// What it costs, what is to be done first, and the button to wish for it.
fn offered(t: Lang, view: &EventView, (count, wished): (u64, bool), ready: Option<Ready>) -> Markup {
    let id = view.card.id;
    let Offer::Deal { list_price, discount, limit, .. } = &view.offer else { return PreEscaped(String::new()) };
    let line = format!("{} · {} {}", t.units_deal(view.offer.capacity()), t.term_limit(), t.at_most_deal(*limit));
    let todo = ready.map(|Ready { wish, address }| {
        let chosen = match wish {
            Some(wish) => t.pieces_chosen(u64::from(wish.quantity)),
            None => t.choose_units().to_owned(),
        };
        let known = if address { t.address_known() } else { t.address_to_give() };
        [(wish.is_some(), chosen), (address, known.to_owned())]
    });
    html! {
        div {
            p class="price" {
                @if *discount > 0 { em { (t.percent_off(*discount)) } " " }
                b { (t.price(price_each(&view.offer))) }
                @if *discount > 0 {
                    " "
                    s { span class="visually-hidden" { (t.list_price_was()) " " } (t.in_won(*list_price as u64)) }
                }
            }
            p class="sub" { (line) }
            ul class="ready" aria-label=(t.readiness()) {
                @for (done, text) in todo.into_iter().flatten() {
                    li.done[done] {
                        span aria-hidden="true" { (if done { "✓" } else { "·" }) }
                        span class="visually-hidden" { (if done { t.is_done() } else { t.is_to_do() }) }
                        " "
                        a href=(paths::checkout(id)) { (text) }
                    }
                }
            }
        }
        form class="wish" method="post" action={ (paths::room(id)) "?do=set-wish" } {
            input type="hidden" name="event" value=(id);
            button name="wished" value=(if wished { "no" } else { "yes" }) aria-pressed=(if wished { "true" } else { "false" }) {
                span aria-hidden="true" { (if wished { "♥" } else { "♡" }) }
                " "
                (if wished { t.wished() } else { t.wish() })
                @if count > 0 { " " small { (number(count)) @if count >= WISHES_COUNTED { "+" } } }
            }
        }
    }
}

/// What holds for it, and what buyers say of it.
fn terms(t: Lang, view: &EventView, brief: &ReviewsBrief) -> Markup {
    let Offer::Deal { limit, delivery, checkout, .. } = &view.offer else { return PreEscaped(String::new()) };
    html! {
        dl class="terms-list" {
            div { dt { (t.term_delivery()) } dd { (delivery) } }
            div { dt { (t.term_limit()) } dd { (t.at_most_deal(*limit)) } }
            div { dt { (t.term_checkout()) } dd { (t.checkout_minutes(checkout.minutes.unwrap_or(10).into())) } }
        }
        section class="reviews" aria-label=(t.reviews()) {
            h2 { (t.reviews()) }
            @if brief.stars.count == 0 { p class="none" { (t.no_reviews()) } }
            ul {}
            p {
                a class="btn small" href=(paths::reviews(view.card.id, &ReviewsQuery::default())) { (t.read_or_write_reviews()) }
            }
        }
    }
}
