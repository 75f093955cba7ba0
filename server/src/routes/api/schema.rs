//! Types that describe themselves as JSON Schema, as OpenAPI 3.1 has it: what is said of an answer is said by the type that it is
//! written from, in both languages: one without the other does not compile.

use app::texts::Lang;
use model::{EntryState, EventState, Kind, Mode, programs::Scope};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What types are called, and how they look.
pub type Schemas = BTreeMap<&'static str, Value>;

/// How a type looks, described in a language.
pub type Shape = fn(Lang, &mut Schemas) -> Value;

/// A type that describes itself.
pub trait Described {
    /// What it is called, for types of their own.
    const NAME: &'static str = "";
    /// Whether it may be left out.
    const OPTIONAL: bool = false;

    /// How it looks, described in a language. Types of their own are noted among `schemas` and referred to.
    fn schema(lang: Lang, schemas: &mut Schemas) -> Value;
}

/// Of what is asked for by its address alone.
#[derive(Debug, serde::Deserialize)]
pub struct Nothing {}

impl Described for Nothing {
    const NAME: &'static str = "Nothing";

    fn schema(_: Lang, _: &mut Schemas) -> Value {
        json!({ "type": "object" })
    }
}

/// A reference to a type of its own.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

macro_rules! plain {
    ($($type:ty => $schema:tt;)+) => {$(
        impl Described for $type {
            fn schema(_: Lang, _: &mut Schemas) -> Value {
                json!($schema)
            }
        }
    )+};
}

plain! {
    String => { "type": "string" };
    bool => { "type": "boolean" };
    u32 => { "type": "integer", "minimum": 0 };
    u64 => { "type": "integer", "minimum": 0 };
    i64 => { "type": "integer" };
}

impl<T: Described> Described for Option<T> {
    const OPTIONAL: bool = true;

    fn schema(lang: Lang, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [T::schema(lang, schemas), { "type": "null" }] })
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema(lang: Lang, schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(lang, schemas) })
    }
}

/// The values of an enum as they are written; it does not compile when one is missing.
macro_rules! names {
    ($($type:ident: $($variant:ident),+;)+) => {$(
        impl Described for $type {
            const NAME: &'static str = stringify!($type);

            fn schema(_: Lang, schemas: &mut Schemas) -> Value {
                let _ = |it: $type| match it { $($type::$variant => {})+ };
                schemas.insert(Self::NAME, json!({ "type": "string", "enum": [$(written(&$type::$variant)),+] }));
                reference(Self::NAME)
            }
        }
    )+};
}

fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

names! {
    Kind: Giveaway, Ticket, Deal;
    EventState: Draft, Scheduled, Open, Full, Closed, Settled, Cancelled, Suspended;
    EntryState: Won, Standby, Lost, Disqualified, Expired, Given, Checkout, Paid, Left, Refunded;
    Mode: Shopper, Creator;
    Scope: Profile, Entries, Enter, Events;
}

/// What something is, in a language.
pub fn said(lang: Lang, ko: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Ko => ko,
        Lang::En => en.trim(),
    }
}

/// Declares a type that describes itself: an `answer`, of which every field is there (`null` where there is nothing), or what is
/// `asked`, of which optional fields may be left out. What stands above each is said of it in English, and the text behind its name or type
/// in Korean.
macro_rules! described {
    (
        answer $(#[doc = $doc:literal])+ $name:ident $ko:literal
        { $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty = $field_ko:literal),+ $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, serde::Serialize)]
        pub struct $name { $($(#[doc = $field_doc])+ pub $field: $type),+ }
        $crate::routes::api::schema::described! {
            @described $name true $ko [$($doc)+] $($field [$type] $field_ko [$($field_doc)+])+
        }
    };
    (
        asked $(#[doc = $doc:literal])+ $name:ident $ko:literal
        { $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty = $field_ko:literal),+ $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[doc = $field_doc])+ pub $field: $type),+ }
        $crate::routes::api::schema::described! {
            @described $name false $ko [$($doc)+] $($field [$type] $field_ko [$($field_doc)+])+
        }
    };
    (
        @described $name:ident $all:literal $ko:literal [$($doc:literal)+]
        $($field:ident [$type:ty] $field_ko:literal [$($field_doc:literal)+])+
    ) => {
        impl $crate::routes::api::schema::Described for $name {
            const NAME: &'static str = stringify!($name);

            fn schema(lang: app::texts::Lang, schemas: &mut $crate::routes::api::schema::Schemas) -> serde_json::Value {
                use $crate::routes::api::schema::{Described, reference, said};
                if !schemas.contains_key(Self::NAME) {
                    let (mut properties, mut required) = (serde_json::Map::new(), Vec::new());
                    let all: bool = $all;
                    $({
                        let mut field = <$type as Described>::schema(lang, schemas);
                        field["description"] = said(lang, $field_ko, concat!($($field_doc),+)).into();
                        properties.insert(stringify!($field).to_owned(), field);
                        if all || !<$type as Described>::OPTIONAL {
                            required.push(stringify!($field));
                        }
                    })+
                    schemas.insert(Self::NAME, serde_json::json!({
                        "type": "object",
                        "description": said(lang, $ko, concat!($($doc),+)),
                        "properties": properties,
                        "required": required,
                        "additionalProperties": false,
                    }));
                }
                reference(Self::NAME)
            }
        }
    };
}
pub(crate) use described;
