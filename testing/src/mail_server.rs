//! Stands in for a mail server: takes letters by SMTP (RFC 5321), and goes wrong as it is told.

use crate::stand_in::Serving;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A letter that was taken.
#[derive(Debug, Clone)]
pub struct Mail {
    /// To whom it was addressed.
    pub to: String,
    /// All of it, as it was sent.
    pub text: String,
}

impl Mail {
    /// What a header says, on one line; `None` when it is not there.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(there, _)| there.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    }
}

/// What goes wrong with whoever is written to.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    /// They are refused with a code.
    Refused(u16),
    /// They are refused for now, so many times.
    Later(usize),
    /// Nothing is answered.
    Hangs,
    /// The letter is taken, and the connection ends before that is said.
    Unheard,
}

#[derive(Default)]
struct Letters {
    mails: Mutex<Vec<Mail>>,
    wrong: Mutex<Option<Wrong>>,
}

/// A stand-in for a mail server.
pub struct MailServer {
    /// Where it is.
    pub url: String,
    letters: Arc<Letters>,
    _serving: Serving,
}

impl MailServer {
    /// Starts one without letters.
    pub async fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let letters = Arc::<Letters>::default();
        let kept = letters.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move {
                    let _ = talk(stream, &kept).await;
                });
            }
        });
        MailServer { url, letters, _serving: Serving::by(serving.abort_handle()) }
    }

    /// Everything that was taken.
    pub fn mails(&self) -> Vec<Mail> {
        self.letters.mails.lock().unwrap().clone()
    }

    fn go_wrong(&self, wrong: Option<Wrong>) {
        *self.letters.wrong.lock().unwrap() = wrong;
    }

    /// Refuses everybody who is written to, from now on.
    pub fn refuse(&self, code: u16) {
        self.go_wrong(Some(Wrong::Refused(code)));
    }

    /// Refuses so many for now, as servers do that have not met a sender before.
    pub fn greylist(&self, times: usize) {
        self.go_wrong(Some(Wrong::Later(times)));
    }

    /// Answers nothing from now on.
    pub fn hang(&self) {
        self.go_wrong(Some(Wrong::Hangs));
    }

    /// Takes letters without saying so from now on.
    pub fn go_unheard(&self) {
        self.go_wrong(Some(Wrong::Unheard));
    }

    /// Takes everything from now on.
    pub fn mend(&self) {
        self.go_wrong(None);
    }
}

async fn talk(stream: TcpStream, letters: &Letters) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 stand-in ready\r\n").await?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        let wrong = *letters.wrong.lock().unwrap();
        let command = line.to_ascii_uppercase();
        let answer = match command.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-stand-in\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned(),
            "RCPT" => match wrong {
                Some(Wrong::Refused(code)) => format!("{code} refused"),
                Some(Wrong::Later(left)) if left > 0 => {
                    *letters.wrong.lock().unwrap() = Some(Wrong::Later(left - 1));
                    "451 later".to_owned()
                }
                Some(Wrong::Hangs) => std::future::pending().await,
                _ => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    "250 ok".to_owned()
                }
            },
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    // A dot that begins a line is sent twice.
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push_str("\r\n");
                }
                letters.mails.lock().unwrap().push(Mail { to: to.clone(), text });
                if matches!(wrong, Some(Wrong::Unheard)) {
                    return Ok(());
                }
                "250 taken".to_owned()
            }
            "QUIT" => {
                writing.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "HELO" | "MAIL" | "RSET" | "NOOP" => "250 ok".to_owned(),
            _ => "500 what".to_owned(),
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
