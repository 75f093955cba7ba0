//! Figure 9: what it costs that a press is an order: units held until a deadline, and an order to be paid for, durable like the
//! entry.

use crate::{
    Failure,
    figures::{CONNECTIONS, PEOPLE, median, ratio, requests, warm},
    load,
    process::quiet,
    site,
};
use engine::db::Db;
use model::EventId;

/// Runs the figure: everybody presses on a giveaway, and everybody on a deal that has a unit for each; both first by turns. An
/// order is written with its press: at the end the server is killed as soon as the last press was answered, and there must be as
/// many orders as answers.
pub async fn run(rounds: usize) -> Result<(), Failure> {
    println!("\npreparing {PEOPLE} members with sessions");
    let prepared = site::prepare(PEOPLE, rounds).await?;
    let deals = prepared.more((0..rounds).map(|_| site::deal(PEOPLE as u64)).collect()).await?;
    let (mut server, ours) = site::serve(prepared.folder.path()).await?;
    println!("\norders on one event, {CONNECTIONS} connections, server on one core");
    println!("{:<8} {:>14} {:>14}", "round", "entries/s", "orders/s");
    let mut ratios = Vec::new();
    for (round, (deal, giveaway)) in deals.iter().copied().zip(prepared.events.iter().copied()).enumerate() {
        let mut measured = Vec::new();
        // The deal comes last in the last round.
        let deal_first = (rounds - round).is_multiple_of(2);
        let (first, second) = match deal_first {
            true => (deal, giveaway),
            false => (giveaway, deal),
        };
        for event in [first, second] {
            warm(ours, &prepared).await?;
            quiet(|| server.cpu()).await?;
            let before = server.cpu();
            let run = load::closed(ours, CONNECTIONS, requests(event, &prepared.tokens)).await?;
            let cpu = server.cpu() - before;
            if round + 1 == rounds && event == second {
                server.kill();
            }
            measured.push((run.per_second(201)?, cpu, run.latencies()));
            run.exact_ranks(PEOPLE as u64)?;
        }
        if deal_first {
            measured.reverse();
        }
        let [(entries, entry_cpu, entry_latency), (orders, order_cpu, order_latency)] = measured.as_slice() else {
            return Err("a round has two events".into());
        };
        println!("{round:<8} {entries:>14.0} {orders:>14.0}");
        let each = |cpu: f64| cpu * 1e6 / PEOPLE as f64;
        println!("         {:.1} µs CPU an entry, {entry_latency}", each(*entry_cpu));
        println!("         {:.1} µs CPU an order, {order_latency}", each(*order_cpu));
        ratios.push(orders / entries);
    }
    drop(server);
    // As the kill left it: an engine would go on with what follows.
    let db = Db::open(prepared.folder.path()).await?;
    for deal in deals {
        check(&db, deal).await?;
    }
    let (events, violations) = engine::check(&db).await?;
    println!("check: {PEOPLE} orders and units held a deal; {events} events, {} violations", violations.len());
    if !violations.is_empty() {
        return Err("the data breaks its promises".into());
    }
    ratio("orders_vs_entries", median(ratios));
    Ok(())
}

/// Whether everybody has an order that waits for its payment, of the unit that is held for them.
async fn check(db: &Db, deal: EventId) -> Result<(), Failure> {
    let (orders, members, units): (i64, i64, i64) = db
        .sql(
            "select count(*), count(distinct o.member_id), coalesce(sum(o.units), 0) from orders o
             join entries e on e.event_id = o.event_id and e.rank = o.rank and e.member_id = o.member_id
             where o.event_id = $1 and o.state = 'awaiting_payment' and e.state = 'checkout'
                and e.units = o.units and e.due_at = o.due_at",
        )
        .bind(deal)
        .one()
        .await?;
    let (numbers,): (i64,) = db
        .sql("select count(distinct number) from orders where event_id = $1 and held_until is not null")
        .bind(deal)
        .one()
        .await?;
    let (held,): (i64,) = db.sql("select held from tallies where event_id = $1").bind(deal).one().await?;
    match [orders, members, units, numbers, held].iter().all(|count| *count == PEOPLE as i64) {
        true => Ok(()),
        false => Err(format!(
            "of {PEOPLE} presses that were answered: {orders} orders of {members} members with {units} units and {numbers} numbers, {held} held"
        )
        .into()),
    }
}
