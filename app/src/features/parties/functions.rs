//! What pages of parties change.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::{FormField, form_fields},
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{
    MemberId, PartyDraft, PartyId, Time,
    parties::{Action, PartyForm},
};

/// The fields of a party's terms.
#[cfg(feature = "ssr")]
const TERMS: &[FormField] = form_fields![
    "market",
    "item",
    "quantity",
    "unit",
    "total",
    "wanted",
    "own",
    "least",
    "automatic",
    "from",
    "to",
    "note"
];

/// The terms that a form sends.
#[cfg(feature = "ssr")]
fn terms(form: &Form, now: Time) -> Result<PartyDraft, model::Error> {
    let typed = PartyForm {
        market: form.text("market"),
        item: form.text("item"),
        quantity: form.text("quantity"),
        unit: form.text("unit"),
        total: form.text("total"),
        wanted: form.text("wanted"),
        own: form.text("own"),
        least: form.text("least"),
        automatic: if form.ticked("automatic") { "yes" } else { "" },
        from: form.text("from"),
        to: form.text("to"),
        note: form.text("note"),
    };
    typed.check(now)
}

/// Does something about the party that a form names.
#[cfg(feature = "ssr")]
async fn act(form: &Form, action: Action) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.act(&actor, form.named("party")?, &action).await?;
    Ok(Done::here())
}

change! { SetHome: Active, pages: ["/parties", "/parties/where"], fields: ["address", "latitude", "longitude"], said: home_set }

/// Notes where the reader looks from, by an `address` or a place, or forgets it.
#[server(endpoint = "set-home", protocol = Change, input_derive = ())]
pub async fn set_home(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (latitude, longitude) = match form.text("address").trim() {
        "" => (form.text("latitude").to_owned(), form.text("longitude").to_owned()),
        address => {
            let at = engine.markets.locate(&actor, address).await?.at;
            (at.latitude.to_string(), at.longitude.to_string())
        }
    };
    engine.parties.set_home(&actor, &latitude, &longitude).await?;
    Ok(Done::to(crate::paths::PARTIES))
}

change! { MakeParty: Active, pages: ["/parties/new"], fields: ["request"] + TERMS, said: party_made }

/// Makes a party.
#[server(endpoint = "make-party", protocol = Change, input_derive = ())]
pub async fn make_party(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let draft = terms(&form, engine.clock.now())?;
    let request = form.named("request").map_err(|_| model::Error::Malformed)?;
    let party = engine.parties.create(&actor, request, &draft).await?;
    Ok(Done::to(crate::paths::party(party)))
}

change! { EditParty: Active, pages: ["/parties/:id"], fields: ["party"] + TERMS, said: party_changed }

/// Changes the terms of a party while its leader is alone.
#[server(endpoint = "edit-party", protocol = Change, input_derive = ())]
pub async fn edit_party(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let party: PartyId = form.named("party")?;
    engine.parties.edit(&actor, party, &terms(&form, engine.clock.now())?).await?;
    // Without what was looked for there.
    Ok(Done::to(crate::paths::party(party)))
}

change! { JoinParty: Active, pages: ["/parties/:id"], fields: ["party", "shares"], said: party_asked }

/// Asks to join a party, or joins it where whoever asks is taken.
#[server(endpoint = "join-party", protocol = Change, input_derive = ())]
pub async fn join_party(form: Form) -> Result<Done, PageError> {
    act(&form, Action::Request { shares: form.text("shares").trim().parse().unwrap_or(0) }).await
}

change! { LeaveParty: SignedIn, pages: ["/parties/:id"], fields: ["party", "asked"], said: party_left }

/// Leaves a party, or asks no more.
#[server(endpoint = "leave-party", protocol = Change, input_derive = ())]
pub async fn leave_party(form: Form) -> Result<Done, PageError> {
    act(&form, if form.ticked("asked") { Action::Withdraw } else { Action::Leave }).await
}

change! { AnswerRequest: Active, pages: ["/parties/:id"], fields: ["party", "member", "answer"], said: request_answered }

/// Takes somebody who asks to join, or not; takes a member out.
#[server(endpoint = "answer-request", protocol = Change, input_derive = ())]
pub async fn answer_request(form: Form) -> Result<Done, PageError> {
    let member: MemberId = form.named("member")?;
    let action = match form.text("answer") {
        "accept" => Action::Accept(member),
        "reject" => Action::Reject(member),
        "remove" => Action::Remove(member),
        _ => return Err(model::Error::Malformed.into()),
    };
    act(&form, action).await
}

change! { RunParty: Active, pages: ["/parties/:id"], fields: ["party", "what"], said: party_changed }

/// Goes ahead with fewer, confirms the meeting, or says that it took place.
#[server(endpoint = "run-party", protocol = Change, input_derive = ())]
pub async fn run_party(form: Form) -> Result<Done, PageError> {
    let action = match form.text("what") {
        "go-ahead" => Action::GoAhead,
        "confirm" => Action::Confirm,
        "finish" => Action::Finish,
        _ => return Err(model::Error::Malformed.into()),
    };
    act(&form, action).await
}

change! { CancelParty: Active, pages: ["/parties/:id"], fields: ["party", "reason"], said: party_called_off }

/// Calls a party off.
#[server(endpoint = "cancel-party", protocol = Change, input_derive = ())]
pub async fn cancel_party(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.cancel(&actor, form.named("party")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { ProposeTime: Active, pages: ["/parties/:id"], fields: ["party", "from", "to"], said: time_proposed }

/// Proposes another time.
#[server(endpoint = "propose-time", protocol = Change, input_derive = ())]
pub async fn propose_time(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.propose(&actor, form.named("party")?, form.text("from"), form.text("to")).await?;
    Ok(Done::here())
}

change! { AgreeTime: Active, pages: ["/parties/:id"], fields: ["party", "agree"], said: time_answered }

/// Says whether the time that is proposed suits the reader.
#[server(endpoint = "agree-time", protocol = Change, input_derive = ())]
pub async fn agree_time(form: Form) -> Result<Done, PageError> {
    act(&form, Action::Agree(form.text("agree") == "yes")).await
}

change! { MarkAttendance: Active, pages: ["/parties/:id"], fields: ["party", "member", "came"], said: attendance_marked }

/// Says whether somebody came.
#[server(endpoint = "mark-attendance", protocol = Change, input_derive = ())]
pub async fn mark_attendance(form: Form) -> Result<Done, PageError> {
    act(&form, Action::Attended { member: form.named("member")?, came: form.text("came") == "yes" }).await
}

change! { ReportLeader: Active, pages: ["/parties/:id"], fields: ["party"], said: attendance_marked }

/// Says that the leader did not come.
#[server(endpoint = "report-leader", protocol = Change, input_derive = ())]
pub async fn report_leader(form: Form) -> Result<Done, PageError> {
    act(&form, Action::LeaderAbsent).await
}

change! { SetPartyCost: Active, pages: ["/parties/:id"], fields: ["party", "cost", "receipt" file], said: cost_set, files: 10 << 20 }

/// Says what it did cost, with a picture of the `receipt`.
#[server(endpoint = "set-party-cost", protocol = Change, input_derive = ())]
pub async fn set_party_cost(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let (party, receipt) = (form.named("party")?, form.file("receipt"));
    engine.parties.set_cost(&actor, &engine.pictures, party, form.text("cost"), receipt).await?;
    Ok(Done::here())
}

change! { AskLeader: Active, pages: ["/parties/:id"], fields: ["party", "question"], said: question_asked }

/// Asks the leader something.
#[server(endpoint = "ask-leader", protocol = Change, input_derive = ())]
pub async fn ask_leader(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.ask(&actor, form.named("party")?, form.text("question")).await?;
    Ok(Done::here())
}

change! { AnswerQuestion: Active, pages: ["/parties/:id"], fields: ["question", "answer"], said: question_answered }

/// Answers a question.
#[server(endpoint = "answer-question", protocol = Change, input_derive = ())]
pub async fn answer_question(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.answer(&actor, form.named("question")?, form.text("answer")).await?;
    Ok(Done::here())
}

change! { HideQuestion: Active, pages: ["/parties/:id"], fields: ["question"], said: question_hidden }

/// Hides a question.
#[server(endpoint = "hide-question", protocol = Change, input_derive = ())]
pub async fn hide_question(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.hide_question(&actor, form.named("question")?).await?;
    Ok(Done::here())
}

change! { SayInParty: Active, pages: ["/parties/:id"], fields: ["party", "request", "text"], said: line_said }

/// Says a line to the other members.
#[server(endpoint = "say-in-party", protocol = Change, input_derive = ())]
pub async fn say_in_party(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let request = form.named("request").map_err(|_| model::Error::Malformed)?;
    engine.parties.say(&actor, form.named("party")?, request, form.text("text")).await?;
    Ok(Done::here())
}

change! { ReadParty: SignedIn, pages: ["/parties/:id"], fields: ["party", "number"], said: lines_read }

/// Notes that the reader has read what was said up to a line.
#[server(endpoint = "read-party", protocol = Change, input_derive = ())]
pub async fn read_party(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.read(&actor, form.named("party")?, form.named("number")?).await?;
    Ok(Done::here())
}

change! { DecideAppeal: Admin, pages: ["/admin/appeals"], fields: ["party", "member", "granted", "reason"], said: appeal_decided }

/// Decides an appeal, with a `reason`.
#[server(endpoint = "decide-appeal", protocol = Change, input_derive = ())]
pub async fn decide_appeal(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (party, member) = (form.named("party")?, form.named("member")?);
    let granted = form.text("granted") == "yes";
    engine.parties.decide(&actor, party, member, granted, form.text("reason")).await?;
    Ok(Done::here())
}

change! { AppealPenalty: SignedIn, pages: ["/my/parties"], fields: ["party", "appeal"], said: appealed }

/// Says something against a penalty.
#[server(endpoint = "appeal-penalty", protocol = Change, input_derive = ())]
pub async fn appeal_penalty(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.appeal(&actor, form.named("party")?, form.text("appeal")).await?;
    Ok(Done::here())
}
