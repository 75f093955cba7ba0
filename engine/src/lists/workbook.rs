//! Workbooks of spreadsheet programs (XLSX): the cells of their first sheet, as texts.
//!
//! A workbook is packed, and what it says of itself need not be true: what it comes to is found by unpacking it piece by piece, before
//! it is opened.

use calamine::{DataRef, Reader as _, Xlsx};
use csv::StringRecord;
use std::{
    borrow::Cow,
    io::{Cursor, Read as _},
    iter,
};
use zip::ZipArchive;

/// How a workbook begins, as whatever is packed.
const PACKED: &[u8] = b"PK\x03\x04";
/// How one begins that has a password, or is of before 2007: neither is read.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0";

/// How much a workbook may come to.
#[derive(Clone, Copy)]
struct Room {
    /// Bytes of its sheets, which are read and not kept.
    sheets: u64,
    /// Bytes of all else, of which the texts are kept.
    others: u64,
    /// Signs in all else that begin something: each text has some, however short it is.
    begun: u64,
}

/// Twice what a hundred thousand orders come to with long addresses, as they are exported and as Excel saves them.
const ROOM: Room = Room { sheets: 256 << 20, others: 96 << 20, begun: 6_000_000 };
/// The first of its columns: others are for people.
const COLUMNS: usize = 256;
/// From here on a spreadsheet program keeps no number as it was typed.
const NOT_KEPT: f64 = 1e15;

/// A workbook that was opened.
pub(super) type Opened<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Whether somebody brought a workbook, readable or not.
pub(super) fn is_one(list: &[u8]) -> bool {
    list.starts_with(PACKED) || list.starts_with(COMPOUND)
}

/// Opens a workbook; `None` when it cannot be, or comes to too much.
pub(super) fn open(list: &[u8]) -> Option<Opened<'_>> {
    fits(list, ROOM)?;
    Xlsx::new(Cursor::new(list)).ok()
}

/// Finds whether it comes to no more than that.
fn fits(list: &[u8], mut room: Room) -> Option<()> {
    /// Whether what is packed ends here as that ends which is too long for usual numbers: room would be made for as many files as it
    /// says it has, before one is seen.
    fn is_long(end: &[u8]) -> bool {
        end.starts_with(b"PK\x05\x06") && (end[10..12] == [0xFF; 2] || end[16..20] == [0xFF; 4])
    }
    if !list.starts_with(PACKED) || list.windows(22).any(is_long) {
        return None;
    }
    let mut files = ZipArchive::new(Cursor::new(list)).ok()?;
    let mut piece = vec![0; 64 << 10];
    for nth in 0..files.len() {
        let mut file = files.by_index(nth).ok()?;
        let is_sheet = file.name().to_ascii_lowercase().starts_with("xl/worksheets/");
        loop {
            let read = file.read(&mut piece).ok()?;
            if read == 0 {
                break;
            }
            if is_sheet {
                room.sheets = room.sheets.checked_sub(read as u64)?;
            } else {
                let begun = piece[..read].iter().filter(|byte| **byte == b'<').count();
                room.others = room.others.checked_sub(read as u64)?;
                room.begun = room.begun.checked_sub(begun as u64)?;
            }
        }
    }
    Some(())
}

/// The rows of its first sheet in which something stands, each with its line; `None` among them where it cannot be read, and for a
/// workbook without sheets.
pub(super) fn rows(opened: &mut Opened<'_>) -> Option<impl Iterator<Item = Option<(u64, StringRecord)>>> {
    let first = opened.sheet_names().into_iter().next()?;
    let mut cells = opened.worksheet_cells_reader(&first).ok()?;
    let mut next = cells.next_cell().ok()?;
    Some(iter::from_fn(move || {
        loop {
            let line = next.as_ref()?.get_position().0;
            let mut row = StringRecord::new();
            while let Some(cell) = next.take_if(|cell| cell.get_position().0 == line) {
                let column = cell.get_position().1 as usize;
                if (row.len()..COLUMNS).contains(&column) {
                    (row.len()..column).for_each(|_| row.push_field(""));
                    row.push_field(written(cell.get_value()).trim());
                }
                let Ok(read) = cells.next_cell() else { return Some(None) };
                next = read;
            }
            if row.iter().any(|cell| !cell.is_empty()) {
                return Some(Some((u64::from(line) + 1, row)));
            }
        }
    }))
}

/// What stands in a cell, as somebody would have typed it.
fn written<'a>(cell: &'a DataRef<'_>) -> Cow<'a, str> {
    match cell {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.as_str().into(),
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Int(number) => number.to_string().into(),
        // As these programs show it, so that it reads as a number and nobody takes its digits for those of a parcel.
        DataRef::Float(number) if number.abs() >= NOT_KEPT => format!("{number:e}").replace('e', "E+").into(),
        DataRef::Float(number) => number.to_string().into(),
        DataRef::Bool(is) => is.to_string().into(),
        DataRef::DateTime(at) => at.as_f64().to_string().into(),
        DataRef::Error(error) => error.to_string().into(),
        DataRef::Empty => "".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::{ZipWriter, write::SimpleFileOptions};

    const RELATIONS: &str =
        r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>"#;
    const BOOK: &str = r#"<workbook><sheets><sheet name="주문" r:id="rId1"/></sheets></workbook>"#;

    /// A workbook of one sheet.
    fn book(texts: &str, sheet: &str) -> Vec<u8> {
        let texts = format!("<sst>{texts}</sst>");
        let sheet = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
        let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in [
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/workbook.xml", BOOK),
            ("xl/sharedStrings.xml", texts.as_str()),
            ("xl/worksheets/sheet1.xml", sheet.as_str()),
        ] {
            packed.start_file(name, SimpleFileOptions::default()).unwrap();
            packed.write_all(text.as_bytes()).unwrap();
        }
        packed.finish().unwrap().into_inner()
    }

    fn read(list: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut opened = open(list).unwrap();
        let rows = rows(&mut opened).unwrap().map(|row| {
            let (line, row) = row.unwrap();
            (line, row.iter().map(str::to_owned).collect())
        });
        rows.collect()
    }

    #[test]
    fn what_stands_in_cells_is_what_was_typed() {
        let sheet = r#"
            <row r="1"><c r="A1" t="inlineStr"><is><t> 주문번호</t></is></c><c r="C1" t="s"><v>0</v></c></row>
            <row r="2"><c r="A2" s="1"/></row>
            <row r="4"><c r="B4"><v>650100000001</v></c><c r="C4"><v>6.50100000002E11</v></c></row>
            <row r="5"><c r="A5"><v>12345678901234567890</v></c><c r="B5" t="str"><f>A1</f><v>식</v></c></row>
            <row r="6"><c r="A6"><v>37.5446</v></c><c r="B6" t="b"><v>1</v></c></row>"#;
        let line = |line: u64, cells: &[&str]| (line, cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            read(&book("<si><t>송장번호 </t></si>", sheet)),
            [
                line(1, &["주문번호", "", "송장번호"]),
                line(4, &["", "650100000001", "650100000002"]),
                line(5, &["1.2345678901234567E+19", "식"]),
                line(6, &["37.5446", "true"]),
            ]
        );
        let far = r#"<row r="1"><c r="XFD1"><v>1</v></c><c r="A1"><v>2</v></c></row>"#;
        assert_eq!(read(&book("", far)), [line(1, &["2"])], "far columns make no room");
    }

    #[test]
    fn what_cannot_be_read_or_comes_to_too_much_is_not_opened() {
        let cell = r#"<row r="1"><c r="A1"><v>1</v></c></row>"#;
        let good = book("<si><t>가</t></si>", cell);
        assert!(is_one(&good) && open(&good).is_some());
        let old = [COMPOUND, &[0_u8; 600][..]].concat();
        let both = [COMPOUND, &good[..]].concat();
        for broken in [&good[..good.len() / 2], &b"PK\x03\x04xl"[..], &old[..], &both[..]] {
            assert!(is_one(broken) && open(broken).is_none());
        }
        let mut harmed = good.clone();
        let at = harmed.windows(8).position(|bytes| bytes == b"xl/share").unwrap();
        harmed[at + 22] ^= 0xFF;
        assert!(open(&harmed).is_none(), "what is unpacked is not what was packed");
        // It says that it has very many files.
        let mut many = good.clone();
        let end = many.len() - 22;
        many[end + 8..end + 12].fill(0xFF);
        assert!(fits(&many, ROOM).is_none());
        let hidden = [&good[..], &many[end..], &good[end..]].concat();
        assert!(fits(&hidden, ROOM).is_none(), "wherever it says so");

        let large = book(&"<si/>".repeat(2_000), &cell.repeat(1_000));
        assert!(large.len() < 4_000, "{}", large.len());
        assert!(fits(&large, ROOM).is_some());
        for little in [Room { sheets: 30_000, ..ROOM }, Room { others: 9_000, ..ROOM }, Room { begun: 2_000, ..ROOM }] {
            assert!(fits(&large, little).is_none());
        }
        let no_such_text = book("", r#"<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="s"><v>9</v></c></row>"#);
        let mut opened = open(&no_such_text).unwrap();
        assert!(rows(&mut opened).unwrap().next().unwrap().is_none());
    }
}
