//! Figure 6: what a slow disk costs.

use crate::{
    Failure,
    figures::{PEOPLE, median, ratio, requests, warm},
    load,
    process::{free_address, listening},
    site,
};
use std::time::Duration;
use testing::{Fault, Faults};

/// How much longer every fsync takes.
const SLOWER: Duration = Duration::from_millis(5);
/// Connections: so many wait for the disk at once.
const CONNECTIONS: usize = 2_000;

/// Figure 6: entries with a disk that takes so much longer, against the same program and disk without. What is preloaded into
/// it for that counts the syncs: were they fewer than commits, the figure would mean nothing.
pub async fn slow_disk(rounds: usize) -> Result<(), Failure> {
    println!("\nentries on one event, {CONNECTIONS} connections, each fsync as it is and {SLOWER:?} longer");
    let faults = Faults::new();
    let prepared = site::prepare(PEOPLE, 2 * rounds).await?;
    let address = free_address()?;
    let server = site::start_with(prepared.folder.path(), address, &faults.environment())?;
    listening(address).await?;
    println!("{:<8} {:>14} {:>10} {:>14} {:>10}", "round", "entries/s", "fsyncs", "slow, /s", "fsyncs");
    let (mut ratios, mut synced) = (Vec::new(), Vec::new());
    for (round, events) in prepared.events.chunks(2).enumerate() {
        let mut measured = Vec::new();
        for (event, longer) in events.iter().zip([Duration::ZERO, SLOWER]) {
            warm(address, &prepared).await?;
            faults.set(Fault::SyncTakesUs, longer.as_micros() as i64);
            let before = faults.get(Fault::Syncs);
            let run = load::closed(address, CONNECTIONS, requests(event, &prepared.tokens)).await?;
            let syncs = faults.get(Fault::Syncs) - before;
            faults.set(Fault::SyncTakesUs, 0);
            run.exact_ranks(PEOPLE as u64)?;
            measured.push((run.per_second(201)?, run.latencies(), syncs));
            synced.push((*event, syncs));
        }
        let [(plain, latencies, syncs), (slow, slow_latencies, slow_syncs)] = measured.as_slice() else {
            return Err("a round has two events".into());
        };
        println!("{round:<8} {plain:>14.0} {syncs:>10} {slow:>14.0} {slow_syncs:>10}");
        println!("         {latencies}; slow: {slow_latencies}");
        ratios.push(slow / plain);
    }
    drop(server);
    site::with_engine(prepared.folder.path(), move |engine| async move {
        for (event, syncs) in synced {
            // The log has one row for each of an event's commits.
            let sql = "select count(*) from event_log where event_id = $1";
            let (commits,): (i64,) = engine.db.sql(sql).bind(event).one().await?;
            if syncs < commits {
                return Err(format!("{commits} commits and only {syncs} fsyncs").into());
            }
        }
        Ok(())
    })
    .await?;
    ratio("slow_disk", median(ratios));
    Ok(())
}
