//! Texts around the documents.

use crate::texts::{Lang, texts};

texts! {
    terms: "이용약관", "Terms of use";
    privacy: "개인정보 처리방침", "Privacy policy";
    document_version(number: count, day): "{number}판 · {day}부터", "Version {number} · from {day}";
    document_others: "다른 판", "Other versions";
    terms_changed: "이용약관이나 개인정보 처리방침이 바뀌었어요.", "The terms or the privacy policy have changed.";
    terms_changed_look: "확인하기", "Have a look";
    terms_changed_hint: "이용약관이나 개인정보 처리방침이 바뀌었어요. 읽어 보고 동의해 주세요.", "The terms or the privacy policy have changed. Please read and accept them.";
    terms_accept: "동의하기", "Accept";
    terms_accepted: "동의해 주셔서 고마워요.", "Thank you.";
}
