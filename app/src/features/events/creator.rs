//! `/creators/{id}`: a creator as everybody sees them.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{EventCards, next_page},
    features::reviews::Brief,
    head, paths,
};
use leptos::prelude::*;
use model::{
    CreatorView, MemberId, Page,
    reviews::{ReviewsBrief, ReviewsQuery},
};

/// Reads a creator with what they published.
///
/// # Errors
/// As [`engine::pages::Pages::creator`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(MemberId, CreatorView, ReviewsBrief)> {
    let member = asked.named("id")?;
    let before = asked.cursor("before");
    let engine = &asked.reader.engine;
    let creator = engine.pages.creator(member, before.as_ref()).await?;
    Ok((member, creator, engine.reviews.brief_of_seller(&asked.reader.actor, member).await?))
}

/// The creator's page.
pub fn view((id, creator, brief): (MemberId, CreatorView, ReviewsBrief)) -> impl IntoView {
    let t = lang();
    let CreatorView { name, introduction, links, events: Page { rows: events, next }, now } = creator;
    head::title(name.clone());
    head::description(&introduction);
    let links = links
        .into_iter()
        .map(|link| {
            let shown = link.trim_start_matches("https://").trim_start_matches("http://").to_owned();
            view! { <li><a href=link rel="external noopener nofollow ugc">{shown}</a></li> }
        })
        .collect_view();
    let empty = events.is_empty().then(|| view! { <p class="none">{t.nothing_next()}</p> });
    let more = next_page(next.map(|next| paths::creator(id, Some(&next))));
    let reviews = (brief.stars.count > 0).then(|| {
        let to = paths::seller_reviews(id, &ReviewsQuery::default());
        view! { <Brief t now=crate::boot::boot().now brief to titled=true words=t.all_reviews() /> }
    });
    view! {
        <section class="creator-page">
            <p class="eyebrow">{t.creator()}</p>
            <h1>{name}</h1>
            <p class="lead">{introduction}</p>
            <ul class="links">{links}</ul>
            <h2>{t.their_events()}</h2>
            {empty}
            <ul class="cards"><EventCards events now /></ul>
            {more}
            {reviews}
        </section>
    }
}
