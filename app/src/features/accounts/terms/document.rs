//! A document that members accept, in one of its versions.

use crate::{boot::lang, head, paths};
use leptos::prelude::*;
use model::terms::Consent;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::words,
    crate::page::{Asked, Read},
    model::Error,
};

/// A version as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its number.
    version: u32,
    /// Title and paragraphs of each part.
    parts: Vec<(String, Vec<String>)>,
}

/// Reads the version that the address names, else the one that holds today.
#[cfg(feature = "ssr")]
pub(super) fn read(asked: &Asked, consent: Consent) -> Read<Shown> {
    let version = match asked.query("version") {
        Some(version) => version.parse().map_err(|_| Error::NotFound)?,
        None => consent.current(),
    };
    let parts = words::of(consent, version).ok_or(Error::NotFound)?;
    let word = |both: &[&str; 2]| both[usize::from(asked.lang == crate::texts::Lang::En)].to_owned();
    let parts = parts.iter().map(|part| (word(&part.title), part.paragraphs.iter().map(word).collect()));
    Ok(Shown { version, parts: parts.collect() })
}

/// The page of it.
pub(super) fn view(Shown { version, parts }: Shown, consent: Consent) -> impl IntoView {
    let t = lang();
    let (title, path) = match consent {
        Consent::Privacy => (t.privacy(), paths::PRIVACY),
        Consent::Terms | Consent::Marketing => (t.terms(), paths::TERMS),
    };
    head::title(title);
    let day = |(year, month, day): (i64, i64, i64)| t.year_month_day(year, month, day);
    let from = consent.versions().iter().find(|known| known.number == version).map(|known| day(known.from));
    let others = consent.versions().iter().rev().filter(|known| known.number != version);
    let others = others
        .map(|known| {
            let name = t.document_version(u64::from(known.number), day(known.from));
            view! { <li><a href=paths::document(path, known.number)>{name}</a></li> }
        })
        .collect_view();
    let has_others = consent.versions().len() > 1;
    let parts = parts
        .into_iter()
        .map(|(title, paragraphs)| {
            let paragraphs = paragraphs.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
            view! { <h2>{title}</h2>{paragraphs} }
        })
        .collect_view();
    view! {
        <article class="document">
            <h1>{title}</h1>
            <p class="sub">{t.document_version(u64::from(version), from.unwrap_or_default())}</p>
            {parts}
            {has_others.then(|| view! { <h2>{t.document_others()}</h2><ul>{others}</ul> })}
        </article>
    }
}
