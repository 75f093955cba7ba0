//! What forms carry, and where they are.

use app::{
    forms::{Declaration, Form},
    texts::Lang,
};
use axum::{body::Body, http::Request};
use model::Error;

/// A form as a program sends it.
async fn sent(json: &'static str) -> Result<Form, Error> {
    let request = Request::post("/").header("content-type", "application/json").body(Body::from(json)).unwrap();
    let (form, read) = Form::read(request, 0).await;
    read.map(|()| form)
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

#[test]
fn a_form_is_only_on_its_pages() {
    let result = Declaration {
        path: "/api/fill-claim",
        right: model::Right::Active,
        files: 0,
        pages: &["/events/:id/result"],
        said: Lang::site,
        whole: false,
    };
    assert!(result.is_on("/events/1/result"));
    for other in ["/events/1", "/events/1/result/2", "/", "/creator/1/result"] {
        assert!(!result.is_on(other), "{other}");
    }
    assert!(Declaration { pages: &[], ..result }.is_on("/anywhere"));
}

#[test]
fn every_function_has_a_name_of_its_own() {
    let mut names: Vec<_> = Declaration::all().map(Declaration::name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(count > 10 && names.len() == count, "{names:?}");
}
