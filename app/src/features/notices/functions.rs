//! What the list of notices reads and changes.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;

change! { ReadNotices: SignedIn, pages: ["/notices"], said: notices_read, whole }

/// Marks everything as read.
#[server(endpoint = "read-notices", protocol = Change, input_derive = ())]
pub async fn read_notices(form: Form) -> Result<Done, PageError> {
    let _ = form;
    let Reader { engine, actor, .. } = reader();
    engine.notices.read_all(&actor).await?;
    Ok(Done::here())
}

change! { DeleteReadNotices: SignedIn, pages: ["/notices"], said: notices_deleted }

/// Deletes what was read.
#[server(endpoint = "delete-read-notices", protocol = Change, input_derive = ())]
pub async fn delete_read_notices(form: Form) -> Result<Done, PageError> {
    let _ = form;
    let Reader { engine, actor, .. } = reader();
    engine.notices.delete_read(&actor).await?;
    Ok(Done::here())
}
