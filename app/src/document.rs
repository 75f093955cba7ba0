//! The whole document around a page, as the server sends it.

use crate::{
    App,
    boot::{Refused, Theme},
    features::PAGES,
    head::Head,
    page::{self, SHARED, Sent, Show},
    paths,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use leptos::{
    WasmSplitManifest, html,
    nonce::{provide_nonce, use_nonce},
    prelude::*,
};
use model::wire;
use std::sync::Arc;

/// What keeps a page usable that is not what the site is any more. It stands in each document: a file could be what is missing.
///
/// Where a part of the code or the style sheet does not come, it asks whether that build is here still, some times, since nodes may
/// answer by turns; where it is not, or our own code has it do so (`load_anew`), it says so and loads the page anew:
/// at once, and when that was in vain after waits, so that what a node says while others are restarted is not the last word. It only
/// says so where something typed would be lost, or a form is on its way or was answered by this page: its own address is loaded, for
/// what a browser calls reloading sends a form once more. In the end the page is there as without scripts, with a link. And a page that
/// a browser kept to go back to is loaded anew when it says "signed out" and somebody signed in since, or was somebody's own
/// (`features/notices/live.js` notes both). Where somebody was signed in and nobody is any more (they left, or were signed out elsewhere),
/// it forgets what they looked for: that is nothing to whoever comes after them.
pub const ANEW: &str = include_str!("anew.js");

/// A document and the nonce that its scripts carry.
pub struct Document {
    /// The HTML.
    pub html: String,
    /// For the content security policy.
    pub nonce: String,
}

/// What the browser loads beside a page.
pub struct Files {
    /// What stands before the addresses of code and style sheet.
    pub root: String,
    /// All rules of the style sheet, where they are to stand in the page.
    pub sheet: Option<Arc<str>>,
    /// By what the script that follows notices tells readers of one browser apart: empty of whoever is told nothing, nothing where
    /// nobody is signed in.
    pub reader: Option<String>,
}

/// Renders a page that was read.
pub fn document(options: LeptosOptions, files: Files, sent: Sent, show: Show) -> Document {
    let owner = Owner::new();
    let document = owner.with(|| {
        provide_nonce();
        let head = Head::default();
        provide_context(head.clone());
        let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        let data = BASE64_STANDARD.encode(wire::encode(&sent));
        let (lang, theme, origin) = (sent.boot.lang, sent.boot.theme, sent.boot.origin.clone());
        let here = sent.boot.here.clone();
        // What was typed is on this page alone.
        let answers = (sent.boot.refused.is_some() || sent.boot.carried.is_some()).then_some("form");
        // Where there is nothing to read, there is no page that has an address.
        let has_page = sent.read.is_ok();
        let canonical = has_page.then(|| paths::canonical(&sent.boot.here));
        let file = PAGES.iter().find(|page| page.name == sent.page).map(|page| page.file);
        // First, so that the page has said what belongs into the head.
        let mut body = view! { <App sent show /> }.to_html();
        // Behind all that the browser takes over. A page that is none says by itself what is wrong.
        if let Some(error) = use_context::<Refused>().filter(|_| has_page).and_then(Refused::untaken) {
            body.push_str(&view! { <p class="toast bad" role="alert">{lang.error(&error)}</p> }.to_html());
        }
        // First what all pages share: it tells of the page's own.
        let Files { root, sheet, reader } = files;
        let read_by = reader.clone();
        let notices = reader.map(|reader| {
            view! { <script src=format!("{root}/notices.js") defer=true data-reader=reader nonce=use_nonce()></script> }
        });
        let anew = view! {
            <script
                data-build=root.clone()
                data-said=lang.outdated()
                data-here=here
                data-answers=answers
                data-reader=read_by
                nonce=use_nonce()
            >
                {ANEW}
            </script>
        };
        let sheet = style(format!("{root}/pkg/fiftynine.css"), sheet);
        let code = view! { <HydrationScripts options root />{file.map(code)} }.into_any();
        let code = if file == Some(SHARED) { code } else { after_load(code).into_any() };
        let html = view! {
            <!DOCTYPE html>
            <html lang=lang.code() data-theme=theme.name()>
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                    <meta name="color-scheme" content=theme.schemes() />
                    {colours(theme)}
                    {head.view(lang, &origin, canonical.as_deref())}
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                    <link rel="apple-touch-icon" href="/icons/apple-180.png" />
                    <link rel="manifest" href=paths::manifest(lang) />
                    {anew}
                    {sheet}
                    {notices}
                    {code}
                    <script type=page::KIND id="sent" nonce=use_nonce()>{data}</script>
                </head>
                <body inner_html=body></body>
            </html>
        }
        .to_html();
        Document { html, nonce }
    });
    owner.cleanup();
    document
}

/// How the page looks: by a file that is kept, or at once, with the file fetched meanwhile for the pages that follow.
fn style(file: String, sheet: Option<Arc<str>>) -> AnyView {
    match sheet {
        Some(sheet) => {
            view! { <style nonce=use_nonce() inner_html=sheet></style><link rel="prefetch" r#as="style" href=file /> }
                .into_any()
        }
        None => view! { <link rel="stylesheet" href=file /> }.into_any(),
    }
}

/// What the browser paints around the page, as `--paper` in `style/tokens.css`.
fn colours(theme: Theme) -> impl IntoView {
    const LIGHT: &str = "#faf8f4";
    const DARK: &str = "#0e1014";
    let colours = match theme {
        Theme::Light => vec![(LIGHT, None)],
        Theme::Dark => vec![(DARK, None)],
        Theme::System => {
            vec![(LIGHT, Some("(prefers-color-scheme: light)")), (DARK, Some("(prefers-color-scheme: dark)"))]
        }
    };
    let colour = |(colour, media): (&'static str, Option<&'static str>)| {
        html::meta().attr("name", "theme-color").attr("content", colour).attr("media", media)
    };
    colours.into_iter().map(colour).collect_view()
}

/// Has the browser load code once everything else is there: on a slow line it would come between a reader and what the page
/// shows. So it is with the service worker: the room, where everybody is in a hurry, leaves that to the pages that lead there.
fn after_load(code: AnyView) -> impl IntoView {
    const LOAD: &str = r#"addEventListener("load", () => {
document.head.append(document.getElementById("code-to-load").content);
navigator.serviceWorker?.register("/sw.js").catch(() => {});
})"#;
    // By an id that no field has: labels find theirs by its name.
    view! {
        <template id="code-to-load">{code}</template>
        <script nonce=use_nonce()>{LOAD}</script>
    }
}

/// Has the browser load a page's own code beside the shared one, instead of after it.
fn code(file: &str) -> Option<impl IntoView + use<>> {
    let (loader, files) = use_context::<WasmSplitManifest>().and_then(|manifest| {
        let (folder, files, loader) = &*manifest.0.try_read_value()?;
        // A file's name in the manifest is followed by the number that tells it from others of its name.
        let is_it = |name: &str| {
            let number = name.strip_prefix(file).and_then(|rest| rest.strip_prefix('_'));
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let (_, files) = files.iter().find(|(name, _)| is_it(name))?;
        let files: Vec<String> = files.iter().map(|file| format!("{folder}/{file}.wasm")).collect();
        Some((format!("{folder}/{loader}"), files))
    })?;
    let files = files
        .into_iter()
        .map(|file| view! { <link rel="preload" href=file r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> })
        .collect_view();
    Some(view! { <link rel="modulepreload" href=loader crossorigin="anonymous" />{files} })
}
