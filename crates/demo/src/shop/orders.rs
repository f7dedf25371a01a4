//! `orders`: writes orders down, has them paid, and asks for their shipping.

use crate::exchange::{Answer, Trouble, pass_on};
use crate::fault::Fault;
use crate::logs::Level;
use crate::role::Role;
use crate::service::Visit;

/// Takes an order.
pub(crate) async fn answer(visit: &Visit<'_>) -> Answer {
    let version =
        if visit.world.has(Fault::BadDeploy) && visit.chance("version", 50) { "v2" } else { "v1" };
    visit.segment.annotate("version", version);
    visit.segment.annotate("order_value", f64::from(visit.visitor.order_cents) / 100.0);
    visit.segment.metadata("request", &[("cart_size", visit.visitor.cart_size)]);
    visit.work("check", 1..4).await;
    if let Some(trouble) = trouble(visit, version) {
        return Answer::failed(500, trouble);
    }
    let saved = pass_on(visit.query("INSERT INTO orders VALUES (?, ?, ?)").await);
    if !saved.is_ok() {
        return saved;
    }
    let paid = pass_on(visit.call(Role::Payments, "POST", "/charges").await);
    if !paid.is_ok() {
        // It stays in the table as what it is.
        pass_on(visit.query("UPDATE orders SET state = ? WHERE id = ?").await);
        return paid;
    }
    let (cents, version) = (visit.visitor.order_cents, &version);
    let (whole, part) = (cents / 100, cents % 100);
    visit.say(Level::Info, format_args!("{version} took an order of {whole}.{part:02}"));
    pass_on(visit.enqueue().await)
}

/// Returns what goes wrong with this order.
fn trouble(visit: &Visit<'_>, version: &str) -> Option<Trouble> {
    if version == "v2" && visit.chance("bug", 40) {
        return Some(Trouble {
            kind: "IndexOutOfBounds",
            message: format!("index 8 is out of bounds of {} discounts", visit.visitor.cart_size)
                .into(),
            stack: &[
                ("orders/src/discount.rs", 58, "apply_discounts"),
                ("orders/src/price.rs", 21, "total"),
                ("orders/src/routes.rs", 44, "post_orders"),
            ],
        });
    }
    if visit.world.has(Fault::Errors) && visit.chance("error", 30) {
        return Some(Trouble {
            kind: "InvalidAddress",
            message: "the address has no postal code".into(),
            stack: &[
                ("orders/src/address.rs", 17, "postal_code"),
                ("orders/src/routes.rs", 39, "post_orders"),
            ],
        });
    }
    None
}
