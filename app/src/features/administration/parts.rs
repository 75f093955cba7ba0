//! What pages of admins share: tables that are lists on a phone.

use crate::{
    boot::lang,
    components::kind_name,
    features::{jobs::page::purpose, sales::orders::state_name},
    forms::{ChangeForm, Field, FormState},
    paths,
    texts::{Lang, number},
};
use leptos::prelude::*;
use model::{
    Job, MemberId, Time,
    administration::{AuditAction, AuditLine, AuditQuery, EventRow, Listed, OrderRow, PartyRow},
};

/// For how many days somebody may be suspended.
const DAYS: [u64; 5] = [1, 3, 7, 30, 90];

/// The choice of how long somebody is suspended.
#[component]
pub fn DaysChoice(
    /// The form that it is in.
    form: FormState,
    /// Its id in the document.
    id: String,
) -> impl IntoView {
    let t = lang();
    let chosen = form.value("days").unwrap_or_default();
    let days = DAYS
        .into_iter()
        .map(|days| {
            let selected = chosen == days.to_string();
            view! { <option value=days.to_string() selected=selected>{t.for_days(days)}</option> }
        })
        .collect_view();
    view! {
        <div class="choice">
            <label for=id.clone()>{t.suspend_for()}</label>
            <select id=id name="days">
                <option value="">{t.suspend_for_good()}</option>
                {days}
            </select>
        </div>
    }
}

/// A member by name, with a link to what admins know of them.
pub fn member_link(member: MemberId, name: String) -> impl IntoView {
    view! { <a href=paths::admin_member(member)>{name}</a> }
}

/// A table's head.
pub fn head_of(names: Vec<&'static str>) -> impl IntoView {
    let cells = names.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view();
    view! { <thead><tr>{cells}</tr></thead> }
}

/// From some of what is listed at the address `page` to the others; which they are, unless something was looked for.
pub fn listed_tabs(page: &'static str, name: &'static str, listed: Option<Listed>) -> impl IntoView {
    let t = lang();
    let tabs = Listed::ALL
        .into_iter()
        .map(|one| {
            let on = (listed == Some(one)).then_some("true");
            view! { <a class="tab" href=paths::admin_listed(page, one, None) aria-current=on>{t.listed(one)}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=name>{tabs}</nav> }
}

/// Doing something to what is somebody else's for a reason: by its `form`, with the field that says which, what the button says, and what
/// is said of it.
pub fn reason_form(
    form: FormState,
    (field, id): (&'static str, String),
    button: &'static str,
    hint: &'static str,
) -> AnyView {
    let t = lang();
    view! {
        <details class="danger" open=form.was_refused()>
            <summary>{button}</summary>
            <ChangeForm state=form>
                <input type="hidden" name=field value=id />
                <Field form name="reason" label=t.admin_reason() hint=hint required=true maxlength=200 />
                <button class="btn small">{button}</button>
            </ChangeForm>
        </details>
    }
    .into_any()
}

/// Events in a table; behind each what `tools` gives.
pub fn events_table(rows: Vec<EventRow>, tools: impl Fn(&EventRow) -> AnyView) -> impl IntoView {
    let t = lang();
    let rows = rows
        .into_iter()
        .map(|row| {
            let tools = tools(&row);
            let stopped = row.suspension.map(|reason| t.event_suspended_why(reason));
            let reason = row.reason.or(stopped).map(|reason| view! { <p class="note">{reason}</p> });
            view! {
                <tr>
                    <th scope="row"><a href=paths::room(row.id)>{row.title}</a></th>
                    <td data-label=t.event_kind()>{kind_name(row.kind)}</td>
                    <td data-label=t.event_by()>{member_link(row.creator, row.creator_name)}</td>
                    <td data-label=t.event_opens()>{t.moment(row.opens_at)}</td>
                    <td data-label=t.event_entered()>{number(row.total)}</td>
                    <td data-label=t.account_state()>{t.event_stage(row.stage)}{reason}</td>
                    <td>{tools}</td>
                </tr>
            }
        })
        .collect_view();
    let head = head_of(vec![
        t.event_title(),
        t.event_kind(),
        t.event_by(),
        t.event_opens(),
        t.event_entered(),
        t.account_state(),
        "",
    ]);
    view! { <table>{head}<tbody>{rows}</tbody></table> }
}

/// Parties in a table; behind each what `tools` gives.
pub fn parties_table(rows: Vec<PartyRow>, tools: impl Fn(&PartyRow) -> AnyView) -> impl IntoView {
    let t = lang();
    let rows = rows
        .into_iter()
        .map(|row| {
            let tools = tools(&row);
            let reason = (!row.reason.is_empty()).then(|| view! { <p class="note">{row.reason}</p> });
            let (taken, wanted) = row.shares;
            view! {
                <tr>
                    <th scope="row"><a href=paths::party(row.id)>{row.item}</a></th>
                    <td data-label=t.party_where()>{row.market}</td>
                    <td data-label=t.party_leader()>{member_link(row.leader, row.leader_name)}</td>
                    <td data-label=t.party_meets()>{t.moment(row.meets_from)}</td>
                    <td data-label=t.party_shares()>{format!("{taken}/{wanted}")}</td>
                    <td data-label=t.account_state()>{t.party_state(row.state)}{reason}</td>
                    <td>{tools}</td>
                </tr>
            }
        })
        .collect_view();
    let head = head_of(vec![
        t.party_item(),
        t.party_where(),
        t.party_leader(),
        t.party_meets(),
        t.party_shares(),
        t.account_state(),
        "",
    ]);
    view! { <table>{head}<tbody>{rows}</tbody></table> }
}

/// Orders in a table.
pub fn orders_table(rows: Vec<OrderRow>) -> impl IntoView {
    let t = lang();
    let rows = rows
        .into_iter()
        .map(|row| {
            let order = match row.number {
                Some(number) => view! { <a href=paths::admin_order(&number)>{number.to_string()}</a> }.into_any(),
                None => "–".into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{order}</th>
                    <td data-label=t.event_title()><a href=paths::room(row.event)>{row.title}</a></td>
                    <td data-label=t.order_amount()>{t.in_won(row.amount.max(0) as u64)}</td>
                    <td data-label=t.account_state()>{state_name(t, row.state)}</td>
                    <td data-label=t.order_made()>{t.moment(row.at)}</td>
                </tr>
            }
        })
        .collect_view();
    let head = head_of(vec![t.order_number(), t.event_title(), t.order_amount(), t.account_state(), t.order_made()]);
    view! { <table>{head}<tbody>{rows}</tbody></table> }
}

/// Rows of the audit log in a table.
pub fn audit_table(rows: Vec<AuditLine>) -> impl IntoView {
    let t = lang();
    let rows = rows.into_iter().map(|line| audit_row(t, line)).collect_view();
    let head =
        head_of(vec![t.audit_when(), t.audit_by(), t.audit_what(), t.audit_to(), t.admin_reason(), t.audit_device()]);
    view! { <table>{head}<tbody>{rows}</tbody></table> }
}

/// What a row is about where that has no id, in words: the log knows it by a name or a number.
fn named(t: Lang, action: Option<AuditAction>, name: String) -> String {
    match action {
        Some(AuditAction::MakeAdmin) if name == "link" => t.audit_by_link().to_owned(),
        Some(AuditAction::Suspend) => match Time::parse_local(&name) {
            Some(until) => t.held_until(t.moment(until)),
            None => name,
        },
        Some(AuditAction::RunJob) => match Job::named(&name) {
            Some(job) => purpose(t, job).to_owned(),
            None => name,
        },
        Some(AuditAction::ImportList) => match name.split_once(" ×") {
            Some(("markets", count)) => format!("{} {count}", t.markets()),
            Some(("items", count)) => format!("{} {count}", t.items()),
            _ => name,
        },
        Some(AuditAction::HideLine | AuditAction::Dismiss | AuditAction::Mute) if !name.starts_with('×') => {
            t.audit_line(name)
        }
        _ => name,
    }
}

fn audit_row(t: Lang, line: AuditLine) -> impl IntoView {
    let by = match line.by {
        Some(by) => {
            let query = AuditQuery { by: Some(by), ..AuditQuery::default() };
            let name = line.by_name.unwrap_or_else(|| t.audit_gone().to_owned());
            view! { <a href=paths::audit(&query)>{name}</a> }.into_any()
        }
        None => t.audit_program().into_any(),
    };
    let what = line.action.map_or_else(|| t.audit_newer(), |action| t.audit_action(action));
    let mut to: Vec<AnyView> = Vec::new();
    if let Some(member) = line.member {
        to.push(match line.member_name {
            Some(name) => member_link(member, name).into_any(),
            None => t.audit_gone().into_any(),
        });
    }
    if let Some((event, title)) = line.event {
        to.push(view! { <a href=paths::room(event)>{title}</a> }.into_any());
    }
    if let Some(party) = line.party {
        to.push(view! { <a href=paths::party(party)>{t.admin_parties()}</a> }.into_any());
    }
    if let Some(market) = line.market {
        to.push(view! { <a href=paths::correct_market(market)>{t.markets()}</a> }.into_any());
    }
    if let Some(item) = line.item {
        to.push(view! { <a href=paths::correct_item(item)>{t.items()}</a> }.into_any());
    }
    if !line.named.is_empty() {
        to.push(named(t, line.action, line.named).into_any());
    }
    let to = to.into_iter().map(|part| view! { <span class="part">{part}</span> }).collect_view();
    view! {
        <tr>
            <td data-label=t.audit_when()>{t.moment(line.at)}</td>
            <td data-label=t.audit_by()>{by}</td>
            <td data-label=t.audit_what()>{what}</td>
            <td data-label=t.audit_to()>{to}</td>
            <td data-label=t.admin_reason()>{line.reason}</td>
            <td data-label=t.audit_device()>{line.device}</td>
        </tr>
    }
}
