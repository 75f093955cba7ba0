//! Uploaded pictures: told apart ([`kind`]), made into what is shown of them ([`resize`], in everybody's [`colours`]), and kept in a
//! folder or a bucket ([`file_store`]). And pictures that are drawn ([`drawing`]).

mod colours;
mod drawing;
mod file_store;
mod kind;
mod resize;
mod sweeping;
#[cfg(test)]
mod tests;

pub use drawing::{DRAWN, Drawings, Words};
pub use file_store::{Bucket, Unusable};
pub(crate) use sweeping::Sweeper;

use crate::{Error, background, ids};
use bytes::Bytes;
use file_store::{FileStore, reason};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use model::{Crop, FieldError, FormErrors, PictureId, Time};
use object_store::path::Path;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// The largest upload, in bytes.
pub const MAX_BYTES: usize = 10 << 20;
/// The largest picture that is shown, in bytes: ours are far smaller.
const MAX_KEPT: u64 = 4 << 20;
/// Pixels of a banner.
pub const BANNER: (u32, u32) = (1280, 720);
/// A size that is kept: under which name, and its pixels across and down.
type Size = (&'static str, u32, u32);
/// Pixels of the two sizes kept.
const SIZES: [Size; 2] = [("banner.jpg", BANNER.0, BANNER.1), ("card.jpg", 640, 640)];
/// The name of a picture that shows something in detail, whatever its shape.
const DETAIL: &str = "detail.jpg";
/// Pixels of the two sizes kept of a member's picture.
const FACES: [Size; 2] = [("face.jpg", 384, 384), ("face-small.jpg", 96, 96)];
/// The name of a party's receipt, which its members alone see.
const RECEIPT: &str = "receipt.jpg";
/// A member's picture that cannot be removed is tried again after these pauses.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(2)];
/// Pictures copied at once.
const AT_ONCE: usize = 8;
/// Pictures that are not there, remembered for a moment, so that the store is asked once about what many look for in vain. None comes to
/// be under a name that was asked for before.
const NOWHERE: usize = 10_000;
const NOWHERE_FOR: Duration = Duration::from_secs(60);

/// A kept picture.
pub struct Picture {
    /// How many bytes it is.
    pub size: u64,
    /// They, as they come.
    pub bytes: BoxStream<'static, Result<Bytes, Error>>,
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Error {
        Error::Service { service: "pictures", reason: reason(&error) }
    }
}

/// Addresses of an event's pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pictures {
    /// Wide, above the event.
    pub banner: Option<String>,
    /// Square, in lists.
    pub card: Option<String>,
}

/// Where pictures are kept. Cheap to clone.
#[derive(Clone)]
pub struct PictureStore {
    files: FileStore,
    turns: Arc<Semaphore>,
    /// Those that are not there, and when that was found.
    nowhere: Arc<quick_cache::sync::Cache<(PictureId, &'static str), Instant>>,
}

impl PictureStore {
    /// In a folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub async fn folder(folder: &std::path::Path) -> Result<PictureStore, Error> {
        Ok(PictureStore::at(FileStore::folder(folder).await?))
    }

    /// In a bucket of an S3-compatible store that can be used; `settings` are named as in the environment: `AWS_…`.
    ///
    /// # Errors
    /// [`Unusable`] says why it cannot be used.
    pub async fn bucket(
        bucket: &Bucket,
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Result<PictureStore, Unusable> {
        Ok(PictureStore::at(FileStore::bucket(bucket, settings).await?))
    }

    fn at(files: FileStore) -> PictureStore {
        let nowhere = Arc::new(quick_cache::sync::Cache::new(NOWHERE));
        PictureStore { files, turns: Arc::new(Semaphore::new(1)), nowhere }
    }

    /// Takes an upload; the addresses of what was made of it. Errors name the field `picture`.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] for what is too large, and for what is no picture that can be read; the store's. Nothing is kept then.
    pub async fn save(&self, bytes: Vec<u8>, crop: Crop, now: Time) -> Result<Pictures, Error> {
        let id = PictureId(ids::new_id(now));
        self.save_sizes(id, bytes, crop, &SIZES).await?;
        Ok(addresses(id))
    }

    /// Takes an upload that shows something in detail: as a whole, no wider than a page. Its address; errors name the `field`.
    ///
    /// # Errors
    /// As [`PictureStore::save`].
    pub async fn save_detail(&self, bytes: Vec<u8>, field: &str, now: Time) -> Result<String, Error> {
        let id = PictureId(ids::new_id(now));
        self.save_whole(&path(id, DETAIL), bytes, field).await?;
        Ok(detail_address(id))
    }

    /// Takes a member's picture, cut to a square; under which id.
    ///
    /// # Errors
    /// As [`PictureStore::save`], for the field `picture`.
    pub async fn save_face(&self, bytes: Vec<u8>, crop: Crop, now: Time) -> Result<PictureId, Error> {
        let id = PictureId(ids::new_id(now));
        self.save_sizes(id, bytes, crop, &FACES).await?;
        Ok(id)
    }

    /// Removes what [`PictureStore::save_face`] made, also when whoever waits for it goes away meanwhile. What cannot be removed is tried
    /// again, in the end by who sweeps.
    pub async fn remove_face(&self, id: PictureId) {
        let store = self.clone();
        let removing = tokio::spawn(async move {
            for pause in AGAIN_AFTER {
                if store.remove_sizes(id, &FACES).await {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
            store.remove_sizes(id, &FACES).await;
        });
        // A panic was told of already.
        let _ = removing.await;
    }

    /// Takes the picture of a party's receipt; under which id. Errors name the field `receipt`.
    ///
    /// # Errors
    /// As [`PictureStore::save`].
    pub async fn save_receipt(&self, bytes: Vec<u8>, now: Time) -> Result<PictureId, Error> {
        let id = PictureId(ids::new_id(now));
        self.save_whole(&path(id, RECEIPT), bytes, "receipt").await?;
        Ok(id)
    }

    /// Keeps an upload as a whole, no wider than a page.
    async fn save_whole(&self, path: &Path, bytes: Vec<u8>, field: &str) -> Result<(), Error> {
        let made = self.in_turn(bytes, field, resize::whole).await?;
        Ok(self.files.put(path, made.into()).await?)
    }

    /// Keeps an upload cut to sizes: all of them, or none.
    async fn save_sizes(&self, id: PictureId, bytes: Vec<u8>, crop: Crop, sizes: &'static [Size]) -> Result<(), Error> {
        let made = self.in_turn(bytes, "picture", move |bytes| resize::cut(bytes, crop, sizes)).await?;
        for ((name, ..), bytes) in sizes.iter().zip(made) {
            if let Err(error) = self.files.put(&path(id, name), bytes.into()).await {
                // Not one size without the other. Whoever waits need not wait for this as well.
                let store = self.clone();
                tokio::spawn(async move { store.remove_sizes(id, sizes).await });
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// What is made of an upload when it is its turn. What is wrong with it names the `field`.
    async fn in_turn<T: Send + 'static>(
        &self,
        bytes: Vec<u8>,
        field: &str,
        make: impl FnOnce(Vec<u8>) -> Result<T, FieldError> + Send + 'static,
    ) -> Result<T, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(refuse(field, FieldError::TooLarge));
        }
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| model::Error::Busy)?;
        // The turn ends with the work, also when whoever asked for it has gone.
        let work = move || {
            let _turn = turn;
            make(bytes)
        };
        let made = background::block(work).await.map_err(|_| model::Error::Internal)?;
        made.map_err(|error| refuse(field, error))
    }

    /// Whether none of them is left.
    async fn remove_sizes(&self, id: PictureId, sizes: &[Size]) -> bool {
        let mut all = true;
        for (name, ..) in sizes {
            all &= self.remove_file(id, name).await;
        }
        all
    }

    /// Removes what [`PictureStore::save_detail`] made and nobody is to see.
    pub async fn remove_details(&self, addresses: &[String]) {
        for address in addresses {
            self.remove_one(address).await;
        }
    }

    /// A kept picture that everybody may see.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] when there is none; the store's.
    pub async fn read(&self, id: PictureId, name: &str) -> Result<Picture, Error> {
        let name = names().find(|known| *known == name && name != RECEIPT).ok_or(model::Error::NotFound)?;
        if self.nowhere.get(&(id, name)).is_some_and(|found_at| found_at.elapsed() < NOWHERE_FOR) {
            return Err(model::Error::NotFound.into());
        }
        let found = self.read_at(&path(id, name)).await;
        if matches!(found, Err(Error::Refused(model::Error::NotFound))) {
            self.nowhere.insert((id, name), Instant::now());
        }
        found
    }

    /// The picture of a receipt; whoever calls this has asked who may see it.
    pub(crate) async fn read_receipt(&self, id: PictureId) -> Result<Picture, Error> {
        self.read_at(&path(id, RECEIPT)).await
    }

    async fn read_at(&self, path: &Path) -> Result<Picture, Error> {
        let (size, bytes) = match self.files.get(path).await {
            Err(object_store::Error::NotFound { .. }) => return Err(model::Error::NotFound.into()),
            found => found?,
        };
        if size > MAX_KEPT {
            tracing::error!(%path, size, "this picture is none of ours");
            return Err(model::Error::NotFound.into());
        }
        let path = path.clone();
        // Whoever is sent it is only cut off.
        let failed = move |error: &object_store::Error| {
            tracing::warn!(%path, error = reason(error), "a picture cannot be read to its end");
        };
        Ok(Picture { size, bytes: bytes.inspect_err(failed).map_err(Error::from).boxed() })
    }

    /// Removes what [`PictureStore::save`] made and nobody is to see. What cannot be removed stays, and the log says so.
    pub async fn remove(&self, pictures: &Pictures) {
        for address in [&pictures.banner, &pictures.card].into_iter().flatten() {
            self.remove_one(address).await;
        }
    }

    async fn remove_one(&self, address: &str) {
        let Some((id, name)) = address.strip_prefix("/pictures/").and_then(|rest| rest.split_once('/')) else {
            return;
        };
        let Ok(id) = id.parse() else { return };
        self.remove_file(id, name).await;
    }

    /// Whether it is gone.
    async fn remove_file(&self, id: PictureId, name: &str) -> bool {
        match self.files.delete(&path(id, name)).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%id, name, error = reason(&error), "a picture that nobody sees was left behind");
                false
            }
        }
    }

    /// Copies every picture of a folder into this store; how many there were.
    ///
    /// # Errors
    /// When a picture of the folder cannot be read; the store's.
    pub async fn take_over(&self, folder: &std::path::Path) -> Result<usize, Error> {
        let mut ids = Vec::new();
        let mut entries = match tokio::fs::read_dir(folder).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        while let Some(entry) = entries.next_entry().await? {
            ids.extend(entry.file_name().to_str().and_then(|name| name.parse::<PictureId>().ok()));
        }
        let count = ids.len();
        let copies = ids.into_iter().flat_map(|id| names().map(move |name| (id, name))).map(|(id, name)| async move {
            match tokio::fs::read(folder.join(id.to_string()).join(name)).await {
                Ok(bytes) => self.files.put(&path(id, name), bytes.into()).await.map_err(Error::from),
                // A size that this one has not, or half of one that was cut short.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error.into()),
            }
        });
        futures::stream::iter(copies).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(count)
    }
}

/// Where a picture is seen.
fn addresses(id: PictureId) -> Pictures {
    let address = |name: &str| Some(format!("/pictures/{id}/{name}"));
    Pictures { banner: address(SIZES[0].0), card: address(SIZES[1].0) }
}

fn detail_address(id: PictureId) -> String {
    format!("/pictures/{id}/{DETAIL}")
}

/// What files of a picture there may be.
fn names() -> impl Iterator<Item = &'static str> {
    SIZES.iter().map(|(name, ..)| *name).chain(FACES.iter().map(|(name, ..)| *name)).chain([DETAIL, RECEIPT])
}

fn path(id: PictureId, name: &str) -> Path {
    Path::from(format!("{id}/{name}"))
}

fn refuse(field: &str, error: FieldError) -> Error {
    let mut errors = FormErrors::default();
    errors.add(field, error);
    model::Error::Invalid { fields: errors }.into()
}
