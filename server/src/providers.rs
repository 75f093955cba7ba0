//! Which payment providers are configured, and what is missing of those that are not wholly.

use crate::{Failure, config::Secret};
use engine::payments::{KAKAOPAY, KakaoPaySettings, PORTONE, PORTONE_SDK, PortOneSettings, ProviderKind};

/// What payment providers are reached by. Each is on once all of its own is set.
#[derive(Debug, Clone, clap::Args)]
pub struct ProviderConfig {
    /// The secret key of the site at KakaoPay.
    #[arg(long, env = "FIFTYNINE_KAKAOPAY_KEY", hide_env_values = true, value_name = "KEY", global = true)]
    pub kakaopay_key: Option<Secret>,
    /// The code of the shop at KakaoPay (CID).
    #[arg(long, env = "FIFTYNINE_KAKAOPAY_CID", value_name = "CID", global = true)]
    pub kakaopay_cid: Option<String>,
    /// Where KakaoPay is.
    #[arg(long, env = "FIFTYNINE_KAKAOPAY_URL", default_value = KAKAOPAY, hide = true, global = true)]
    pub kakaopay_url: String,
    /// The secret of PortOne's API, version 2.
    #[arg(long, env = "FIFTYNINE_PORTONE_SECRET", hide_env_values = true, value_name = "SECRET", global = true)]
    pub portone_secret: Option<Secret>,
    /// The id of the shop at PortOne, as store-….
    #[arg(long, env = "FIFTYNINE_PORTONE_STORE", value_name = "ID", global = true)]
    pub portone_store: Option<String>,
    /// The key of the channel there that payments go through, as channel-key-….
    #[arg(long, env = "FIFTYNINE_PORTONE_CHANNEL", value_name = "KEY", global = true)]
    pub portone_channel: Option<String>,
    /// The secret that its call-backs are signed by, as whsec_….
    #[arg(
        long,
        env = "FIFTYNINE_PORTONE_WEBHOOK_SECRET",
        hide_env_values = true,
        value_name = "SECRET",
        global = true
    )]
    pub portone_webhook_secret: Option<Secret>,
    /// What its channel takes: CARD, EASY_PAY, TRANSFER or MOBILE.
    #[arg(long, env = "FIFTYNINE_PORTONE_METHOD", default_value = "CARD", value_name = "METHOD", global = true)]
    pub portone_method: String,
    /// Where PortOne is.
    #[arg(long, env = "FIFTYNINE_PORTONE_URL", default_value = PORTONE, hide = true, global = true)]
    pub portone_url: String,
    /// Where its browser SDK is.
    #[arg(long, env = "FIFTYNINE_PORTONE_SDK", default_value = PORTONE_SDK, hide = true, global = true)]
    pub portone_sdk: String,
}

/// Settings of one provider, by their names: what is given, and what is missing.
struct Given {
    values: Vec<String>,
    missing: Vec<&'static str>,
}

impl Given {
    /// Empty is what a file of settings says that leaves it out.
    fn of<'v>(settings: impl IntoIterator<Item = (&'static str, Option<&'v str>)>) -> Given {
        let mut given = Given { values: Vec::new(), missing: Vec::new() };
        for (name, value) in settings {
            match value.map(str::trim).filter(|value| !value.is_empty()) {
                Some(value) => given.values.push(value.to_owned()),
                None => given.missing.push(name),
            }
        }
        given
    }
}

fn text(secret: &Option<Secret>) -> Option<&str> {
    secret.as_ref().map(|secret| secret.0.as_str())
}

impl ProviderConfig {
    /// The providers beside the site that are wholly configured, for a site at an address, and what is to be said of those of which
    /// something is missing.
    ///
    /// # Errors
    /// For what cannot be used.
    pub fn kinds(&self, public_url: Option<&str>) -> Result<(Vec<ProviderKind>, Vec<String>), Failure> {
        let (mut kinds, mut lacking) = (Vec::new(), Vec::new());
        let public_url = public_url.map(|url| url.trim_end_matches('/')).filter(|url| !url.is_empty());
        let origin = ("FIFTYNINE_PUBLIC_URL", public_url);
        // What is theirs alone says whether they are meant: the address of the site is there for others too.
        let kakaopay = Given::of([
            ("FIFTYNINE_KAKAOPAY_KEY", text(&self.kakaopay_key)),
            ("FIFTYNINE_KAKAOPAY_CID", self.kakaopay_cid.as_deref()),
        ]);
        let portone = Given::of([
            ("FIFTYNINE_PORTONE_SECRET", text(&self.portone_secret)),
            ("FIFTYNINE_PORTONE_STORE", self.portone_store.as_deref()),
            ("FIFTYNINE_PORTONE_CHANNEL", self.portone_channel.as_deref()),
            ("FIFTYNINE_PORTONE_WEBHOOK_SECRET", text(&self.portone_webhook_secret)),
        ]);
        for (name, mut given) in [("KakaoPay", kakaopay), ("PortOne", portone)] {
            if given.values.is_empty() {
                continue;
            }
            given.missing.extend(Given::of([origin]).missing);
            let (Some(origin), []) = (public_url.map(str::to_owned), given.missing.as_slice()) else {
                lacking.push(format!("{name} takes no payments: {} missing", given.missing.join(", ")));
                continue;
            };
            let kind = match given.values.as_slice() {
                [secret_key, cid] => ProviderKind::kakaopay(KakaoPaySettings {
                    address: self.kakaopay_url.clone(),
                    secret_key: secret_key.clone(),
                    cid: cid.clone(),
                    origin,
                }),
                [secret, store, channel, webhook_secret] => ProviderKind::portone(PortOneSettings {
                    address: self.portone_url.clone(),
                    sdk: self.portone_sdk.clone(),
                    secret: secret.clone(),
                    store: store.clone(),
                    channel: channel.clone(),
                    method: self.portone_method.clone(),
                    webhook_secret: webhook_secret.clone(),
                    origin,
                }),
                _ => continue,
            };
            kinds.push(kind.map_err(|why| format!("{name}: {why}"))?);
        }
        Ok((kinds, lacking))
    }
}
