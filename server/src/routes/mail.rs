//! What links in mails do: by the button of their page, or by a mail program in one click (RFC 8058).

use crate::{
    AppState,
    reply::{self, Refusal},
};
use axum::{
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use model::{Error, channels::MailLink};

/// What a mail program sends for its reader.
const ONE_CLICK: &[u8] = b"List-Unsubscribe=One-Click";

/// Does what a link is for. The token in it is all that is asked for: whoever has the mail may.
///
/// # Errors
/// As [`engine::channels::Channels::follow_mail_link`].
pub async fn follow(
    State(state): State<AppState>,
    Path((link, token)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<Response, Refusal> {
    let link: MailLink = link.parse().map_err(|()| Error::NotFound)?;
    state.engine.channels.follow_mail_link(link, &token).await?;
    // Programs follow no redirects with it.
    let by_program = body.starts_with(ONE_CLICK) || (link == MailLink::Stop && multipart(&body));
    match by_program {
        true => Ok(StatusCode::OK.into_response()),
        false => Ok(reply::see_other(uri.path(), &[])),
    }
}

/// The other form in which programs may send it.
fn multipart(body: &[u8]) -> bool {
    body.starts_with(b"--") && body.windows(16).any(|part| part == b"List-Unsubscribe")
}
