//! What admins change.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::Effect,
    paths,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{Error, MemberId, Moderation};

change! { SuspendMember: Admin, pages: ["/admin/members/:id"], fields: ["who", "reason", "days"], said: member_suspended }

/// Suspends a member, named by email, nickname or id in `who`, with a `reason`; for so many `days`, or until somebody lets them act.
#[server(endpoint = "suspend-member", protocol = Change, input_derive = ())]
pub async fn suspend_member(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.suspend(&actor, form.text("who"), form.text("reason"), form.text("days")).await?;
    Ok(Done::here())
}

change! { RestoreMember: Admin, pages: ["/admin/members/:id"], fields: ["who", "reason"], said: member_restored }

/// Lets a suspended member act again; fields as in [`suspend_member`].
#[server(endpoint = "restore-member", protocol = Change, input_derive = ())]
pub async fn restore_member(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.restore(&actor, form.text("who"), form.text("reason")).await?;
    Ok(Done::here())
}

change! { WarnMember: Admin, pages: ["/admin/members/:id"], fields: ["member", "reason"], said: member_warned }

/// Tells a `member` to stop something, with a `reason`.
#[server(endpoint = "warn-member", protocol = Change, input_derive = ())]
pub async fn warn_member(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.warn(&actor, form.named("member")?, None, form.text("reason")).await?;
    Ok(Done::here())
}

change! { TakePictureAway: Admin, pages: ["/admin/members/:id"], fields: ["member", "picture", "reason"], said: picture_removed }

/// Takes a `member`'s `picture` away, with a `reason`.
#[server(endpoint = "take-picture-away", protocol = Change, input_derive = ())]
pub async fn take_picture_away(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (member, picture) = (form.named("member")?, form.named("picture")?);
    engine.naming.take_picture_away(&actor, &engine.pictures, member, picture, form.text("reason")).await?;
    Ok(Done::here())
}

change! { MakePasswordLink: Admin, pages: ["/admin/members/:id"], fields: ["member", "reason"], said: password_link_made, whole }

/// Makes a link by which a `member` sets another password, with a `reason`, where no mail leads there; it is shown once.
#[server(endpoint = "make-password-link", protocol = Change, input_derive = ())]
pub async fn make_password_link(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (member, sends_mail) = (form.named("member")?, engine.channels.sends_mail());
    let link = engine.administration.make_password_link(&actor, member, form.text("reason"), sends_mail).await?;
    Ok(Done::to(paths::admin_member(member)).with(Effect::Once(link)))
}

change! { SetAdmin: Admin, pages: ["/admin/members/:id"], fields: ["member", "admin", "reason"], said: saved }

/// Makes a `member` an `admin` (yes), or no longer one (no), with a `reason`.
#[server(endpoint = "set-admin", protocol = Change, input_derive = ())]
pub async fn set_admin(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let member: MemberId = form.named("member")?;
    let admin = match form.text("admin") {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::Malformed.into()),
    };
    engine.administration.set_admin(&actor, member, admin, form.text("reason")).await?;
    // Who is no admin any more has nothing to read here.
    Ok(if actor.member() == Some(member) && !admin { Done::to(paths::HOME) } else { Done::here() })
}

change! { BecomeAdmin: Active, pages: ["/admin/join"], fields: ["token"], said: admin_joined, whole }

/// Makes whoever brings the `token` of a link an admin, once.
#[server(endpoint = "become-admin", protocol = Change, input_derive = ())]
pub async fn become_admin(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, .. } = reader();
    let here = token.ok_or(Error::SignedOut)?;
    let token = engine.administration.use_link(&actor, form.text("token"), &here).await?;
    Ok(Done::to(paths::ADMIN).with(Effect::SignIn(token.to_string())))
}

change! { CallOffEvent: Admin, pages: ["/admin/events"], fields: ["event", "reason"], said: event_called_off }

/// Calls off anybody's `event`, with a `reason`.
#[server(endpoint = "call-off-event", protocol = Change, input_derive = ())]
pub async fn call_off_event(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.call_off(&actor, form.named("event")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { SuspendEvent: Admin, pages: ["/admin/events"], fields: ["event", "reason"], said: event_is_suspended }

/// Stops anybody's `event` until it is readmitted, with a `reason`.
#[server(endpoint = "suspend-event", protocol = Change, input_derive = ())]
pub async fn suspend_event(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.suspend_event(&actor, form.named("event")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { ReadmitEvent: Admin, pages: ["/admin/events"], fields: ["event", "reason"], said: event_goes_on }

/// Lets a stopped `event` go on, with a `reason`.
#[server(endpoint = "readmit-event", protocol = Change, input_derive = ())]
pub async fn readmit_event(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.readmit_event(&actor, form.named("event")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { CancelAnyParty: Admin, pages: ["/admin/parties"], fields: ["party", "reason"], said: any_party_called_off }

/// Calls off anybody's `party`, with a `reason`.
#[server(endpoint = "cancel-any-party", protocol = Change, input_derive = ())]
pub async fn cancel_any_party(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.cancel_by_admin(&actor, form.named("party")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { RefundOrder: Admin, pages: ["/admin/orders/:number"], fields: ["number", "request", "reason"], said: refund_begun }

/// Gives back all that is left of the order `number`, with a `reason`; the same `request` twice is one.
#[server(endpoint = "refund-order", protocol = Change, input_derive = ())]
pub async fn refund_order(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (number, request) = (form.named("number")?, form.named("request")?);
    engine.sales.refund_by_admin(&actor, &number, form.text("reason"), request).await?;
    Ok(Done::here())
}

change! { DecideReports: Admin, pages: ["/admin/reports"], fields: ["event", "line", "what", "reason", "days"], said: reports_decided }

/// Warns (`what` is `warn`) or suspends (`suspend`, for so many `days`) whoever said a `line` of an `event` that was reported, with a
/// `reason`, and hides all of theirs that were reported.
#[server(endpoint = "decide-reports", protocol = Change, input_derive = ())]
pub async fn decide_reports(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (event, line) = (form.named("event")?, form.named("line")?);
    let (admins, reason) = (&engine.administration, form.text("reason"));
    let author = engine.chat.author(&actor, event, line).await?;
    // What may be refused comes first.
    match form.text("what") {
        "warn" => admins.warn(&actor, author, Some(event), reason).await?,
        "suspend" => admins.suspend(&actor, &author.to_string(), reason, form.text("days")).await?,
        _ => return Err(Error::Malformed.into()),
    }
    engine.chat.moderate_all(&actor, event, line, Moderation::Hide).await?;
    Ok(Done::here())
}
