//! Lists that people bring, with a line of headings: CSV in UTF-8 or in CP949, which spreadsheets in Korea write, or the first sheet
//! of a workbook. Either is rows of texts, each with its line.

mod workbook;

use crate::background;
use csv::StringRecord;
use encoding_rs::EUC_KR;
use model::{Error, FieldError, FormErrors};
use std::borrow::Cow;
use tokio::sync::Semaphore;

/// The most that is said to be wrong at once.
pub(crate) const MOST_ERRORS: usize = 20;

/// Workbooks that are being read or wait for it, packed as they came: 30 MiB each.
const PLACES: usize = 8;
static PLACE: Semaphore = Semaphore::const_new(PLACES);
/// Whose turn it is to open a workbook: what one holds in memory, many at once would.
static TURN: Semaphore = Semaphore::const_new(1);

/// The headings of a list, in English and in Korean.
pub(crate) type Headings<const N: usize> = [(&'static str, &'static str); N];

/// The text of a list: UTF-8 where it is that, else CP949.
///
/// # Errors
/// The first line that cannot be read, counted from one.
fn decode(list: &[u8]) -> Result<Cow<'_, str>, usize> {
    let list = list.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(list);
    if let Ok(text) = std::str::from_utf8(list) {
        return Ok(text.into());
    }
    // What the Encoding Standard calls EUC-KR is CP949.
    EUC_KR.decode_without_bom_handling_and_without_replacement(list).ok_or_else(|| unreadable(list))
}

/// Of a list in neither encoding the first line that is in neither by itself; where lines of both stand together, the first that is
/// not UTF-8. No letter of either encoding has the end of a line within it.
fn unreadable(list: &[u8]) -> usize {
    let utf8 = |line: &[u8]| std::str::from_utf8(line).is_ok();
    let cp949 = |line: &[u8]| EUC_KR.decode_without_bom_handling_and_without_replacement(line).is_some();
    let lines = || list.split(|byte| *byte == b'\n');
    let first = lines().position(|line| !utf8(line) && !cp949(line)).or_else(|| lines().position(|line| !utf8(line)));
    first.map_or(1, |before| before + 1)
}

/// How many lines are empty from a byte on: a reader passes over them, but counts the row behind them as if it began there.
fn empty_lines(text: &str, from: u64) -> u64 {
    let rest = usize::try_from(from).ok().and_then(|from| text.as_bytes().get(from..)).unwrap_or_default();
    rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n').count() as u64
}

fn wrong(field: &str, error: FieldError) -> Error {
    let mut errors = FormErrors::default();
    errors.add(field, error);
    Error::Invalid { fields: errors }
}

/// Does `read` with a list that somebody brought, behind presses; with workbooks one after another, and to its end, whoever waits for
/// it.
///
/// # Errors
/// [`Error::Busy`] for a workbook when many wait; those of `read`.
pub(crate) async fn brought<T: Send + 'static>(
    list: Vec<u8>,
    read: impl FnOnce(&[u8]) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let turn = if workbook::is_one(&list) {
        let place = PLACE.try_acquire().map_err(|_| Error::Busy)?;
        Some((place, TURN.acquire().await.map_err(|_| Error::Internal)?))
    } else {
        None
    };
    let read = background::block(move || {
        let _turn = turn;
        read(&list)
    });
    read.await.map_err(|_| Error::Internal)?
}

/// Reads a list whole: what `typed` makes of each row's columns, in the order of `headings`, with its line. A workbook may take
/// seconds, and much memory: what somebody brought is read by [`brought`].
///
/// # Errors
/// [`Error::Invalid`], with fields called `csv` (the list: empty, unreadable, or longer than `most` rows), `workbook` (one that cannot
/// be opened, or is too large to be), `csv:7` (a line in no encoding that is read), `csv:1:name` (a heading that is missing),
/// `csv:7:name` (a value, by line and column).
pub(crate) fn read<const N: usize, T>(
    list: &[u8],
    headings: Headings<N>,
    most: usize,
    typed: impl Fn([&str; N], &mut FormErrors) -> Option<T>,
) -> Result<Vec<(u64, T)>, Error> {
    if workbook::is_one(list) {
        let unreadable = || wrong("workbook", FieldError::Invalid);
        let mut opened = workbook::open(list).ok_or_else(unreadable)?;
        let rows = workbook::rows(&mut opened, workbook::TEXTS).ok_or_else(unreadable)?;
        return table(rows.map(|row| row.ok_or_else(unreadable)), headings, most, typed);
    }
    let text = decode(list).map_err(|line| wrong(&format!("csv:{line}"), FieldError::Invalid))?;
    if text.trim().is_empty() {
        return Err(wrong("csv", FieldError::Required));
    }
    // Behind two signs at its end a line would be counted as the one before.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let rows = reader.into_records().map(|row| -> Result<(u64, StringRecord), Error> {
        let row = row.map_err(|_| wrong("csv", FieldError::Invalid))?;
        Ok((row.position().map_or(0, |at| at.line() + empty_lines(&text, at.byte())), row))
    });
    table(rows, headings, most, typed)
}

/// The same of rows, of which the first are the headings.
fn table<const N: usize, T>(
    mut rows: impl Iterator<Item = Result<(u64, StringRecord), Error>>,
    headings: Headings<N>,
    most: usize,
    typed: impl Fn([&str; N], &mut FormErrors) -> Option<T>,
) -> Result<Vec<(u64, T)>, Error> {
    let (_, first) = rows.next().ok_or_else(|| wrong("csv", FieldError::Required))??;
    let mut errors = FormErrors::default();
    let mut columns = [0; N];
    for (column, (english, korean)) in columns.iter_mut().zip(headings) {
        let is_it = |heading: &str| heading.eq_ignore_ascii_case(english) || heading == korean;
        match first.iter().position(is_it) {
            Some(found) => *column = found,
            None => errors.add(&format!("csv:1:{english}"), FieldError::Required),
        }
    }
    errors.into_result()?;
    let (mut taken, mut errors) = (Vec::new(), FormErrors::default());
    for row in rows {
        let (line, row) = row?;
        if taken.len() == most {
            return Err(wrong("csv", FieldError::TooLarge));
        }
        let mut of_row = FormErrors::default();
        let one = typed(columns.map(|column| row.get(column).unwrap_or_default()), &mut of_row);
        taken.extend(one.map(|one| (line, one)));
        for (field, error) in of_row.0 {
            errors.add(&format!("csv:{line}:{field}"), error);
        }
        if errors.0.len() >= MOST_ERRORS {
            break;
        }
    }
    errors.into_result()?;
    if taken.is_empty() {
        return Err(wrong("csv", FieldError::Required));
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn workbooks_are_read_one_after_another_and_few_wait() {
        let book = || b"PK\x03\x04".to_vec();
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let first = tokio::spawn(brought(book(), move |_| {
            begun.send(()).map_err(|_| Error::Internal)?;
            ends.recv().map_err(|_| Error::Internal)
        }));
        tokio::task::spawn_blocking(move || begins.recv()).await.unwrap().unwrap();
        // Nobody waits for it any more, and it goes on.
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(TURN.available_permits(), 0);
        let places = PLACE.try_acquire_many(u32::try_from(PLACES).unwrap() - 1).unwrap();
        assert_eq!(brought(book(), |_| Ok(())).await, Err(Error::Busy));
        assert_eq!(brought(b"a,b".to_vec(), |_| Ok(())).await, Ok(()), "other lists wait for none");
        drop(places);
        let second = tokio::spawn(brought(book(), |_| Ok(())));
        end.send(()).unwrap();
        assert_eq!(second.await.unwrap(), Ok(()));
    }
}
