//! `web`: pages for visitors.

use crate::exchange::{Answer, pass_on};
use crate::role::Role;
use crate::service::Visit;

/// Serves a page.
pub(crate) async fn answer(visit: &Visit<'_>) -> Answer {
    visit.segment.annotate("cart_size", visit.visitor.cart_size);
    if visit.request.path == "/checkout" {
        return checkout(visit).await;
    }
    let product = visit.call(Role::Api, "GET", "/products");
    let others = visit.call(Role::Recommendations, "GET", "/recommendations");
    let (product, others) = visit.world.both(product, others).await;
    // A page without recommendations is a page; one without its product is none.
    if others.is_err() {
        visit.segment.annotate("recommendations", false);
    }
    let page = pass_on(product);
    if page.is_ok() { render(visit).await } else { page }
}

async fn checkout(visit: &Visit<'_>) -> Answer {
    visit.segment.annotate("order_value", f64::from(visit.visitor.order_cents) / 100.0);
    let order = pass_on(visit.call(Role::Api, "POST", "/orders").await);
    if order.is_ok() { render(visit).await } else { order }
}

async fn render(visit: &Visit<'_>) -> Answer {
    let part = visit.segment.begin("render");
    visit.work("render", 2..12).await;
    part.end();
    Answer::ok("<html>…</html>")
}
