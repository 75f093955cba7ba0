//! `/admin/members`: what admins do to members and events.

use super::{AdminTabs, functions};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;

/// Reads nothing; only admins come here.
///
/// # Errors
/// As [`engine::accounts::Actor::admin`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<()> {
    asked.reader.actor.admin()?;
    Ok(())
}

/// The admin's forms.
pub fn view((): ()) -> impl IntoView {
    let t = lang();
    head::title(t.members_and_events());
    let suspend = FormState::keyed::<functions::SuspendMember>("suspend");
    let restore = FormState::keyed::<functions::RestoreMember>("restore");
    let call_off = FormState::keyed::<functions::CallOffEvent>("call-off");
    view! {
        <section class="narrow">
            <AdminTabs page=paths::MEMBERS />
            <h1>{t.members_and_events()}</h1>
            <h2>{t.suspend_member()}</h2>
            <ChangeForm state=suspend>
                <Field form=suspend name="who" label=t.which_member() hint=t.which_member_hint() required=true />
                <Field form=suspend name="reason" label=t.admin_reason() hint=t.suspend_hint() required=true maxlength=200 />
                <button class="btn">{t.suspend_member()}</button>
            </ChangeForm>
            <h2>{t.restore_member()}</h2>
            <ChangeForm state=restore>
                <Field form=restore name="who" label=t.which_member() hint=t.which_member_hint() required=true />
                <Field form=restore name="reason" label=t.admin_reason() required=true maxlength=200 />
                <button class="btn">{t.restore_member()}</button>
            </ChangeForm>
            <h2>{t.call_off_event()}</h2>
            <ChangeForm state=call_off>
                <Field form=call_off name="event" label=t.which_event() hint=t.which_event_hint() required=true />
                <Field form=call_off name="reason" label=t.admin_reason() hint=t.call_off_hint() required=true maxlength=200 />
                <button class="btn">{t.call_off_event()}</button>
            </ChangeForm>
        </section>
    }
}
