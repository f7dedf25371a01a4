//! `web`: pages for visitors.

use crate::exchange::{Answer, pass_on};
use crate::role::Role;
use crate::service::Visit;

/// Shelves of the catalogue.
const SHELVES: u32 = 8;

/// Products on a shelf.
const PRODUCTS: u32 = 300;

/// Serves a page.
pub(crate) async fn answer(visit: &Visit<'_>) -> Answer {
    visit.segment.annotate("cart_size", visit.visitor.cart_size);
    if visit.request.path == "/checkout" {
        return checkout(visit).await;
    }
    if visit.request.path == "/catalogue" {
        return catalogue(visit).await;
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

/// Lists all there is to sell: with more metadata than one datagram holds, so that its recorder has to
/// send the segment in pieces.
async fn catalogue(visit: &Visit<'_>) -> Answer {
    for shelf in 1..=SHELVES {
        let part = visit.segment.begin("shelf");
        part.annotate("shelf", shelf);
        if part.is_recorded() {
            let product = |number: u32| format!("product {shelf}-{number:03}, as good as new");
            part.metadata("products", &(1..=PRODUCTS).map(product).collect::<Vec<_>>());
        }
        visit.work("shelf", 2..6).await;
        part.end();
    }
    render(visit).await
}

async fn render(visit: &Visit<'_>) -> Answer {
    let part = visit.segment.begin("render");
    visit.work("render", 2..12).await;
    part.end();
    Answer::ok("<html>…</html>")
}
