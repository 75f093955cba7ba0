//! Creators' tables as CSV and XLSX, never all of one in memory.
//!
//! Nicknames and addresses are whatever people typed: a cell that would be a formula is written as text.

use crate::Failure;
use app::texts::Lang;
use model::{DAY, Error, MILLISECOND, Span, Time, text::is_formula};
use rust_xlsxwriter::{Format, Workbook};
use std::{
    fs::File,
    io::{BufWriter, Seek},
};
use tokio::sync::mpsc;

/// What a sheet can hold, without its header.
pub const MAX_ROWS: usize = 1_048_575;

/// What stands in a cell.
pub enum Cell {
    /// Text, whatever it looks like: a phone and a postcode are no numbers.
    Text(String),
    /// A number.
    Number(i64),
    /// A moment, in Korea time with milliseconds.
    Moment(Time),
    /// Seconds, with milliseconds.
    Seconds(Span),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

/// A row of a table.
pub trait SheetRow: Send + 'static {
    /// What stands above its cells.
    fn columns(t: Lang) -> Vec<&'static str>;

    /// Columns that are wider than usual, and how wide.
    const WIDTHS: &'static [(u16, u8)];

    /// Its cells, as many as there are columns.
    fn cells(&self, t: Lang) -> Vec<Cell>;
}

/// A moment as spreadsheets read it, in Korea time with milliseconds.
pub fn moment(at: Time) -> String {
    let c = at.civil();
    format!("{:04}-{:02}-{:02} {}", c.year, c.month, c.day, at.clock_ms())
}

/// The same as a workbook counts: days since the end of 1899, cut to the millisecond.
pub fn serial(at: Time) -> f64 {
    /// Days from there to 1970.
    const BEFORE: f64 = 25_569.0;
    let midnight = Time::from_civil(1970, 1, 1, 0, 0, 0).unwrap_or(Time(0));
    BEFORE + (at.since(midnight) / MILLISECOND) as f64 / (DAY / MILLISECOND) as f64
}

/// Seconds to the millisecond, cut as everywhere on the site.
pub fn seconds(span: Span) -> f64 {
    (span / MILLISECOND) as f64 / 1000.0
}

/// A value for CSV: quoted where needed, and never a formula (OWASP, CSV injection).
pub fn quoted(value: &str) -> String {
    let value = if is_formula(value) { format!("'{value}") } else { value.to_owned() };
    if value.contains([',', '"', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

/// The beginning of a table that is comma-separated (RFC 4180), in UTF-8 with a byte order mark: without it spreadsheet
/// programs garble Korean.
pub fn csv_head<R: SheetRow>(t: Lang) -> String {
    format!("\u{FEFF}{}\r\n", R::columns(t).into_iter().map(quoted).collect::<Vec<_>>().join(","))
}

/// Some of its rows.
pub fn csv_rows<R: SheetRow>(t: Lang, rows: &[R]) -> String {
    let mut text = String::with_capacity(rows.len() * 96);
    for row in rows {
        for (column, cell) in row.cells(t).into_iter().enumerate() {
            if column > 0 {
                text.push(',');
            }
            text.push_str(&match cell {
                Cell::Text(cell) => quoted(&cell),
                Cell::Number(number) => number.to_string(),
                Cell::Moment(at) => moment(at),
                Cell::Seconds(span) => format!("{:.3}", seconds(span)),
            });
        }
        text.push_str("\r\n");
    }
    text
}

/// A workbook of one sheet, written row by row into a file without a name: numbers are numbers, moments are moments, and text cells
/// are text, whatever they begin with.
///
/// # Errors
/// What reading a page does; when the file cannot be written.
pub fn xlsx<R: SheetRow>(t: Lang, mut rows: mpsc::Receiver<Result<Vec<R>, Error>>) -> Result<File, Failure> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory();
    let bold = Format::new().set_bold();
    let at = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000");
    let after = Format::new().set_num_format("0.000");
    for (column, width) in R::WIDTHS {
        sheet.set_column_width(*column, *width)?;
    }
    for (column, name) in R::columns(t).into_iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, name, &bold)?;
    }
    let mut line = 0;
    while let Some(some) = rows.blocking_recv() {
        for row in some? {
            line += 1;
            for (column, cell) in row.cells(t).into_iter().enumerate() {
                let column = column as u16;
                match cell {
                    Cell::Text(text) => sheet.write_string(line, column, text)?,
                    Cell::Number(number) => sheet.write_number(line, column, number as f64)?,
                    Cell::Moment(moment) => sheet.write_number_with_format(line, column, serial(moment), &at)?,
                    Cell::Seconds(span) => sheet.write_number_with_format(line, column, seconds(span), &after)?,
                };
            }
        }
    }
    let mut file = BufWriter::new(tempfile::tempfile()?);
    book.save_to_writer(&mut file)?;
    let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}
