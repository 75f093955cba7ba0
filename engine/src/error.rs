//! What the engine's functions fail with: a refusal for the person, or a fault of ours for the log.

/// A refusal or a fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// For the person: says what to do.
    #[error(transparent)]
    Refused(#[from] model::Error),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A file could not be read or written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// A service beside the site failed, such as the bucket of pictures: the same may work a moment later.
    #[error("{service}: {reason}")]
    Service {
        /// Which.
        service: &'static str,
        /// Why, as far as it says.
        reason: String,
    },
}

impl Error {
    /// What may be told outside. Faults are logged here, once.
    pub fn public(self) -> model::Error {
        match self {
            Error::Refused(error) => error,
            Error::Database(error) if crate::db::is_passing(&error) => {
                tracing::warn!(%error, "a request was told that the site is busy");
                model::Error::Busy
            }
            fault @ Error::Service { .. } => {
                tracing::warn!(%fault, "a request was told that the site is busy");
                model::Error::Busy
            }
            fault => {
                tracing::error!(%fault, "a request failed");
                model::Error::Internal
            }
        }
    }
}
