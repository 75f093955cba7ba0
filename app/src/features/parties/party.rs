//! `/parties/{id}`: one party: shares, meeting, members, questions, and what its members say to one another.

use super::{
    card::{away, meets},
    chat::Chat,
    functions::{
        AgreeTime, AnswerQuestion, AnswerRequest, AskLeader, CancelParty, EditParty, HideQuestion, JoinParty,
        LeaveParty, MarkAttendance, ProposeTime, ReportLeader, RunParty, SetPartyCost,
    },
    item_field::ItemField,
    name::{Name, WhyBlocked},
    phones::PhoneFirst,
    terms::Terms,
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    components::{face, words},
    features::markets::{Favourite, Marked},
    forms::{Area, ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Item, Market, PartyId, PartyState, RequestId,
    parties::{MemberLine, MemberState, PartyLine, PartyView, QuestionLine},
};
use serde::{Deserialize, Serialize};

/// Markets that its leader may choose, around the one where it is to meet.
#[cfg(feature = "ssr")]
const MARKETS: usize = 30;

/// To what its leader may change it while they are alone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Choices {
    markets: Vec<Market>,
    /// What was looked for, and what was found and chosen of it.
    find: String,
    found: Vec<Item>,
    item: Option<Item>,
}

/// What the page shows: the party; what its members said, for them alone; what the next line is sent under; whether those are
/// older lines; whether the reader marked its market, and its item; what it may be changed to.
type Shown = (PartyView, Option<Vec<PartyLine>>, RequestId, bool, (bool, bool), Choices);

/// Reads a party.
///
/// # Errors
/// [`model::Error::NotFound`] for no such party, and for a cursor of another list; the database may fail.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let (engine, actor, id) = (&asked.reader.engine, &asked.reader.actor, asked.named("id")?);
    let view = engine.parties.view(actor, id).await?;
    let before = asked.cursor("before");
    let lines = match view.mine {
        Some(MemberState::Joined) => Some(engine.parties.lines(actor, id, before.as_ref()).await?),
        _ => None,
    };
    let request = RequestId(engine::ids::new_id(view.now));
    let marked = engine.markets.are_favourites(actor, view.card.market.id, Some(view.card.item.id)).await?;
    let choices = if view.editable { choices(&asked, &view).await? } else { Choices::default() };
    Ok((view, lines, request, before.is_some(), marked, choices))
}

/// What a party may be changed to, and what was looked for.
#[cfg(feature = "ssr")]
async fn choices(asked: &Asked, view: &PartyView) -> Read<Choices> {
    let engine = &asked.reader.engine;
    let at = &view.card.market;
    let near = engine.markets.near(at.at, 10, MARKETS).await?;
    let mut markets: Vec<Market> = near.into_iter().map(|(market, _)| market).collect();
    // One that was hidden meanwhile stays theirs.
    if markets.iter().all(|market| market.id != at.id) {
        markets.insert(0, at.clone());
    }
    let find: String = asked.query("find").unwrap_or_default().chars().take(60).collect();
    let found = engine.markets.suggest(&find).await?;
    let item = match asked.query("item") {
        Some(id) => Some(engine.markets.item(id.parse().map_err(|_| model::Error::NotFound)?).await?),
        None => None,
    };
    Ok(Choices { markets, find, found, item })
}

/// The page of a party.
pub fn view((party, lines, request, older, marked, choices): Shown) -> impl IntoView {
    let t = lang();
    let id = party.card.id;
    let title = t.party_title(party.card.item.name.clone());
    head::title(title.clone());
    let (market, item) = (party.card.market.clone(), party.card.item.clone());
    let leads = party.members.iter().any(|line| line.leader && line.mine);
    let open = party.card.state.is_open();
    let before = party.card.state.is_to_come(party.card.meets.from, party.now);
    let reason = match (party.card.state, party.reason.as_str()) {
        (PartyState::Cancelled, "") => Some(t.party_too_few().to_owned()),
        (_, "") => None,
        (_, reason) => Some(reason.to_owned()),
    };
    let reason = reason.map(|reason| view! { <p class="banner">{reason}</p> });
    let confirmed = party.confirmed.then(|| view! { <em class="chip over">{t.meeting_confirmed()}</em> });
    let free = party
        .free_until
        .filter(|_| open && party.mine == Some(MemberState::Joined) && !leads)
        .map(|until| view! { <p class="banner" role="status">{t.free_until(until.clock())}</p> });
    let cost = party.cost.map(|cost| {
        let each = party.cost_each.unwrap_or_default();
        view! {
            <div><dt>{t.party_cost()}</dt><dd>{t.in_won(cost as u64)}</dd></div>
            <div><dt>{t.party_cost_each()}</dt><dd>{t.in_won(each as u64)}</dd></div>
        }
    });
    let receipt = party.cost.filter(|_| party.receipt).map(|cost| {
        // Another picture may have taken its place with another price.
        let picture = format!("{}?{cost}", paths::party_receipt(id));
        view! {
            <details class="receipt-of">
                <summary>{t.see_receipt()}</summary>
                <a href=picture><img src=picture.clone() alt=t.party_receipt() loading="lazy" /></a>
            </details>
        }
    });
    let note = (!party.note.is_empty()).then(|| view! { <p class="words">{party.note.clone()}</p> });
    let members = party
        .members
        .iter()
        .cloned()
        .map(|line| view! { <Share line party=party.clone() leads before /> })
        .collect_view();
    let left = party.card.wanted.saturating_sub(party.card.taken);
    let room = (left > 0 && open).then(|| view! { <li class="share sub"><span>{t.shares_left(u64::from(left))}</span><b>{t.won_a_share(party.card.each as u64)}</b></li> });
    let mine = match leads {
        true => view! { <Leading party=party.clone() before choices /> }.into_any(),
        false => view! { <Joining party=party.clone() before /> }.into_any(),
    };
    let to_chat = lines.is_some().then(|| view! { <a class="link to-chat" href="#chat">{t.party_chat()}" "{(party.unread > 0).then(|| t.unread_lines(party.unread))}</a> });
    let chat = lines.map(|lines| view! { <Chat id lines unread=party.unread changes=party.changes request older /> });
    view! {
        <section class="notices parties one">
            <div class="head"><h1>{title}</h1><span class="chip">{t.party_state(party.card.state)}" "{party.card.taken}"/"{party.card.wanted}</span>{confirmed}</div>
            <p class="sub"><a class="plain" href=paths::market(market.id, None)>{market.name.clone()}</a>{party.card.metres.map(|metres| format!(" {}", away(metres)))}" · "{meets(t, party.card.meets)}<br />{market.address}</p>
            {reason}{free}{to_chat}
            <div class="halves">
                <div>
                    <dl class="sum">
                        <div><dt>{t.party_buys()}</dt><dd>{format!("{} {}", party.quantity, party.unit)}</dd></div>
                        <div><dt>{t.party_total()}</dt><dd>{t.in_won(party.total as u64)}</dd></div>
                        {cost}
                        <div><dt>{t.party_least()}</dt><dd>{t.count_shares(party.least.into())}</dd></div>
                    </dl>
                    {receipt}
                    {note}
                    <h2>{t.shares()}</h2>
                    <ul class="shares">{members}{room}</ul>
                    <p class="note">{t.party_rule()}</p>
                    {mine}
                </div>
                <div>
                    {chat}
                    <Questions id questions=party.questions.clone() leads open />
                    <div class="tools keep">
                        <Favourite of=Marked::Market(market.id) name=market.name marked=marked.0 />
                        <Favourite of=Marked::Item(item.id) name=item.name marked=marked.1 />
                    </div>
                </div>
            </div>
        </section>
    }
}

/// Which party a form is about.
#[component]
fn Which(id: PartyId) -> impl IntoView {
    view! { <input type="hidden" name="party" value=id.to_string() /> }
}

/// One of the members with their share, and what the leader does about them.
#[component]
fn Share(line: MemberLine, party: PartyView, leads: bool, before: bool) -> impl IntoView {
    let t = lang();
    let id = party.card.id;
    let role = match (line.leader, line.mine) {
        (true, _) => t.leader(),
        (false, true) => t.that_is_me(),
        _ => "",
    };
    let state = (line.state != MemberState::Joined).then(|| t.member_state(line.state));
    let came = line.came.map(|came| if came { t.came() } else { t.did_not_come() });
    let agreed = (party.proposed.is_some() && line.agreed).then(|| t.agreed());
    let member = line.member.to_string();
    let answering = leads && before && line.state == MemberState::Requested;
    let takes = party.now + model::parties::FREE_FOR <= party.card.meets.from;
    // Once others are counted on nobody is taken out, also while they may leave freely.
    let far = !party.confirmed && party.now < party.card.meets.from - model::parties::LATE_WITHIN;
    let removing = leads && before && far && line.state == MemberState::Joined && !line.leader;
    let answer = (answering || removing).then(|| {
        let form = FormState::keyed::<AnswerRequest>(line.member);
        let buttons = match answering {
            true => view! {
                {takes.then(|| view! { <button class="btn small" name="answer" value="accept">{t.accept()}</button> })}
                <button class="btn small ghost" name="answer" value="reject">{t.reject()}</button>
            }
            .into_any(),
            false => view! { <button class="btn small ghost" name="answer" value="remove">{t.take_out()}</button> }.into_any(),
        };
        view! { <ChangeForm state=form class="tools"><Which id /><input type="hidden" name="member" value=member.clone() />{buttons}</ChangeForm> }
    });
    // A week long, of who joined or left late.
    let markable = match party.card.state {
        PartyState::Done => matches!(line.state, MemberState::Joined | MemberState::LeftLate),
        PartyState::Cancelled => line.state == MemberState::LeftLate,
        _ => false,
    };
    let in_time = party.ended_at.is_some_and(|at| party.now <= at + model::parties::MARKED_WITHIN);
    let attendance = (leads && markable && in_time && !line.leader && line.came != Some(false)).then(|| {
        let form = FormState::keyed::<MarkAttendance>(line.member);
        let joined = line.state == MemberState::Joined;
        let did = (line.came.is_none() && joined)
            .then(|| view! { <button class="btn small" name="came" value="yes">{t.came()}</button> });
        let (what, mark) = match joined {
            true => (t.did_not_come(), t.mark_absent()),
            false => (t.member_state(line.state), t.mark_late()),
        };
        // A mark is not taken back: it is asked for twice.
        view! {
            <ChangeForm state=form class="tools">
                <Which id />
                <input type="hidden" name="member" value=line.member.to_string() />
                {did}
                <details>
                    <summary>{what}</summary>
                    <p class="note">{t.mark_absent_hint()}</p>
                    <button class="btn small ghost" name="came" value="no">{mark}</button>
                </details>
            </ChangeForm>
        }
    });
    let notes = [state, came, agreed].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <li class="share">
            <span>{face(&line.nickname, line.picture)}<Name nickname=line.nickname badge=line.badge />" "<small>{role}" "{(line.shares > 1).then(|| t.count_shares(u64::from(line.shares)))}" "{notes}</small></span>
            <b>{(line.amount > 0).then(|| t.in_won(line.amount as u64))}</b>
            {answer}{attendance}
        </li>
    }
}

/// What somebody does who does not lead it.
#[component]
fn Joining(party: PartyView, before: bool) -> impl IntoView {
    let t = lang();
    let id = party.card.id;
    let left = party.card.wanted.saturating_sub(party.card.taken);
    let near = party.now >= party.card.meets.from - model::parties::LATE_WITHIN;
    let again = match party.mine {
        None | Some(MemberState::Withdrawn) => true,
        Some(MemberState::Left) => !near,
        Some(_) => false,
    };
    let join = (before && left > 0 && again).then(|| {
        if boot().viewer.is_none() {
            return view! { <a class="btn go" href=paths::sign_in(&paths::party(id))>{t.sign_in()}</a> }.into_any();
        }
        let options = (1..=left)
            .map(|count| view! { <option value=count.to_string()>{t.count_shares(u64::from(count))}" · "{t.in_won((party.card.each * i64::from(count)) as u64)}</option> })
            .collect_view();
        let label = if party.automatic { t.join_party() } else { t.ask_to_join() };
        let form = FormState::of::<JoinParty>();
        view! {
            <ChangeForm state=form class="choice">
                <Which id />
                <label for="shares">{t.how_many_shares()}</label>
                <select id="shares" name="shares">{options}</select>
                <button class="btn go">{label}</button>
                <PhoneFirst form party=Some(id) />
                <WhyBlocked form />
            </ChangeForm>
        }
        .into_any()
    });
    let asks = party.mine == Some(MemberState::Requested);
    let joined = party.mine == Some(MemberState::Joined);
    // The time to leave freely does not end with the beginning.
    let leaves = joined && (before || (party.card.state.is_open() && party.free_until.is_some()));
    let leave = (asks || leaves).then(|| {
        let (label, hint) = match (asks, party.late) {
            (true, _) => (t.ask_no_more(), ""),
            (false, true) => (t.leave_party(), t.leaves_late()),
            (false, false) => (t.leave_party(), t.leaves_freely()),
        };
        // What may bring a mark is asked for twice.
        let button = match joined && party.late {
            true => view! {
                <details>
                    <summary>{label}</summary>
                    <p class="note">{hint}</p>
                    <button class="btn small ghost">{label}</button>
                </details>
            }
            .into_any(),
            false => view! { <button class="btn small ghost">{label}</button><small>{hint}</small> }.into_any(),
        };
        view! {
            <ChangeForm state={FormState::of::<LeaveParty>()} class="tools">
                <Which id />
                {asks.then(|| view! { <input type="hidden" name="asked" value="yes" /> })}
                {button}
            </ChangeForm>
        }
    });
    let proposed = party.proposed.filter(|_| joined && before).map(|proposed| {
        view! {
            <ChangeForm state={FormState::of::<AgreeTime>()} class="tools">
                <Which id />
                <p><b>{t.proposed_time()}</b>" "{meets(t, proposed)}</p>
                <button class="btn small" name="agree" value="yes">{t.time_suits()}</button>
                <button class="btn small ghost" name="agree" value="no">{t.time_does_not()}</button>
            </ChangeForm>
        }
    });
    let met = party.card.state != PartyState::Cancelled
        && party.card.taken >= party.least
        && party.now >= party.card.meets.from + model::parties::LEADER_LATE;
    let in_time = party.now <= party.card.meets.to + model::parties::MARKED_WITHIN;
    let absent = (joined && met && in_time && !party.said_absent).then(|| {
        view! {
            <ChangeForm state={FormState::of::<ReportLeader>()} class="tools">
                <Which id />
                <button class="btn small ghost">{t.leader_absent()}</button>
                <small>{t.leader_absent_hint()}</small>
            </ChangeForm>
        }
    });
    view! { {proposed}{join}{leave}{absent} }
}

/// What the leader does.
#[component]
fn Leading(party: PartyView, before: bool, choices: Choices) -> impl IntoView {
    let t = lang();
    let id = party.card.id;
    let state = party.card.state;
    let run = |what: &'static str, label: &'static str| {
        view! {
            <ChangeForm state={FormState::keyed::<RunParty>(what)}>
                <Which id />
                <button class="btn small" name="what" value=what>{label}</button>
            </ChangeForm>
        }
    };
    let others = party.members.iter().filter(|line| line.state == MemberState::Joined).count() > 1;
    let enough = party.card.taken >= party.least && others;
    let near = party.now >= party.card.meets.from - model::parties::CONFIRMED_WITHIN;
    let go_ahead = (before && state == PartyState::Recruiting && enough).then(|| run("go-ahead", t.go_ahead()));
    let confirm = (before && state == PartyState::Full && near && enough && !party.confirmed)
        .then(|| run("confirm", t.confirm_meeting()));
    let finishing = state.is_open() && !before && enough;
    // Of a leader it is the others' time to leave.
    let finish = (finishing && party.free_until.is_none()).then(|| run("finish", t.finish_party()));
    let later = party
        .free_until
        .filter(|_| finishing)
        .map(|until| view! { <p class="note">{t.finish_later(until.clock())}</p> });
    let in_time = party.ended_at.is_some_and(|at| party.now <= at + model::parties::MARKED_WITHIN);
    let cost = (state == PartyState::Done && in_time).then(|| {
        let form = FormState::of::<SetPartyCost>();
        view! {
            <ChangeForm state=form class="claim" upload=true>
                <Which id />
                <Field form name="cost" label=t.real_price() hint=t.real_price_hint() inputmode="numeric" required=true value=party.cost.map(|cost| cost.to_string()).unwrap_or_default() />
                <div class="field">
                    <label for="receipt">{t.party_receipt()}</label>
                    <input id="receipt" type="file" name="receipt" accept="image/jpeg,image/png,image/webp" required=party.cost.is_none()
                        aria-describedby="receipt-note" aria-invalid=move || form.field("receipt").map(|_| "true") />
                    <p id="receipt-note" class:note=true class:bad=move || form.field("receipt").is_some()
                        inner_html=words(move || form.field("receipt").map_or(t.party_receipt_hint().to_owned(), |error| t.field_error(&error))) />
                </div>
                <progress class:hidden=move || form.sent.get().is_none() max="100" aria-label=t.uploading()
                    value=move || form.sent.get().unwrap_or_default().to_string()></progress>
                <button class="btn small">{t.save()}</button>
            </ChangeForm>
        }
    });
    let proposed =
        party.proposed.map(|proposed| view! { <p class="note">{t.proposed_time()}" "{meets(t, proposed)}</p> });
    // Alone, the terms are changed at once.
    let propose = (before && !party.editable).then(|| {
        let form = FormState::of::<ProposeTime>();
        let start = party.card.meets;
        view! {
            <details open=form.was_refused()>
                <summary>{t.propose_time()}</summary>
                <ChangeForm state=form class="claim">
                    <Which id />
                    <Field form name="from" label=t.party_from() kind="datetime-local" required=true value=start.from.to_local() />
                    <Field form name="to" label=t.party_to() kind="datetime-local" required=true value=start.to.to_local() />
                    <p class="note">{t.propose_hint()}</p>
                    <button class="btn small">{t.propose_time()}</button>
                </ChangeForm>
            </details>
        }
    });
    let edit = party.editable.then(|| {
        let (form, party) = (FormState::of::<EditParty>(), party.clone());
        let Choices { markets, find, found, item } = choices;
        let is_open = form.was_refused() || item.is_some() || !find.is_empty();
        let item = item.unwrap_or_else(|| party.card.item.clone());
        let chosen = form.value("market").unwrap_or_else(|| party.card.market.id.to_string());
        let markets = markets
            .into_iter()
            .map(|market| {
                let id = market.id.to_string();
                let selected = chosen == id;
                view! { <option value=id selected=selected>{market.name}" · "{market.address}</option> }
            })
            .collect_view();
        let none = (found.is_empty() && !find.is_empty()).then(|| view! { <p class="none">{t.no_items()}</p> });
        let found = found
            .into_iter()
            .map(|item| view! { <li><a href=paths::party_with(id, item.id)>{item.name}<small>{t.item_category(item.category)}</small></a></li> })
            .collect_view();
        view! {
            <details open=is_open>
                <summary>{t.edit_party()}</summary>
                <form method="get" action=paths::party(id) class="claim">
                    <ItemField value=find address=Callback::new(move |item: Item| paths::party_with(id, item.id)) />
                    <button class="btn small ghost">{t.look_up()}</button>
                </form>
                {none}
                <ul class="found">{found}</ul>
                <ChangeForm state=form class="claim">
                    <Which id />
                    <p class="sub"><b>{item.name}</b></p>
                    <input type="hidden" name="item" value=item.id.to_string() />
                    <div class="choice">
                        <label for="market">{t.party_market()}</label>
                        <select id="market" name="market">{markets}</select>
                    </div>
                    <Terms form party />
                    <button class="btn small">{t.save()}</button>
                </ChangeForm>
            </details>
        }
    });
    let cancel = before.then(|| {
        let form = FormState::of::<CancelParty>();
        view! {
            <details open=form.was_refused()>
                <summary>{t.cancel_party()}</summary>
                <ChangeForm state=form class="claim">
                    <Which id />
                    <Area form name="reason" label=t.why() rows=2 />
                    <button class="btn small ghost">{t.cancel_party()}</button>
                </ChangeForm>
            </details>
        }
    });
    view! { <div class="tools">{go_ahead}{confirm}{finish}</div>{later}{proposed}{cost}{edit}{propose}{cancel} }
}

/// Questions to the leader, which everybody reads.
#[component]
fn Questions(id: PartyId, questions: Vec<QuestionLine>, leads: bool, open: bool) -> impl IntoView {
    let t = lang();
    let none = questions.is_empty();
    let hides = leads || boot().viewer.as_ref().is_some_and(|viewer| viewer.admin);
    let rows = questions
        .into_iter()
        .map(|question| {
            let answered = (!question.answer.is_empty()).then(|| view! { <p>{t.leader()}": "{question.answer.clone()}</p> });
            let form = FormState::keyed::<AnswerQuestion>(question.id);
            let answer = leads.then(|| {
                view! {
                    <ChangeForm state=form class="tools">
                        <input type="hidden" name="question" value=question.id.to_string() />
                        <input name="answer" aria-label=t.answer() value=form.value("answer").unwrap_or_default() autocomplete="off" required=true />
                        <button class="btn small">{t.answer()}</button>
                    </ChangeForm>
                }
            });
            let hide = hides.then(|| {
                view! {
                    <ChangeForm state={FormState::keyed::<HideQuestion>(question.id)} class="tools">
                        <input type="hidden" name="question" value=question.id.to_string() />
                        <button class="btn small ghost">{t.hide_question()}</button>
                    </ChangeForm>
                }
            });
            view! { <li>{face(&question.nickname, question.picture)}<b><Name nickname=question.nickname badge=question.badge /></b>" "{question.text}<small>{t.moment(question.at)}</small>{answered}{answer}{hide}</li> }
        })
        .collect_view();
    let form = FormState::of::<AskLeader>();
    let ask = (!leads && open && boot().viewer.is_some()).then(|| {
        view! {
            <ChangeForm state=form class="claim">
                <Which id />
                <Field form name="question" label=t.ask_leader() hint=t.ask_leader_hint() required=true maxlength=300 />
                <button class="btn small">{t.ask()}</button>
            </ChangeForm>
        }
    });
    let none = none.then(|| view! { <p class="none">{t.no_questions()}</p> });
    view! { <h2>{t.questions()}</h2>{none}<ul>{rows}</ul>{ask} }
}
