//! `/admin/appeals`: what members say against their penalties, the oldest first, with what was said in the party.

use super::functions::DecideAppeal;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::next_page,
    features::administration::AdminTabs,
    forms::{Area, ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Cursor, Page, PartyId,
    parties::{Appeal, PartyLine},
};

/// Appeals, each with some of its party's chat; from where this page of them goes on; and the party of which older lines are shown.
type Shown = (Page<(Appeal, Vec<PartyLine>)>, Option<Cursor>, Option<PartyId>);

/// Reads appeals, each with the newest of its party's chat, or with older lines of the one that the address names.
///
/// # Errors
/// As [`engine::parties::Parties::appeals`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let (parties, actor) = (&asked.reader.engine.parties, &asked.reader.actor);
    let after = asked.cursor("after");
    let chat: Option<PartyId> =
        asked.query("chat").map(|id| id.parse().map_err(|_| model::Error::NotFound)).transpose()?;
    let before = asked.cursor("before");
    let Page { rows, next } = parties.appeals(actor, after.as_ref()).await?;
    let mut appeals = Vec::with_capacity(rows.len());
    for appeal in rows {
        let party = appeal.penalty.party;
        let lines = parties.lines(actor, party, before.as_ref().filter(|_| chat == Some(party))).await?;
        appeals.push((appeal, lines));
    }
    Ok((Page { rows: appeals, next }, after, chat))
}

/// The admin's list.
pub fn view((Page { rows, next }, after, chat): Shown) -> impl IntoView {
    let t = lang();
    head::title(t.appeals());
    let empty = rows.is_empty().then(|| view! { <p class="none">{t.no_appeals()}</p> });
    let more = next_page(next.map(|next| paths::appeals(&next)));
    let rows = rows
        .into_iter()
        .map(|(Appeal { member, nickname, penalty }, lines)| {
            let form = FormState::keyed::<DecideAppeal>(format!("{}-{member}", penalty.party));
            let party = penalty.party;
            let older = lines.first().filter(|line| line.number > 1).map(|line| {
                let address = paths::appeal_lines(after.as_ref(), party, &Cursor::of(&line.number));
                view! { <a class="link" href=address>{t.older_lines()}</a> }
            });
            let newest = (chat == Some(party)).then(|| {
                let address = after.as_ref().map_or_else(|| paths::APPEALS.to_owned(), paths::appeals);
                view! { <a class="link" href=address>{t.newest_lines()}</a> }
            });
            let said = lines.into_iter().map(|line| view! { <li><b>{line.nickname}</b>" "{line.text}<small>{t.moment(line.at)}</small></li> }).collect_view();
            view! {
                <li>
                    <a href=paths::party(penalty.party)>{penalty.item}</a>" · "<b>{nickname}</b>" · "{t.penalty_kind(penalty.kind)}
                    <small>{t.moment(penalty.met_at)}</small>
                    <p>{penalty.appeal}</p>
                    <details open={chat == Some(party)}><summary>{t.party_chat()}</summary>{older}<ul>{said}</ul>{newest}</details>
                    <ChangeForm state=form class="claim">
                        <input type="hidden" name="party" value=penalty.party.to_string() />
                        <input type="hidden" name="member" value=member.to_string() />
                        <Area form name="reason" label=t.why() rows=2 />
                        <div class="tools">
                            <button class="btn small" name="granted" value="yes">{t.grant_appeal()}</button>
                            <button class="btn small ghost" name="granted" value="no">{t.refuse_appeal()}</button>
                        </div>
                    </ChangeForm>
                </li>
            }
        })
        .collect_view();
    view! { <section class="notices parties"><AdminTabs page=paths::APPEALS /><h1>{t.appeals()}</h1>{empty}<ul>{rows}</ul>{more}</section> }
}
