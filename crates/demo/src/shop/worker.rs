//! `worker` ships what was ordered, `mailer` tells the customer.

use crate::exchange::Answer;
use crate::logs::Level;
use crate::role::Role;
use crate::service::Visit;

/// Orders in a hundred that take long to pack.
const FRAGILE_PERCENT: u32 = 4;

/// Ships one order.
pub(crate) async fn ship(visit: &Visit<'_>) {
    let part = visit.segment.begin("pack");
    visit.work("pack", 100..600).await;
    if visit.chance("fragile", FRAGILE_PERCENT) {
        // Long enough for somebody to see it while it is open.
        part.annotate("fragile", true);
        visit.work("wrap", 4_000..6_000).await;
    }
    part.end();
    let saved = visit.table("PutItem", "shipments").await;
    let mailed = visit.call(Role::Mailer, "POST", "/mails").await;
    if ![saved, mailed].iter().all(|outcome| outcome.as_ref().is_ok_and(Answer::is_ok)) {
        visit.segment.set_fault();
        visit.say(Level::Error, format_args!("shipped, and nobody was told"));
        return;
    }
    visit.say(Level::Info, format_args!("shipped {} things", visit.visitor.cart_size));
}

/// Writes to the customer.
pub(crate) async fn mail(visit: &Visit<'_>) -> Answer {
    let part = visit.segment.begin("template");
    visit.work("template", 3..20).await;
    part.end();
    Answer::ok("written")
}
