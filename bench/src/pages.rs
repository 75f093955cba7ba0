//! Figure 20: how fast an event's page is made, against the same page by axum and maud (see [`template`](crate::template)) on a copy
//! of the same data.
//!
//! No answer is kept on either side. The product keeps no page that it made: each request reads and renders anew
//! (`server/src/pages.rs`), and an answer to whoever is signed in says `no-store`; what the engine remembers of rooms and sessions both
//! have. Readers are members who were here before: their browsers have the style sheet, which a newcomer is sent within the page and
//! which would be most of it. They take no compression, so that neither side compresses.

use crate::{
    Failure,
    baselines::Baseline,
    figures::{median, ratio},
    load,
    process::{Process, quiet},
    site::{self, Prepared},
};
use engine::{accounts::Actor, turnstile::ClickAnswer};
use model::{EventId, RequestId, SECOND};
use std::{net::SocketAddr, rc::Rc};

/// Members who read, each in turn.
const READERS: usize = 500;
/// Pages that are asked for in a round, of each server.
const PAGES: usize = 5_000;
/// Connections, all kept.
const CONNECTIONS: usize = 64;
/// Members who bought already, and said a line each.
const BUYERS: usize = 24;
/// What both documents are measured by.
const MEASURES: [&str; 3] = ["elements", "bytes of text", "bytes"];
/// What the seller says of what is sold, once more for each time.
const DESCRIPTION: &str = "\
## 과수원에서 바로 보내요

아침에 딴 사과를 **그날** 상자에 담아 보냅니다. 크기는 고르지 않지만 맛은 같아요.

- 한 상자에 16개에서 20개
- 씻어서 껍질째 드셔도 됩니다
- 냉장고에서 3주까지

> 지난가을에 드신 분들이 가장 많이 다시 찾으셨어요.

";

/// Runs the figure: both serve the page of an open deal with a board and a chat, by turns, each first in every other round. Before
/// the rounds and after them both documents are compared.
pub async fn run(rounds: usize) -> Result<(), Failure> {
    println!("\nthe page of an open deal, for {READERS} members, {CONNECTIONS} connections, server on one core");
    let prepared = site::prepare(READERS, 0).await?;
    let deal = busy(&prepared).await?;
    // The data are whole once nobody has them open any more.
    let (mut once, _) = site::serve(prepared.folder.path()).await?;
    quiet(|| once.cpu()).await?;
    once.stop();
    let copy = site::folder()?;
    site::copy(prepared.folder.path(), copy.path())?;
    let (server, ours) = site::serve(prepared.folder.path()).await?;
    let template = Baseline::template(copy.path()).await?;
    let asking = |i: usize| ask(deal, &prepared.tokens[i % READERS], "");
    let once_each = Rc::new((0..READERS).map(asking).collect::<Vec<_>>());
    for address in [ours, template.address] {
        load::closed(address, CONNECTIONS, once_each.clone()).await?.per_second(200)?;
    }
    let last = ask(deal, &prepared.tokens[0], "Connection: close\r\n");
    compare(&document(ours, &last).await?, &document(template.address, &last).await?)?;
    let pages = Rc::new((0..PAGES).map(asking).collect::<Vec<_>>());
    println!("{:<8} {:>12} {:>14} {:>14} {:>14}", "round", "ours/s", "template/s", "ours, µs CPU", "template, µs");
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let ((our_rate, our_cpu), (its_rate, its_cpu)) = if round.is_multiple_of(2) {
            let first = measure(&server, ours, &pages).await?;
            (first, measure(&template.server, template.address, &pages).await?)
        } else {
            let first = measure(&template.server, template.address, &pages).await?;
            (measure(&server, ours, &pages).await?, first)
        };
        println!("{round:<8} {our_rate:>12.0} {its_rate:>14.0} {our_cpu:>14.0} {its_cpu:>14.0}");
        ratios.push(our_rate / its_rate);
    }
    compare(&document(ours, &last).await?, &document(template.address, &last).await?)?;
    ratio("pages_vs_template", median(ratios));
    Ok(())
}

/// A deal that opened twenty seconds ago, with buyers on its board who said something.
async fn busy(prepared: &Prepared) -> Result<EventId, Failure> {
    let creator = prepared.creator;
    site::with_engine(prepared.folder.path(), move |engine| async move {
        let mut draft = site::draft(engine.clock.now() - 20 * SECOND, site::deal(100));
        draft.title = "햇사과 5kg, 과수원에서 바로".into();
        draft.summary = "아침에 딴 사과를 그날 보냅니다.".into();
        draft.description = DESCRIPTION.repeat(3);
        draft.rules = "한 사람이 한 상자까지 살 수 있어요. 받은 뒤 7일 안에 돌려보낼 수 있어요.".into();
        let deal = site::publish(&engine, creator, draft).await?;
        let people = (0..BUYERS).map(|n| (format!("buyer{n}@bench.invalid"), format!("이웃 {n}"))).collect();
        for (n, member) in engine.accounts.insert_many(people, "no password").await?.into_iter().enumerate() {
            let now = engine.clock.now();
            let entered = engine.turnstile.enter(deal, member, format!("이웃 {n}").into(), now, None, None).await?;
            if !matches!(entered, ClickAnswer::Entered(_)) {
                return Err("an entry was refused while preparing".into());
            }
            let (request, line) =
                (RequestId(engine::ids::new_id(now)), format!("{n}번째로 샀어요. 작년에도 맛있었어요!"));
            engine.chat.say(&Actor::host(member), deal, request, &line).await?;
        }
        Ok(deal)
    })
    .await
}

/// A GET of the page, as the browser of a member asks for it who was here before; `more` are headers.
fn ask(event: EventId, token: &str, more: &str) -> Vec<u8> {
    format!(
        "GET /events/{event} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: session={token}; visitor=1\r\n{more}\r\n"
    )
    .into()
}

/// Pages a second, and microseconds of processor time for each.
async fn measure(server: &Process, address: SocketAddr, pages: &Rc<Vec<Vec<u8>>>) -> Result<(f64, f64), Failure> {
    quiet(|| server.cpu()).await?;
    let before = server.cpu();
    let rate = load::closed(address, CONNECTIONS, pages.clone()).await?.per_second(200)?;
    Ok((rate, (server.cpu() - before) * 1e6 / PAGES as f64))
}

/// The document that a request is answered with, on a connection of its own.
async fn document(address: SocketAddr, request: &[u8]) -> Result<String, Failure> {
    let (head, page) = load::whole(address, request).await?;
    // The generator goes by the length.
    match head.contains("content-length: ") && page.contains("</html>") {
        true => Ok(page),
        false => Err("the page is not whole".into()),
    }
}

/// The names of a document's elements, in their order.
fn elements(page: &str) -> Vec<&str> {
    let named = page.split('<').skip(1).filter(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic()));
    named.map(|rest| rest.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default()).collect()
}

/// A document by [`MEASURES`]. Its text is that of the body.
fn weigh(page: &str) -> [usize; 3] {
    let body = page.split_once("<body").map_or("", |(_, body)| body);
    let text: usize = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim().len()).sum();
    [elements(page).len(), text, page.len()]
}

/// Fails unless the documents are the same within a tenth, by each of [`MEASURES`].
fn compare(ours: &str, its: &str) -> Result<(), Failure> {
    let (mine, theirs) = (weigh(ours), weigh(its));
    println!("the document by ours and by the template: {mine:?} and {theirs:?} ({})", MEASURES.join(", "));
    let (our_elements, its_elements) = (elements(ours), elements(its));
    if let Some((n, (mine, theirs))) =
        our_elements.iter().zip(&its_elements).enumerate().find(|(_, (mine, theirs))| mine != theirs)
    {
        println!("the first element that is another is number {n}: {mine} and {theirs}");
    }
    for (name, (mine, theirs)) in MEASURES.iter().zip(mine.into_iter().zip(theirs)) {
        if mine.abs_diff(theirs) * 10 > mine {
            return Err(format!("the figure is invalid: the template's document is another by its {name}").into());
        }
    }
    Ok(())
}
