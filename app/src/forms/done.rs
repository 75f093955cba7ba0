//! What a change came to.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is answered when a change was made. As JSON: `{}`, or `{"to":"/events/…"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The page to go on to; `None` for the one that holds the form.
    pub to: Option<String>,
    /// What the answer does beside that.
    #[cfg(feature = "ssr")]
    pub effects: Vec<Effect>,
}

/// In JSON what there is not is left out; on the [wire](model::wire) nothing can be.
#[derive(Serialize, Deserialize)]
struct InJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

impl Serialize for Done {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            InJson { to: self.to.clone() }.serialize(serializer)
        } else {
            self.to.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Done {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Done, D::Error> {
        let to = if deserializer.is_human_readable() {
            InJson::deserialize(deserializer)?.to
        } else {
            Option::deserialize(deserializer)?
        };
        Ok(to.map_or_else(Done::here, Done::to))
    }
}

/// What the server does when it answers.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Says nothing: what was asked for is still to be done on the page that follows.
    SayNothing,
    /// Takes the session's cookie away.
    SignOut,
    /// Has the browser remember a value under a name.
    Remember(&'static str, &'static str),
}

impl Done {
    /// Done, and the reader stays where they are.
    pub fn here() -> Done {
        Done::default()
    }

    /// Done, and the reader goes on to a page of this site.
    pub fn to(page: impl Into<String>) -> Done {
        Done {
            to: Some(page.into()),
            #[cfg(feature = "ssr")]
            effects: Vec::new(),
        }
    }

    /// The same with an effect of the answer.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn with(mut self, effect: Effect) -> Done {
        self.effects.push(effect);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::wire;

    #[test]
    fn where_to_go_on_is_told_both_ways() {
        for (done, json) in [(Done::here(), "{}"), (Done::to("/me"), r#"{"to":"/me"}"#)] {
            assert_eq!(serde_json::to_string(&done).unwrap(), json);
            assert_eq!(serde_json::from_str::<Done>(json).unwrap(), done);
            assert_eq!(wire::decode(&wire::encode(&done)), Some(done));
        }
    }
}
