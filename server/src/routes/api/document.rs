//! The description of what programs can ask for, made from the table that the router is made of and from the server functions that pages
//! change things by: as OpenAPI 3.1, in English, and as a page, in the language of its reader.

use super::{
    ID, Operation, all,
    schema::{Schemas, reference},
};
use crate::{AppState, middleware, pages, reply, routes::paying::escaped};
use app::{
    forms::{Declaration, FormField, Meaning},
    paths,
    texts::Lang,
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use model::{Right, webhooks::WebhookKind};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Of a page without scripts.
const PLAIN: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What every refusal looks like.
const REFUSAL: &str = "Refusal";

/// The fields of what is asked for, each with its schema and whether it must be there.
fn fields(operation: &Operation, lang: Lang, schemas: &mut Schemas) -> Vec<(String, Value, bool)> {
    let (name, asked) = operation.asked;
    let mut own = Schemas::new();
    asked(lang, &mut own);
    let of = own.remove(name).unwrap_or_default();
    // Types that it refers to.
    schemas.extend(own);
    let required = |field: &str| of["required"].as_array().is_some_and(|all| all.iter().any(|name| name == field));
    let properties = of["properties"].as_object().cloned().unwrap_or_default();
    properties.into_iter().map(|(field, schema)| (field.clone(), schema, required(&field))).collect()
}

fn described(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut parameters = Vec::new();
    if operation.path.contains(ID) {
        let schema = json!({ "type": "string", "pattern": "^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$" });
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": schema }));
    }
    let mut described = json!({
        "operationId": format!("{}{}", operation.method, operation.path.replace("/api/v1", "").replace(['/', '{', '}'], "_")),
        "summary": (operation.summary)(Lang::En),
    });
    if operation.method == "get" {
        for (name, schema, required) in fields(operation, Lang::En, schemas) {
            parameters.push(json!({ "name": name, "in": "query", "required": required, "schema": schema }));
        }
    } else {
        let schema = (operation.asked.1)(Lang::En, schemas);
        described["requestBody"] =
            json!({ "required": false, "content": { "application/json": { "schema": schema } } });
    }
    described["parameters"] = parameters.into();
    described["security"] = match operation.scope {
        Some(scope) => json!([{ "token": [scope.name()] }]),
        None => json!([]),
    };
    let answer = (operation.answer)(Lang::En, schemas);
    let mut answers = Map::new();
    for status in operation.statuses {
        let content = json!({ "application/json": { "schema": answer } });
        answers.insert(status.to_string(), json!({ "description": "Done.", "content": content }));
    }
    let content = json!({ "application/json": { "schema": reference(REFUSAL) } });
    answers.insert("default".to_owned(), json!({ "description": "Why not.", "content": content }));
    described["responses"] = answers.into();
    described
}

/// What pages change, by their address.
fn changes() -> Vec<&'static Declaration> {
    let mut all: Vec<_> = Declaration::all().collect();
    all.sort_unstable_by_key(|declaration| declaration.path);
    all
}

/// A field of its form, by its name.
fn property(declaration: &Declaration, field: &FormField, lang: Lang) -> (String, Value) {
    let one = match field.file {
        true => json!({ "type": "string", "format": "binary" }),
        false => json!({ "type": "string" }),
    };
    let mut schema = if field.many { json!({ "type": "array", "items": one }) } else { one };
    schema["description"] = Meaning::of(declaration.name(), field.name).map(|meaning| meaning.said(lang)).into();
    (field.name.to_owned(), schema)
}

/// The fields of its form, of which files only come in parts of their own.
fn form(declaration: &Declaration, files: bool) -> Value {
    let fields = declaration.fields().filter(|field| files || !field.file);
    let properties: Map<String, Value> = fields.map(|field| property(declaration, field, Lang::En)).collect();
    json!({ "type": "object", "description": "The fields of its form; others are not read.", "properties": properties })
}

/// One of them: a server function, which a browser calls with its session.
fn changed(declaration: &Declaration) -> Value {
    let mut taken = Map::new();
    for kind in ["application/x-www-form-urlencoded", "application/json"] {
        taken.insert(kind.to_owned(), json!({ "schema": form(declaration, false) }));
    }
    if declaration.files > 0 {
        taken.insert("multipart/form-data".to_owned(), json!({ "schema": form(declaration, true) }));
    }
    let to = json!({ "type": "string", "description": "The page to go on to." });
    let answer = json!({ "type": "object", "properties": { "to": to }, "additionalProperties": false });
    let security = if declaration.right == Right::Anyone { json!([]) } else { json!([{ "session": [] }]) };
    json!({
        "operationId": declaration.name(),
        "summary": Lang::En.api_said((declaration.said)(Lang::En)),
        "tags": ["pages"],
        "parameters": [],
        "security": security,
        "requestBody": { "required": false, "content": taken },
        "responses": {
            "200": { "description": "Done.", "content": { "application/json": { "schema": answer } } },
            "default": { "description": "Why not.", "content": { "application/json": { "schema": reference(REFUSAL) } } },
        },
    })
}

/// An object of which all fields are there, and no others.
fn object(fields: &Value) -> Value {
    let required: Vec<String> = fields.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    json!({ "type": "object", "properties": fields, "required": required, "additionalProperties": false })
}

/// What a field is, by its type and in words.
fn field(kind: &str, what: &str) -> Value {
    json!({ "type": kind, "description": what })
}

/// What creators' own servers are sent of a kind beside what is sent of each.
fn data(kind: WebhookKind, t: Lang) -> Value {
    let (event, title) = (field("string", t.api_told_event()), field("string", t.api_told_title()));
    let count = |what: &str| json!({ "type": "integer", "minimum": 0, "description": what });
    let (capacity, entered) = (count(t.api_told_capacity()), count(t.api_told_entered()));
    match kind {
        WebhookKind::EventOpened => {
            json!({ "event": event, "title": title, "capacity": capacity, "entered": entered })
        }
        WebhookKind::EventClosed => {
            let placed = count(t.api_told_placed());
            json!({ "event": event, "title": title, "capacity": capacity, "entered": entered, "placed": placed })
        }
        WebhookKind::OrderPaid | WebhookKind::OrderCancelled => {
            json!({ "event": event, "count": count(t.api_told_count()) })
        }
        WebhookKind::PrizeClaimed => json!({ "event": event, "rank": count(t.api_told_rank()) }),
    }
}

/// What they are sent of each.
fn told(kind: WebhookKind, t: Lang) -> Value {
    let mut name = field("string", t.api_told_type());
    name["enum"] = json!([kind.name()]);
    let mut data = object(&data(kind, t));
    data["description"] = t.api_told_data().into();
    object(&json!({ "type": name, "timestamp": field("string", t.api_told_at()), "data": data }))
}

/// With which headers, each with what it is.
fn sent_with(t: Lang) -> [(&'static str, &'static str); 3] {
    [
        ("webhook-id", t.api_told_id()),
        ("webhook-timestamp", t.api_told_sent_at()),
        ("webhook-signature", t.api_told_signature()),
    ]
}

/// How that is sent.
fn telling(kind: WebhookKind) -> Value {
    let headers = sent_with(Lang::En).map(|(name, what)| {
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "header", "required": true, "description": what, "schema": schema })
    });
    json!({
        "post": {
            "operationId": kind.name(),
            "summary": Lang::En.webhook_kind(kind),
            "parameters": headers,
            "requestBody": { "required": true, "content": { "application/json": { "schema": told(kind, Lang::En) } } },
            "responses": { "2XX": { "description": "Taken; anything else is tried again for a day." } },
        },
    })
}

/// Why something is refused.
fn refusal(t: Lang) -> Value {
    let mut retry_after = field("integer", t.api_retry_after());
    retry_after["minimum"] = 0.into();
    json!({
        "type": "object",
        "description": t.api_refusal(),
        "properties": {
            "error": field("string", t.api_refusal_code()),
            "retry_after": retry_after,
            "early_us": field("integer", t.api_early()),
            "fields": field("array", t.api_wrong_fields()),
        },
        "required": ["error"],
    })
}

/// The whole document, of a site at an address.
fn document(origin: &str) -> Value {
    let (mut schemas, mut places) = (Schemas::new(), Map::<String, Value>::new());
    for operation in all() {
        let described = described(&operation, &mut schemas);
        let place = places.entry(operation.path).or_insert_with(|| json!({}));
        place[operation.method] = described;
    }
    for declaration in changes() {
        places.insert(declaration.path.to_owned(), json!({ "post": changed(declaration) }));
    }
    let webhooks: Map<String, Value> =
        WebhookKind::ALL.into_iter().map(|kind| (kind.name().to_owned(), telling(kind))).collect();
    schemas.insert(REFUSAL, refusal(Lang::En));
    json!({
        "openapi": "3.1.0",
        "info": { "title": "59초", "version": "1", "description": Lang::En.api_intro() },
        "servers": [{ "url": origin }],
        "paths": places,
        "webhooks": webhooks,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": Lang::En.tokens_hint() },
                "session": { "type": "apiKey", "in": "cookie", "name": if origin.starts_with("https:") { "__Host-session" } else { "session" } },
            },
        },
    })
}

/// `GET /api/openapi.json`.
pub async fn openapi(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let mut response = reply::json(StatusCode::OK, &document(&pages::origin(&state, &headers)));
    // It is nobody's, and programs of other sites may read it.
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// What a schema is, in a word or two of HTML.
fn word(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        return format!("<a href=\"#{name}\">{name}</a>", name = escaped(name));
    }
    if let Some(items) = schema["anyOf"].as_array() {
        return items.iter().map(word).collect::<Vec<_>>().join(" | ");
    }
    match schema["format"].as_str().or_else(|| schema["type"].as_str()) {
        Some("array") => format!("[{}]", word(&schema["items"])),
        Some(kind) => escaped(kind),
        None => String::new(),
    }
}

/// Fields, each with what it is; nothing where there is none.
fn rows(fields: impl IntoIterator<Item = (String, Value)>) -> String {
    let row = |(name, schema): (String, Value)| {
        let text = schema["description"].as_str().unwrap_or_default();
        format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td></tr>",
            escaped(&name),
            word(&schema),
            escaped(text)
        )
    };
    let rows: String = fields.into_iter().map(row).collect();
    if rows.is_empty() { rows } else { format!("<table><tbody>{rows}</tbody></table>") }
}

/// Those of an object.
fn rows_of(object: &Value) -> String {
    rows(object["properties"].as_object().cloned().unwrap_or_default())
}

/// What creators' own servers are told, to be read by people.
fn told_page(t: Lang) -> String {
    let headers = sent_with(t).map(|(name, what)| (name.to_owned(), field("string", what)));
    let mut page = format!(
        "<h2>{}</h2><p>{}</p><section><h3>{}</h3>{}</section>",
        t.webhooks(),
        escaped(t.webhooks_hint()),
        t.api_headers(),
        rows(headers)
    );
    for kind in WebhookKind::ALL {
        let told = told(kind, t);
        page.push_str(&format!(
            "<section><h3><code>{}</code></h3><p>{}</p>{}<h4><code>data</code></h4>{}</section>",
            kind.name(),
            t.webhook_kind(kind),
            rows_of(&told),
            rows_of(&told["properties"]["data"]),
        ));
    }
    page
}

/// All of it, to be read by people. Made once in each language: it is the same for as long as the program runs, and long.
fn for_people(t: Lang) -> &'static str {
    static KOREAN: LazyLock<String> = LazyLock::new(|| written(Lang::Ko));
    static ENGLISH: LazyLock<String> = LazyLock::new(|| written(Lang::En));
    match t {
        Lang::Ko => &KOREAN,
        Lang::En => &ENGLISH,
    }
}

fn written(t: Lang) -> String {
    let mut schemas = Schemas::new();
    let mut body = format!(
        "<h1>{}</h1><p>{}</p><p>{}</p><p><a href=\"/api/openapi.json\">{}</a> · <a href=\"{}\">{}</a></p>",
        t.api_title(),
        escaped(t.api_intro()),
        escaped(t.api_errors()),
        t.api_document(),
        paths::TOKENS,
        t.tokens(),
    );
    for operation in all() {
        let needs = operation.scope.map_or_else(|| t.api_open().to_owned(), |scope| t.api_needs(scope.name()));
        let asked = fields(&operation, t, &mut schemas);
        body.push_str(&format!(
            "<section><h2><code>{} {}</code></h2><p>{}</p><p class=\"note\">{}</p>",
            operation.method.to_uppercase(),
            escaped(operation.path),
            (operation.summary)(t),
            escaped(&needs),
        ));
        if !asked.is_empty() {
            let name = if operation.method == "get" { t.api_query() } else { t.api_body() };
            body.push_str(&format!(
                "<h3>{name}</h3>{}",
                rows(asked.into_iter().map(|(name, schema, _)| (name, schema)))
            ));
        }
        let answer = (operation.answer)(t, &mut schemas);
        body.push_str(&format!("<p>{}: {}</p></section>", t.api_answer(), word(&answer)));
    }
    schemas.insert(REFUSAL, refusal(t));
    body.push_str(&format!("<h2>{}</h2>", t.api_types()));
    for (name, schema) in schemas {
        let what = schema["description"].as_str().map(|what| format!("<p>{}</p>", escaped(what))).unwrap_or_default();
        body.push_str(&format!("<section id=\"{name}\"><h3>{name}</h3>{what}"));
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<_> = values.iter().filter_map(Value::as_str).map(escaped).collect();
            body.push_str(&format!("<p><code>{}</code></p>", values.join(" | ")));
        }
        body.push_str(&rows_of(&schema));
        body.push_str("</section>");
    }
    body.push_str(&told_page(t));
    body.push_str(&format!("<h2>{}</h2><p>{}</p>", t.api_changes(), escaped(t.api_changes_hint())));
    for change in changes() {
        let fields = change.fields().map(|field| property(change, field, t));
        body.push_str(&format!(
            "<section><h3><code>POST {}</code></h3><p>{}</p>{}</section>",
            escaped(change.path),
            escaped(&t.api_said((change.said)(t))),
            rows(fields),
        ));
    }
    body
}

/// `GET /api`: the same as the document, to be read by people.
pub async fn page(headers: HeaderMap) -> Response {
    let (t, theme) = (pages::language(&headers), pages::theme(&headers));
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\" data-theme=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"{}\">\
         <title>{} · 59초</title><link rel=\"stylesheet\" href=\"/pkg/fiftynine.css\"></head><body><main id=\"content\" class=\"api\">{}\
         <p><a class=\"link\" href=\"/\">{}</a></p></main></body></html>",
        t.code(),
        theme.name(),
        theme.schemes(),
        t.api_title(),
        for_people(t),
        t.go_home(),
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    middleware::protect(headers);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PLAIN));
    // It is nobody's, but in the language and theme of its reader.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}
