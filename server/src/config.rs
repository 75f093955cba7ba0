//! Configuration, from the command line or the environment.

use crate::{Failure, providers::ProviderConfig, renders};
use app::features::channels::wording::Texts;
use engine::{
    Services,
    accounts::{Oidc, OidcSettings},
    addresses::Finder,
    channels::{Means, Push},
    cluster::RedisUrl,
    db::Db,
    mail::Mailer,
    markets::{Catalogue, Geocoder},
    parties::Sms,
    payments::ProviderKind,
    pictures::{Bucket, PictureStore},
    sellers::{Practice, Sellers, TaxService},
};
use model::{Won, slots::Terms};
use std::{fmt, fs, net::SocketAddr, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

/// How often connections are looked at: one that asked for nothing since the last look, or never finished asking, ends.
const DEFAULT_LOOK: Duration = Duration::from_secs(30);

/// What can be set. Every option has its environment variable.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "FIFTYNINE_ADDR", default_value = "127.0.0.1:3000", global = true)]
    pub addr: SocketAddr,
    /// Address on which /metrics is served, apart from the site: whoever reaches it reads how busy the site is. Without one
    /// there are no metrics to be read.
    #[arg(long, env = "FIFTYNINE_METRICS_ADDR", global = true)]
    pub metrics_addr: Option<SocketAddr>,
    /// PostgreSQL to keep the data in, as postgres://user:password@host/name; without it, in SQLite in the data folder.
    /// Set by its environment variable, as all secrets are, or by a file that is named behind @: a command line can be read by others.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", global = true)]
    pub database_url: Option<Secret>,
    /// Folder of uploaded pictures, and of the database unless it is PostgreSQL.
    #[arg(long, env = "FIFTYNINE_DATA_DIR", default_value = "./data", global = true)]
    pub data_dir: PathBuf,
    /// S3-compatible bucket to keep uploaded pictures in, as s3://bucket or s3://bucket/prefix; without it, in the data
    /// folder. Keys and address are taken from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL (the
    /// bucket is part of the path unless AWS_VIRTUAL_HOSTED_STYLE_REQUEST is true).
    #[arg(long, env = "FIFTYNINE_PICTURES", hide_env_values = true, value_name = "URL", global = true)]
    pub pictures: Option<String>,
    /// Address people type, such as https://59.example; decides how cookies are protected.
    #[arg(long, env = "FIFTYNINE_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// How many proxies stand in front, each appending to X-Forwarded-For.
    #[arg(long, env = "FIFTYNINE_TRUSTED_PROXIES", default_value_t = 0, global = true)]
    pub trusted_proxies: usize,
    /// The most connections at once, and never more than the limit of open files leaves room for.
    #[arg(long, env = "FIFTYNINE_CONNECTIONS", default_value_t = 100_000, global = true)]
    pub connections: usize,
    /// The most connections of one address by people who are not signed in; a mobile network may put thousands of people
    /// behind one. Behind trusted proxies it is theirs to count.
    #[arg(long, env = "FIFTYNINE_CONNECTIONS_PER_ADDRESS", default_value_t = 8000, global = true)]
    pub connections_per_address: u32,
    /// The most live sockets of one address by people who are not signed in.
    #[arg(long, env = "FIFTYNINE_SOCKETS_PER_ADDRESS", default_value_t = 4000, global = true)]
    pub sockets_per_address: u32,
    /// How often a connection is looked at that asks for nothing. For tests.
    #[arg(skip = DEFAULT_LOOK)]
    pub look_every: Duration,
    /// What pages may weigh together, in bytes, that are being made or not yet taken. For tests.
    #[arg(skip = renders::ALL_TOGETHER)]
    pub pages_memory: usize,
    /// Folder of the browser's files, made by the build.
    #[arg(long, env = "FIFTYNINE_SITE_DIR", default_value = "target/site", global = true)]
    pub site_dir: PathBuf,
    /// Seed demonstration data, keep opening events and offer one-click sign-in. Never on a real site.
    #[arg(long, env = "FIFTYNINE_DEMO", global = true)]
    pub demo: bool,
    /// On a demonstration, offer sign-in as an admin as well, who reads what is kept of every member and can call off every event: `local`
    /// to browsers of this machine that name it so, and as far as requests say that nobody else passed them on; `true` to everybody, only
    /// where nobody but you reaches the site.
    #[arg(
        long,
        env = "FIFTYNINE_DEMO_ADMIN",
        value_enum,
        value_name = "WHO",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        global = true
    )]
    pub demo_admin: DemoAdmin,
    /// For how many seconds a program that is told to stop goes on serving while /readyz already says no: as long as the
    /// load balancer takes to find out.
    #[arg(long, env = "FIFTYNINE_DRAIN_SECONDS", default_value_t = 0, global = true)]
    pub drain_seconds: u64,
    /// Redis that the nodes of a site share: redis://, rediss:// or redis+sentinel://host:port,host:port/service. Without
    /// it this process is the whole site.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, global = true)]
    pub redis_url: Option<RedisUrl>,
    /// What the site's keys in Redis begin with, so that two sites may share one.
    #[arg(long, env = "FIFTYNINE_REDIS_PREFIX", default_value = "59", global = true)]
    pub redis_prefix: String,
    /// The sandbox for payments, which is there on a demonstration: it moves no money, and says so on every page. It is for trying
    /// things out, and must be asked for by its name. Providers that move money are on once their keys are set; without any nothing
    /// can be paid for.
    #[arg(long, env = "FIFTYNINE_PAYMENTS", value_enum, value_name = "WHO", global = true)]
    pub payments: Option<PaymentProvider>,
    /// Who moves money.
    #[command(flatten)]
    pub providers: ProviderConfig,
    /// Who sends the codes by which members confirm their phones. Without it nobody makes or joins a party of neighbours, except
    /// on a demonstration, where the sandbox shows them. `solapi` needs its key, secret and sender.
    #[arg(long, env = "FIFTYNINE_SMS", value_enum, value_name = "WHO", global = true)]
    pub sms: Option<SmsProvider>,
    /// Where SOLAPI takes messages.
    #[arg(long, env = "FIFTYNINE_SMS_URL", default_value = "https://api.solapi.com/messages/v4/send", global = true)]
    pub sms_url: String,
    /// The key of SOLAPI.
    #[arg(long, env = "FIFTYNINE_SMS_KEY", hide_env_values = true, global = true)]
    pub sms_key: Option<Secret>,
    /// The secret of that key.
    #[arg(long, env = "FIFTYNINE_SMS_SECRET", hide_env_values = true, global = true)]
    pub sms_secret: Option<Secret>,
    /// The number that messages come from, as it was registered there.
    #[arg(long, env = "FIFTYNINE_SMS_FROM", global = true)]
    pub sms_from: Option<String>,
    /// The public catalogue that items are imported from every week, as https://host/{key}/json/Service/{start}/{end}: with the
    /// key and the rows in their places. Without it there are the items that come with the program.
    #[arg(long, env = "FIFTYNINE_CATALOGUE_URL", value_name = "URL", global = true)]
    pub catalogue_url: Option<String>,
    /// The key of the catalogue.
    #[arg(long, env = "FIFTYNINE_CATALOGUE_KEY", hide_env_values = true, global = true)]
    pub catalogue_key: Option<Secret>,
    /// The column that has an item's name.
    #[arg(long, env = "FIFTYNINE_CATALOGUE_NAME", default_value = "PRDT_NM", global = true)]
    pub catalogue_name: String,
    /// The column that has an item's category.
    #[arg(long, env = "FIFTYNINE_CATALOGUE_CATEGORY", default_value = "HRNK_PRDLST_NM", global = true)]
    pub catalogue_category: String,
    /// The key of Kakao's REST API, by which addresses are found. Without it there are those that come with the program.
    #[arg(long, env = "FIFTYNINE_KAKAO_KEY", hide_env_values = true, global = true)]
    pub kakao_key: Option<Secret>,
    /// How Kakao knows the site that members sign in to by it: the REST API key of an application with OpenID Connect switched on,
    /// whose redirect URI is the site's address and /sign-in/kakao/return. Needs the secret as well, and FIFTYNINE_PUBLIC_URL.
    #[arg(long, env = "FIFTYNINE_KAKAO_CLIENT_ID", value_name = "KEY", global = true)]
    pub kakao_client_id: Option<String>,
    /// The client secret of that application.
    #[arg(long, env = "FIFTYNINE_KAKAO_CLIENT_SECRET", hide_env_values = true, value_name = "SECRET", global = true)]
    pub kakao_client_secret: Option<Secret>,
    /// What Kakao is asked for: with account_email it is asked for members' emails, where the application may have them.
    #[arg(long, env = "FIFTYNINE_KAKAO_SCOPE", default_value = "openid", value_name = "SCOPE", global = true)]
    pub kakao_scope: String,
    /// Who says who members are.
    #[arg(long, env = "FIFTYNINE_KAKAO_ISSUER", default_value = engine::accounts::KAKAO, hide = true, global = true)]
    pub kakao_issuer: String,
    /// Where Kakao Local finds addresses.
    #[arg(
        long,
        env = "FIFTYNINE_KAKAO_LOCAL_URL",
        default_value = "https://dapi.kakao.com/v2/local/search/address.json",
        global = true
    )]
    pub kakao_local_url: String,
    /// The key of the public service for road addresses (도로명주소, business.juso.go.kr), by which members find theirs. Without it they
    /// type them; a demonstration has a short list.
    #[arg(long, env = "FIFTYNINE_JUSO_KEY", hide_env_values = true, value_name = "KEY", global = true)]
    pub juso_key: Option<Secret>,
    /// Where that service finds addresses.
    #[arg(
        long,
        env = "FIFTYNINE_JUSO_URL",
        default_value = "https://business.juso.go.kr/addrlink/addrLinkApi.do",
        hide = true,
        global = true
    )]
    pub juso_url: String,
    /// Key of the public data portal (decoded) with which the national tax service checks the businesses of sellers. Without it
    /// nothing that costs can be published, except where the sandbox takes payments: there businesses are for practice.
    #[arg(long, env = "FIFTYNINE_TAX_SERVICE_KEY", hide_env_values = true, value_name = "KEY", global = true)]
    pub tax_service_key: Option<Secret>,
    /// Where the tax service is.
    #[arg(long, env = "FIFTYNINE_TAX_SERVICE_URL", default_value = engine::sellers::TAX_SERVICE, hide = true, global = true)]
    pub tax_service_url: String,
    /// What an hour costs in which a seller may open a time deal, in whole won. Without it, or for 0, hours cost nothing and a deal
    /// takes those that it needs when it is published; a demonstration sells them for 20,000.
    #[arg(long, env = "FIFTYNINE_SLOT_PRICE", value_name = "WON", value_parser = clap::value_parser!(u32).range(..=100_000_000), global = true)]
    pub slot_price: Option<u32>,
    /// How many time deals may be open in any one hour: 10 without it, 3 on a demonstration.
    #[arg(long, env = "FIFTYNINE_DEALS_PER_HOUR", value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub deals_per_hour: Option<u32>,
    /// Pushes nothing to members' browsers. Otherwise notices are pushed where the site has https, and on this machine.
    #[arg(long, env = "FIFTYNINE_NO_PUSH", global = true)]
    pub no_push: bool,
    /// Lets a server of this machine be a push service, or a creator's. For tests.
    #[arg(skip)]
    pub local_push: bool,
    /// The server that takes mail: smtps://user:password@host, or smtp:// with STARTTLS. With it members can have notices mailed;
    /// needs FIFTYNINE_MAIL_FROM and FIFTYNINE_PUBLIC_URL.
    #[arg(long, env = "FIFTYNINE_SMTP_URL", hide_env_values = true, value_name = "URL", global = true)]
    pub smtp_url: Option<Secret>,
    /// Who mail is from, such as "59초 <notices@59.example>".
    #[arg(long, env = "FIFTYNINE_MAIL_FROM", value_name = "ADDRESS", global = true)]
    pub mail_from: Option<String>,
    /// Log as JSON lines.
    #[arg(long, env = "FIFTYNINE_LOG_JSON", global = true)]
    pub log_json: bool,
    /// Hash passwords so cheaply that they are not protected. For tests only.
    #[arg(long, env = "FIFTYNINE_WEAK_PASSWORDS", hide = true, global = true)]
    pub weak_passwords: bool,
}

/// Who can be the admin of a demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DemoAdmin {
    /// There is none.
    #[value(name = "false")]
    Nobody,
    /// Whoever asks from this machine, under a name of its own, past nobody but our own proxies.
    Local,
    /// Every visitor.
    #[value(name = "true")]
    Everybody,
}

/// Who can take payments without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PaymentProvider {
    /// Nobody: no money moves.
    Sandbox,
}

/// Who can send codes to phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SmsProvider {
    /// Nobody: the page shows the code to whoever asks for it.
    Sandbox,
    /// SOLAPI.
    Solapi,
}

/// Options that are secrets: on a command line others of the machine read them.
const SECRETS: [&str; 13] = [
    "--database-url",
    "--redis-url",
    "--sms-key",
    "--sms-secret",
    "--catalogue-key",
    "--kakao-key",
    "--kakao-client-secret",
    "--juso-key",
    "--tax-service-key",
    "--smtp-url",
    "--kakaopay-key",
    "--portone-secret",
    "--portone-webhook-secret",
];

/// Whether a secret stands among the words of a command line: itself, and not the file that it stands in.
pub fn has_secret(words: impl Iterator<Item = String>) -> bool {
    let words: Vec<String> = words.collect();
    words.iter().enumerate().any(|(i, word)| {
        let mut given = SECRETS.iter().filter_map(|name| word.strip_prefix(name));
        given.any(|rest| match rest.strip_prefix('=') {
            Some(value) => !value.starts_with('@'),
            None => rest.is_empty() && words.get(i + 1).is_some_and(|value| !value.starts_with('@')),
        })
    })
}

/// A text that is never shown: as it was given, or what stands in the file that is named behind `@`.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

// What is wrong with it is said when it is used, in words that do not repeat it, as those of a failing option would.
impl FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Secret, String> {
        let Some(path) = text.strip_prefix('@') else { return Ok(Secret(text.to_owned())) };
        let read = fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
        Ok(Secret(read.trim_end().to_owned()))
    }
}

/// A secret that was given: empty is what a file of settings says that leaves it out.
fn text(secret: &Option<Secret>) -> Option<&str> {
    secret.as_ref().map(|secret| secret.0.as_str()).filter(|text| !text.is_empty())
}

impl Config {
    /// Opens the database that is configured, and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be opened or reached: one line that says what to do.
    pub async fn database(&self) -> Result<Db, Failure> {
        Ok(match &self.database_url {
            Some(url) => Db::connect(&url.0).await?,
            None => Db::open(&self.data_dir).await?,
        })
    }

    /// The bucket that is configured for pictures.
    ///
    /// # Errors
    /// When its address cannot be read.
    pub fn bucket(&self) -> Result<Option<Bucket>, Failure> {
        // Empty is what a file of settings says that leaves it out.
        Ok(self.pictures.as_deref().filter(|url| !url.is_empty()).map(str::parse).transpose()?)
    }

    /// Where pictures are kept; a bucket by what the environment says of it.
    ///
    /// # Errors
    /// As [`Config::bucket`]; when the bucket cannot be used, or the folder cannot be made.
    pub async fn pictures(&self) -> Result<PictureStore, Failure> {
        Ok(match self.bucket()? {
            Some(bucket) => {
                let settings = std::env::vars_os()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                    .filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
                PictureStore::bucket(&bucket, settings).await?
            }
            None => PictureStore::folder(&self.data_dir.join("pictures")).await?,
        })
    }

    /// Whether the sandbox takes payments.
    pub fn has_sandbox(&self) -> bool {
        self.payments == Some(PaymentProvider::Sandbox) || self.demo
    }

    /// Who takes payments, in the order in which buyers are offered them; says what is missing of whom.
    ///
    /// # Errors
    /// For what cannot be used, and for the sandbox beside those who move money: what is paid there would be for nothing.
    pub fn payment_providers(&self) -> Result<Vec<ProviderKind>, Failure> {
        let (mut kinds, lacking) = self.providers.kinds(self.public_url.as_deref())?;
        for lacking in lacking {
            tracing::warn!("{lacking}");
        }
        if self.has_sandbox() {
            if !kinds.is_empty() && !self.demo {
                return Err("FIFTYNINE_PAYMENTS=sandbox moves no money: leave it out where others take payments".into());
            }
            kinds.push(ProviderKind::Sandbox);
        }
        Ok(kinds)
    }

    /// The services beside the site.
    ///
    /// # Errors
    /// When one of them is only half configured.
    pub fn services(&self) -> Result<Services, Failure> {
        Ok(Services {
            payments: self.payment_providers()?,
            sms: self.sms()?,
            catalogue: self.catalogue()?,
            geocoder: self.geocoder()?,
            finder: self.finder()?,
            index: Some(self.data_dir.join("search")),
            slots: self.slots(),
            channels: Some(self.channels()?),
            kakao: self.kakao()?,
            local_webhooks: self.local_push,
        })
    }

    /// By what members are told outside the site.
    ///
    /// # Errors
    /// When mail is only half configured, or cannot be sent as it is.
    pub fn channels(&self) -> Result<Means, Failure> {
        // Empty is what a file of settings says that leaves it out.
        let url = self.public_url.as_deref().filter(|url| !url.is_empty()).map(|url| url.trim_end_matches('/'));
        let from = self.mail_from.as_deref().filter(|from| !from.is_empty());
        let mailer = match (text(&self.smtp_url), from, url) {
            (None, None, _) => None,
            (Some(server), Some(from), Some(_)) => Some(Mailer::new(server, from)?),
            (Some(_), Some(_), None) => {
                return Err("FIFTYNINE_SMTP_URL needs FIFTYNINE_PUBLIC_URL, where mails lead to".into());
            }
            _ => return Err("mail needs both FIFTYNINE_SMTP_URL and FIFTYNINE_MAIL_FROM".into()),
        };
        // Browsers let a site push that is reached by https, or on their own machine.
        let here = |url: &str| ["http://localhost", "http://127.0.0.1"].iter().any(|host| url.starts_with(host));
        let pushes = !self.no_push && url.is_none_or(|url| self.secure() || here(url));
        let contact = match (&mailer, url.filter(|_| self.secure())) {
            (Some(mailer), _) => format!("mailto:{}", mailer.sender()),
            (None, Some(url)) => url.to_owned(),
            (None, None) => "mailto:nobody@localhost".to_owned(),
        };
        let push = match (pushes, self.local_push) {
            (false, _) => None,
            (true, false) => Some(Push::new(&contact)),
            (true, true) => Some(Push::with_local(&contact)),
        };
        Ok(Means { wording: Arc::new(Texts), origin: url.unwrap_or_default().to_owned(), push, mailer })
    }

    /// By what hours for time deals are sold.
    pub fn slots(&self) -> Terms {
        let usual = if self.demo { Terms { price: Won(20_000), most: 3 } } else { Terms::default() };
        Terms {
            price: self.slot_price.map_or(usual.price, |won| Won(won.into())),
            most: self.deals_per_hour.unwrap_or(usual.most),
        }
    }

    /// Where items are imported from; nowhere without a key.
    ///
    /// # Errors
    /// When its address lacks the place of something.
    pub fn catalogue(&self) -> Result<Option<Catalogue>, Failure> {
        let given = self.catalogue_url.as_deref().filter(|url| !url.is_empty()).zip(text(&self.catalogue_key));
        Ok(given
            .map(|(url, key)| Catalogue::new(url, key, &self.catalogue_name, &self.catalogue_category))
            .transpose()?)
    }

    /// Who knows where addresses are.
    fn geocoder(&self) -> Result<Geocoder, Failure> {
        Ok(match text(&self.kakao_key) {
            Some(key) => Geocoder::kakao(&self.kakao_local_url, key)?,
            None => Geocoder::Included,
        })
    }

    /// Who finds road addresses.
    fn finder(&self) -> Result<Finder, Failure> {
        Ok(match text(&self.juso_key) {
            Some(key) => Finder::juso(&self.juso_url, key)?,
            None if self.demo => Finder::Included,
            None => Finder::Nobody,
        })
    }

    /// Where members sign in by Kakao, once all of its own is set; says what is missing of it.
    ///
    /// # Errors
    /// For what cannot be used.
    pub fn kakao(&self) -> Result<Option<Oidc>, Failure> {
        let url = self.public_url.as_deref().map(str::trim).filter(|url| !url.is_empty());
        let id = self.kakao_client_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let secret = text(&self.kakao_client_secret);
        let (Some(client_id), Some(client_secret), Some(origin)) = (id, secret, url) else {
            // The address of the site alone is there for others too.
            if id.is_some() || secret.is_some() {
                tracing::warn!("nobody signs in by Kakao: {} missing", self.missing_of_kakao().join(", "));
            }
            return Ok(None);
        };
        let settings = OidcSettings {
            issuer: self.kakao_issuer.clone(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            scope: self.kakao_scope.clone(),
            origin: origin.to_owned(),
        };
        Ok(Some(Oidc::new(settings).map_err(|why| format!("Kakao: {why}"))?))
    }

    /// The names of settings that signing in by Kakao lacks.
    pub fn missing_of_kakao(&self) -> Vec<&'static str> {
        let is_there = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let settings = [
            ("FIFTYNINE_KAKAO_CLIENT_ID", is_there(self.kakao_client_id.as_deref())),
            ("FIFTYNINE_KAKAO_CLIENT_SECRET", is_there(text(&self.kakao_client_secret))),
            ("FIFTYNINE_PUBLIC_URL", is_there(self.public_url.as_deref())),
        ];
        settings.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
    }

    /// Who sends codes to phones.
    fn sms(&self) -> Result<Option<Sms>, Failure> {
        match self.sms {
            Some(SmsProvider::Sandbox) => {
                if !self.demo {
                    tracing::warn!("FIFTYNINE_SMS=sandbox sends nothing: whoever asks for a code reads it on the page");
                }
                Ok(Some(Sms::Sandbox))
            }
            Some(SmsProvider::Solapi) => {
                let (key, secret) = (text(&self.sms_key), text(&self.sms_secret));
                let from = self.sms_from.as_deref().filter(|from| !from.is_empty());
                let (Some(key), Some(secret), Some(from)) = (key, secret, from) else {
                    return Err(
                        "FIFTYNINE_SMS=solapi needs FIFTYNINE_SMS_KEY, FIFTYNINE_SMS_SECRET and FIFTYNINE_SMS_FROM"
                            .into(),
                    );
                };
                Ok(Some(Sms::solapi(&self.sms_url, key, secret, from)?))
            }
            None => Ok(self.demo.then_some(Sms::Sandbox)),
        }
    }

    /// Says who checks the businesses of sellers.
    ///
    /// # Errors
    /// When the tax service's address or key cannot be used, or it refuses the key. It is not waited for when it does not answer.
    pub async fn check_businesses(&self, sellers: &Sellers) -> Result<(), Failure> {
        // Empty is what a file of settings says that leaves it out.
        match self.tax_service_key.as_ref().filter(|key| !key.0.is_empty()) {
            Some(key) => {
                let service = TaxService::new(&self.tax_service_url, &key.0)?;
                match service.check_key().await {
                    Ok(true) => tracing::info!("businesses are checked by the tax service"),
                    Ok(false) => return Err("the tax service refuses the key in FIFTYNINE_TAX_SERVICE_KEY".into()),
                    Err(why) => {
                        tracing::warn!(why, "businesses are checked by the tax service, which does not answer now");
                    }
                }
                sellers.check_by(service);
            }
            None if self.has_sandbox() => sellers.check_by(Practice),
            None => {
                tracing::info!("nothing that costs can be published: FIFTYNINE_TAX_SERVICE_KEY has businesses checked");
            }
        }
        Ok(())
    }

    /// Whether cookies may only travel over https.
    pub fn secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}
