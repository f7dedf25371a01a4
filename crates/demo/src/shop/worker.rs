//! `worker` ships what was ordered, `mailer` tells the customer.

use crate::exchange::Answer;
use crate::role::Role;
use crate::service::Visit;

/// Ships one order.
pub(crate) async fn ship(visit: &Visit<'_>) {
    let part = visit.segment.begin("pack");
    visit.work("pack", 100..600).await;
    part.end();
    let saved = visit.table("PutItem", "shipments").await;
    let mailed = visit.call(Role::Mailer, "POST", "/mails").await;
    if ![saved, mailed].iter().all(|outcome| outcome.as_ref().is_ok_and(Answer::is_ok)) {
        visit.segment.set_fault();
    }
}

/// Writes to the customer.
pub(crate) async fn mail(visit: &Visit<'_>) -> Answer {
    let part = visit.segment.begin("template");
    visit.work("template", 3..20).await;
    part.end();
    Answer::ok("written")
}
