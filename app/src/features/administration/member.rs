//! `/admin/members/{id}`: what is known of a member, and what an admin may do.

use super::{
    AdminTabs, DaysChoice,
    functions::{MakePasswordLink, RestoreMember, SetAdmin, SuspendMember, TakePictureAway, WarnMember},
    members::{role_of, state_of},
    parts::{audit_table, events_table, orders_table, parties_table},
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    forms::{ChangeForm, Field, FormState},
    head, paths,
    texts::number,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::administration::by_admin;
use model::{
    MemberId, Role,
    administration::{AuditQuery, MemberDetails},
};

/// Reads it, which is noted; whether an admin may make a link to another password for them, and where one leads that was made a moment
/// ago.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(MemberDetails, bool, Option<String>)> {
    let (engine, actor) = (&asked.reader.engine, &asked.reader.actor);
    // Who may not see it is told so, whether or not there is such a member.
    actor.admin()?;
    let details = engine.administration.member(actor, asked.named("id")?).await?;
    let may_make = by_admin(details.line.role, &details.email, engine.channels.sends_mail());
    let made = asked.reader.once.filter(|once| once.starts_with(model::paths::NEW_PASSWORD));
    Ok((details, may_make, made))
}

/// The member's page.
pub fn view((details, may_make, made): (MemberDetails, bool, Option<String>)) -> impl IntoView {
    let t = lang();
    let made = made.map(|path| {
        let link = format!("{}{path}", boot().origin);
        view! {
            <div class="banner" role="status">
                <p>{t.password_link_once()}</p>
                <p><code class="secret">{link}</code></p>
            </div>
        }
    });
    let MemberDetails {
        line, email, phone_ending, devices, entries, penalties, orders, events, parties, audit, ..
    } = details.clone();
    head::title(line.nickname.clone());
    let id = line.id;
    let (state, role) = (state_of(t, &line), role_of(t, &line));
    // Whoever signed up without one has a mark there that is none.
    let email = if email.starts_with('@') { t.ways_no_email().to_owned() } else { email };
    let creator = line.creator.then(|| view! { <a class="link" href=paths::creator(id, None)>{t.role_creator()}</a> });
    let whole = paths::audit(&AuditQuery { member: Some(id), ..AuditQuery::default() });
    let none = || view! { <p class="none">{t.nothing_of_these()}</p> }.into_any();
    let orders = if orders.is_empty() { none() } else { orders_table(orders).into_any() };
    let events = if events.is_empty() { none() } else { events_table(events, |_| ().into_any()).into_any() };
    let parties = if parties.is_empty() { none() } else { parties_table(parties, |_| ().into_any()).into_any() };
    let audit = if audit.is_empty() { none() } else { audit_table(audit).into_any() };
    view! {
        <section class="admin">
            <AdminTabs page=paths::MEMBERS />
            <h1>{line.nickname.clone()}</h1>
            <p class="note">{t.look_is_noted()}</p>
            {made}
            <dl class="sum">
                <div><dt>{t.account_state()}</dt><dd>{state}</dd></div>
                <div><dt>{t.member_role()}</dt><dd>{role}" "{creator}</dd></div>
                <div><dt>{t.member_since()}</dt><dd>{t.moment(line.created_at)}</dd></div>
                <div><dt>{t.member_email()}</dt><dd translate="no">{email}</dd></div>
                <div><dt>{t.member_phone()}</dt><dd>{phone_ending.unwrap_or_else(|| "–".to_owned())}</dd></div>
                <div><dt>{t.member_devices()}</dt><dd>{number(devices)}</dd></div>
                <div><dt>{t.member_entries()}</dt><dd>{number(entries)}</dd></div>
                <div><dt>{t.member_penalties()}</dt><dd>{number(penalties)}</dd></div>
            </dl>
            <div class="halves"><Suspending details=details.clone() /><LooksAfter details=details.clone() /></div>
            {may_make.then(|| view! { <Forgotten member=id /> })}
            <Picture details />
            <h2>{t.their_orders()}</h2>
            {orders}
            <h2>{t.events_they_made()}</h2>
            {events}
            <h2>{t.their_parties()}</h2>
            {parties}
            <h2><a href=whole>{t.member_history()}</a></h2>
            {audit}
        </section>
    }
}

/// Warning them, suspending them and letting them act again.
#[component]
fn Suspending(details: MemberDetails) -> impl IntoView {
    let t = lang();
    let line = details.line;
    if line.role == Role::Admin {
        return view! { <div><h2>{t.suspend_member()}</h2><p class="note">{t.admins_are_not_suspended()}</p></div> }
            .into_any();
    }
    let who = line.id.to_string();
    if line.suspended_at.is_some() {
        let form = FormState::keyed::<RestoreMember>("restore");
        return view! {
            <div>
                <h2>{t.restore_member()}</h2>
                <ChangeForm state=form>
                    <input type="hidden" name="who" value=who />
                    <Field form name="reason" label=t.admin_reason() hint=t.admin_reason_hint() required=true maxlength=200 />
                    <button class="btn">{t.restore_member()}</button>
                </ChangeForm>
            </div>
        }
        .into_any();
    }
    let whom = who.clone();
    let (warn, suspend) = (FormState::keyed::<WarnMember>("warn"), FormState::keyed::<SuspendMember>("suspend"));
    view! {
        <div>
            <h2>{t.warn_member()}</h2>
            <ChangeForm state=warn>
                <input type="hidden" name="member" value=whom />
                <Field form=warn name="reason" label=t.admin_reason() hint=t.warn_hint() required=true maxlength=200 />
                <button class="btn">{t.warn_member()}</button>
            </ChangeForm>
            <h2>{t.suspend_member()}</h2>
            <ChangeForm state=suspend>
                <input type="hidden" name="who" value=who />
                <DaysChoice form=suspend id={"suspend-days".to_owned()} />
                <Field form=suspend name="reason" label=t.admin_reason() hint=t.suspend_hint() required=true maxlength=200 />
                <button class="btn">{t.suspend_member()}</button>
            </ChangeForm>
        </div>
    }
    .into_any()
}

/// A link to pass on to whoever forgot their password and is sent no mail.
#[component]
fn Forgotten(member: MemberId) -> impl IntoView {
    let (t, form) = (lang(), FormState::keyed::<MakePasswordLink>("password-link"));
    view! {
        <h2>{t.make_password_link()}</h2>
        <ChangeForm state=form>
            <input type="hidden" name="member" value=member.to_string() />
            <Field form name="reason" label=t.admin_reason() hint=t.make_password_link_hint() required=true maxlength=200 />
            <button class="btn">{t.make_password_link()}</button>
        </ChangeForm>
    }
}

/// Their picture, and taking it away.
#[component]
fn Picture(details: MemberDetails) -> impl IntoView {
    let t = lang();
    let (member, form) = (details.line.id.to_string(), FormState::keyed::<TakePictureAway>("picture"));
    details.picture.map(|picture| {
        view! {
            <h2>{t.my_picture()}</h2>
            <p><img class="face large" src=paths::face(picture) alt=t.my_picture() width="120" height="120" /></p>
            <ChangeForm state=form>
                <input type="hidden" name="member" value=member />
                <input type="hidden" name="picture" value=picture.to_string() />
                <Field form name="reason" label=t.admin_reason() hint=t.admin_reason_hint() required=true maxlength=200 />
                <button class="btn">{t.remove_picture()}</button>
            </ChangeForm>
        }
    })
}

/// Whether they look after the site.
#[component]
fn LooksAfter(details: MemberDetails) -> impl IntoView {
    let t = lang();
    let MemberDetails { line, last_admin, .. } = details;
    let (is, form) = (line.role == Role::Admin, FormState::keyed::<SetAdmin>("admin"));
    if last_admin {
        return view! { <div><h2>{t.remove_admin()}</h2><p class="note">{t.last_admin_hint()}</p></div> }.into_any();
    }
    if !is && line.suspended_at.is_some() {
        return ().into_any();
    }
    let (words, admin) = if is { (t.remove_admin(), "no") } else { (t.make_admin(), "yes") };
    let member = line.id.to_string();
    view! {
        <div>
            <h2>{words}</h2>
            <ChangeForm state=form>
                <input type="hidden" name="member" value=member />
                <input type="hidden" name="admin" value=admin />
                <Field form name="reason" label=t.admin_reason() hint=t.make_admin_hint() required=true maxlength=200 />
                <button class="btn">{words}</button>
            </ChangeForm>
        </div>
    }
    .into_any()
}
