//! `/mail/{link}/{token}`: where a link of a mail leads: what it does is done by a button, since programs look at links too.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{here, lang},
    head, paths,
};
use leptos::prelude::*;
use model::channels::{MailLink, MailLinkView};

/// Reads what a link is for.
///
/// # Errors
/// [`model::Error::NotFound`] for an address that is none of this page; as [`engine::channels::Channels::mail_link`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<MailLinkView> {
    let (link, token) = (asked.named("link")?, asked.named::<String>("token")?);
    Ok(asked.reader.engine.channels.mail_link(link, &token).await?)
}

/// The page that it leads to.
pub fn view(MailLinkView { link, done }: MailLinkView) -> impl IntoView {
    let t = lang();
    let (title, says, label) = match (link, done) {
        (MailLink::Confirm, false) => (t.mail_confirm(), t.mail_confirm_hint(), t.mail_confirm_do()),
        (MailLink::Confirm, true) => (t.mail_confirm(), t.mail_confirmed(), ""),
        (MailLink::Stop, false) => (t.mail_stop(), t.mail_stop_hint(), t.mail_stop_do()),
        (MailLink::Stop, true) => (t.mail_stop(), t.mail_stopped(), ""),
    };
    head::title(title);
    // A plain form, sent to where it stands: readers' programs send the same.
    let form = (!done).then(|| {
        view! { <form method="post" action=here()><button class="btn go">{label}</button></form> }
    });
    view! {
        <section class="narrow">
            <h1>{title}</h1>
            <p class="sub" role="status">{says}</p>
            {form}
            <p class="aside"><a href=paths::CHANNELS>{t.channels()}</a></p>
        </section>
    }
}
