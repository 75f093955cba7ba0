//! Addresses of accounts: signing in and up, and what is the reader's own; and with them those of the documents.

pub use super::terms::paths::*;
pub use model::paths::{EMAIL, NEW_PASSWORD};

use crate::paths::{examples, text, with};
use model::{Came, Cursor, ways::KakaoFailure};

/// The reader's own page.
pub const MY: &str = "/my";
/// Where the reader is signed in, and their password.
pub const DEVICES: &str = "/my/devices";
/// What the reader is called, and their picture.
pub const MY_PROFILE: &str = "/my/profile";
/// How a creator presents themselves.
pub const CREATOR_PROFILE: &str = "/creator/profile";
/// How the reader signs in, what they agreed to, and what is kept of them.
pub const ACCOUNT: &str = "/my/account";
/// Another email, once a letter is on its way.
pub const EMAIL_SENT: &str = "/my/account/email?sent=yes";
/// The same, once it is done where no mail is sent.
pub const EMAIL_DONE: &str = "/my/account/email?done=yes";
/// What is kept of the reader, as a file.
pub const MY_DATA: &str = "/my/data.json";
/// Before the reader leaves.
pub const LEAVE: &str = "/my/leave";
/// Signing in.
pub const SIGN_IN: &str = "/sign-in";
/// In the query of the sign-in: whoever comes there has signed up.
pub const JOINED: &str = "joined";
/// Signing up.
pub const SIGN_UP: &str = "/sign-up";
/// Where a link to set another password is asked for.
pub const FORGOT: &str = "/forgot";
/// The same, once that was done.
pub const FORGOT_SENT: &str = "/forgot?sent=yes";
/// Where a member sets out to connect Kakao.
pub const KAKAO_CONNECT: &str = "/my/account/kakao";
/// Where a member sets out to show there that it is they who leave.
pub const KAKAO_LEAVE: &str = "/my/leave/kakao";
/// Where whoever comes from Kakao and is nobody here yet says that they have an account.
pub const KAKAO_JOIN: &str = "/sign-in/kakao/join";
/// And that they have none.
pub const KAKAO_NEW: &str = "/sign-in/kakao/new";
/// In the query of pages that one sets out from: why signing in by Kakao came to nothing.
pub const KAKAO_FAILED: &str = "kakao";

/// The reader's own entries, from where a page goes on.
pub fn my_entries(came: Came, before: Option<&Cursor>) -> String {
    let before = text(before);
    with(MY, &[("came", came.name()), ("before", &before)])
}

/// Signing in, to go on to another address of the site.
pub fn sign_in(next: &str) -> String {
    with(SIGN_IN, &[("next", next)])
}

/// Signing up, to go on to another address of the site.
pub fn sign_up(next: &str) -> String {
    with(SIGN_UP, &[("next", next)])
}

/// Where somebody sets out to sign in by Kakao, to go on to another address of the site.
pub fn kakao(next: &str) -> String {
    with("/sign-in/kakao", &[("next", next)])
}

/// Signing in, where that did not come to anything.
pub fn kakao_failed(next: &str, why: KakaoFailure) -> String {
    with(SIGN_IN, &[("next", next), (KAKAO_FAILED, why.name())])
}

/// A page of the reader's account that they set out from, such as [`ACCOUNT`], where that did not come to anything.
pub fn kakao_failed_for(page: &str, why: KakaoFailure) -> String {
    with(page, &[(KAKAO_FAILED, why.name())])
}

examples! {
    pages: [
        MY,
        my_entries(Came::Won, Some(&Cursor::of(&7))),
        DEVICES,
        MY_PROFILE,
        CREATOR_PROFILE,
        ACCOUNT,
        EMAIL,
        EMAIL_SENT,
        EMAIL_DONE,
        model::paths::new_email("token"),
        LEAVE,
        SIGN_IN,
        sign_in("/my?came=won#x"),
        SIGN_UP,
        sign_up("/my"),
        FORGOT,
        FORGOT_SENT,
        NEW_PASSWORD,
        model::paths::new_password("token"),
        KAKAO_JOIN,
        KAKAO_NEW,
        kakao_failed("/my?came=won#x", KakaoFailure::Over),
        kakao_failed_for(ACCOUNT, KakaoFailure::Away),
        kakao_failed_for(LEAVE, KakaoFailure::Earlier),
    ];
    files: [MY_DATA, KAKAO_CONNECT, KAKAO_LEAVE, kakao("/my")];
}
