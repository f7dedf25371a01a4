//! `api`: asks the services behind it on behalf of the web.

use crate::exchange::{Answer, pass_on};
use crate::fault::Fault;
use crate::role::Role;
use crate::service::Visit;

/// Answers for products and orders.
pub(crate) async fn answer(visit: &Visit<'_>) -> Answer {
    visit.work("read", 1..3).await;
    if visit.request.path == "/orders" {
        let stock = pass_on(visit.call(Role::Inventory, "POST", "/reservations").await);
        if !stock.is_ok() {
            return stock;
        }
        return pass_on(visit.call(Role::Orders, "POST", "/orders").await);
    }
    if visit.world.has(Fault::ClientErrors) && visit.chance("missing", 40) {
        return Answer::status(404, "there is no such product");
    }
    let cached = cache(visit);
    let (is_cached, stock) =
        visit.world.both(cached, visit.call(Role::Inventory, "GET", "/stock")).await;
    visit.segment.annotate("cached", is_cached);
    pass_on(stock)
}

/// Looks for the product's text; returns whether it was in the cache.
async fn cache(visit: &Visit<'_>) -> bool {
    let part = visit.segment.begin("cache");
    let is_cached = visit.chance("cached", 80);
    if is_cached {
        visit.work("hit", 1..3).await;
    } else {
        visit.work("miss", 8..25).await;
    }
    part.end();
    is_cached
}
