//! Addresses of what admins look after.

use crate::paths::{examples, text, with};
use model::{
    Cursor, MemberId, OrderNumber,
    administration::{AuditAction, AuditQuery, Listed, MembersQuery, MembersShown},
};

/// For admins: what waits.
pub const ADMIN: &str = "/admin";
/// For admins: members.
pub const MEMBERS: &str = "/admin/members";
/// For admins: everybody's events.
pub const ADMIN_EVENTS: &str = "/admin/events";
/// For admins: orders, and money that did not arrive.
pub const ADMIN_ORDERS: &str = "/admin/orders";
/// For admins: everybody's parties.
pub const ADMIN_PARTIES: &str = "/admin/parties";
/// For admins: what was done to others.
pub const AUDIT: &str = "/admin/audit";
/// Where a link leads that makes an admin.
pub const ADMIN_JOIN: &str = "/admin/join";

/// For admins: the members that a query asks for.
pub fn members(query: &MembersQuery) -> String {
    let show = if query.show == MembersShown::All { "" } else { query.show.name() };
    with(MEMBERS, &[("show", show), ("find", &query.find), ("before", &text(query.before.as_ref()))])
}

/// For admins: a member.
pub fn admin_member(member: MemberId) -> String {
    format!("{MEMBERS}/{member}")
}

/// For admins: everybody's events, or parties, from where a page goes on; `page` is its address.
pub fn admin_listed(page: &str, listed: Listed, after: Option<&Cursor>) -> String {
    let show = if listed == Listed::All { "" } else { listed.name() };
    with(page, &[("show", show), ("after", &text(after))])
}

/// For admins: an order.
pub fn admin_order(number: &OrderNumber) -> String {
    format!("{ADMIN_ORDERS}/{number}")
}

/// For admins: money that did not arrive, from where a page goes on.
pub fn admin_refunds(after: &Cursor) -> String {
    with(ADMIN_ORDERS, &[("after", &after.to_string())])
}

/// For admins: what was done to others, as a query asks for it.
pub fn audit(query: &AuditQuery) -> String {
    let member = |member: Option<MemberId>| member.map(|member| member.to_string()).unwrap_or_default();
    let action = query.action.map_or("", AuditAction::name);
    with(
        AUDIT,
        &[
            ("by", &member(query.by)),
            ("member", &member(query.member)),
            ("action", action),
            ("before", &text(query.before.as_ref())),
        ],
    )
}

/// The link that makes an admin of the first who opens it. In the query: paths stand in logs.
pub fn admin_link(token: &str) -> String {
    with(ADMIN_JOIN, &[("token", token)])
}

examples! {
    let member = MemberId(uuid::Uuid::nil());
    let page = Cursor::of(&7);
    pages: [
        ADMIN,
        MEMBERS,
        members(&MembersQuery { find: "/a?b#c".into(), before: Some(page.clone()), ..MembersQuery::default() }),
        admin_member(member),
        ADMIN_EVENTS,
        ADMIN_PARTIES,
        admin_listed(ADMIN_EVENTS, Listed::Cancelled, Some(&page)),
        ADMIN_ORDERS,
        admin_order(&OrderNumber::new(model::Time(0), 1)),
        admin_refunds(&page),
        AUDIT,
        audit(&AuditQuery { by: Some(member), before: Some(page.clone()), ..AuditQuery::default() }),
        ADMIN_JOIN,
        admin_link("token"),
    ];
}
