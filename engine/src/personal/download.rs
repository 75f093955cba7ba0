//! What somebody takes along: one JSON document, read a page at a time, so that it takes little memory however much there is.

use super::{Export, Kept, Personal, all};
use crate::{Error, accounts::Actor, db::Db};
use model::{MemberId, Time};
use serde_json::{Map, Value};
use sqlx::{Column, FromRow, Row, TypeInfo, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

/// Rows of one query.
const PAGE: i64 = 200;
/// Columns with a time beside those that end in `_at`.
const TIMES: [&str; 3] = ["at", "since", "until"];

/// Where the next page of something begins.
type After = (i64, Uuid);

/// A row as it is written, with where it stands where there are many.
#[derive(Debug, Default)]
struct Written {
    fields: Map<String, Value>,
    at: Option<i64>,
    id: Option<Uuid>,
}

impl Written {
    /// Takes in the value of a column.
    fn take(&mut self, name: &str, value: Read) {
        let value = match (name, value) {
            ("key_at", Read::Number(at)) => return self.at = Some(at),
            ("key_id", Read::Id(id)) => return self.id = Some(id),
            (_, Read::Nothing) => Value::Null,
            (name, Read::Number(n)) if name.ends_with("_at") || TIMES.contains(&name) => utc(Time(n)).into(),
            (_, Read::Number(n)) => n.into(),
            (_, Read::Text(text)) => text.into(),
            // As the site's addresses have it.
            (_, Read::Id(id)) => MemberId(id).to_string().into(),
            (_, Read::Truth(truth)) => truth.into(),
            (_, Read::Fraction(x)) => x.into(),
        };
        self.fields.insert(name.to_owned(), value);
    }
}

/// A value of whichever type a column has.
enum Read {
    Nothing,
    Number(i64),
    Text(String),
    Id(Uuid),
    Truth(bool),
    Fraction(f64),
}

/// Reads a row of either database without knowing its columns: each by the first type that it fits.
macro_rules! readable {
    ($($row:ty),+) => {$(
        impl<'r> FromRow<'r, $row> for Written {
            fn from_row(row: &'r $row) -> Result<Written, sqlx::Error> {
                let mut written = Written::default();
                for (i, column) in row.columns().iter().enumerate() {
                    // SQLite keeps them as numbers.
                    let is_truth = column.type_info().name().starts_with("BOOL");
                    let read = if let Some(Ok(truth)) = is_truth.then(|| row.try_get::<Option<bool>, _>(i)) {
                        truth.map(Read::Truth)
                    } else if let Ok(number) = row.try_get::<Option<i64>, _>(i) {
                        number.map(Read::Number)
                    } else if let Ok(text) = row.try_get::<Option<String>, _>(i) {
                        text.map(Read::Text)
                    } else if let Ok(id) = row.try_get::<Option<Uuid>, _>(i) {
                        id.map(Read::Id)
                    } else {
                        row.try_get::<Option<f64>, _>(i)?.map(Read::Fraction)
                    };
                    written.take(column.name(), read.unwrap_or(Read::Nothing));
                }
                Ok(written)
            }
        }
    )+};
}
readable!(SqliteRow, PgRow);

/// A time for programs: RFC 3339, in UTC.
fn utc(at: Time) -> String {
    // Korea is nine hours ahead, the whole year.
    let c = (at - model::HOUR.times(9)).civil();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second, c.millisecond
    )
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// One's own data on its way, in pieces that make one document.
pub struct Download {
    db: Db,
    member: MemberId,
    made_at: Time,
    sections: Vec<&'static Kept>,
    /// The section that is being written, once it was begun: from where it goes on, and whether it has a row.
    section: Option<(After, bool)>,
    begun: bool,
    ended: bool,
}

impl Personal {
    /// Begins to give somebody what is kept of them.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::TooMany`].
    pub async fn download(&self, actor: &Actor) -> Result<Download, Error> {
        let member = actor.signed_in()?.member;
        self.limits.download(member).await?;
        Ok(self.download_of(member))
    }

    pub(super) fn download_of(&self, member: MemberId) -> Download {
        Download::new(self.db.clone(), member, self.clock.now())
    }
}

impl Download {
    pub(super) fn new(db: Db, member: MemberId, made_at: Time) -> Download {
        let mut sections: Vec<_> = all().filter(|kept| !matches!(kept.export, Export::Nothing)).collect();
        // The last is taken first.
        sections.reverse();
        Download { db, member, made_at, sections, section: None, begun: false, ended: false }
    }

    /// The next piece; `None` behind the last.
    ///
    /// # Errors
    /// The database's.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        let Some(kept) = self.sections.last().copied() else {
            let ended = std::mem::replace(&mut self.ended, true);
            return Ok((!ended).then(|| "\n}\n".to_owned()));
        };
        let mut piece = String::new();
        if !std::mem::replace(&mut self.begun, true) {
            piece.push_str(&format!("{{\n\"made_at\":{}", quoted(&utc(self.made_at))));
        }
        let (after, mut has_rows) = match self.section {
            Some(section) => section,
            None => {
                let [ko, en] = kept.name.map(quoted);
                piece.push_str(&format!(",\n{}:{{\"ko\":{ko},\"en\":{en},\"rows\":[", quoted(kept.code)));
                ((i64::MIN, Uuid::nil()), false)
            }
        };
        let (rows, next) = self.page(kept, after).await?;
        for row in rows {
            piece.push_str(if has_rows { ",\n" } else { "\n" });
            piece.push_str(&Value::Object(row.fields).to_string());
            has_rows = true;
        }
        self.section = next.map(|next| (next, has_rows));
        if self.section.is_none() {
            piece.push_str("]}");
            self.sections.pop();
        }
        Ok(Some(piece))
    }

    /// A page of something, and from where the next one goes on if there may be one.
    async fn page(&self, kept: &Kept, after: After) -> Result<(Vec<Written>, Option<After>), Error> {
        match kept.export {
            Export::Nothing => Ok((Vec::new(), None)),
            Export::Few(text) => Ok((self.db.sql(text).bind(self.member).all().await?, None)),
            Export::Many(text) => {
                let page = self.db.sql(text).bind(self.member).bind(after.0).bind(after.1).bind(PAGE);
                let rows: Vec<Written> = page.all().await?;
                let full = rows.len() as i64 == PAGE;
                let next = rows.last().filter(|_| full).and_then(|last| last.at.zip(last.id));
                Ok((rows, next))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_world() {
        let at = Time::from_civil(2026, 11, 26, 8, 30, 5).unwrap();
        assert_eq!(utc(at), "2026-11-25T23:30:05.000Z");
        assert_eq!(quoted("a\"b\\c\n가"), r#""a\"b\\c\n가""#);
    }
}
