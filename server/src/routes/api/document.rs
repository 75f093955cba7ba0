//! The description of what programs can ask for, made from the table that the router is made of and from the server functions that pages
//! change things by: as OpenAPI 3.1, and as a page.

use super::{
    ID, Operation, all,
    schema::{Schemas, reference},
};
use crate::{AppState, middleware, pages, reply, routes::paying::escaped};
use app::{
    forms::{Declaration, FormField},
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

/// Of a page without scripts.
const PLAIN: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What every refusal looks like.
const REFUSAL: &str = "Refusal";

/// The fields of what is asked for, each with its schema and whether it must be there.
fn fields(operation: &Operation, schemas: &mut Schemas) -> Vec<(String, Value, bool)> {
    let (name, asked) = operation.asked;
    let mut own = Schemas::new();
    asked(&mut own);
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
        for (name, schema, required) in fields(operation, schemas) {
            parameters.push(json!({ "name": name, "in": "query", "required": required, "schema": schema }));
        }
    } else {
        let schema = (operation.asked.1)(schemas);
        described["requestBody"] =
            json!({ "required": false, "content": { "application/json": { "schema": schema } } });
    }
    described["parameters"] = parameters.into();
    described["security"] = match operation.scope {
        Some(scope) => json!([{ "token": [scope.name()] }]),
        None => json!([]),
    };
    let answer = (operation.answer)(schemas);
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

/// The fields of its form, of which files only come in parts of their own.
fn form(declaration: &Declaration, files: bool) -> Value {
    let property = |field: &FormField| {
        let one = match field.file {
            true => json!({ "type": "string", "format": "binary" }),
            false => json!({ "type": "string" }),
        };
        let schema = if field.many { json!({ "type": "array", "items": one }) } else { one };
        (field.name.to_owned(), schema)
    };
    let properties: Map<String, Value> =
        declaration.fields().filter(|field| files || !field.file).map(property).collect();
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
        "summary": format!("What the site says when it is done: {}", (declaration.said)(Lang::En)),
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

/// What creators' own servers are sent of a kind.
fn told(kind: WebhookKind) -> Value {
    let event = json!({ "type": "string", "description": "The event." });
    let title = json!({ "type": "string", "description": "What it is called." });
    let count = |what: &str| json!({ "type": "integer", "minimum": 0, "description": what });
    let (capacity, entered) = (count("How many places or units it has."), count("How many entered."));
    let data = match kind {
        WebhookKind::EventOpened => {
            json!({ "event": event, "title": title, "capacity": capacity, "entered": entered })
        }
        WebhookKind::EventClosed => {
            let placed = count("How many of them have a place, or paid.");
            json!({ "event": event, "title": title, "capacity": capacity, "entered": entered, "placed": placed })
        }
        WebhookKind::OrderPaid | WebhookKind::OrderCancelled => {
            json!({ "event": event, "count": count("Of how many orders.") })
        }
        WebhookKind::PrizeClaimed => json!({ "event": event, "rank": count("Of which place.") }),
    };
    let body = object(&json!({
        "type": { "type": "string", "enum": [kind.name()] },
        "timestamp": { "type": "string", "description": "When, in Korea's time, with how far that is from Greenwich." },
        "data": object(&data),
    }));
    let sent_with = |name: &str, what: &str| {
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "header", "required": true, "description": what, "schema": schema })
    };
    json!({
        "post": {
            "operationId": kind.name(),
            "summary": Lang::En.webhook_kind(kind),
            "parameters": [
                sent_with("webhook-id", "The same for whatever is sent again."),
                sent_with("webhook-timestamp", "When it is sent, in seconds since 1970."),
                sent_with("webhook-signature", "As Standard Webhooks has it: v1 and HMAC-SHA256 over id, time and body."),
            ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
            "responses": { "2XX": { "description": "Taken; anything else is tried again for a day." } },
        },
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
        WebhookKind::ALL.into_iter().map(|kind| (kind.name().to_owned(), told(kind))).collect();
    schemas.insert(
        REFUSAL,
        json!({
            "type": "object",
            "description": "Why something is refused: a code, and what belongs to it.",
            "properties": {
                "error": { "type": "string", "description": "The code." },
                "retry_after": { "type": "integer", "minimum": 0, "description": "In how many seconds the same may be tried again." },
                "early_us": { "type": "integer", "description": "How much too early a press came, in microseconds." },
                "fields": { "type": "array", "description": "Names of fields that were not taken, each with why." },
            },
            "required": ["error"],
        }),
    );
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
    match schema["type"].as_str() {
        Some("array") => format!("[{}]", word(&schema["items"])),
        Some(kind) => escaped(kind),
        None => String::new(),
    }
}

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
    format!("<table><tbody>{rows}</tbody></table>")
}

/// `GET /api`: the same, to be read by people.
pub async fn page(headers: HeaderMap) -> Response {
    let (t, theme) = (pages::language(&headers), pages::theme(&headers));
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
        let asked = fields(&operation, &mut schemas);
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
        body.push_str(&format!("<p>{}: {}</p></section>", t.api_answer(), word(&(operation.answer)(&mut schemas))));
    }
    let item = |change: &Declaration| {
        let fields: Vec<_> = change.fields().map(|field| field.name).collect();
        format!("<li><code>POST {}</code> {}</li>", escaped(change.path), fields.join(", "))
    };
    let changes: String = changes().into_iter().map(item).collect();
    body.push_str(&format!("<h2>{}</h2><p>{}</p><ul>{changes}</ul>", t.api_changes(), escaped(t.api_changes_hint())));
    body.push_str(&format!("<h2>{}</h2>", t.api_types()));
    for (name, schema) in schemas {
        body.push_str(&format!("<section id=\"{name}\"><h3>{name}</h3>"));
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<_> = values.iter().filter_map(Value::as_str).map(escaped).collect();
            body.push_str(&format!("<p><code>{}</code></p>", values.join(" | ")));
        }
        if let Some(properties) = schema["properties"].as_object() {
            body.push_str(&rows(properties.clone()));
        }
        body.push_str("</section>");
    }
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\" data-theme=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"{}\">\
         <title>{} · 59초</title><link rel=\"stylesheet\" href=\"/pkg/fiftynine.css\"></head><body><main id=\"content\" class=\"api\">{body}\
         <p><a class=\"link\" href=\"/\">{}</a></p></main></body></html>",
        t.code(),
        theme.name(),
        theme.schemes(),
        t.api_title(),
        t.go_home(),
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    middleware::protect(headers);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PLAIN));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}
