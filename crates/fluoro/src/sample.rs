//! A sample trace: one order in a small shop of three services.
//!
//! `front` serves the request and calls `cart`, which reads a DynamoDB table, and then `payment`,
//! which asks a database; now and then the card is declined and everything up to the customer
//! fails. Written as text, the way an SDK writes it, so that it takes the same way in.

use fastrand::Rng;
use wire::{Micros, SegmentId, TraceId};

/// One sample trace.
pub(crate) struct Sample {
    /// Its id.
    pub(crate) id: TraceId,
    /// One document for each service, callers first.
    pub(crate) documents: Vec<String>,
    /// Whether the order failed.
    pub(crate) is_faulty: bool,
}

/// Chances in a hundred that the card is declined.
const DECLINED_PERCENT: u32 = 15;

/// Everything that differs from one order to the next.
struct Order {
    id: TraceId,
    front: SegmentId,
    call_cart: SegmentId,
    call_payment: SegmentId,
    /// When the request came.
    start: Micros,
    /// How long the two calls take, in milliseconds.
    cart_ms: u64,
    payment_ms: u64,
    number: u32,
    customer: &'static str,
    is_declined: bool,
}

/// Returns an order that has just been answered at `now`.
pub(crate) fn sample(now: Micros, random: &mut Rng) -> Sample {
    let (cart_ms, payment_ms) = (random.u64(8..45), random.u64(20..180));
    let start = Micros(now.0.saturating_sub((cart_ms + payment_ms + 12) * 1_000));
    let epoch_secs = u32::try_from(start.0 / Micros::PER_SECOND).unwrap_or(u32::MAX);
    let order = Order {
        id: TraceId::new(epoch_secs, random.u128(..)),
        front: SegmentId(random.u64(..)),
        call_cart: SegmentId(random.u64(..)),
        call_payment: SegmentId(random.u64(..)),
        start,
        cart_ms,
        payment_ms,
        number: random.u32(10_000..99_999),
        customer: ["ana", "bela", "chidi", "dora"][random.usize(..4)],
        is_declined: random.u32(..100) < DECLINED_PERCENT,
    };
    let documents = vec![front(&order), cart(&order, random), payment(&order, random)];
    Sample { id: order.id, documents, is_faulty: order.is_declined }
}

impl Order {
    /// Returns the time so many milliseconds after the request, in seconds.
    fn at(&self, millis: u64) -> f64 {
        Micros(self.start.0 + millis * 1_000).seconds()
    }

    /// Returns the status of everything that depends on the payment, and the flag that goes with it.
    fn outcome(&self) -> (u16, &'static str) {
        if self.is_declined { (500, r#""fault":true,"#) } else { (200, "") }
    }
}

fn front(order: &Order) -> String {
    let (status, flag) = order.outcome();
    let cart_end = 2 + order.cart_ms;
    let payment_end = cart_end + 4 + order.payment_ms;
    format!(
        concat!(
            r#"{{"name":"front","id":"{id}","trace_id":"{trace}","start_time":{start},"#,
            r#""end_time":{end},{flag}"origin":"AWS::ECS::Container","user":"{customer}","#,
            r#""http":{{"request":{{"method":"POST","url":"https://shop.example/orders","#,
            r#""user_agent":"Mozilla/5.0","client_ip":"192.0.2.17"}},"#,
            r#""response":{{"status":{status}}}}},"#,
            r#""annotations":{{"order":{number},"customer":"{customer}"}},"#,
            r#""subsegments":["#,
            r#"{{"name":"cart","id":"{call_cart}","start_time":{cart_start},"#,
            r#""end_time":{cart_end},"namespace":"remote","http":{{"request":{{"method":"GET","#,
            r#""url":"http://cart.shop.example/carts/{customer}","traced":true}},"#,
            r#""response":{{"status":200}}}}}},"#,
            r#"{{"name":"payment","id":"{call_payment}","start_time":{payment_start},"#,
            r#""end_time":{payment_end},{flag}"namespace":"remote","http":{{"request":"#,
            r#"{{"method":"POST","url":"http://payment.shop.example/charges","traced":true}},"#,
            r#""response":{{"status":{status}}}}}}}]}}"#
        ),
        id = order.front,
        trace = order.id,
        start = order.at(0),
        end = order.at(payment_end + 3),
        flag = flag,
        customer = order.customer,
        status = status,
        number = order.number,
        call_cart = order.call_cart,
        cart_start = order.at(2),
        cart_end = order.at(cart_end),
        call_payment = order.call_payment,
        payment_start = order.at(cart_end + 2),
        payment_end = order.at(payment_end),
    )
}

fn cart(order: &Order, random: &mut Rng) -> String {
    let end = 1 + order.cart_ms;
    format!(
        concat!(
            r#"{{"name":"cart","id":"{id}","trace_id":"{trace}","parent_id":"{parent}","#,
            r#""start_time":{start},"end_time":{end},"origin":"AWS::ECS::Container","#,
            r#""http":{{"request":{{"method":"GET","#,
            r#""url":"http://cart.shop.example/carts/{customer}"}},"#,
            r#""response":{{"status":200}}}},"#,
            r#""subsegments":[{{"name":"DynamoDB","id":"{table}","start_time":{call_start},"#,
            r#""end_time":{call_end},"namespace":"aws","http":{{"response":{{"status":200}}}},"#,
            r#""aws":{{"operation":"GetItem","table_name":"carts","region":"eu-central-1"}}}}]}}"#
        ),
        id = SegmentId(random.u64(..)),
        trace = order.id,
        parent = order.call_cart,
        start = order.at(3),
        end = order.at(end),
        customer = order.customer,
        table = SegmentId(random.u64(..)),
        call_start = order.at(4),
        call_end = order.at(end - 1),
    )
}

fn payment(order: &Order, random: &mut Rng) -> String {
    let (status, flag) = order.outcome();
    let start = order.cart_ms + 5;
    let end = start + order.payment_ms - 2;
    let cause = if order.is_declined {
        format!(
            concat!(
                r#""cause":{{"working_directory":"/srv/payment","exceptions":[{{"id":"{id}","#,
                r#""type":"CardDeclined","message":"the bank refused order {number}","#,
                r#""stack":[{{"path":"payment/charge.py","line":42,"label":"charge"}},"#,
                r#"{{"path":"payment/app.py","line":17,"label":"post_charges"}}]}}]}},"#
            ),
            id = SegmentId(random.u64(..)),
            number = order.number,
        )
    } else {
        String::new()
    };
    format!(
        concat!(
            r#"{{"name":"payment","id":"{id}","trace_id":"{trace}","parent_id":"{parent}","#,
            r#""start_time":{start},"end_time":{end},{flag}{cause}"origin":"AWS::EC2::Instance","#,
            r#""http":{{"request":{{"method":"POST","url":"http://payment.shop.example/charges"}},"#,
            r#""response":{{"status":{status}}}}},"#,
            r#""subsegments":[{{"name":"ledger@db.shop.example","id":"{query}","#,
            r#""start_time":{query_start},"end_time":{query_end},"namespace":"remote","#,
            r#""sql":{{"url":"jdbc:postgresql://db.shop.example/ledger","#,
            r#""sanitized_query":"INSERT INTO charges VALUES (?, ?)","#,
            r#""database_type":"PostgreSQL"}}}}]}}"#
        ),
        id = SegmentId(random.u64(..)),
        trace = order.id,
        parent = order.call_payment,
        start = order.at(start),
        end = order.at(end),
        flag = flag,
        cause = cause,
        status = status,
        query = SegmentId(random.u64(..)),
        query_start = order.at(start + 2),
        query_end = order.at(start + order.payment_ms / 2),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_one_that_we_would_take() {
        let mut random = Rng::with_seed(1);
        let mut faulty_count = 0;
        for _ in 0..200 {
            let sample = sample(Micros::from_secs(1_790_000_000), &mut random);
            assert_eq!(sample.documents.len(), 3);
            for document in &sample.documents {
                let segment = wire::Segment::parse(document);
                let segment = segment.unwrap_or_else(|p| panic!("{document}: {p:?}"));
                assert!(segment.others.is_empty(), "{document}");
                assert!(segment.end_time > Some(segment.start_time), "{document}");
                assert_eq!(segment.trace_id, Some(sample.id));
            }
            faulty_count += usize::from(sample.is_faulty);
        }
        assert!((10..60).contains(&faulty_count), "{faulty_count} of 200 failed");
    }
}
