//! Workbooks of spreadsheet programs (XLSX): the cells of their first sheet, as texts.
//!
//! A workbook is packed, and what it says of itself need not be true: what is read of it is first unpacked piece by piece and looked
//! through, with nothing kept. What opens it then checks neither how it is made nor how large its pieces are.

use calamine::{DataRef, Reader as _, SheetType, Xlsx};
use csv::StringRecord;
use quick_xml::{Reader as XmlReader, events::Event};
use std::{
    borrow::Cow,
    io::{self, BufReader, Cursor, Read},
    iter,
};
use zip::ZipArchive;

/// How a workbook begins, as whatever is packed.
const PACKED: &[u8] = b"PK\x03\x04";
/// How one begins that has a password, or is of before 2007: neither is read.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0";
/// How the end of what is packed begins.
const END: &[u8] = b"PK\x05\x06";
/// How often that may stand in it, once by its nature and else by chance: each is tried for which no list of files is found.
const ENDS: usize = 4;
/// Files in a workbook: usual ones have some dozens.
const FILES: usize = 1_000;
/// Attributes of an element, each of which is compared with all before it: the longest lists have some twenty.
const ATTRIBUTES: usize = 64;
/// Elements within each other, whose names are kept.
const DEPTH: usize = 64;
/// What is held at once, in bytes: a tag, a cell, a row. The longest text of a cell has 32,767 signs, of up to seven bytes each.
const AT_ONCE: usize = 256 << 10;
/// Texts of all cells together, in bytes: a long one may be kept once and stand in every cell.
pub(super) const TEXTS: u64 = 4 << 30;
/// The first of its columns: others are for people.
const COLUMNS: usize = 256;
/// From here on a spreadsheet program keeps no number as it was typed.
const NOT_KEPT: f64 = 1e15;

/// How much may come of one sort of its files.
#[derive(Clone, Copy)]
struct Room {
    /// How their names begin, in small letters.
    of: &'static str,
    /// Bytes of all of them.
    bytes: u64,
    /// Elements in all of them: texts, formats, names of sheets and what else is kept are some bytes each, however short they are.
    elements: u64,
    /// Bytes of one tag.
    tag: usize,
}

/// All that is read of a workbook. Sheets, which are not kept, and texts: twice what a hundred thousand orders come to with long
/// addresses, as they are exported and as Excel saves them. A format is read again for each style that has it. A sheet may be a file in
/// the place of their folder, too; [`rows`] reads none that stands elsewhere.
const ROOMS: [Room; 5] = [
    Room { of: "xl/worksheets", bytes: 256 << 20, elements: 32_000_000, tag: 64 << 10 },
    Room { of: "xl/sharedstrings.xml", bytes: 96 << 20, elements: 3_000_000, tag: 4 << 10 },
    Room { of: "xl/styles.xml", bytes: 32 << 20, elements: 400_000, tag: 4 << 10 },
    Room { of: "xl/workbook.xml", bytes: 8 << 20, elements: 100_000, tag: 4 << 10 },
    Room { of: "xl/_rels/workbook.xml.rels", bytes: 1 << 20, elements: 10_000, tag: 4 << 10 },
];

/// A workbook that was opened.
pub(super) type Opened<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Whether somebody brought a workbook, readable or not.
pub(super) fn is_one(list: &[u8]) -> bool {
    list.starts_with(PACKED) || list.starts_with(COMPOUND)
}

/// Opens a workbook; `None` when it cannot be, or comes to too much.
pub(super) fn open(list: &[u8]) -> Option<Opened<'_>> {
    fits(list, ROOMS)?;
    Xlsx::new(Cursor::new(list)).ok()
}

/// Finds whether it comes to no more than that.
fn fits(list: &[u8], mut rooms: [Room; 5]) -> Option<()> {
    let ends: Vec<&[u8]> = list.windows(22).filter(|bytes| bytes.starts_with(END)).take(ENDS + 1).collect();
    // One that is too long for usual numbers: room would be made for as many files as it says it has, before one is seen.
    let is_long = |end: &&[u8]| end[10..12] == [0xFF; 2] || end[16..20] == [0xFF; 4];
    if !list.starts_with(PACKED) || ends.len() > ENDS || ends.iter().any(is_long) {
        return None;
    }
    let mut files = ZipArchive::new(Cursor::new(list)).ok()?;
    if files.len() > FILES {
        return None;
    }
    // What is packed stands in it once, whatever comes of it and however many files are said to be at one place.
    let mut packed = list.len() as u64;
    for nth in 0..files.len() {
        let file = files.by_index(nth).ok()?;
        packed = packed.checked_sub(file.compressed_size())?;
        let name = file.name().to_ascii_lowercase().replace('\\', "/");
        if let Some(room) = rooms.iter_mut().find(|room| name.starts_with(room.of)) {
            is_usual(file, room)?;
        }
    }
    Some(())
}

/// What is unpacked of a file: it fails where that is more than there is room for, or more than is held at once.
struct Unpacked<'a, R> {
    file: R,
    bytes: &'a mut u64,
    at_once: usize,
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(piece)?;
        let too_much = || io::Error::other("it comes to too much");
        *self.bytes = self.bytes.checked_sub(read as u64).ok_or_else(too_much)?;
        self.at_once = self.at_once.checked_sub(read).ok_or_else(too_much)?;
        Ok(read)
    }
}

/// Finds whether a file has room, and is made of pieces that have. It is taken to pieces by what does so when the workbook is opened,
/// with one thing more: every element ends as it begins. So where a cell ends here, it ends for whatever looks for its end.
fn is_usual(file: impl Read, room: &mut Room) -> Option<()> {
    let unpacked = Unpacked { file, bytes: &mut room.bytes, at_once: AT_ONCE };
    let mut xml = XmlReader::from_reader(BufReader::new(unpacked));
    xml.config_mut().expand_empty_elements = true;
    let (mut piece, mut depth, mut whole) = (Vec::new(), 0, None);
    loop {
        piece.clear();
        match xml.read_event_into(&mut piece).ok()? {
            Event::Start(tag) => {
                room.elements = room.elements.checked_sub(1)?;
                depth += 1;
                let attributes = tag.attributes().with_checks(false).take(ATTRIBUTES + 1).count();
                if tag.len() > room.tag || attributes > ATTRIBUTES || depth > DEPTH {
                    return None;
                }
                // Whatever stands in one of these is put together.
                if matches!(tag.local_name().as_ref(), b"c" | b"si" | b"definedName") {
                    whole = whole.or(Some(depth));
                }
            }
            Event::End(_) => {
                whole = whole.filter(|began| *began != depth);
                depth -= 1;
            }
            Event::DocType(_) => return None,
            Event::Eof => return Some(()),
            _ => {}
        }
        if whole.is_none() {
            xml.get_mut().get_mut().at_once = AT_ONCE;
        }
    }
}

/// The rows of its first sheet in which something stands, each with its line, as long as its cells have no more than so many bytes;
/// `None` among them where it cannot be read, and for a workbook whose first sheet is none of cells, or that has no sheets.
pub(super) fn rows(
    opened: &mut Opened<'_>,
    mut texts: u64,
) -> Option<impl Iterator<Item = Option<(u64, StringRecord)>>> {
    // Others, as of charts, stand in folders of their own, which nobody looked through: what opens the workbook would read them as well.
    let first = opened.sheets_metadata().first().filter(|sheet| sheet.typ == SheetType::WorkSheet)?.name.clone();
    let mut cells = opened.worksheet_cells_reader(&first).ok()?;
    let mut next = cells.next_cell().ok()?;
    Some(iter::from_fn(move || {
        loop {
            let line = next.as_ref()?.get_position().0;
            let mut row = StringRecord::new();
            while let Some(cell) = next.take_if(|cell| cell.get_position().0 == line) {
                let column = cell.get_position().1 as usize;
                if (row.len()..COLUMNS).contains(&column) {
                    let text = written(cell.get_value());
                    let Some(left) = texts.checked_sub(text.len() as u64) else { return Some(None) };
                    texts = left;
                    if row.as_slice().len() + text.len() > AT_ONCE {
                        return Some(None);
                    }
                    (row.len()..column).for_each(|_| row.push_field(""));
                    row.push_field(text.trim());
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
        packed(&[
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/workbook.xml", BOOK),
            ("xl/sharedStrings.xml", texts.as_str()),
            ("xl/worksheets/sheet1.xml", sheet.as_str()),
        ])
    }

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            packed.start_file(*name, SimpleFileOptions::default()).unwrap();
            packed.write_all(text.as_bytes()).unwrap();
        }
        packed.finish().unwrap().into_inner()
    }

    fn read(list: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut opened = open(list).unwrap();
        let rows = rows(&mut opened, TEXTS).unwrap().map(|row| {
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
        assert!(fits(&many, ROOMS).is_none());
        let hidden = [&good[..], &many[end..], &good[end..]].concat();
        assert!(fits(&hidden, ROOMS).is_none(), "wherever it says so");

        let large = book(&"<si/>".repeat(2_000), &cell.repeat(1_000));
        assert!(large.len() < 4_000, "{}", large.len());
        assert!(fits(&large, ROOMS).is_some());
        for (nth, bytes, elements) in [(0, 30_000, 9_000), (0, 90_000, 2_000), (1, 9_000, 9_000), (1, 90_000, 1_500)] {
            let mut little = ROOMS;
            little[nth] = Room { bytes, elements, ..ROOMS[nth] };
            assert!(fits(&large, little).is_none(), "{nth}: {bytes}, {elements}");
        }
        let no_such_text = book("", r#"<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="s"><v>9</v></c></row>"#);
        let mut opened = open(&no_such_text).unwrap();
        assert!(rows(&mut opened, TEXTS).unwrap().next().unwrap().is_none());
    }

    #[test]
    fn no_sheet_is_read_that_was_not_looked_through() {
        let sheet = r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#;
        let leading = |target: &str, file: &str| {
            let relations = RELATIONS.replace("worksheets/sheet1.xml", target);
            packed(&[("xl/_rels/workbook.xml.rels", relations.as_str()), ("xl/workbook.xml", BOOK), (file, sheet)])
        };
        let mut little = ROOMS;
        little[0].elements = 2;
        for (target, file) in [
            ("worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("/xl/worksheets/a.bin", "XL/Worksheets/A.bin"),
            ("worksheets", "xl/worksheets"),
        ] {
            let book = leading(target, file);
            assert_eq!(read(&book), [(1, vec!["1".to_owned()])], "{target}");
            assert!(fits(&book, little).is_none(), "{target}");
        }
        for folder in ["chartsheets", "dialogsheets"] {
            let book = leading(&format!("{folder}/sheet1.xml"), &format!("xl/{folder}/sheet1.xml"));
            let mut opened = open(&book).unwrap();
            assert!(rows(&mut opened, TEXTS).is_none(), "{folder}");
        }
        for target in ["../a.xml", "/a.xml", "media/a.xml", "./worksheets/a.xml", "/worksheets/a.xml"] {
            assert!(open(&leading(target, "xl/worksheets/a.xml")).is_none(), "{target}");
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_once() {
        let good = book("", "");
        let end = good.len() - 22;
        let with_ends = |more: usize| [&good[..], &good[end..].repeat(more)[..]].concat();
        assert!(fits(&with_ends(ENDS - 1), ROOMS).is_some());
        assert!(fits(&with_ends(ENDS), ROOMS).is_none(), "each would be tried");
        // So much each of its four files takes, as it says.
        let taking = |bytes: usize| {
            let mut list = good.clone();
            let entries = good.windows(4).enumerate().filter(|(_, four)| *four == b"PK\x01\x02");
            for (at, _) in entries {
                list[at + 20..at + 24].copy_from_slice(&u32::try_from(bytes).unwrap().to_le_bytes());
            }
            list
        };
        assert!(fits(&taking(good.len() / 5), ROOMS).is_some());
        assert!(fits(&taking(good.len() / 3), ROOMS).is_none(), "together more than there is");
        let names: Vec<String> = (0..=FILES).map(|nth| nth.to_string()).collect();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        assert!(fits(&packed(&files[1..]), ROOMS).is_some());
        assert!(fits(&packed(&files), ROOMS).is_none());
    }

    #[test]
    fn what_is_held_at_once_is_little() {
        let fits = |sheet: &str| fits(&book("", sheet), ROOMS).is_some();
        let attributes = |count: usize| (0..count).map(|nth| format!(" a{nth}='<'")).collect::<String>();
        assert!(fits(&format!("<c{}/>", attributes(ATTRIBUTES))));
        assert!(!fits(&format!("<c{}/>", attributes(ATTRIBUTES + 1))));
        let long = |bytes: usize| format!("<c a='{}'/>", "<".repeat(bytes));
        assert!(fits(&long(60 << 10)) && !fits(&long(64 << 10)), "a tag");
        // Beside the two that it stands in.
        let deep = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(fits(&deep(DEPTH - 2)) && !fits(&deep(DEPTH - 1)));
        let piece = "가".repeat(20 << 10);
        let runs = |count: usize| format!("<c><is>{}</is></c>", format!("<r><t>{piece}</t></r>").repeat(count));
        assert!(fits(&runs(3).repeat(5)) && !fits(&runs(5)), "a cell");
        let comment = |bytes: usize| format!("<!--{}-->", " ".repeat(bytes));
        assert!(fits(&comment(AT_ONCE / 2)) && !fits(&comment(2 * AT_ONCE)), "whatever it is");
        assert!(!fits("<c><v></c></v>"), "where a cell ends is certain");
        assert!(!fits("<!DOCTYPE a>"));

        let texts = format!("<si><t>{piece}</t></si>");
        let line = |cells: usize| format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(cells));
        let read = |cells: usize, most: usize| {
            let list = book(&texts, &line(cells).repeat(3));
            let mut opened = open(&list).unwrap();
            let rows = rows(&mut opened, most as u64).unwrap();
            rows.take_while(Option::is_some).count()
        };
        assert_eq!(read(4, usize::MAX), 3);
        assert_eq!(read(5, usize::MAX), 0, "a row");
        assert_eq!(read(4, 11 * piece.len()), 2, "all of them");
    }
}
