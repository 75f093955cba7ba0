//! Mail, by whichever server takes it for the site (SMTP). What is written to whom is decided elsewhere.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::{self, PoolConfig},
};
use model::Time;
use std::{
    error::Error,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::time::timeout;

/// Connections to the server at once.
const CONNECTIONS: u32 = 4;
/// How long it may take to connect, or to be told that a server is there.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// And until a letter is taken, of which each command may wait as long: the library bounds none of them.
const TAKEN_WITHIN: Duration = Duration::from_secs(20);

/// Takes letters to a mail server. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// How long a whole letter is waited for.
    taken_within: Duration,
}

/// A letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// To which address.
    pub to: String,
    /// Its subject, on one line.
    pub subject: String,
    /// What it says, as text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// What is the same when it is sent again, so that its reader's program shows it once: without the host.
    pub id: String,
    /// Where its reader is rid of such letters by one click (RFC 8058).
    pub stop: Option<String>,
    /// When it was written.
    pub at: Time,
}

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// It never will be: there is no such address, or it is refused for good.
    ForGood(String),
    /// It may be a while later.
    ForNow(String),
}

impl Mailer {
    /// The server at `smtps://user:password@host` (TLS from the start) or `smtp://…` (TLS by STARTTLS, which is insisted on anywhere
    /// but on this machine), in the name of an address such as `59초 <notices@59.example>`.
    ///
    /// # Errors
    /// In words that repeat no password.
    pub fn new(url: &str, from: &str) -> Result<Mailer, String> {
        Mailer::patient(url, from, TAKEN_WITHIN)
    }

    /// A letter is waited for so long.
    fn patient(url: &str, from: &str, taken_within: Duration) -> Result<Mailer, String> {
        crate::tls::prepare();
        let from: Mailbox = from.parse().map_err(|_| "the sender of mail is no address")?;
        let address: reqwest::Url = url.parse().map_err(|_| "the mail server's address is none")?;
        let here = matches!(address.host_str(), Some("localhost" | "127.0.0.1" | "[::1]" | "::1"));
        let url = match address.scheme() {
            "smtps" => url.to_owned(),
            "smtp" if here || address.query().is_some_and(|query| query.contains("tls=required")) => url.to_owned(),
            // Else whoever is between reads the password and every letter.
            "smtp" => {
                let mut address = address;
                address.set_query(Some("tls=required"));
                address.to_string()
            }
            _ => return Err("the mail server's address begins with smtp:// or smtps://".to_owned()),
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .map_err(|_| "the mail server's address cannot be used")?
            .timeout(Some(ANSWERS_WITHIN))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS))
            .build();
        Ok(Mailer(Arc::new(Inner { transport, from, taken_within })))
    }

    /// The address that letters come from.
    pub fn sender(&self) -> String {
        self.0.from.email.to_string()
    }

    /// Asks the server whether it is there and takes our name.
    ///
    /// # Errors
    /// What it says.
    pub async fn check(&self) -> Result<(), String> {
        match timeout(ANSWERS_WITHIN, self.0.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("it does not answer".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("it does not answer".to_owned()),
        }
    }

    /// Sends a letter. When nobody knows whether it was taken it may be sent again: its id is the same.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub async fn send(&self, letter: Letter) -> Result<(), NotTaken> {
        let message = self.message(letter)?;
        match timeout(self.0.taken_within, self.0.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(not_taken(&error)),
            Err(_) => Err(NotTaken::ForNow("it took too long".to_owned())),
        }
    }

    fn message(&self, letter: Letter) -> Result<Message, NotTaken> {
        let for_good = |why: &str| NotTaken::ForGood(why.to_owned());
        let to: Mailbox = letter.to.parse().map_err(|_| for_good("no address"))?;
        let host = self.0.from.email.domain();
        let at = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(letter.at.0).unwrap_or_default());
        let message = Message::builder()
            .from(self.0.from.clone())
            .to(to)
            .subject(letter.subject)
            .date(at)
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            // Programs that are away do not answer it.
            .header(AutoSubmitted);
        let message = match letter.stop {
            Some(stop) => message.header(Unsubscribe(format!("<{stop}>"))).header(OneClick),
            None => message,
        };
        let body = MultiPart::alternative_plain_html(letter.text, letter.html);
        message.multipart(body).map_err(|_| for_good("no letter"))
    }
}

fn not_taken(error: &smtp::Error) -> NotTaken {
    // What a server says often repeats to whom the letter goes: the log has its number.
    let why = error.status().map_or_else(|| error.to_string(), |code| format!("it answers {code}"));
    if error.is_permanent() { NotTaken::ForGood(why) } else { NotTaken::ForNow(why) }
}

type Unread = Box<dyn Error + Send + Sync>;

/// Where a reader is rid of such letters.
#[derive(Clone)]
struct Unsubscribe(String);

impl Header for Unsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Unsubscribe, Unread> {
        Ok(Unsubscribe(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// That their program may do so for them.
#[derive(Clone)]
struct OneClick;

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<OneClick, Unread> {
        Ok(OneClick)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

/// That a program wrote it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<AutoSubmitted, Unread> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::testing::MailServer;

    fn letter(id: &str) -> Letter {
        Letter {
            to: "reader@test.example".into(),
            subject: "내 차례예요".into(),
            text: "‘머그’ 내 차례예요!\n".into(),
            html: "<p>‘머그’ 내 차례예요!</p>".into(),
            id: id.into(),
            stop: Some("https://59.example/mail/stop/abc".into()),
            at: Time(1_700_000_000_000_000),
        }
    }

    #[tokio::test]
    async fn what_is_no_server_or_sender_is_said_without_its_password() {
        for (url, from) in [
            ("smtps://user:hidden@mail.example", "nobody"),
            ("http://user:hidden@mail.example", "a@b.example"),
            ("hidden", "a@b.example"),
        ] {
            let wrong = Mailer::new(url, from).err().unwrap();
            assert!(!wrong.contains("hidden"), "{wrong}");
        }
        assert!(Mailer::new("smtps://user:word@mail.example", "59초 <a@b.example>").is_ok());
        assert!(Mailer::new("smtp://user:word@mail.example:587", "a@b.example").is_ok());
    }

    #[tokio::test]
    async fn a_letter_arrives_with_the_way_to_be_rid_of_it() {
        let server = MailServer::start().await;
        let mailer = Mailer::new(&server.url, "59초 <notices@test.example>").unwrap();
        mailer.check().await.unwrap();
        mailer.send(letter("notice.1")).await.unwrap();
        let mails = server.mails();
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        assert_eq!(mail.to, "reader@test.example");
        assert_eq!(mail.header("Message-ID").as_deref(), Some("<notice.1@test.example>"));
        assert_eq!(mail.header("List-Unsubscribe").as_deref(), Some("<https://59.example/mail/stop/abc>"));
        assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
        assert!(mail.text.contains("text/plain") && mail.text.contains("text/html"));
    }

    #[tokio::test]
    async fn a_server_that_does_not_take_it_says_whether_ever() {
        let server = MailServer::start().await;
        let mailer = Mailer::new(&server.url, "notices@test.example").unwrap();
        server.refuse(550);
        assert!(matches!(mailer.send(letter("a")).await, Err(NotTaken::ForGood(_))));
        server.refuse(451);
        assert!(matches!(mailer.send(letter("a")).await, Err(NotTaken::ForNow(_))));
        server.mend();
        mailer.send(letter("a")).await.unwrap();
        // Nobody waits for ever.
        server.hang();
        let hasty = Mailer::patient(&server.url, "notices@test.example", Duration::from_millis(300)).unwrap();
        assert!(matches!(hasty.send(letter("a")).await, Err(NotTaken::ForNow(_))));
        server.mend();
        let mut nobody = letter("b");
        nobody.to = "no address".into();
        assert!(matches!(mailer.send(nobody).await, Err(NotTaken::ForGood(_))));
        // A subject cannot bring a header of its own.
        let mut odd = letter("c");
        odd.subject = "a\r\nBcc: victim@test.example".into();
        let _ = mailer.send(odd).await;
        assert!(server.mails().iter().all(|mail| mail.header("Bcc").is_none()));
    }
}
