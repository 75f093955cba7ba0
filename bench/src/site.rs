//! Ours: prepared through the engine, served by the real program.

use crate::{
    Failure,
    process::{Process, free_address, listening},
};
use engine::{
    Engine,
    accounts::{Actor, Passwords},
    clock::Clock,
    db::Db,
    events::Pictures,
};
use model::{
    Category, Checkout, DAY, EventDraft, EventId, MINUTE, MemberId, Offer, Prize, PrizeKind, RefundFees, RequestId,
    Time,
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A data folder with members, their sessions and open events.
pub struct Prepared {
    pub folder: TempDir,
    /// Session cookies.
    pub tokens: Vec<String>,
    /// Open giveaways, one for each round.
    pub events: Vec<EventId>,
    /// An open deal that is sold out, standby and all.
    pub full: EventId,
    /// An event that was called off: whoever asks is refused, and their session is warm.
    pub cancelled: EventId,
    /// Whose they are.
    pub creator: MemberId,
}

/// On the disk beside the build, not in memory.
pub fn folder() -> Result<TempDir, Failure> {
    std::fs::create_dir_all("target/bench")?;
    Ok(tempfile::tempdir_in("target/bench")?)
}

/// Copies a data folder that nobody serves.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&to)?;
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// Runs `work` on an engine over `folder` and closes it again.
pub async fn with_engine<T: Send + 'static, F>(
    folder: &Path,
    work: impl FnOnce(Engine) -> F + Send + 'static,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let folder = folder.to_owned();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async {
            let db = Db::open(&folder).await?;
            work(Engine::start(db, &folder, Clock::system(), Passwords::weak()?).await?).await
        })
    });
    thread.join().map_err(|_| "preparing failed")?
}

/// Makes the data.
pub async fn prepare(sessions: usize, events: usize) -> Result<Prepared, Failure> {
    let folder = folder()?;
    let (tokens, events, full, cancelled, creator) = with_engine(folder.path(), move |engine| async move {
        let people = (0..=sessions).map(|n| (format!("p{n}@bench.invalid"), format!("사람 {n}"))).collect();
        let mut members = engine.accounts.insert_many(people, "no password").await?;
        let creator = members.remove(0);
        engine.accounts.set_profile(&Actor::host(creator), "수달상점", "", "", None).await?;
        let tokens = engine.accounts.sessions.start_many(&members, "bench").await?;
        let mut made = Vec::new();
        for _ in 0..events {
            made.push(event(&engine, creator, giveaway(100)).await?);
        }
        let full = event(&engine, creator, deal(1)).await?;
        let cancelled = event(&engine, creator, giveaway(1)).await?;
        engine.events.cancel(&Actor::host(creator), cancelled, "bench").await?;
        Ok((tokens, made, full, cancelled, creator))
    })
    .await?;
    let tokens = tokens.iter().map(ToString::to_string).collect();
    Ok(Prepared { folder, tokens, events, full, cancelled, creator })
}

impl Prepared {
    /// Makes more events of the same creator, while nobody serves the folder.
    pub async fn more(&self, offers: Vec<Offer>) -> Result<Vec<EventId>, Failure> {
        let creator = self.creator;
        with_engine(self.folder.path(), move |engine| async move {
            let mut made = Vec::new();
            for offer in offers {
                made.push(event(&engine, creator, offer).await?);
            }
            Ok(made)
        })
        .await
    }
}

/// So many winners of one prize.
pub fn giveaway(winners: u64) -> Offer {
    Offer::Giveaway { prizes: vec![Prize { name: "머그".into(), kind: PrizeKind::Goods, winners }] }
}

/// So many units of something, each held for an hour until it is paid for, and one for each person.
pub fn deal(stock: u64) -> Offer {
    Offer::Deal {
        list_price: 1000,
        discount: 50,
        stock,
        limit: 1,
        delivery: "3일 안에 보냅니다".into(),
        checkout: Checkout { minutes: Some(60), at_once: None },
        details: Vec::new(),
    }
}

/// So many seats in two days, held as long and for as many.
pub fn ticket(seats: u64) -> Offer {
    Offer::Ticket {
        place: "수달홀".into(),
        address: "서울 성동구 왕십리로 59".into(),
        coordinates: None,
        starts_at: Clock::system().now() + DAY.times(2),
        seats,
        price: 12_000,
        limit: 1,
        checkout: Checkout { minutes: Some(60), at_once: None },
        refunds: RefundFees::default(),
    }
}

/// An event that opened a minute ago.
pub async fn event(engine: &Engine, creator: MemberId, offer: Offer) -> Result<EventId, Failure> {
    publish(engine, creator, draft(engine.clock.now() - MINUTE, offer)).await
}

/// One that opens then, and is open for a day.
pub fn draft(opens_at: Time, offer: Offer) -> EventDraft {
    EventDraft {
        title: "bench".into(),
        summary: String::new(),
        description: String::new(),
        category: Category::Other,
        opens_at,
        closes_at: opens_at + DAY,
        entry_code: None,
        rules: String::new(),
        offer,
    }
}

/// Makes an event public.
pub async fn publish(engine: &Engine, creator: MemberId, draft: EventDraft) -> Result<EventId, Failure> {
    let request = RequestId(engine::ids::new_id(draft.opens_at));
    Ok(engine.events.create(&Actor::host(creator), request, draft, Pictures::default()).await?)
}

/// The program under test.
pub fn program() -> PathBuf {
    PathBuf::from("target/release/fiftynine")
}

/// Serves a data folder on the servers' core.
pub async fn serve(folder: &Path) -> Result<(Process, SocketAddr), Failure> {
    let address = free_address()?;
    let process = start(folder, address)?;
    listening(address).await?;
    Ok((process, address))
}

/// Starts the program without waiting for it.
pub fn start(folder: &Path, address: SocketAddr) -> Result<Process, Failure> {
    start_with(folder, address, &[])
}

/// The same with variables of its environment besides.
pub fn start_with(folder: &Path, address: SocketAddr, environment: &[(&str, PathBuf)]) -> Result<Process, Failure> {
    let folder = folder.to_string_lossy().into_owned();
    let arguments = ["serve", "--weak-passwords", "--addr", &address.to_string(), "--data-dir", &folder];
    Process::start_with(&program(), &arguments, environment)
}
