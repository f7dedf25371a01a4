//! `inventory`: knows what there is to sell, from a table.

use crate::exchange::{Answer, pass_on};
use crate::service::Visit;

/// Reads the stock, or takes something out of it.
pub(crate) async fn answer(visit: &Visit<'_>) -> Answer {
    visit.work("check", 1..4).await;
    let found = pass_on(visit.table("GetItem", "stock").await);
    if found.is_ok() && visit.request.method == "POST" {
        return pass_on(visit.table("UpdateItem", "stock").await);
    }
    found
}
