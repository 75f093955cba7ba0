//! What forms carry, and where they are.

use crate::sources;
use app::{
    forms::{Declaration, Form, FormField, Meaning},
    texts::Lang,
};
use axum::{body::Body, http::Request};
use model::Error;
use std::collections::HashSet;

/// A function of this test's.
static REVIEW: Declaration = Declaration {
    path: "/api/review",
    right: model::Right::Active,
    files: 0,
    pages: &["/events/:id/result"],
    reads: &[&[
        FormField { name: "text", many: false, file: false },
        FormField { name: "kept", many: true, file: false },
    ]],
    said: Lang::site,
    whole: false,
};

/// A form as a program sends it, to a function or to none.
async fn sent_to(function: Option<&'static Declaration>, json: &'static str) -> Result<Form, Error> {
    let request = Request::post("/").header("content-type", "application/json").body(Body::from(json)).unwrap();
    let (form, read) = Form::read(request, function).await;
    read.map(|()| form)
}

async fn sent(json: &'static str) -> Result<Form, Error> {
    sent_to(None, json).await
}

#[tokio::test]
async fn programs_send_json() {
    let form = sent(r#"{"event":"x","prize_name":["a","b"],"rank":7,"save":true,"no":null}"#).await.unwrap();
    assert_eq!((form.text("event"), form.named::<u64>("rank"), form.ticked("save")), ("x", Ok(7), true));
    assert_eq!(form.texts("prize_name").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(form.named::<u64>("no"), Err(Error::NotFound));
    for malformed in ["[]", "{", r#"{"a":{}}"#, r#"{"a":[[]]}"#] {
        assert_eq!(sent(malformed).await.err(), Some(Error::Malformed), "{malformed}");
    }
}

/// Whether a function may ask so; only where that is looked at.
#[cfg(debug_assertions)]
async fn may(ask: fn(&Form)) -> bool {
    let form = sent_to(Some(&REVIEW), r#"{"text":"x","kept":["a"],"stars":"4"}"#).await.unwrap();
    std::panic::catch_unwind(|| ask(&form)).is_ok()
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn a_function_asks_for_what_it_declares() {
    assert!(may(|form| assert_eq!((form.text("text"), form.texts("kept").count()), ("x", 1))).await);
    let others: [fn(&Form); 5] = [
        |form| _ = form.text("stars"),
        |form| _ = form.texts("text").count(),
        |form| _ = form.text("kept"),
        |form| _ = form.ticked("sure"),
        |form| _ = form.lang(),
    ];
    for ask in others {
        assert!(!may(ask).await);
    }
}

#[test]
fn what_is_declared_is_read() {
    let sources: Vec<String> = sources("app/src/features").into_iter().map(|(_, source)| source).collect();
    let said = |source: &str, name: &str| source.contains(&format!("\"{name}\""));
    for function in Declaration::all() {
        let begins = format!("endpoint = \"{}\"", function.name());
        let source = sources.iter().find(|source| source.contains(&begins)).unwrap();
        let functions: Vec<&str> = source.split("\nchange! {").collect();
        let own =
            functions.iter().find(|part| part.contains(&begins)).and_then(|part| part.split(&begins).nth(1)).unwrap();
        for field in function.reads[0] {
            // By itself or by a helper, which stand above all functions.
            let read = said(own, field.name) || said(functions[0], field.name);
            let read = read || field.name == "lang" && own.contains("form.lang()");
            assert!(read, "{} does not read {}", function.name(), field.name);
        }
        let mut names = HashSet::new();
        assert!(function.fields().all(|field| names.insert(field.name)), "{} declares a name twice", function.name());
        assert_eq!(function.files > 0, function.fields().any(|field| field.file), "{}", function.name());
    }
    // What helpers read, with their fields beside them.
    let mut count = 0;
    for source in &sources {
        for part in source.split("form_fields![").skip(1) {
            let (declared, _) = part.split_once(']').unwrap();
            let rest = source.replacen(&format!("form_fields![{declared}]"), "", 1);
            for name in declared.split('"').skip(1).step_by(2) {
                assert!(said(&rest, name), "nothing reads {name}");
                count += 1;
            }
        }
    }
    assert!(count > 40, "{count} fields of helpers");
}

#[test]
fn what_every_field_means_is_said_in_both_languages() {
    let mut described = HashSet::new();
    for function in Declaration::all() {
        for field in function.fields() {
            let meaning = Meaning::of(function.name(), field.name);
            assert!(meaning.is_some(), "app/src/forms/meaning.rs says nothing of {} {}", function.name(), field.name);
            described.extend(meaning.map(|meaning| meaning.of));
        }
    }
    let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
    let mut names = HashSet::new();
    for meaning in Meaning::ALL {
        let (of, ko, en) = (meaning.of, meaning.said(Lang::Ko), meaning.said(Lang::En));
        assert!(names.insert(of), "{of} is described twice");
        assert!(described.contains(of), "there is no {of}");
        assert!(hangul(ko) && !en.is_empty() && !hangul(en), "{of}: {ko} {en}");
    }
}

#[test]
fn a_reason_says_who_reads_it() {
    for (function, who) in [
        ("disqualify-entry", "everybody"),
        ("cancel-event", "everybody"),
        ("suspend-event", "everybody"),
        ("readmit-event", "the audit log keeps."),
        ("cancel-any-party", "everybody"),
        ("set-admin", "the audit log keeps."),
        ("correct-item", "the audit log keeps."),
        ("hide-review", "the audit log keeps."),
        ("decide-reports", "who is warned"),
        ("refund-order", "those concerned"),
    ] {
        let said = Meaning::of(function, "reason").map(|meaning| meaning.said(Lang::En));
        assert!(said.is_some_and(|said| said.contains(who)), "{function}: {said:?}");
    }
}

#[test]
fn a_form_is_only_on_its_pages() {
    assert!(REVIEW.is_on("/events/1/result"));
    for other in ["/events/1", "/events/1/result/2", "/", "/creator/1/result"] {
        assert!(!REVIEW.is_on(other), "{other}");
    }
    assert!(Declaration { pages: &[], ..REVIEW }.is_on("/anywhere"));
}

#[test]
fn every_function_has_a_name_of_its_own() {
    let mut names: Vec<_> = Declaration::all().map(Declaration::name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(count > 10 && names.len() == count, "{names:?}");
}
