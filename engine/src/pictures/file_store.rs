//! Where pictures are kept: a folder, or a bucket of an S3-compatible store.

use crate::{Error, ids, tls};
use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt, future,
    stream::{self, BoxStream},
};
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
};
use std::{fmt, str::FromStr, sync::Arc, time::Duration};
use tokio::time::timeout;

/// A store that does not take a connection within this is away.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// An attempt that takes longer has failed, also while a piece of a picture is read from it.
const ATTEMPT: Duration = Duration::from_secs(30);
/// An attempt that failed is repeated so many times, as long as no more than [`RETRY_WITHIN`] have passed.
const RETRIES: usize = 3;
const RETRY_WITHIN: Duration = Duration::from_secs(6);
/// Whatever was tried, whoever waits is told after this.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Bytes of a picture that are read at once, of a folder and of a bucket, which takes longer to answer. Whoever takes them slowly has them
/// in memory, on each of as many connections as there may be.
const PIECE: u64 = 32 << 10;
const PIECE_OF_BUCKET: u64 = 64 << 10;
/// Bytes that are handed on at once.
const SLICE: usize = 16 << 10;

/// A bucket, and what the names of everything in it begin with: `s3://bucket` or `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    name: String,
    prefix: String,
}

impl FromStr for Bucket {
    type Err = Unusable;

    fn from_str(text: &str) -> Result<Bucket, Unusable> {
        let (name, prefix) = text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, ""))).unzip();
        let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        let in_prefix = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        match (name, prefix.map(|prefix| prefix.trim_matches('/'))) {
            (Some(name), Some(prefix))
                if (3..=63).contains(&name.len())
                    && name.chars().all(in_name)
                    && prefix.chars().all(in_prefix)
                    && prefix.split('/').all(|part| prefix.is_empty() || !matches!(part, "" | "." | "..")) =>
            {
                Ok(Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
            }
            // What was typed is not repeated: it may be a key.
            _ => Err(Unusable("FIFTYNINE_PICTURES is not of the form s3://bucket or s3://bucket/prefix".into())),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// Why pictures cannot be kept there: for whoever starts the program, in a line without keys.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

/// A place for files by name. Cheap to clone.
#[derive(Clone)]
pub(super) struct FileStore {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    piece: u64,
}

impl FileStore {
    /// A folder, made when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub async fn folder(folder: &std::path::Path) -> Result<FileStore, Error> {
        tokio::fs::create_dir_all(folder).await?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true).with_fsync(true);
        Ok(FileStore { store: Arc::new(store), prefix: Path::default(), piece: PIECE })
    }

    /// A bucket, by settings that are named as in the environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …). Makes sure
    /// that it can be written to and read from.
    ///
    /// # Errors
    /// [`Unusable`] for settings that cannot be read, and when the bucket cannot be written to and read from.
    pub async fn bucket(
        bucket: &Bucket,
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Result<FileStore, Unusable> {
        tls::prepare();
        let files = FileStore::built(bucket, settings).map_err(|error| unusable(bucket, &error))?;
        let probe = Path::from(format!("check-{}", u64::from_be_bytes(ids::random())));
        let checked = async {
            files.put(&probe, Bytes::from_static(b"59")).await?;
            let _ = files.get(&probe).await?;
            files.delete(&probe).await
        };
        checked.await.map_err(|error| unusable(bucket, &error))?;
        Ok(files)
    }

    fn built(bucket: &Bucket, settings: impl IntoIterator<Item = (String, String)>) -> object_store::Result<FileStore> {
        let options = ClientOptions::new().with_connect_timeout(CONNECT_WITHIN).with_timeout(ATTEMPT);
        let backoff = BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() };
        let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_WITHIN };
        // One name a request: not every store deletes many at once.
        let mut builder = AmazonS3Builder::new().with_client_options(options).with_retry(retry);
        builder = builder.with_disable_bulk_delete(true);
        for (name, value) in settings {
            if name.starts_with("AWS_ENDPOINT") {
                address(&name, &value)?;
                // Whoever names an address without TLS means it.
                if value.starts_with("http://") {
                    builder = builder.with_allow_http(true);
                }
            }
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
        let store = builder.with_bucket_name(&bucket.name).build()?;
        Ok(FileStore { store: Arc::new(store), prefix: Path::from(bucket.prefix.as_str()), piece: PIECE_OF_BUCKET })
    }

    fn at(&self, name: &Path) -> Path {
        self.prefix.parts().chain(name.parts()).collect()
    }

    /// Keeps bytes under a name, all of them or none.
    ///
    /// # Errors
    /// The store's; when it does not answer in time.
    pub async fn put(&self, name: &Path, bytes: Bytes) -> object_store::Result<()> {
        within(self.store.put(&self.at(name), bytes.into())).await.map(|_| ())
    }

    /// What is kept under a name: how much it is, and then the bytes, a piece at a time. Between two of them nothing is open: whoever takes
    /// them slowly holds no file and no connection, and is not cut off either.
    ///
    /// # Errors
    /// [`object_store::Error::NotFound`] when there is nothing; the store's; when it does not answer in time.
    pub async fn get(
        &self,
        name: &Path,
    ) -> object_store::Result<(u64, BoxStream<'static, object_store::Result<Bytes>>)> {
        let (store, at, piece) = (self.store.clone(), self.at(name), self.piece);
        let beginning = async {
            let found = store.get_opts(&at, GetOptions::new().with_range(Some(0..piece))).await?;
            Ok::<_, object_store::Error>((found.meta.size, found.bytes().await?))
        };
        let (size, first) = within(beginning).await?;
        let rest = (1..size.div_ceil(piece)).map(move |nth| nth * piece..((nth + 1) * piece).min(size));
        let rest = stream::iter(rest).then(move |range| {
            let (store, at) = (store.clone(), at.clone());
            async move { within(store.get_range(&at, range)).await }
        });
        let pieces = stream::once(future::ready(Ok(first))).chain(rest);
        Ok((size, pieces.map_ok(|piece| stream::iter(slices(piece))).try_flatten().boxed()))
    }

    /// Everything that is kept.
    pub fn list(&self) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.store.list(Some(&self.prefix))
    }

    /// Keeps nothing any more where a list says that something is.
    ///
    /// # Errors
    /// The store's; when it does not answer in time.
    pub async fn delete_at(&self, place: &Path) -> object_store::Result<()> {
        within(self.store.delete(place)).await
    }

    /// Keeps nothing under a name any more.
    ///
    /// # Errors
    /// The store's; when it does not answer in time.
    pub async fn delete(&self, name: &Path) -> object_store::Result<()> {
        match within(self.store.delete(&self.at(name))).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Refuses what the library would panic at: an address that cannot be asked.
fn address(name: &str, value: &str) -> object_store::Result<()> {
    let refuse = |why: &str| {
        let source = format!("{name} {why}; it is of the form https://store.example or http://127.0.0.1:9000").into();
        Err(object_store::Error::Generic { store: "pictures", source })
    };
    match reqwest::Url::parse(value) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => {
            refuse("is no address of the web")
        }
        // Keys have settings of their own, and this one is shown in errors.
        Ok(url) if !url.username().is_empty() || url.password().is_some() => refuse("has a name or a password in it"),
        Ok(_) => Ok(()),
        Err(_) => refuse("is no address"),
    }
}

/// A piece in parts that are handed on one after the other: whoever sends them copies each.
fn slices(piece: Bytes) -> impl Iterator<Item = object_store::Result<Bytes>> {
    (0..piece.len()).step_by(SLICE).map(move |from| Ok(piece.slice(from..(from + SLICE).min(piece.len()))))
}

/// Ends what takes too long.
async fn within<T>(asked: impl Future<Output = object_store::Result<T>>) -> object_store::Result<T> {
    let late = |_| object_store::Error::Generic { store: "pictures", source: "no answer in time".into() };
    timeout(ANSWER_WITHIN, asked).await.map_err(late)?
}

/// What went wrong, without what a store repeats of the request.
pub(super) fn reason(error: &object_store::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let said = text.split(['<', '\n']).next().unwrap_or_default().trim_end_matches([' ', ':']);
    said.chars().take(200).collect()
}

fn unusable(bucket: &Bucket, error: &object_store::Error) -> Unusable {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    let what = match error {
        NotFound { .. } => "there is no such bucket".into(),
        PermissionDenied { .. } | Unauthenticated { .. } => "the store refuses these keys".into(),
        error => reason(error),
    };
    Unusable(format!("pictures cannot be kept in {bucket}: {what}"))
}
