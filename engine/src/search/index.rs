//! The index of a node: in its data folder, or in memory where that cannot be written to.
//!
//! ```text
//! search/00000003/   a whole index; a new one is made beside the old, which answers until then
//! ```
//!
//! With each commit is written how far the database's changes are in it. An index of another version, or one that cannot be read,
//! is none.

use super::{current::Current, documents::Document};
use crate::background;
use model::{
    Time,
    search::{FoundKind, initial_grams, text_grams, title_grams, title_key},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};
use tantivy::{
    Directory, DocSet, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TERMINATED, TantivyDocument,
    TantivyError, Term,
    directory::{DirectoryLock, INDEX_WRITER_LOCK, MmapDirectory},
    indexer::IndexWriterOptions,
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};
use uuid::Uuid;

/// Of what an index holds: another one is made anew.
const VERSION: u32 = 3;
/// Bytes that are gathered before they are written, while an index is made and afterwards.
const BUDGET: (usize, usize) = (96 << 20, 15 << 20);
/// Names of the columns that results are ordered by.
pub(super) const COLUMNS: [&str; 4] = ["id", "high", "times", "bits"];

/// The last change of the database that an index holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The version of the index.
    version: u32,
    /// Its number.
    pub number: i64,
    /// Its mark, which another history of the database does not have.
    pub mark: String,
}

impl Position {
    pub fn new(number: i64, mark: String) -> Position {
        Position { version: VERSION, number, mark }
    }
}

/// What is looked up, and what results are ordered by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Runs of letters of the title, and the whole of it behind `=`.
    pub title: Field,
    /// Runs of letters of everything, the title included.
    pub text: Field,
    /// Runs of the title's initial consonants.
    pub initials: Field,
    /// What sort of thing.
    pub kind: Field,
    /// The random half of its id.
    pub id: Field,
    high: Field,
    times: Field,
    bits: Field,
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let runs = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    let runs = TextOptions::default().set_indexing_options(runs);
    let fields = Fields {
        title: schema.add_text_field("title", runs.clone()),
        text: schema.add_text_field("text", runs.clone()),
        initials: schema.add_text_field("initials", runs.clone()),
        kind: schema.add_text_field("kind", runs),
        id: schema.add_u64_field(COLUMNS[0], INDEXED | FAST),
        high: schema.add_u64_field(COLUMNS[1], FAST),
        times: schema.add_u64_field(COLUMNS[2], FAST),
        bits: schema.add_u64_field(COLUMNS[3], FAST),
    };
    (schema.build(), fields)
}

/// Whole seconds as columns have them: until the year 2106.
pub(super) fn seconds(time: Time) -> u32 {
    u32::try_from(time.0.div_euclid(model::SECOND.micros()).max(0)).unwrap_or(u32::MAX)
}

/// The halves of an id: what comes first of it is a time.
fn halves(id: Uuid) -> (u64, u64) {
    id.as_u64_pair()
}

/// A thing's kind, and how popular it is, as they are read off a column.
pub(super) fn of_bits(bits: u64) -> (usize, u64) {
    ((bits & 15) as usize, bits >> 4)
}

/// Where a kind stands among all, as columns have it.
pub(super) fn kind_number(kind: FoundKind) -> usize {
    FoundKind::ALL.iter().position(|known| *known == kind).unwrap_or_default()
}

/// An index that answers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Serving {
    pub reader: IndexReader,
    pub fields: Fields,
    pub current: Arc<Current>,
}

impl Serving {
    /// Looks for what may not be over at `at`, in whole seconds, so that nobody who asks waits for that.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn look(&self, at: u32) -> tantivy::Result<()> {
        self.current.of(&self.reader.searcher(), at).map(drop)
    }
}

/// An index that is written to.
pub(super) struct Writing {
    index: Index,
    writer: IndexWriter,
    serving: Serving,
    /// Where it lies; nowhere in memory.
    folder: Option<PathBuf>,
}

impl Writing {
    fn new(index: Index, fields: Fields, folder: Option<PathBuf>, budget: usize) -> tantivy::Result<Writing> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(budget)
            .num_merge_threads(1)
            .build();
        let writer = background::begin(|| index.writer_with_options(options))??;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Writing { index, writer, serving: Serving { reader, fields, current: Arc::default() }, folder })
    }

    /// What answers from it.
    pub fn serving(&self) -> Serving {
        self.serving.clone()
    }

    /// Adds a thing. It is found after the next commit.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&self, document: &Document) -> tantivy::Result<()> {
        let fields = &self.serving.fields;
        let mut text = title_grams(&document.title);
        let mut title = text.clone();
        title.push_str(" =");
        title.push_str(&title_key(&document.title));
        for said in &document.texts {
            text.push(' ');
            text.push_str(&text_grams(said));
        }
        let (high, id) = halves(document.id);
        let (opens, closes) = document.times.map_or((0, u32::MAX), |(opens, closes)| (seconds(opens), seconds(closes)));
        let mut row = TantivyDocument::default();
        row.add_text(fields.title, title);
        row.add_text(fields.text, text);
        row.add_text(fields.initials, initial_grams(&document.title));
        row.add_text(fields.kind, document.kind.name());
        row.add_u64(fields.id, id);
        row.add_u64(fields.high, high);
        row.add_u64(fields.times, u64::from(opens) << 32 | u64::from(closes));
        row.add_u64(fields.bits, u64::from(document.popularity) << 4 | kind_number(document.kind) as u64);
        self.writer.add_document(row)?;
        Ok(())
    }

    /// How popular some things are by what was committed of them; nothing of those that are not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn popularity(&self, ids: &[Uuid]) -> tantivy::Result<HashMap<Uuid, u64>> {
        let (searcher, field) = (self.serving.reader.searcher(), self.serving.fields.id);
        let mut found = HashMap::with_capacity(ids.len());
        for segment in searcher.segment_readers() {
            let bits = segment.fast_fields().column_first_or_default::<u64>(COLUMNS[3])?;
            let terms = segment.inverted_index(field)?;
            for id in ids {
                let term = Term::from_field_u64(field, halves(*id).1);
                let Some(mut postings) = terms.read_postings(&term, IndexRecordOption::Basic)? else { continue };
                while postings.doc() != TERMINATED {
                    if !segment.is_deleted(postings.doc()) {
                        found.insert(*id, of_bits(bits.get_val(postings.doc())).1);
                    }
                    postings.advance();
                }
            }
        }
        Ok(found)
    }

    /// Takes out what is there of some ids.
    pub fn remove(&self, ids: impl IntoIterator<Item = Uuid>) {
        for id in ids {
            self.writer.delete_term(Term::from_field_u64(self.serving.fields.id, halves(id).1));
        }
    }

    /// Makes what was written durable, and found; with how far the database's changes are in it.
    ///
    /// # Errors
    /// When it cannot be written, such as on a full disk, or when its folder is gone.
    pub fn commit(&mut self, position: &Position) -> tantivy::Result<()> {
        let payload = serde_json::to_string(position).map_err(|error| TantivyError::SystemError(error.to_string()))?;
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        self.serving.reader.reload()
    }

    /// Whether its files are still there.
    pub fn is_there(&self) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.join("meta.json").is_file())
    }

    /// Gives back what was kept for making it.
    ///
    /// # Errors
    /// When it cannot be opened again.
    pub fn made(self) -> tantivy::Result<Writing> {
        let Writing { index, writer, serving, folder } = self;
        writer.wait_merging_threads()?;
        let made = Writing::new(index, serving.fields, folder, BUDGET.1)?;
        // Merged meanwhile.
        made.serving.reader.reload()?;
        Ok(made)
    }
}

/// Bytes that are written to see whether the disk is full.
const ROOM: usize = 1 << 20;

/// A node's folder for its indices, which no other process uses meanwhile.
pub(super) struct Home {
    folder: PathBuf,
    _lock: DirectoryLock,
}

impl Home {
    /// Takes the folder, and makes it where it is missing.
    ///
    /// # Errors
    /// When it cannot be written to, or another process has it.
    pub fn take(folder: &Path) -> Result<Home, String> {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let lock = MmapDirectory::open(folder)
            .map_err(|error| error.to_string())?
            .acquire_lock(&INDEX_WRITER_LOCK)
            .map_err(|error| error.to_string())?;
        Ok(Home { folder: folder.to_owned(), _lock: lock })
    }

    /// Whether the disk has no room for a small commit. Where nothing can be written for another reason, no room will help.
    pub fn lacks_room(&self) -> bool {
        let probe = self.folder.join("room");
        let written = fs::write(&probe, vec![0; ROOM]);
        // What of it was written before there was no more room goes as well.
        let _ = fs::remove_file(&probe);
        written.is_err_and(|error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
    }

    /// The indices that lie there, newest first.
    fn generations(&self) -> Vec<(u64, PathBuf)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut found: Vec<_> =
            entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path()))).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }

    /// The newest whole index, and how far it is; all others are removed.
    pub fn open(&self) -> Option<(Writing, Position)> {
        let (_, fields) = schema();
        let open = |folder: &Path| -> tantivy::Result<(Writing, Position)> {
            let index = Index::open(MmapDirectory::open(folder)?)?;
            let other = || TantivyError::SchemaError("another version".to_owned());
            let payload = index.load_metas()?.payload.ok_or_else(other)?;
            let position: Position = serde_json::from_str(&payload).map_err(|_| other())?;
            if position.version != VERSION || index.schema() != schema().0 {
                return Err(other());
            }
            Ok((Writing::new(index, fields, Some(folder.to_owned()), BUDGET.1)?, position))
        };
        let mut opened = None;
        for (_, folder) in self.generations() {
            match open(&folder) {
                Ok(found) if opened.is_none() => {
                    opened = Some(found);
                    continue;
                }
                Ok(_) => {}
                Err(error) => tracing::info!(%error, folder = %folder.display(), "an index is not used"),
            }
            remove(&folder);
        }
        opened
    }

    /// A new, empty one beside those that are there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(&self) -> tantivy::Result<Writing> {
        let (schema, fields) = schema();
        let next = self.generations().first().map_or(1, |(newest, _)| newest + 1);
        let folder = self.folder.join(format!("{next:08}"));
        fs::create_dir_all(&folder)?;
        let index = Index::create(MmapDirectory::open(&folder)?, schema, IndexSettings::default())?;
        Writing::new(index, fields, Some(folder), BUDGET.0)
    }

    /// Removes all but one: what is still read of them stays readable to whoever reads it.
    pub fn keep(&self, kept: &Writing) {
        for (_, folder) in self.generations() {
            if kept.folder.as_ref() != Some(&folder) {
                remove(&folder);
            }
        }
    }
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!(%error, folder = %folder.display(), "an old index stays");
    }
}

/// A new, empty index in memory.
///
/// # Errors
/// When there is none left.
pub(super) fn in_memory() -> tantivy::Result<Writing> {
    let (schema, fields) = schema();
    Writing::new(Index::create_in_ram(schema), fields, None, BUDGET.0)
}
