//! What is wrong with the fields of a form.

use super::Error;
use crate::{Time, wire::both_ways};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// Why a field's value is not taken. As JSON: `{"code":"too_short","min":2}`.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// A name that reads like the site's own or like that of somebody whom others know.
    Reserved,
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
    /// A picture as phones keep it (HEIC, AVIF), which not everybody can show.
    Heif,
    /// A picture in the colours of printing.
    Cmyk,
    /// More bytes or pixels than we take.
    TooLarge,
    /// Part of terms that hold still once people may have entered.
    Fixed,
    /// Must not come before the closing.
    BeforeClosing,
    /// A password that is not the account's.
    WrongPassword,
    /// A number whose last digit does not follow from the others.
    CheckDigit,
    /// Taken only when its writer says once more that it is meant.
    Confirm {
        /// Whole won each.
        price: i64,
        /// How many.
        count: i64,
    },
    /// A deal would be open in hours that its creator has not booked.
    NotBooked {
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
    },
    /// A deal would be open in hours in which another deal of its creator is.
    HourUsed {
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
    },
    /// A deal would be open in hours that have no room for another.
    HourFull {
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
    },
}

both_ways! {
    /// A field's error as it is written, flat for the same reason as [`super::Wire`].
    #[derive(Default)]
    struct Wire {
        #[json(default)]
        pub code: Cow<'static, str>,
        #[json(default, skip_serializing_if = "Option::is_none")]
        pub min: Option<i64>,
        #[json(default, skip_serializing_if = "Option::is_none")]
        pub max: Option<i64>,
    }
}

impl Serialize for FieldError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (code, min, max) = match *self {
            FieldError::Required => ("required", None, None),
            FieldError::TooShort { min } => ("too_short", Some(min as i64), None),
            FieldError::TooLong { max } => ("too_long", None, Some(max as i64)),
            FieldError::Invalid => ("invalid", None, None),
            FieldError::Taken => ("taken", None, None),
            FieldError::Reserved => ("reserved", None, None),
            FieldError::WellKnown => ("well_known", None, None),
            FieldError::InPast => ("in_past", None, None),
            FieldError::NotAfter => ("not_after", None, None),
            FieldError::Frozen => ("frozen", None, None),
            FieldError::OutOfRange { min, max } => ("out_of_range", Some(min), Some(max)),
            FieldError::NotAPicture => ("not_a_picture", None, None),
            FieldError::Heif => ("heif", None, None),
            FieldError::Cmyk => ("cmyk", None, None),
            FieldError::TooLarge => ("too_large", None, None),
            FieldError::Fixed => ("fixed", None, None),
            FieldError::BeforeClosing => ("before_closing", None, None),
            FieldError::WrongPassword => ("wrong_password", None, None),
            FieldError::CheckDigit => ("check_digit", None, None),
            FieldError::Confirm { price, count } => ("confirm", Some(price), Some(count)),
            FieldError::NotBooked { from, until } => ("not_booked", Some(from.0), Some(until.0)),
            FieldError::HourUsed { from, until } => ("hour_used", Some(from.0), Some(until.0)),
            FieldError::HourFull { from, until } => ("hour_full", Some(from.0), Some(until.0)),
        };
        Wire { code: code.into(), min, max }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FieldError {
    /// A code that is not known here, or whose parameter is missing, is [`FieldError::Invalid`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire { code, min, max } = Wire::deserialize(deserializer)?;
        Ok(match (&*code, min, max) {
            ("required", ..) => FieldError::Required,
            ("too_short", Some(min), _) => FieldError::TooShort { min: min as u64 },
            ("too_long", _, Some(max)) => FieldError::TooLong { max: max as u64 },
            ("taken", ..) => FieldError::Taken,
            ("reserved", ..) => FieldError::Reserved,
            ("well_known", ..) => FieldError::WellKnown,
            ("in_past", ..) => FieldError::InPast,
            ("not_after", ..) => FieldError::NotAfter,
            ("frozen", ..) => FieldError::Frozen,
            ("out_of_range", Some(min), Some(max)) => FieldError::OutOfRange { min, max },
            ("not_a_picture", ..) => FieldError::NotAPicture,
            ("heif", ..) => FieldError::Heif,
            ("cmyk", ..) => FieldError::Cmyk,
            ("too_large", ..) => FieldError::TooLarge,
            ("fixed", ..) => FieldError::Fixed,
            ("before_closing", ..) => FieldError::BeforeClosing,
            ("wrong_password", ..) => FieldError::WrongPassword,
            ("check_digit", ..) => FieldError::CheckDigit,
            ("confirm", Some(price), Some(count)) => FieldError::Confirm { price, count },
            ("not_booked", Some(min), Some(max)) => FieldError::NotBooked { from: Time(min), until: Time(max) },
            ("hour_used", Some(min), Some(max)) => FieldError::HourUsed { from: Time(min), until: Time(max) },
            ("hour_full", Some(min), Some(max)) => FieldError::HourFull { from: Time(min), until: Time(max) },
            _ => FieldError::Invalid,
        })
    }
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

    /// Goes on when nothing was noted.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that was noted.
    pub fn into_result(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid { fields: self }) }
    }
}

/// One of each, with these parameters.
#[cfg(test)]
pub(super) fn samples(min: i64, max: i64) -> [FieldError; 23] {
    // Does not compile when a variant is missing, so that none is forgotten in the list below.
    let _ = |error: FieldError| match error {
        FieldError::Required | FieldError::TooShort { .. } | FieldError::TooLong { .. } | FieldError::Invalid => {}
        FieldError::Taken | FieldError::WellKnown | FieldError::InPast | FieldError::NotAfter | FieldError::Frozen => {}
        FieldError::OutOfRange { .. } | FieldError::NotAPicture | FieldError::Heif | FieldError::Cmyk => {}
        FieldError::Fixed | FieldError::BeforeClosing | FieldError::Confirm { .. } => {}
        FieldError::Reserved | FieldError::TooLarge | FieldError::CheckDigit | FieldError::WrongPassword => {}
        FieldError::NotBooked { .. } | FieldError::HourUsed { .. } | FieldError::HourFull { .. } => {}
    };
    let (from, until) = (Time(min), Time(max));
    [
        FieldError::Required,
        FieldError::TooShort { min: min as u64 },
        FieldError::TooLong { max: max as u64 },
        FieldError::Invalid,
        FieldError::Taken,
        FieldError::Reserved,
        FieldError::WellKnown,
        FieldError::InPast,
        FieldError::NotAfter,
        FieldError::Frozen,
        FieldError::OutOfRange { min, max },
        FieldError::NotAPicture,
        FieldError::Heif,
        FieldError::Cmyk,
        FieldError::TooLarge,
        FieldError::Fixed,
        FieldError::BeforeClosing,
        FieldError::WrongPassword,
        FieldError::CheckDigit,
        FieldError::Confirm { price: min, count: max },
        FieldError::NotBooked { from, until },
        FieldError::HourUsed { from, until },
        FieldError::HourFull { from, until },
    ]
}
