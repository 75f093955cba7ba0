//! In which words the engine tells members outside the site.

use crate::{features::notices::page::said, paths, texts::Lang};
use engine::channels::{Wording, Words};
use model::NoticeLine;

/// The texts of the site.
pub struct Texts;

fn language(code: &str) -> Lang {
    Lang::ALL.into_iter().find(|lang| lang.code() == code).unwrap_or_default()
}

impl Wording for Texts {
    fn notice(&self, lang: &str, line: &NoticeLine) -> Words {
        let t = language(lang);
        let (text, address) = said(t, line);
        Words {
            text,
            path: address.unwrap_or_else(|| paths::NOTICES.to_owned()),
            open: t.mail_open().to_owned(),
            why: t.mail_why().to_owned(),
            stop: t.mail_stop().to_owned(),
        }
    }

    fn confirmation(&self, lang: &str) -> Words {
        let t = language(lang);
        Words {
            text: t.mail_asks().to_owned(),
            path: String::new(),
            open: t.mail_confirm_do().to_owned(),
            why: t.mail_asks_why().to_owned(),
            stop: String::new(),
        }
    }

    fn another_password(&self, lang: &str) -> Words {
        let t = language(lang);
        Words {
            text: t.forgot_mail().to_owned(),
            path: String::new(),
            open: t.set_password().to_owned(),
            why: t.forgot_mail_why().to_owned(),
            stop: String::new(),
        }
    }

    fn another_email(&self, lang: &str) -> Words {
        let t = language(lang);
        Words {
            text: t.email_mail().to_owned(),
            path: String::new(),
            open: t.change_email().to_owned(),
            why: t.email_mail_why().to_owned(),
            stop: String::new(),
        }
    }

    fn email_taken(&self, lang: &str) -> Words {
        let t = language(lang);
        Words {
            text: t.email_taken_mail().to_owned(),
            path: paths::SIGN_IN.to_owned(),
            open: t.sign_in().to_owned(),
            why: t.email_taken_mail_why().to_owned(),
            stop: String::new(),
        }
    }

    fn email_changed(&self, lang: &str) -> Words {
        let t = language(lang);
        Words {
            text: t.email_changed_mail().to_owned(),
            path: paths::ACCOUNT.to_owned(),
            open: t.my_account().to_owned(),
            why: t.email_changed_mail_why().to_owned(),
            stop: String::new(),
        }
    }
}
