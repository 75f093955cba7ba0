//! The creator's table as CSV and XLSX, never all of it in memory.
//!
//! Nicknames and addresses are whatever people typed: a cell that would be a formula is written as text.

use crate::Failure;
use app::texts::Lang;
use model::{DAY, Entrant, Error, MILLISECOND, Span, Time, text::is_formula};
use rust_xlsxwriter::{Format, Workbook};
use std::{
    fs::File,
    io::{BufWriter, Seek},
};
use tokio::sync::mpsc;

/// What a sheet can hold, without its header.
pub const MAX_ROWS: usize = 1_048_575;

fn columns(t: Lang) -> [&'static str; 13] {
    [
        t.rank_column(),
        t.name_column(),
        t.entered_column(),
        t.time_column(),
        t.result_column(),
        t.disqualify_reason(),
        t.prize_name(),
        t.claim_column(),
        t.receiver(),
        t.phone(),
        t.postcode(),
        t.address(),
        t.address_detail(),
    ]
}

/// A moment as spreadsheets read it, in Korea time with milliseconds.
fn moment(at: Time) -> String {
    let c = at.civil();
    format!("{:04}-{:02}-{:02} {}", c.year, c.month, c.day, at.clock_ms())
}

/// The same as a workbook counts: days since the end of 1899, cut to the millisecond.
fn serial(at: Time) -> f64 {
    /// Days from there to 1970.
    const BEFORE: f64 = 25_569.0;
    let midnight = Time::from_civil(1970, 1, 1, 0, 0, 0).unwrap_or(Time(0));
    BEFORE + (at.since(midnight) / MILLISECOND) as f64 / (DAY / MILLISECOND) as f64
}

/// Seconds to the millisecond, cut as everywhere on the site.
fn seconds(span: Span) -> f64 {
    (span / MILLISECOND) as f64 / 1000.0
}

fn nickname(row: &Entrant) -> &str {
    row.nickname.as_deref().unwrap_or("***")
}

/// The cells of a row that are texts, from the fifth column on: a phone and a postcode are no numbers.
fn texts(t: Lang, row: &Entrant) -> [String; 9] {
    let prize = row.prize.as_ref();
    let delivery = prize.and_then(|prize| prize.delivery.clone()).unwrap_or_default();
    [
        t.entry_state(row.state).to_owned(),
        row.reason.clone().unwrap_or_default(),
        prize.map(|prize| prize.name.clone()).unwrap_or_default(),
        prize.map(|prize| t.claim_state(prize.state).to_owned()).unwrap_or_default(),
        delivery.name,
        delivery.phone,
        delivery.postcode,
        delivery.address,
        delivery.detail,
    ]
}

/// A value for CSV: quoted where needed, and never a formula (OWASP, CSV injection).
fn quoted(value: &str) -> String {
    let value = if is_formula(value) { format!("'{value}") } else { value.to_owned() };
    if value.contains([',', '"', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

/// The beginning of a table that is comma-separated (RFC 4180), in UTF-8 with a byte order mark: without it spreadsheet
/// programs garble Korean.
pub fn csv_head(t: Lang) -> String {
    format!("\u{FEFF}{}\r\n", columns(t).map(quoted).join(","))
}

/// Some of its rows.
pub fn csv_rows(t: Lang, rows: &[Entrant]) -> String {
    let mut text = String::with_capacity(rows.len() * 96);
    for row in rows {
        let (name, at, after) = (quoted(nickname(row)), moment(row.entered_at), seconds(row.since_open));
        text.push_str(&format!("{},{name},{at},{after:.3}", row.rank));
        for cell in texts(t, row) {
            text.push(',');
            text.push_str(&quoted(&cell));
        }
        text.push_str("\r\n");
    }
    text
}

/// A workbook of one sheet, written row by row into a file without a name: numbers are numbers, moments are moments, and text cells
/// are text, whatever they begin with.
pub fn xlsx(t: Lang, mut rows: mpsc::Receiver<Result<Vec<Entrant>, Error>>) -> Result<File, Failure> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory();
    let bold = Format::new().set_bold();
    let at = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000");
    let after = Format::new().set_num_format("0.000");
    // As wide as a moment, a phone and an address are.
    for (column, width) in [(1, 16), (2, 24), (9, 15), (11, 40), (12, 20)] {
        sheet.set_column_width(column, width)?;
    }
    for (column, name) in columns(t).into_iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, name, &bold)?;
    }
    let mut line = 0;
    while let Some(some) = rows.blocking_recv() {
        for row in some? {
            line += 1;
            sheet.write_number(line, 0, row.rank as f64)?;
            sheet.write_string(line, 1, nickname(&row))?;
            sheet.write_number_with_format(line, 2, serial(row.entered_at), &at)?;
            sheet.write_number_with_format(line, 3, seconds(row.since_open), &after)?;
            for (column, cell) in texts(t, &row).iter().enumerate() {
                sheet.write_string(line, column as u16 + 4, cell)?;
            }
        }
    }
    let mut file = BufWriter::new(tempfile::tempfile()?);
    book.save_to_writer(&mut file)?;
    let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_koreas_to_the_millisecond() {
        // 20:00:00.084 in Korea, as spreadsheet programs write it.
        let at = Time::from_civil(2026, 11, 25, 20, 0, 0).unwrap() + Span::from_micros(84_999);
        assert_eq!(moment(at), "2026-11-25 20:00:00.084");
        assert!((serial(at) - (46_351.0 + (20.0 * 3600.0 + 0.084) / 86_400.0)).abs() < 1e-9, "{}", serial(at));
        assert_eq!(seconds(Span::from_micros(1_234_567_999)), 1234.567);
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(quoted("-수달"), "'-수달");
        assert_eq!(quoted("＝1+1"), "'＝1+1");
        assert_eq!(quoted("\t=1"), "'\t=1");
        assert_eq!(quoted("\r=1"), "\"'\r=1\"");
        assert_eq!(quoted("서울, \"중구\""), "\"서울, \"\"중구\"\"\"");
        assert_eq!(quoted("수달"), "수달");
    }
}
