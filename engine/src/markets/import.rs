//! Lists that admins bring. All of a list is taken, or nothing.

use super::{Markets, write_item, write_market};
use crate::{
    Error,
    accounts::Actor,
    audit,
    db::{Lane, retried},
    lists::{self, Headings},
};
use model::{FormErrors, ItemDraft, MarketDraft, administration::AuditAction};

/// The most rows of one list: clicks wait for the transaction that writes it.
const MOST_ROWS: usize = 5_000;
const OF_MARKETS: Headings<5> =
    [("name", "이름"), ("kind", "종류"), ("address", "주소"), ("latitude", "위도"), ("longitude", "경도")];
const OF_ITEMS: Headings<2> = [("category", "분류"), ("name", "이름")];

impl Markets {
    /// Takes a list of markets; how many it has. Columns: name, kind, address, latitude, longitude, in any order. Those that are
    /// there already get the kind and place that it says.
    ///
    /// # Errors
    /// For others than admins. [`model::Error::Invalid`] for what is wrong with the list: fields are called `csv` (the list),
    /// `workbook` (one that cannot be opened), `csv:1:name` (a heading that is missing), `csv:7:latitude` (a value, by line and
    /// column). [`model::Error::Busy`] when many workbooks wait to be read. The database may fail.
    pub async fn import_markets(&self, actor: &Actor, list: &[u8]) -> Result<usize, Error> {
        actor.admin()?;
        let drafts = brought(list, OF_MARKETS, MarketDraft::typed).await?;
        retried!(self.import_markets_once(actor, &drafts))?;
        Ok(drafts.len())
    }

    async fn import_markets_once(&self, actor: &Actor, drafts: &[MarketDraft]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        for draft in drafts {
            write_market(&mut tx, draft, false, now).await?;
        }
        let list = format!("markets ×{}", drafts.len());
        audit::note(&mut tx, now, actor, AuditAction::ImportList, list.as_str(), "").await?;
        Ok(tx.commit().await?)
    }

    /// Takes a list of items; how many it has. Columns: category, name. Those that are there already stay.
    ///
    /// # Errors
    /// As [`Markets::import_markets`].
    pub async fn import_items(&self, actor: &Actor, list: &[u8]) -> Result<usize, Error> {
        actor.admin()?;
        let drafts = brought(list, OF_ITEMS, ItemDraft::typed).await?;
        retried!(self.import_items_once(actor, &drafts))?;
        self.suggestions.invalidate();
        Ok(drafts.len())
    }

    async fn import_items_once(&self, actor: &Actor, drafts: &[ItemDraft]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        for draft in drafts {
            write_item(&mut tx, draft, now).await?;
        }
        let list = format!("items ×{}", drafts.len());
        audit::note(&mut tx, now, actor, AuditAction::ImportList, list.as_str(), "").await?;
        Ok(tx.commit().await?)
    }

    /// Takes lists of a demonstration, whose markets say that they are made up.
    pub(crate) async fn demonstrate(&self, markets: &[u8], items: &[u8]) -> Result<(), Error> {
        let (markets, items) =
            (read(markets, OF_MARKETS, MarketDraft::typed)?, read(items, OF_ITEMS, ItemDraft::typed)?);
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        for market in &markets {
            write_market(&mut tx, market, true, now).await?;
        }
        for item in &items {
            write_item(&mut tx, item, now).await?;
        }
        tx.commit().await?;
        self.suggestions.invalidate();
        Ok(())
    }
}

/// The items that come with the program.
pub(super) fn included_items() -> Result<Vec<ItemDraft>, model::Error> {
    read(include_bytes!("../demo/lists/items.csv"), OF_ITEMS, ItemDraft::typed)
}

/// Reads a list that somebody brought, behind presses.
async fn brought<const N: usize, T: Send + 'static>(
    list: &[u8],
    headings: Headings<N>,
    typed: fn([&str; N], &mut FormErrors) -> Option<T>,
) -> Result<Vec<T>, Error> {
    Ok(lists::brought(list.to_vec(), move |list| read(list, headings, typed)).await?)
}

fn read<const N: usize, T>(
    list: &[u8],
    headings: Headings<N>,
    typed: fn([&str; N], &mut FormErrors) -> Option<T>,
) -> Result<Vec<T>, model::Error> {
    Ok(lists::read(list, headings, MOST_ROWS, typed)?.into_iter().map(|(_, row)| row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::MOST_ERRORS;
    use encoding_rs::EUC_KR;
    use model::{FieldError, MarketKind};

    const LIST: &str = "이름,종류,주소,위도,경도\n한마음마트 성수점,대형마트,\"서울 성동구 성수이로 1, 지하 1층\",37.5446,127.0559\n\
                        똠방각하시장,traditional,부산 중구 자갈치로 2,35.0966,129.0306\n";

    fn markets(list: &[u8]) -> Result<Vec<MarketDraft>, model::Error> {
        read(list, OF_MARKETS, MarketDraft::typed)
    }

    fn errors(list: &[u8]) -> Vec<(String, FieldError)> {
        match markets(list) {
            Err(model::Error::Invalid { fields }) => fields.0,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lists_are_read_in_either_encoding() {
        let utf8 = markets(LIST.as_bytes()).unwrap();
        assert_eq!((utf8.len(), utf8[0].kind), (2, MarketKind::Hypermarket));
        assert_eq!(utf8[0].address, "서울 성동구 성수이로 1, 지하 1층");
        let with_mark = [b"\xEF\xBB\xBF", LIST.as_bytes()].concat();
        assert_eq!(markets(&with_mark), Ok(utf8.clone()));
        // Among them syllables that EUC-KR proper does not have.
        let (cp949, _, unmappable) = EUC_KR.encode(LIST);
        assert!(!unmappable && std::str::from_utf8(&cp949).is_err());
        assert_eq!(markets(&cp949), Ok(utf8.clone()));
        let lines = LIST.replace('\n', "\r\n");
        assert_eq!(markets(lines.as_bytes()), Ok(utf8));
        let other_order = "longitude,latitude,name,address,kind,memo\n127,37.5,가,나,other,x\n";
        assert_eq!(markets(other_order.as_bytes()).unwrap()[0].at.longitude, 127.0);
    }

    #[test]
    fn what_is_wrong_is_said_by_line_and_column() {
        assert_eq!(errors(b""), [("csv".into(), FieldError::Required)]);
        assert_eq!(errors(b"\xFF\xFE\x00"), [("csv:1".into(), FieldError::Invalid)]);
        assert_eq!(errors(b"PK\x03\x04\x14\x00"), [("workbook".into(), FieldError::Invalid)]);
        assert_eq!(
            errors("이름,종류,위도\n".as_bytes()),
            [("csv:1:address".into(), FieldError::Required), ("csv:1:longitude".into(), FieldError::Required)]
        );
        assert_eq!(errors("이름,종류,주소,위도,경도\n".as_bytes()), [("csv".into(), FieldError::Required)]);
        let list = format!("{LIST}\"두 줄\n이름\",궁궐,주소,91,127\n가,other,나,37.5\n");
        assert_eq!(
            errors(list.as_bytes()),
            [
                ("csv:4:kind".into(), FieldError::Invalid),
                ("csv:4:latitude".into(), FieldError::OutOfRange { min: -90, max: 90 }),
                ("csv:6:longitude".into(), FieldError::Required),
            ]
        );
        let lines = list.replace('\n', "\r\n");
        assert_eq!(errors(lines.as_bytes()), errors(list.as_bytes()), "counted alike whichever end lines have");
        // As people see them in an editor: lines that are empty are lines.
        let gaps = "이름,종류,주소,위도,경도\n\n\n가,other,나,37.5\n다,other,라,36,128\n\n마,other,바,91,127\n";
        for gaps in [gaps.to_owned(), gaps.replace('\n', "\r\n")] {
            assert_eq!(
                errors(gaps.as_bytes()),
                [
                    ("csv:4:longitude".into(), FieldError::Required),
                    ("csv:7:latitude".into(), FieldError::OutOfRange { min: -90, max: 90 }),
                ]
            );
        }
        let row = "가,other,나,37.5,127\n";
        let long = format!("이름,종류,주소,위도,경도\n{}", row.repeat(MOST_ROWS + 1));
        assert_eq!(errors(long.as_bytes()), [("csv".into(), FieldError::TooLarge)]);
        let all_wrong = format!("이름,종류,주소,위도,경도\n{}", ",,,,\n".repeat(1_000));
        assert!((MOST_ERRORS..MOST_ERRORS + 5).contains(&errors(all_wrong.as_bytes()).len()));
    }
}
