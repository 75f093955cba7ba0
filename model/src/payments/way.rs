//! Who takes a payment, as buyers choose between them.

use serde::{Deserialize, Serialize};

/// A provider that somebody may choose to pay through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PayWay {
    /// KakaoPay.
    KakaoPay,
    /// Cards and whatever else the shop's channel at PortOne takes.
    PortOne,
    /// Nobody: no money moves.
    Sandbox,
}

impl PayWay {
    /// In the order in which they are offered.
    pub const ALL: [PayWay; 3] = [PayWay::KakaoPay, PayWay::PortOne, PayWay::Sandbox];

    /// The name in forms, in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            PayWay::KakaoPay => "kakaopay",
            PayWay::PortOne => "portone",
            PayWay::Sandbox => "sandbox",
        }
    }

    /// The way of a name.
    pub fn named(name: &str) -> Option<PayWay> {
        PayWay::ALL.into_iter().find(|way| way.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_named_as_they_are_stored() {
        for way in PayWay::ALL {
            assert_eq!(PayWay::named(way.name()), Some(way));
            assert_eq!(serde_json::to_string(&way).unwrap(), format!("{:?}", way.name()));
        }
        assert_eq!(PayWay::named("elsewhere"), None);
    }
}
