//! The demonstration's admin, where there is one, and what waits for them: lines and a review that were reported, an appeal, an order of
//! which something is to come back, a member who is suspended; and the rows of the audit log that tell what they did before.

use super::{
    NO_PASSWORD, Persona, neighbours,
    seed::{REGULARS, SHOPS, regulars, request},
    shelves,
};
use crate::{
    Engine, Error,
    accounts::{self, Actor},
    administration, audit,
    db::{Lane, retried},
};
use model::{
    EventId, MemberId, Moderation, Role, Stage, Time,
    administration::{AuditAction, AuditQuery},
    live::Said,
    reviews::ReviewsQuery,
    sellers::{OrdersQuery, Show},
};

/// Those of whom somebody complains: email and nickname.
const RUDE: [(&str, &str); 3] = [
    ("loud@demo.invalid", "확성기 든 너구리"),
    ("trader@demo.invalid", "급매 전하는 여우"),
    ("reseller@demo.invalid", "표 되파는 두루미"),
];

/// Who says something.
#[derive(Clone, Copy)]
enum Who {
    /// One of the regulars.
    Regular(usize),
    Loud,
    Trader,
}

/// What is said in the room of an event that is over, and how many report it.
const SAID: [(Who, &str, usize); 6] = [
    (Who::Regular(0), "받으신 분들 어떠세요? 궁금해요", 0),
    (Who::Trader, "당첨된 거 여기서 팔아요. 계좌 먼저 보내 주세요", 3),
    (Who::Regular(1), "개인 거래는 여기서 하지 않기로 해요", 0),
    (Who::Trader, "싸게 드려요. 오픈채팅으로 오세요!!", 2),
    (Who::Loud, "순서 다 정해 놓고 하는 거죠?? 대답해 보세요!!!", 1),
    (Who::Regular(2), "순위랑 시간이 다 나와 있어요. 순위판을 한번 보세요", 0),
];
/// What was said in another room, and hidden.
const HIDDEN: &str = "대신 눌러 드립니다. 성공하면 만 원";
/// Why the one was warned, and the other suspended.
const WARNED: &str = "대신 눌러 준다는 글은 대화에 올릴 수 없어요.";
const SUSPENDED: &str = "입장권을 웃돈을 받고 거듭 되팔았어요.";
/// For how many days.
const DAYS: &str = "30";

/// Makes the admin that is missing: also of somebody of whom it was taken. Whether there is one: emails are not proved, and whoever signed
/// up with this one before, and comes back by a password, is none.
pub(super) async fn admin(engine: &Engine) -> Result<bool, Error> {
    let email = Persona::Admin.email();
    if engine.accounts.by_email(email).await?.is_none() {
        let admin = vec![(email.to_owned(), Persona::ADMIN.to_owned())];
        engine.accounts.insert_apart(admin, NO_PASSWORD).await?;
    }
    if !is_ours(engine).await? {
        tracing::warn!(email, "this account has a password: the demonstration has no admin");
        no_admin(engine).await?;
        return Ok(false);
    }
    administration::set_admin(&engine.db, engine.clock.now(), email, true).await?;
    Ok(true)
}

/// Whether there is an account of the demonstration's admin, and nobody else's: it has no password.
async fn is_ours(engine: &Engine) -> Result<bool, Error> {
    let ours = engine.db.sql("select 1 from members where email = $1 and password_hash = $2");
    Ok(ours.bind(Persona::Admin.email().to_owned()).bind(NO_PASSWORD.to_owned()).exists().await?)
}

/// The same as [`no_admin`] where there is no demonstration any more.
pub(super) async fn ended(engine: &Engine) -> Result<(), Error> {
    if is_ours(engine).await? { no_admin(engine).await } else { Ok(()) }
}

/// Nobody is the demonstration's admin, where visitors are not to be, nor an admin by what that one did: who was before is signed out, in
/// every browser. Also of the last one it is taken: whoever runs the site makes another.
pub(super) async fn no_admin(engine: &Engine) -> Result<(), Error> {
    let Some(admin) = engine.accounts.by_email(Persona::Admin.email()).await? else { return Ok(()) };
    let mut members = vec![admin];
    let mut at = 0;
    while let Some(by) = members.get(at).copied() {
        at += 1;
        for (made,) in made_by(engine, by).await? {
            if !members.contains(&made) {
                members.push(made);
            }
        }
    }
    for member in members {
        let taken = retried!(take_role(engine, member))?;
        if taken && member != admin {
            tracing::warn!(%member, "is no admin any more: they were made one by the demonstration's");
        }
        engine.accounts.sessions.invalidate_member(member);
    }
    Ok(())
}

/// Whom a member was the last to make an admin.
async fn made_by(engine: &Engine, admin: MemberId) -> Result<Vec<(MemberId,)>, Error> {
    let made = engine.db.sql(
        "select distinct a.member_id from audit a
         where a.admin_id = $1 and a.action = 'make_admin' and a.member_id is not null
            and not exists (select 1 from audit l where l.member_id = a.member_id and l.action = 'make_admin'
                and (l.at > a.at or (l.at = a.at and l.id > a.id)))",
    );
    Ok(made.bind(admin).all().await?)
}

/// Whether it was an admin's.
async fn take_role(engine: &Engine, member: MemberId) -> Result<bool, Error> {
    let mut tx = engine.db.begin(Lane::Other).await?;
    let _held = tx.hold_admins().await?;
    let taken = tx.sql("update members set role = $1 where id = $2 and role <> $1").bind(Role::Member).bind(member);
    let taken = taken.run().await? == 1;
    if taken {
        tx.sql("delete from sessions where member_id = $1").bind(member).run().await?;
        accounts::protect(&mut tx, member).await?;
        audit::note(&mut tx, engine.clock.now(), &Actor::System, AuditAction::RemoveAdmin, member, "").await?;
    }
    tx.commit().await?;
    Ok(taken)
}

/// Gives the admin something to look at; once, so that what a visitor decided stays so.
pub(super) async fn wait(engine: &Engine) -> Result<(), Error> {
    let member = engine.accounts.by_email(Persona::Admin.email()).await?.ok_or(model::Error::NotFound)?;
    let admin = Actor::simulated_admin(member, Persona::ADMIN);
    let (by, action) = (Some(member), Some(AuditAction::Suspend));
    let last = AuditQuery { by, action, ..AuditQuery::default() };
    if !engine.administration.log(&Actor::System, &last).await?.rows.is_empty() {
        return Ok(());
    }
    let people = regulars(&engine.accounts, REGULARS).await?;
    let rude = RUDE.iter().map(|(email, name)| ((*email).to_owned(), (*name).to_owned())).collect();
    let rude = engine.accounts.insert_apart(rude, NO_PASSWORD).await?;
    let [_, trader, reseller] = *rude.as_slice() else { return Err(model::Error::Internal.into()) };
    reported_lines(engine, &people, &rude).await?;
    reported_review(engine, &people).await?;
    neighbours::appealed(engine, &people).await?;
    order(engine, &admin).await?;
    if let Some(before) = engine.events.home().await?.recent.get(1).map(|event| event.id) {
        say(engine, before, trader, RUDE[1].1, HIDDEN).await?;
        if let Some(number) = number(engine, before, HIDDEN).await? {
            engine.chat.moderate(&admin, before, number, Moderation::Hide).await?;
        }
        engine.administration.warn(&admin, trader, Some(before), WARNED).await?;
    }
    // Says that all of it is there.
    engine.administration.suspend(&admin, &reseller.to_string(), SUSPENDED, DAYS).await
}

/// Has people talk in a room, and others report what they say.
async fn reported_lines(engine: &Engine, people: &[(MemberId, String)], rude: &[MemberId]) -> Result<(), Error> {
    let Some(event) = engine.events.home().await?.recent.first().map(|event| event.id) else { return Ok(()) };
    for (who, text, _) in SAID {
        let (member, name) = match who {
            Who::Regular(at) => people.get(at).map(|(member, name)| (*member, name.as_str())),
            Who::Loud => rude.first().map(|member| (*member, RUDE[0].1)),
            Who::Trader => rude.get(1).map(|member| (*member, RUDE[1].1)),
        }
        .ok_or(model::Error::NotFound)?;
        say(engine, event, member, name, text).await?;
    }
    for (_, text, reports) in SAID {
        let Some(number) = number(engine, event, text).await? else { continue };
        for (member, name) in people.iter().skip(10).take(reports) {
            let reader = Actor::simulated(*member, name, false);
            engine.chat.moderate(&reader, event, number, Moderation::Report).await?;
        }
    }
    Ok(())
}

async fn say(engine: &Engine, event: EventId, member: MemberId, name: &str, text: &str) -> Result<(), Error> {
    let actor = Actor::simulated(member, name, false);
    engine.chat.say(&actor, event, request(text, Time(0)), text).await
}

/// The number of what was said, unless it is hidden.
async fn number(engine: &Engine, event: EventId, what: &str) -> Result<Option<u64>, Error> {
    let lines = engine.chat.lines(event, None).await?;
    let is_it = |said: &Said| matches!(said, Said::Member { text, .. } if text == what);
    Ok(lines.iter().find(|line| is_it(&line.said)).map(|line| line.number))
}

/// Has the review with the fewest stars of the seller's reported, by some who did not write it.
async fn reported_review(engine: &Engine, people: &[(MemberId, String)]) -> Result<(), Error> {
    let seller = engine.accounts.by_email(SHOPS[shelves::SELLER].email).await?.ok_or(model::Error::NotFound)?;
    let reviews = engine.reviews.of_seller(&Actor::Visitor, seller, ReviewsQuery::default()).await?.reviews.rows.rows;
    let Some(worst) = reviews.iter().min_by_key(|review| review.stars) else { return Ok(()) };
    for (member, name) in people.iter().rev().take(2) {
        engine.reviews.report(&Actor::simulated(*member, name, false), worst.id).await?;
    }
    Ok(())
}

/// Has the admin look at an order of which its buyer wishes to send something back: the log has its number.
async fn order(engine: &Engine, admin: &Actor) -> Result<(), Error> {
    let shop = &SHOPS[shelves::SELLER];
    let seller = engine.accounts.by_email(shop.email).await?.ok_or(model::Error::NotFound)?;
    let seller = Actor::simulated(seller, shop.email, true);
    let wished_back = OrdersQuery { show: Show::Returns, after: None };
    for event in engine.events.of_creator(&seller, Stage::All, None).await?.events.rows {
        match engine.sales.orders_of(&seller, event.id, &wished_back, 1).await {
            Ok(orders) => {
                if let Some(number) = orders.into_iter().find_map(|order| order.number) {
                    engine.sales.order_for_admin(admin, &number).await?;
                    return Ok(());
                }
            }
            // What is no sale has none.
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
