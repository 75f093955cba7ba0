//! What programs can ask for. Each is one function: what it takes and what it answers with are its types, and the document is made
//! of those.

use super::{
    Call, Operation, get, post,
    schema::{Nothing, described},
};
use crate::reply::Refusal;
use app::texts::Lang;
use axum::http::StatusCode;
use engine::entering::Pressed;
use model::{
    BoardPage, Came, Cursor, EntryState, Error, EventCard, EventId, EventState, Kind, Mode, MyEntry, Stage, Wish,
    programs::Scope,
};

/// What a function answers.
type Answer<A> = Result<(StatusCode, A), Refusal>;

described! { asked
    /// Where a list goes on.
    Before "이어 볼 곳" {
        /// The `next` of the page before.
        before: Option<String> = "앞 쪽의 next",
    }
}

described! { asked
    /// Which part of a board.
    BoardFrom "순위판의 어느 쪽인지" {
        /// A rank on the page that is wanted; the first page without it.
        from: Option<u64> = "보고 싶은 쪽에 있는 순위; 비우면 첫 쪽",
    }
}

described! { asked
    /// Which events.
    EventsOf "어떤 이벤트인지" {
        /// `all`, `drafts`, `upcoming`, `live`, `closed` or `over`; all of them without it.
        stage: Option<String> = "all, drafts, upcoming, live, closed 또는 over; 비우면 모두",
        /// The `next` of the page before.
        before: Option<String> = "앞 쪽의 next",
    }
}

described! { asked
    /// A press of the button. An empty body is a press without anything.
    Press "버튼 누르기. 비워서 보내면 아무것도 정하지 않고 눌러요." {
        /// The entry code, where one is asked for.
        code: Option<String> = "입장 코드, 있어야 하는 곳에서만",
        /// Of a sale: how many units are wished for.
        quantity: Option<u32> = "판매에서 사고 싶은 수",
        /// Of a sale: whether fewer would do.
        fewer: Option<bool> = "판매에서 더 적어도 되는지",
    }
}

described! { answer
    /// A member.
    Me "회원" {
        /// Their id.
        id: String = "아이디",
        /// Their nickname.
        nickname: String = "닉네임",
        /// How they use the site at the moment.
        mode: Mode = "지금 모드",
        /// Whether they run events.
        creator: bool = "이벤트를 여는 회원인지",
        /// Whether they may only read.
        suspended: bool = "정지되어 읽기만 하는지",
        /// What the token is good for.
        scopes: Vec<Scope> = "이 토큰으로 할 수 있는 일",
    }
}

described! { answer
    /// An event.
    Event "이벤트" {
        /// Its id.
        id: String = "아이디",
        /// Its title.
        title: String = "제목",
        /// What it releases.
        kind: Kind = "종류",
        /// What it is about.
        category: String = "카테고리",
        /// Who runs it.
        creator: String = "여는 크리에이터",
        /// Where it stands.
        state: EventState = "상태",
        /// The opening second, in microseconds since 1970.
        opens_at_us: i64 = "여는 시각, 1970년부터의 마이크로초",
        /// From then on no press is taken.
        closes_at_us: i64 = "이때부터 누를 수 없어요",
        /// Winners, seats or stock.
        capacity: u64 = "정원, 좌석 또는 재고",
        /// Accepted entries.
        entered: u64 = "받은 참여의 수",
        /// Its page on this site.
        page: String = "이 사이트에 있는 페이지",
    }
}

described! { answer
    /// An entry as everybody sees it.
    BoardEntry "누구나 보는 참여" {
        /// Place in the event's one sequence, from 1.
        rank: u64 = "이벤트에서 몇 번째인지, 1부터",
        /// The nickname that boards show.
        nickname: String = "순위판에 보이는 닉네임",
        /// How long after the opening, in microseconds.
        since_open_us: i64 = "열리고 나서 얼마 뒤인지, 마이크로초",
        /// What became of it.
        state: EntryState = "어떻게 됐는지",
        /// Why it was taken out, when it was.
        reason: Option<String> = "뺐다면 그 까닭",
    }
}

described! { answer
    /// A page of a board: a hundred ranks.
    Board "순위판 한 쪽: 백 명" {
        /// How many entries the event has in all.
        total: u64 = "이벤트의 참여 모두",
        /// In rank order.
        entries: Vec<BoardEntry> = "순위 차례로",
    }
}

described! { answer
    /// One's own entry.
    Entry "내 참여" {
        /// Place in the event's one sequence, from 1.
        rank: u64 = "이벤트에서 몇 번째인지, 1부터",
        /// Server time of the press, in microseconds since 1970.
        entered_at_us: i64 = "누른 서버 시각, 1970년부터의 마이크로초",
        /// How long after the opening, in microseconds.
        since_open_us: i64 = "열리고 나서 얼마 뒤인지, 마이크로초",
        /// What became of it.
        state: EntryState = "어떻게 됐는지",
        /// How many units it asks for.
        quantity: u32 = "사고 싶은 수",
        /// Of a sale: how many are theirs at the moment.
        units: u32 = "판매에서 지금 가진 수",
        /// Of a sale: until when they are held.
        due_at_us: Option<i64> = "판매에서 언제까지 맡아 두는지",
    }
}

described! { answer
    /// An entry with its event.
    EnteredEvent "참여와 그 이벤트" {
        /// The event.
        event: Event = "이벤트",
        /// The entry.
        entry: Entry = "참여",
    }
}

described! { answer
    /// A page of what one entered.
    Entries "내가 참여한 것 한 쪽" {
        /// Newest first.
        entries: Vec<EnteredEvent> = "새것부터",
        /// How many there are in all.
        all: u64 = "모두 몇 개인지",
        /// How many won.
        won: u64 = "당첨된 수",
        /// Where the next page begins, when there is one.
        next: Option<String> = "다음 쪽이 시작하는 곳, 있으면",
    }
}

described! { answer
    /// A page of one's own events.
    Events "내가 여는 이벤트 한 쪽" {
        /// Newest first.
        events: Vec<Event> = "새것부터",
        /// Where the next page begins, when there is one.
        next: Option<String> = "다음 쪽이 시작하는 곳, 있으면",
    }
}

impl From<EventCard> for Event {
    fn from(card: EventCard) -> Event {
        Event {
            page: app::paths::room(card.id),
            id: card.id.to_string(),
            title: card.title,
            kind: card.kind,
            category: card.category.name().to_owned(),
            creator: card.creator,
            state: card.state,
            opens_at_us: card.moments.opens_at.0,
            closes_at_us: card.moments.closes_at.0,
            capacity: card.capacity,
            entered: card.total,
        }
    }
}

impl From<model::Entry> for Entry {
    fn from(entry: model::Entry) -> Entry {
        Entry {
            rank: entry.rank,
            entered_at_us: entry.entered_at.0,
            since_open_us: entry.since_open.micros(),
            state: entry.state,
            quantity: entry.quantity,
            units: entry.units,
            due_at_us: entry.due_at().map(|at| at.0),
        }
    }
}

impl From<BoardPage> for Board {
    fn from(page: BoardPage) -> Board {
        let entry = |row: model::BoardRow| BoardEntry {
            rank: row.rank,
            nickname: row.nickname,
            since_open_us: row.since_open.micros(),
            state: row.state,
            reason: row.reason,
        };
        Board { total: page.total, entries: page.entries.into_iter().map(entry).collect() }
    }
}

/// All of them.
pub fn all() -> Vec<Operation> {
    vec![
        get("/api/v1/me", Some(Scope::Profile), Lang::api_me, me),
        get("/api/v1/events/{id}", None, Lang::api_event, event),
        get("/api/v1/events/{id}/board", None, Lang::api_board, board),
        get("/api/v1/events/{id}/entry", Some(Scope::Entries), Lang::api_entry, entry),
        post("/api/v1/events/{id}/enter", Scope::Enter, &[200, 201], Lang::api_enter, enter),
        get("/api/v1/my/entries", Some(Scope::Entries), Lang::api_entries, entries),
        get("/api/v1/creator/events", Some(Scope::Events), Lang::api_own_events, own_events),
    ]
}

async fn me(call: Call<Nothing>) -> Answer<Me> {
    let session = call.actor.signed_in()?;
    let me = Me {
        id: session.member.to_string(),
        nickname: session.nickname.to_string(),
        mode: session.mode,
        creator: session.creator,
        suspended: session.suspended,
        scopes: Scope::ALL.into_iter().filter(|scope| call.may(*scope)).collect(),
    };
    Ok((StatusCode::OK, me))
}

async fn event(call: Call<Nothing>) -> Answer<Event> {
    let view = call.state.engine.events.view(call.named::<EventId>()?, &call.actor).await?;
    Ok((StatusCode::OK, view.card.into()))
}

async fn board(call: Call<BoardFrom>) -> Answer<Board> {
    let page = call.state.engine.events.board(call.named()?, call.asked.from.unwrap_or(1)).await?;
    Ok((StatusCode::OK, page.into()))
}

async fn entry(call: Call<Nothing>) -> Answer<Entry> {
    let member = call.actor.signed_in()?.member;
    // Also whether there is such an event, and they may see it.
    let view = call.state.engine.events.view(call.named()?, &call.actor).await?;
    let entry = call.state.engine.turnstile.entry(view.card.id, member).await?.ok_or(Error::NotFound)?;
    Ok((StatusCode::OK, entry.into()))
}

async fn enter(call: Call<Press>) -> Answer<Entry> {
    let event = call.named()?;
    let fewer = call.asked.fewer.unwrap_or_default();
    let wish = call.asked.quantity.map(|quantity| Wish { quantity, fewer });
    let code = call.asked.code.as_deref().filter(|code| !code.is_empty());
    match call.state.engine.entering.press(&call.actor, event, code, wish, call.read_at).await? {
        Pressed::Entered(entry) => Ok((StatusCode::CREATED, entry.into())),
        Pressed::Again(entry) => Ok((StatusCode::OK, entry.into())),
    }
}

async fn entries(call: Call<Before>) -> Answer<Entries> {
    let before = call.asked.before.clone().map(Cursor::from);
    let page = call.state.engine.pages.my_entries(&call.actor, Came::All, before.as_ref()).await?;
    let one = |mine: MyEntry| EnteredEvent { event: mine.event.into(), entry: mine.entry.into() };
    let answer = Entries {
        entries: page.entries.rows.into_iter().map(one).collect(),
        all: page.all,
        won: page.won,
        next: page.entries.next.map(|next| next.to_string()),
    };
    Ok((StatusCode::OK, answer))
}

async fn own_events(call: Call<EventsOf>) -> Answer<Events> {
    let stage = match call.asked.stage.as_deref() {
        Some(name) => Stage::ALL.into_iter().find(|stage| stage.name() == name).ok_or(Error::Malformed)?,
        None => Stage::All,
    };
    let before = call.asked.before.clone().map(Cursor::from);
    let page = call.state.engine.events.of_creator(&call.actor, stage, before.as_ref()).await?;
    let answer = Events {
        events: page.events.rows.into_iter().map(Event::from).collect(),
        next: page.events.next.map(|next| next.to_string()),
    };
    Ok((StatusCode::OK, answer))
}
