use super::*;
use crate::{accounts::testing::insert as member, db::Tx, notices::keys_in};
use model::{MemberId, Offer, Time, subscriptions::Described};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use testing::{On, Place, both};

async fn subscribe(tx: &mut Tx, member: MemberId, keyword: &Keyword) {
    let insert = "insert into keyword_subscriptions (member_id, key, keyword, run, at) values ($1, $2, $3, $4, $5) on conflict do nothing";
    tx.sql(insert)
        .bind(member)
        .bind(keyword.key.clone())
        .bind(keyword.text.clone())
        .bind(keyword.run.clone())
        .bind(Time(1))
        .run()
        .await
        .unwrap();
}

fn described(title: &str, summary: &str) -> Described {
    Described::new(Category::Living, title, summary, &Offer::Giveaway { prizes: Vec::new() })
}

both!(keywords_are_found_wherever_they_stand_and_nowhere_else);
async fn keywords_are_found_wherever_they_stand_and_nowhere_else(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let mut random = StdRng::seed_from_u64(59);
    let mut word = |from: usize, to: usize| -> String {
        let letters = ['가', '나', '달', 'a', 'B', '1', ' '];
        (0..random.random_range(from..=to)).map(|_| letters[random.random_range(0..letters.len())]).collect()
    };
    let keywords: Vec<Keyword> = (0..400).filter_map(|_| Keyword::of(&word(2, 5)).ok()).collect();
    let mut tx = db.begin(Lane::Other).await.unwrap();
    for number in 1..=3 {
        let member = member(&mut tx, number).await;
        for keyword in keywords.iter().skip(number as usize * 7) {
            subscribe(&mut tx, member, keyword).await;
        }
    }
    tx.commit().await.unwrap();
    let known: BTreeSet<&str> = keywords.iter().skip(7).map(|keyword| keyword.key.as_str()).collect();
    let mut found = 0;
    for _ in 0..60 {
        let event = described(&word(0, 20), &word(0, 30));
        let expected: BTreeSet<&str> = known.iter().copied().filter(|key| event.has(key)).collect();
        let keys = keys_in(&db, &event).await.unwrap();
        assert_eq!(keys.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
        assert_eq!(keys.len(), expected.len(), "each once");
        found += keys.len();
    }
    assert!(found > 100, "{found}");
}

both!(among_a_hundred_thousand_keywords_it_takes_as_long_as_there_are_matches);
async fn among_a_hundred_thousand_keywords_it_takes_as_long_as_there_are_matches(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let mut tx = db.begin(Lane::Other).await.unwrap();
    let one = member(&mut tx, 1).await;
    // Numbers that stand in no event, and many who look for the same.
    tx.sql(
        "insert into keyword_subscriptions (member_id, key, keyword, run, at)
         with recursive n (i) as (select 100000 union all select i + 1 from n where i < 199999)
         select $1, cast(i as text) || 'x', 'x', substr(cast(i as text), 1, 2), 1 from n",
    )
    .bind(one)
    .run()
    .await
    .unwrap();
    let mug = Keyword::of("머그").unwrap();
    for number in 2..400 {
        let member = member(&mut tx, number).await;
        subscribe(&mut tx, member, &mug).await;
    }
    tx.commit().await.unwrap();
    let event = described("손으로 빚은 겨울 머그 20개", "이번 겨울 첫 가마에서 나온 머그를 드려요");
    let (mut took, mut through) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let began = Instant::now();
        assert_eq!(keys_in(&db, &event).await.unwrap(), ["머그"]);
        took = took.min(began.elapsed());
        let began = Instant::now();
        let all = "select count(*) from keyword_subscriptions where key like '%' || $1 || '%'";
        let (all,): (i64,) = db.sql(all).bind("머그").one().await.unwrap();
        assert_eq!(all, 398);
        through = through.min(began.elapsed());
    }
    // A look-up for each two letters, and not a look through the table.
    assert!(took < through, "{took:?}, and through the table {through:?}");
}
