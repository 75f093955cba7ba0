//! Lists that people bring: CSV with a line of headings, in UTF-8 or in CP949, which spreadsheets in Korea write.

use encoding_rs::EUC_KR;
use model::{FieldError, FormErrors};
use std::borrow::Cow;

/// The most that is said to be wrong at once.
pub(crate) const MOST_ERRORS: usize = 20;

/// How every workbook of a spreadsheet program begins, as whatever is packed.
const WORKBOOK: &[u8] = b"PK\x03\x04";

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

/// Reads a list whole: what `typed` makes of each row's columns, in the order of `headings`, with its line.
///
/// # Errors
/// [`model::Error::Invalid`], with fields called `csv` (the list: empty, unreadable, or longer than `most` rows), `workbook` (it is
/// one, and no list), `csv:7` (a line in no encoding that is read), `csv:1:name` (a heading that is missing), `csv:7:name` (a value, by
/// line and column).
pub(crate) fn read<const N: usize, T>(
    list: &[u8],
    headings: Headings<N>,
    most: usize,
    typed: impl Fn([&str; N], &mut FormErrors) -> Option<T>,
) -> Result<Vec<(u64, T)>, model::Error> {
    let wrong = |field: &str, error| {
        let mut errors = FormErrors::default();
        errors.add(field, error);
        model::Error::Invalid { fields: errors }
    };
    if list.starts_with(WORKBOOK) {
        return Err(wrong("workbook", FieldError::Invalid));
    }
    let text = decode(list).map_err(|line| wrong(&format!("csv:{line}"), FieldError::Invalid))?;
    if text.trim().is_empty() {
        return Err(wrong("csv", FieldError::Required));
    }
    // Behind two signs at its end a line would be counted as the one before.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let first = reader.headers().map_err(|_| wrong("csv", FieldError::Invalid))?.clone();
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
    let (mut rows, mut errors) = (Vec::new(), FormErrors::default());
    for record in reader.records() {
        let record = record.map_err(|_| wrong("csv", FieldError::Invalid))?;
        let line = record.position().map_or(0, |at| at.line() + empty_lines(&text, at.byte()));
        if rows.len() == most {
            return Err(wrong("csv", FieldError::TooLarge));
        }
        let mut of_row = FormErrors::default();
        let row = typed(columns.map(|column| record.get(column).unwrap_or_default()), &mut of_row);
        rows.extend(row.map(|row| (line, row)));
        for (field, error) in of_row.0 {
            errors.add(&format!("csv:{line}:{field}"), error);
        }
        if errors.0.len() >= MOST_ERRORS {
            break;
        }
    }
    errors.into_result()?;
    if rows.is_empty() {
        return Err(wrong("csv", FieldError::Required));
    }
    Ok(rows)
}
