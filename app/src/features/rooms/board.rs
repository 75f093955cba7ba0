//! The board as it fills: the first ranks, mine, and the newest.

use crate::{
    boot::{boot, lang},
    components::words,
    live::Room,
    paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use model::{
    BoardRow, EntryState, EventId, EventState,
    drawing::board::{bar, behind},
    live::PULSE,
};

/// The live board.
#[component]
pub fn Board(room: Room) -> impl IntoView {
    let t = lang();
    let event = room.event;
    let total = Memo::new(move |_| room.snapshot.with(|room| room.total));
    let over =
        Memo::new(move |_| matches!(room.state(), EventState::Closed | EventState::Settled | EventState::Cancelled));
    let cancelled = Memo::new(move |_| room.state() == EventState::Cancelled);
    let name = boot().viewer.map(|viewer| viewer.board_name);
    /// Rows shown before the middle is left out.
    const FIRST: u64 = 10;
    let rows = move || {
        let mine = room.mine.get();
        room.snapshot.with(|room| {
            let my_rank = mine.map(|entry| entry.rank);
            let near = |rank: u64| my_rank.is_some_and(|mine| rank.abs_diff(mine) <= 1);
            let mut shown: Vec<BoardRow> =
                room.top.iter().filter(|row| row.rank <= FIRST || near(row.rank)).cloned().collect();
            shown.extend(room.recent.iter().filter(|row| row.rank > FIRST).cloned());
            if let (Some(entry), Some(name)) = (mine, &name)
                && !shown.iter().any(|row| row.rank == entry.rank)
            {
                let nickname = name.clone();
                shown.push(BoardRow {
                    rank: entry.rank,
                    nickname,
                    since_open: entry.since_open,
                    state: entry.state,
                    reason: None,
                });
            }
            shown.sort_by_key(|row| row.rank);
            shown.dedup_by_key(|row| row.rank);
            let mut before = 0;
            shown
                .into_iter()
                .map(|row| {
                    let gap = row.rank - before - 1;
                    before = row.rank;
                    Shown { mine: my_rank == Some(row.rank), gap, width: behind(room, &row).map(bar), row }
                })
                .collect::<Vec<_>>()
        })
    };
    view! {
        <section class="board" id="board" aria-labelledby="board-title">
            <h2 id="board-title" inner_html=words(move || t.board_count(total.get())) />
            <Pulse room />
            {move || (total.get() == 0).then(|| view! { <p class="none">{if over.get() { t.nobody_entered() } else { t.board_empty() }}</p> })}
            <ol>
                <For each=rows key=|shown| (shown.row.rank, shown.gap, shown.mine, shown.width, shown.row.state as u8, shown.row.nickname.clone()) let:shown>
                    <Row shown event cancelled />
                </For>
            </ol>
            <a class="more" class:hidden=move || total.get() == 0 href=paths::board(event)>{t.board_full()}</a>
        </section>
    }
}

/// Entries in each of the first seconds, as bars.
#[component]
fn Pulse(room: Room) -> impl IntoView {
    const HEIGHT: u32 = 24;
    let t = lang();
    let pulse = Memo::new(move |_| room.snapshot.with(|room| room.pulse.clone()));
    move || {
        let pulse = pulse.get();
        let most = pulse.iter().copied().max().filter(|most| *most > 0)?;
        let bar = |(second, count): (usize, &u32)| {
            let height = (u64::from(*count) * u64::from(HEIGHT)).div_ceil(u64::from(most));
            (height > 0).then(|| format!("M{second} {HEIGHT}v-{height}h.8v{height}z"))
        };
        let bars: String = pulse.iter().enumerate().filter_map(bar).collect();
        Some(view! {
            <svg class="pulse" viewBox=format!("0 0 {PULSE} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=t.pulse(most.into())>
                <path d=bars />
            </svg>
        })
    }
}

#[derive(Clone)]
struct Shown {
    row: BoardRow,
    mine: bool,
    /// Ranks left out before this one.
    gap: u64,
    /// Of its bar, in percent, where the one before is known.
    width: Option<i64>,
}

#[component]
fn Row(shown: Shown, event: EventId, cancelled: Memo<bool>) -> impl IntoView {
    let t = lang();
    let Shown { row, mine, gap, width } = shown;
    let left_out = (gap > 0).then(|| {
        let from = row.rank - gap;
        view! { <li class="gap"><a href=paths::board_at(event, from)>{t.board_all(gap)}</a></li> }
    });
    let me = mine.then(|| view! { <em>"("{t.me()}")"</em> });
    let bar = width.map(|width| {
        view! {
            <svg class="bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
                <rect width=width.to_string() height="2" />
            </svg>
        }
    });
    view! {
        {left_out}
        <li class:me=mine class:won=move || row.state == EntryState::Won && !cancelled.get()>
            <span class="r">{number(row.rank)}</span>
            <span class="n" translate="no">{row.nickname}" "{me}</span>
            <span class="t">{t.after(seconds_ms(row.since_open))}</span>
            {bar}
        </li>
    }
}
