//! How errors are declared and written: a table of codes, and one flat shape in JSON.

use super::FormErrors;
use crate::{Span, wire::both_ways};
use std::borrow::Cow;

both_ways! {
    /// An error as it is written: its code, and whichever parameters that code has. Read without knowing the code first, so the
    /// browser needs no code that holds back values until their type is known.
    #[derive(Debug, Default)]
    pub(crate) struct Wire {
        #[json(default)]
        pub error: Cow<'static, str>,
        #[json(rename = "early_us", default, skip_serializing_if = "Option::is_none")]
        pub early: Option<Span>,
        #[json(default, skip_serializing_if = "Option::is_none")]
        pub retry_after: Option<u64>,
        #[json(default, skip_serializing_if = "Option::is_none")]
        pub fields: Option<FormErrors>,
    }
}

impl Wire {
    pub(crate) fn new(code: &'static str) -> Wire {
        Wire { error: code.into(), ..Wire::default() }
    }
}

/// Declares an enum of errors: each with its code in JSON, and the HTTP status that says the same. Parameters are fields of
/// [`Wire`]. What stands under `with` are other such enums, whose codes are read and written as if they were here.
macro_rules! codes {
    ($(#[$doc:meta])* pub enum $name:ident {
        $(
            $(#[$variant_doc:meta])*
            $variant:ident $({ $($(#[$parameter_doc:meta])* $parameter:ident: $type:ty),+ $(,)? })? = $code:literal, $status:literal;
        )+
    } $(with { $($(#[$feature_doc:meta])* $feature:ident($of:ty)),+ $(,)? })?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant $({ $($(#[$parameter_doc])* $parameter: $type),+ })?,)+
            $($($(#[$feature_doc])* $feature($of),)+)?
        }

        $($(impl From<$of> for $name {
            fn from(error: $of) -> $name {
                $name::$feature(error)
            }
        })+)?

        impl $name {
            /// The code in JSON.
            pub fn code(&self) -> &'static str {
                match self {
                    $($name::$variant { .. } => $code,)+
                    $($($name::$feature(error) => error.code(),)+)?
                }
            }

            /// The HTTP status that says the same.
            pub fn status(&self) -> u16 {
                match self {
                    $($name::$variant { .. } => $status,)+
                    $($($name::$feature(error) => error.status(),)+)?
                }
            }

            /// Writes the parameters.
            #[allow(unused_variables)] // Not every enum has any.
            pub(crate) fn write(&self, wire: &mut $crate::error::Wire) {
                match self {
                    $($name::$variant $({ $($parameter),+ })? => { $($(wire.$parameter = Some($parameter.clone());)+)? })+
                    $($($name::$feature(error) => error.write(wire),)+)?
                }
            }

            /// The error of this code and these parameters; `None` when it is not one of these.
            pub(crate) fn read(wire: &$crate::error::Wire) -> Option<$name> {
                Some(match &*wire.error {
                    $($code => $name::$variant $({ $($parameter: wire.$parameter.clone()?),+ })?,)+
                    _ => return None $($(.or_else(|| <$of>::read(wire).map($name::$feature)))+)?,
                })
            }

            /// One of each, with the parameters of `wire`.
            #[cfg(test)]
            #[allow(unused_variables)]
            pub(crate) fn samples(wire: &$crate::error::Wire) -> Vec<$name> {
                let own = [$($name::$variant $({ $($parameter: wire.$parameter.clone().unwrap_or_default()),+ })?),+];
                let all = own.into_iter();
                $($(let all = all.chain(<$of>::samples(wire).into_iter().map($name::$feature));)+)?
                all.collect()
            }
        }
    };
}

pub(crate) use codes;
