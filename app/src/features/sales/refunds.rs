//! What giving a ticket back costs: shown where it is sold, and once more where it is paid for.

use crate::texts::Lang;
use leptos::prelude::*;
use model::RefundFees;

/// What giving a ticket back costs, by when.
pub fn refund_table(t: Lang, RefundFees(fees): RefundFees) -> impl IntoView + use<> {
    let until = [t.refund_days_10(), t.refund_days_7(), t.refund_days_3(), t.refund_days_1(), t.refund_days_0()];
    let rows = until
        .into_iter()
        .zip(fees)
        .map(|(until, fee)| {
            let fee = match fee {
                0 => t.refund_none().to_owned(),
                100.. => t.refund_all().to_owned(),
                fee => t.refund_part(fee),
            };
            view! { <tr><th scope="row">{until}</th><td>{fee}</td></tr> }
        })
        .collect_view();
    view! {
        <table class="refunds">
            <caption>{t.refund_table()}</caption>
            <thead><tr><th scope="col">{t.refund_when()}</th><th scope="col">{t.refund_fee()}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
