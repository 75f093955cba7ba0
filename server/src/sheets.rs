//! The creator's table as CSV and XLSX, never all of it in memory.
//!
//! Nicknames and addresses are whatever people typed: a cell that would be a formula is written as text.

use crate::Failure;
use app::texts::Lang;
use model::{Entrant, Error, Time};
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

/// The cells of a row behind its rank.
fn cells(t: Lang, row: &Entrant) -> [String; 12] {
    let prize = row.prize.as_ref();
    let delivery = prize.and_then(|prize| prize.delivery.clone()).unwrap_or_default();
    [
        row.nickname.clone().unwrap_or_else(|| "***".into()),
        moment(row.entered_at),
        app::texts::seconds_ms(row.since_open),
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
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula { format!("'{value}") } else { value.to_owned() };
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
        text.push_str(&row.rank.to_string());
        for cell in cells(t, row) {
            text.push(',');
            text.push_str(&quoted(&cell));
        }
        text.push_str("\r\n");
    }
    text
}

/// A workbook of one sheet, written row by row into a file without a name; text cells are text, whatever they begin with.
pub fn xlsx(t: Lang, mut rows: mpsc::Receiver<Result<Vec<Entrant>, Error>>) -> Result<File, Failure> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory();
    let bold = Format::new().set_bold();
    for (column, name) in columns(t).into_iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, name, &bold)?;
    }
    let mut line = 0;
    while let Some(some) = rows.blocking_recv() {
        for row in some? {
            line += 1;
            sheet.write_number(line, 0, row.rank as f64)?;
            for (column, cell) in cells(t, &row).iter().enumerate() {
                sheet.write_string(line, column as u16 + 1, cell)?;
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
    use super::quoted;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(quoted("-수달"), "'-수달");
        assert_eq!(quoted("서울, \"중구\""), "\"서울, \"\"중구\"\"\"");
        assert_eq!(quoted("수달"), "수달");
    }
}
