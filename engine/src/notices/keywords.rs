//! Which keywords stand in what an event says.

use crate::{
    Error,
    db::{Db, Dialect},
};
use model::subscriptions::Described;

/// The keywords that begin with one of the runs, each once however many members have it: from one to the next in an index.
macro_rules! candidates {
    ($runs:literal) => {
        concat!(
            "with recursive found (run, key) as (
                select r.value, (select k.key from keyword_subscriptions k where k.run = r.value order by k.key limit 1) from ",
            $runs,
            " union all
                select found.run, (select k.key from keyword_subscriptions k where k.run = found.run and k.key > found.key
                    order by k.key limit 1)
                from found where found.key is not null)
             select key from found where key is not null"
        )
    };
}

/// The keys of all keywords that stand in what an event says, in their order, whoever has them. Costs as much as there are keywords that
/// begin like something in it.
///
/// # Errors
/// The database's.
pub(crate) async fn keys_in(db: &Db, event: &Described) -> Result<Vec<String>, Error> {
    let runs = event.runs();
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let runs = serde_json::to_string(&runs).map_err(|_| model::Error::Internal)?;
    let candidates = match db.dialect() {
        Dialect::Sqlite => db.sql(candidates!("json_each($1) r")),
        Dialect::Postgres => db.sql(candidates!("jsonb_array_elements_text(cast($1 as jsonb)) r (value)")),
    };
    let candidates: Vec<(String,)> = candidates.bind(runs).all().await?;
    let mut keys: Vec<String> = candidates.into_iter().map(|(key,)| key).filter(|key| event.has(key)).collect();
    keys.sort_unstable();
    Ok(keys)
}
