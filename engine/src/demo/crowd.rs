//! A bounded crowd of simulated people: they come into the room, chat, and press around the opening second.

use super::{buyers, seed};
use crate::{Engine, Error, accounts::Actor, entering::Pressed, ids, rooms::Stay};
use model::{EventId, MILLISECOND, MemberId, RequestId, SECOND, Span, Time};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// The most people in one crowd.
pub const CROWD_LIMIT: usize = 2000;
/// Nobody of the crowd presses later than this after the opening.
const PATIENCE: Span = SECOND.times(25);

const LINES: [&str; 24] = [
    "다들 행운을 빌어요!",
    "심장 뛴다",
    "저번엔 18위였는데 이번엔 꼭",
    "색이 너무 예뻐요",
    "몇 분 모였어요?",
    "저는 지하철이에요…",
    "엄지 준비 완료",
    "회사 화장실에서 참여합니다",
    "처음 왔어요 안녕하세요",
    "이거 진짜 순위가 바로 나와요?",
    "네 밀리초까지 나와요 ㅎㅎ",
    "두근두근",
    "엄마 드리려고요",
    "와이파이가 빠를까요 데이터가 빠를까요",
    "오차 ±3ms 나오네요",
    "커피 내려놓고 대기 중",
    "!!!!",
    "곧이다",
    "손 풀기 완료",
    "경쟁률 무엇",
    "되면 자랑하러 올게요",
    "모두 화이팅",
    "고양이가 자꾸 눌러요",
    "이번엔 나도!",
];

enum Act {
    ComeIn,
    Say(&'static str),
    Press,
}

/// How far a crowd is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CrowdProgress {
    /// Where it went.
    pub event: EventId,
    /// How many people it has.
    pub people: usize,
    /// How many are in the room.
    pub present: usize,
    /// How many have pressed.
    pub pressed: usize,
    /// How many were ranked.
    pub entered: usize,
    /// Whether everybody is gone again.
    pub done: bool,
}

/// A crowd on its way.
pub(super) struct Crowd {
    event: EventId,
    people: usize,
    present: AtomicUsize,
    pressed: AtomicUsize,
    entered: AtomicUsize,
    done: AtomicBool,
}

impl Crowd {
    pub(super) fn progress(&self) -> CrowdProgress {
        CrowdProgress {
            event: self.event,
            people: self.people,
            present: self.present.load(Ordering::Relaxed),
            pressed: self.pressed.load(Ordering::Relaxed),
            entered: self.entered.load(Ordering::Relaxed),
            done: self.done.load(Ordering::Relaxed),
        }
    }
}

/// Sends `count` people into the event that is open or opens next.
pub(super) async fn send(engine: &Engine, count: usize) -> Result<Arc<Crowd>, Error> {
    let home = engine.events.home().await?;
    let event = home.next.first().or(home.open.first()).ok_or(model::Error::NotFound)?.clone();
    let people = seed::regulars(&engine.accounts, count as u64).await?;
    Ok(send_to(engine, event.id, event.moments.opens_at, people))
}

/// Sends these people into an event.
pub(super) fn send_to(engine: &Engine, event: EventId, opens_at: Time, people: Vec<(MemberId, String)>) -> Arc<Crowd> {
    let crowd = Arc::new(Crowd {
        event,
        people: people.len(),
        present: AtomicUsize::new(0),
        pressed: AtomicUsize::new(0),
        entered: AtomicUsize::new(0),
        done: AtomicBool::new(false),
    });
    let acts = plan(people.len(), engine.clock.now(), opens_at);
    tokio::spawn(perform(engine.clone(), crowd.clone(), people, acts));
    crowd
}

/// Who does what when, in order.
fn plan(people: usize, now: Time, opens_at: Time) -> Vec<(Time, usize, Act)> {
    let mut random = StdRng::seed_from_u64(now.0 as u64);
    let opens_at = opens_at.max(now + SECOND);
    // They come more and more densely towards the opening, within its last half minute.
    let arriving = opens_at.since(now).clamp(SECOND, 30 * SECOND);
    let mut acts = Vec::new();
    for person in 0..people {
        let nearness = random.random_range(0.0_f64..1.0).powi(2);
        let early = Span::from_micros((nearness * (arriving - SECOND / 2).micros() as f64) as i64);
        let comes = opens_at - SECOND / 2 - early;
        acts.push((comes, person, Act::ComeIn));
        if random.random_bool(0.15)
            && let Some(line) = LINES.choose(&mut random)
        {
            let later = Span::from_micros(random.random_range(0..(early + 3 * SECOND).micros()));
            acts.push((comes + later, person, Act::Say(line)));
        }
        // Some cannot wait, most press within a second or two, a few forget to.
        if random.random_bool(0.04) {
            acts.push((opens_at - random.random_range(5_i64..300) * MILLISECOND, person, Act::Press));
        }
        if random.random_bool(0.97) {
            acts.push((opens_at + seed::reaction(&mut random), person, Act::Press));
        }
    }
    acts.retain(|(at, ..)| *at < opens_at + PATIENCE);
    acts.sort_by_key(|(at, ..)| *at);
    acts
}

async fn perform(engine: Engine, crowd: Arc<Crowd>, people: Vec<(MemberId, String)>, acts: Vec<(Time, usize, Act)>) {
    let actors: Vec<_> = people.into_iter().map(|(member, name)| Actor::simulated(member, &name, false)).collect();
    let mut stays: Vec<Stay> = Vec::new();
    let sells = engine.turnstile.event(crowd.event).await.is_ok_and(|event| event.rules.sale.is_some());
    for (at, person, act) in acts {
        let wait = at.since(engine.clock.now());
        if wait > Span::ZERO {
            tokio::time::sleep(wait.into()).await;
        }
        let actor = actors[person].clone();
        match act {
            Act::ComeIn => {
                if let Ok(room) = engine.rooms.open(crowd.event).await {
                    stays.push(room.enter(actor.member().map_or(0, |member| member.0.as_u128())));
                    crowd.present.store(stays.len(), Ordering::Relaxed);
                }
            }
            Act::Say(line) => {
                let (engine, event) = (engine.clone(), crowd.event);
                let request = RequestId(ids::new_id(engine.clock.now()));
                tokio::spawn(async move { engine.chat.say(&actor, event, request, line).await });
            }
            Act::Press => {
                let (engine, crowd) = (engine.clone(), crowd.clone());
                tokio::spawn(async move {
                    crowd.pressed.fetch_add(1, Ordering::Relaxed);
                    let answer = engine.entering.press(&actor, crowd.event, None, None, engine.clock.now()).await;
                    if let Ok(Pressed::Entered(_)) = answer {
                        crowd.entered.fetch_add(1, Ordering::Relaxed);
                        if sells {
                            buyers::buy(engine, crowd.event, actor).await;
                        }
                    }
                });
            }
        }
    }
    // They stay a moment to look at the board.
    tokio::time::sleep(Duration::from_secs(8)).await;
    drop(stays);
    crowd.present.store(0, Ordering::Relaxed);
    crowd.done.store(true, Ordering::Relaxed);
}
