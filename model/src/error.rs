//! What can go wrong, as a code with its parameters. Text is made only where it is shown.

use serde::{Deserialize, Serialize};

/// A refusal or failure that a person or a program can act on. As JSON: `{"error":"too_early","early_us":213000}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum Error {
    /// The click came before the opening.
    #[error("{early_us} µs too early")]
    TooEarly {
        /// Microseconds that were missing.
        early_us: i64,
    },
    /// Capacity and standby are both given away.
    #[error("full")]
    Full,
    /// The click came after the event had closed.
    #[error("closed")]
    Closed,
    /// The event was called off.
    #[error("cancelled")]
    Cancelled,
    /// Nobody enters their own event.
    #[error("own event")]
    OwnEvent,
    /// The creator took this member out of the event.
    #[error("disqualified")]
    Disqualified,
    /// What was to be done was done before.
    #[error("already done")]
    AlreadyDone,
    /// The deadline has passed.
    #[error("too late")]
    TooLate,
    /// Nothing about this event can change any more.
    #[error("settled")]
    Settled,
    /// The creator lets this member speak no more.
    #[error("muted")]
    Muted,
    /// The account is suspended.
    #[error("suspended")]
    Suspended,
    /// The event asks for a code and this is not it.
    #[error("wrong entry code")]
    WrongCode,
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// Not for this member.
    #[error("not allowed")]
    Forbidden,
    /// There is nothing here.
    #[error("not found")]
    NotFound,
    /// Too many requests in too short a time.
    #[error("too many requests")]
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The service cannot take this at the moment; nothing was changed.
    #[error("busy")]
    Busy,
    /// Email and password do not belong together.
    #[error("wrong email or password")]
    WrongPassword,
    /// What was sent cannot be understood.
    #[error("malformed")]
    Malformed,
    /// More bytes than are taken here.
    #[error("too large")]
    TooLarge,
    /// One or more fields need another value.
    #[error("invalid fields")]
    Invalid {
        /// By field name.
        fields: FormErrors,
    },
    /// A fault of ours; details are in the log under the request's id.
    #[error("internal error")]
    Internal,
}

impl Error {
    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Error::TooEarly { .. } => 425,
            Error::Full | Error::Closed | Error::Cancelled | Error::AlreadyDone | Error::TooLate | Error::Settled => {
                409
            }
            Error::OwnEvent | Error::Disqualified | Error::Muted | Error::Suspended | Error::Forbidden => 403,
            Error::WrongCode | Error::WrongPassword | Error::Invalid { .. } => 422,
            Error::SignedOut => 401,
            Error::NotFound => 404,
            Error::TooMany { .. } => 429,
            Error::Busy => 503,
            Error::Malformed => 400,
            Error::TooLarge => 413,
            Error::Internal => 500,
        }
    }
}

impl Error {
    /// When the same may be tried again, in seconds, for what passes by itself.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Error::TooMany { retry_after } => Some(*retry_after),
            Error::Busy => Some(1),
            _ => None,
        }
    }
}

/// Why a field's value is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum FieldError {
    /// Nothing was given.
    Required,
    /// Fewer characters than `min`.
    TooShort {
        /// Characters needed.
        min: u64,
    },
    /// More characters than `max`.
    TooLong {
        /// Characters taken.
        max: u64,
    },
    /// Not of the expected form.
    Invalid,
    /// Somebody else has it.
    Taken,
    /// A password that others use or that was published.
    WellKnown,
    /// Must lie ahead.
    InPast,
    /// Must come after another moment on the form.
    NotAfter,
    /// Can no longer be moved, or not so close.
    Frozen,
    /// Outside of what is allowed.
    OutOfRange {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// Not a picture that we can read.
    NotAPicture,
    /// More bytes or pixels than we take.
    TooLarge,
}

/// Errors of a form by field name, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FormErrors(pub Vec<(String, FieldError)>);

impl FormErrors {
    /// Notes an error of `field`.
    pub fn add(&mut self, field: &str, error: FieldError) {
        self.0.push((field.to_owned(), error));
    }

    /// The value when it is good; else its error is noted.
    pub fn check<T>(&mut self, field: &str, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }

    /// The first error of `field`.
    pub fn of(&self, field: &str) -> Option<&FieldError> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, error)| error)
    }

    /// Fails when anything was noted.
    pub fn into_result(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid { fields: self }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_documented() {
        let json = serde_json::to_string(&Error::TooEarly { early_us: 213_000 }).unwrap();
        assert_eq!(json, r#"{"error":"too_early","early_us":213000}"#);
        assert_eq!(serde_json::to_string(&Error::Closed).unwrap(), r#"{"error":"closed"}"#);
        let mut errors = FormErrors::default();
        errors.add("title", FieldError::TooShort { min: 2 });
        let error = errors.into_result().unwrap_err();
        let json = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<Error>(&json).unwrap(), error);
    }
}
