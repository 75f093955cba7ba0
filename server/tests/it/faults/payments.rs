//! The program is killed between a payment's approval at its provider and what it writes of it, while people buy: every payment is
//! paid for once, with its ticket, or given back.
//!
//! `KILLS=50` for `make faults`.

use crate::support::{
    Cluster, Person, client, config, draft, make_people,
    program::{Program, command, with_engine},
    request,
};
use engine::{accounts::Actor, clock::Clock, db::Db, events::Pictures, tasks::Tasks};
use model::{
    Checkout, DAY, EntryState, EventDraft, EventId, MemberId, Offer, RefundFees, SECOND,
    sales::{OrderState, SaleView},
};
use reqwest::{Client, RequestBuilder, Response, header};
use server::config::{Config, PaymentProvider};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use testing::{On, Place, eventually, free_address};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

const MS: Duration = Duration::from_millis(1);
/// Somebody begins to buy every so often.
const APART: Duration = Duration::from_millis(25);
/// Whoever asks has an answer from one of the nodes within this.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
/// What is gone on with at once is done within this; what is not is gone on with again.
const SOON: Duration = Duration::from_secs(1);
/// What buyers let the provider do, one after the other. A slow one takes the money and answers eight seconds later: whoever asked it
/// is killed in between.
const CHOICES: [&str; 8] = ["approve", "slow", "another_amount", "approve", "unknown", "slow", "decline", "repeat"];
/// Kills in one life of data.
const KILLS_EACH: u32 = 5;
/// More than come in that time, for fewer seats than that.
const PEOPLE: usize = 400;
const SEATS: u32 = 200;

/// A sale of tickets on one node or two, which take payments.
struct Market {
    nodes: Vec<(SocketAddr, Config)>,
    programs: Vec<Program>,
    event: EventId,
    people: Vec<Person>,
}

impl Market {
    fn open(configs: Vec<Config>) -> Market {
        let nodes: Vec<(SocketAddr, Config)> = configs
            .into_iter()
            .map(|config| (free_address(), Config { payments: Some(PaymentProvider::Sandbox), ..config }))
            .collect();
        // Prepared by a process of its own, before there is anybody else.
        let alone = Config { redis_url: None, ..nodes[0].1.clone() };
        let (event, people) = with_engine(&alone, async |engine| {
            let mut people = make_people(&engine, nodes[0].0, PEOPLE + 1).await;
            let seller = Actor::host(people.remove(0).member);
            engine.accounts.set_profile(&seller, "수달극장", "", "", None).await.unwrap();
            let now = engine.clock.now();
            let offer = Offer::Ticket {
                place: "소극장".into(),
                address: "서울 성동구 1".into(),
                coordinates: None,
                starts_at: now + 8 * DAY,
                seats: SEATS.into(),
                price: 20_000,
                limit: 2,
                checkout: Checkout::default(),
                refunds: RefundFees::default(),
            };
            let draft = EventDraft { offer, ..draft(now - SECOND, 1) };
            (engine.events.create(&seller, request(), draft, Pictures::default()).await.unwrap(), people)
        });
        let programs = nodes.iter().map(|(address, config)| Program::start(config, *address, None)).collect();
        Market { nodes, programs, event, people }
    }

    /// People come and buy while nodes are killed, one after the other, `kills` times in all. Who approved what they owed.
    async fn killed(&mut self, kills: u32, round: u32, away: Duration) -> Vec<MemberId> {
        let over = Arc::new(AtomicBool::new(false));
        let buying = {
            let (people, over) = (self.people.clone(), over.clone());
            let nodes = self.nodes.iter().map(|(address, _)| *address).collect();
            let buyer = Buyer { client: client(), nodes, event: self.event };
            tokio::spawn(async move {
                let mut buying = JoinSet::new();
                for (i, person) in people.into_iter().enumerate() {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    buying.spawn(buyer.clone().buys(i, person));
                    sleep(APART).await;
                }
                buying.join_all().await.into_iter().flatten().collect()
            })
        };
        sleep(1_000 * MS).await;
        for kill in 0..kills {
            // At another moment each time.
            sleep((400 + (round * KILLS_EACH + kill) * 61 % 300) * MS).await;
            let node = kill as usize % self.nodes.len();
            self.programs[node].kill();
            sleep(away).await;
            let (address, config) = &self.nodes[node];
            self.programs[node] = Program::start(config, *address, None);
        }
        over.store(true, Ordering::Relaxed);
        let approved = buying.await.unwrap();
        self.programs.iter_mut().for_each(Program::kill);
        approved
    }

    /// One process more, by whose clock it is some minutes later, goes on with whatever is open; then all of it is checked. How many
    /// payments a kill had left between their approval and what came of it.
    fn ended(&self, approved: &[MemberId]) -> i64 {
        let config = Config { redis_url: None, ..self.nodes[0].1.clone() };
        let later = async || {
            let clock = Clock::manual(Clock::system().now());
            let db = config.database().await.unwrap();
            let engine = server::engine_on(&config, db, clock.clone(), Tasks::surviving()).await.unwrap();
            let open = "select 1 from payments where look_at is not null union all select 1 from refunds where look_at is not null";
            for _ in 0..40 {
                engine.sales.work().await.unwrap();
                // Nobody waits for slow answers either: what was asked for is looked up.
                let _ = timeout(SOON, engine.payments.reconcile()).await;
                if !engine.db.sql(open).exists().await.unwrap() {
                    break;
                }
                clock.set(clock.now() + 30 * SECOND);
            }
            eventually("commands are done", async || {
                !engine.db.sql("select 1 from commands where done_at is null").exists().await.unwrap()
            })
            .await;
            assert!(!engine.db.sql(open).exists().await.unwrap(), "a payment or a refund never ends");
            self.books(&engine.db, approved).await
        };
        let on_its_own = || tokio::runtime::Runtime::new().unwrap().block_on(later());
        let caught = std::thread::scope(|scope| scope.spawn(on_its_own).join().unwrap());
        let check = command("check", &config).output().unwrap();
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
        caught
    }

    /// What was taken and not given back, orders, and tickets are the same thing.
    async fn books(&self, db: &Db, approved: &[MemberId]) -> i64 {
        // Whose, its state and amount, what is owed back, units that are left, tickets, what was taken, and what was returned.
        type Row = (MemberId, OrderState, i64, i64, i64, i64, i64, i64);
        let rows: Vec<Row> = db
            .sql(
                "select o.member_id, o.state, o.amount, o.owed_back, o.units - o.units_back as units_left,
                    (select count(*) from tickets t where t.order_id = o.id and t.state = 'valid') as tickets,
                    (select coalesce(cast(sum(s.taken) as bigint), 0) from payments p
                     join sandbox_payments s on s.payment_id = p.id where p.subject_id = o.id) as taken,
                    (select coalesce(cast(sum(r.amount) as bigint), 0) from payments p
                     join sandbox_returns r on r.payment_id = p.id where p.subject_id = o.id) as returned
                 from orders o where o.event_id = $1",
            )
            .bind(self.event)
            .all()
            .await
            .unwrap();
        let (mut sold, mut held) = (0, 0);
        for row in &rows {
            let (member, state, amount, owed_back, units, tickets, taken, returned) = *row;
            let kept = match state {
                OrderState::Cancelled | OrderState::AwaitingPayment => (0, 0),
                _ => (amount - owed_back, units),
            };
            assert_eq!((taken - returned, tickets), kept, "money kept and tickets of {member}, {state:?}");
            match state {
                OrderState::Paid => sold += units,
                OrderState::AwaitingPayment => held += units,
                _ => {}
            }
        }
        for member in approved {
            let bought =
                |(whose, state, ..): &Row| whose == member && matches!(state, OrderState::Paid | OrderState::Refunded);
            assert!(rows.iter().any(bought), "{member} approved in time, and has no order");
        }
        let tally: (i64, i64, i64) = db
            .sql("select capacity, sold, held from tallies where event_id = $1")
            .bind(self.event)
            .one()
            .await
            .unwrap();
        assert_eq!((tally.1, tally.2), (sold, held), "units sold and held are those of orders");
        assert!(sold + held <= tally.0, "{sold} sold and {held} held of {}", tally.0);
        println!("{} orders of {} units: {sold} sold, {held} held", rows.len(), tally.0);
        // Nobody lived to hear what came of those that were looked up, nor to take those that the provider's answer brought on.
        let caught = "select count(distinct p.payment_id) from payment_steps p join sandbox_payments s on s.payment_id = p.payment_id
             where s.choice in ('approve', 'slow') and (p.what = 'unknown' or (p.what = 'approved' and p.who = 'provider'))";
        db.sql(caught).one::<(i64,)>().await.unwrap().0
    }
}

/// Whoever buys, at any node.
#[derive(Clone)]
struct Buyer {
    client: Client,
    nodes: Vec<SocketAddr>,
    event: EventId,
}

impl Buyer {
    /// Enters, pays, and does with their order what people do; who they are when they approved what they owed.
    async fn buys(self, i: usize, person: Person) -> Option<MemberId> {
        let (event, choice) = (self.event, CHOICES[i % CHOICES.len()]);
        let form = [("quantity", if i.is_multiple_of(3) { "2" } else { "1" })];
        let entered = self.answered(i, |at| at.post(&person, &format!("/events/{event}/enter")).form(&form)).await;
        let entry: model::Entry = entered.json().await.unwrap();
        if entry.state != EntryState::Checkout {
            return None;
        }
        let id = event.to_string();
        let form = [("event", id.as_str()), ("name", "김수달"), ("phone", "010-1234-5678")];
        let begun = self.answered(i, |at| at.post(&person, "/api/pay-order").form(&form)).await;
        let begun: serde_json::Value = begun.json().await.unwrap();
        let link = begun["to"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
        let payment = link.rsplit('/').next().unwrap();
        let form = [("payment", payment), ("choice", choice)];
        let decided = self
            .answered(i, |at| {
                at.post(&person, &format!("{link}?do=decide-sandbox")).header(header::ACCEPT, "text/html").form(&form)
            })
            .await;
        let back = decided.headers()[header::LOCATION].to_str().unwrap().to_owned();
        // Every other one does not try again when nobody answers.
        let come_back = |at: &At<'_>| at.get(&person, &back);
        if i.is_multiple_of(2) {
            self.answered(i, come_back).await;
        } else {
            let _ = come_back(&self.at(i)).send().await;
        }
        match choice {
            "decline" => {
                let form = [("event", id.as_str())];
                self.answered(i, |at| at.post(&person, "/api/leave-line").form(&form)).await;
                None
            }
            "another_amount" => None,
            _ => {
                if i.is_multiple_of(7) {
                    self.gives_back(i, &person).await;
                }
                Some(person.member)
            }
        }
    }

    /// Gives one unit back, when it is paid for.
    async fn gives_back(&self, i: usize, person: &Person) {
        let event = self.event;
        let page = |at: &At<'_>| {
            at.get(person, &format!("/events/{event}/checkout")).header(header::ACCEPT, "application/json")
        };
        let page: SaleView = self.answered(i, page).await.json().await.unwrap();
        if let Some(order) = page.order.filter(|order| order.line.state == OrderState::Paid) {
            let (id, seen, request) = (order.id.to_string(), order.now.0.to_string(), request().to_string());
            let form = [("order", id.as_str()), ("units", "1"), ("seen", seen.as_str()), ("request", request.as_str())];
            self.answered(i, |at| at.post(person, "/api/give-back").form(&form)).await;
        }
    }

    fn at(&self, nth: usize) -> At<'_> {
        At { client: &self.client, node: self.nodes[nth % self.nodes.len()] }
    }

    /// Asks at one node and then at the other until one of them answers.
    async fn answered(&self, first: usize, ask: impl Fn(&At<'_>) -> RequestBuilder) -> Response {
        let deadline = Instant::now() + ANSWERED_WITHIN;
        for at in first.. {
            match ask(&self.at(at)).send().await {
                Ok(answer) if [425, 429, 500, 503].contains(&answer.status().as_u16()) => {}
                Ok(answer) => return answer,
                Err(_) => {}
            }
            assert!(Instant::now() < deadline, "nobody answers for {ANSWERED_WITHIN:?}");
            sleep(20 * MS).await;
        }
        unreachable!()
    }
}

/// A node that is asked.
struct At<'a> {
    client: &'a Client,
    node: SocketAddr,
}

impl At<'_> {
    fn post(&self, person: &Person, path: &str) -> RequestBuilder {
        self.client.post(format!("http://{}{path}", self.node)).header(header::COOKIE, person.cookie())
    }

    fn get(&self, person: &Person, path: &str) -> RequestBuilder {
        self.client.get(format!("http://{}{path}", self.node)).header(header::COOKIE, person.cookie())
    }
}

/// So many kills, a few to a life of data; each meets payments on their way.
async fn killed_while_people_pay(mut configs: impl FnMut() -> (Vec<Config>, Box<dyn std::any::Any>), away: Duration) {
    let kills: u32 = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3);
    let mut caught = 0;
    for round in 0..kills.div_ceil(KILLS_EACH) {
        let (configs, _place) = configs();
        let mut market = Market::open(configs);
        let approved = market.killed(KILLS_EACH.min(kills - round * KILLS_EACH), round, away).await;
        caught += market.ended(&approved);
    }
    println!("{kills} kills, {caught} payments between their approval and what came of it");
    assert!(caught >= i64::from(kills), "{kills} kills met only {caught} payments on their way");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_one_process_loses_no_payment_and_takes_none_twice() {
    let place = || {
        let place = Place::new(On::Sqlite);
        (vec![config(&place)], Box::new(place) as Box<dyn std::any::Any>)
    };
    killed_while_people_pay(place, Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_one_of_two_nodes_loses_no_payment_and_takes_none_twice() {
    let place = || {
        let cluster = Cluster::new();
        (vec![cluster.config(), cluster.config()], Box::new(cluster) as Box<dyn std::any::Any>)
    };
    killed_while_people_pay(place, 700 * MS).await;
}
