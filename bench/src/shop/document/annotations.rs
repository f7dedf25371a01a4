//! Twenty annotation keys: some with few values, some unique, numbers and flags.

use super::super::services::Service;
use super::super::{Ending, Trace};
use super::Facts;
use super::text::{decimal, hex, raw};

/// The keys with what their values are like; a service names its own by their places here.
const KEYS: [(&str, Values); 20] = [
    ("tier", Values::Few(&["basic", "silver", "gold"])),
    ("tenant", Values::Many("t-", 200)),
    ("currency", Values::Few(&["EUR", "EUR", "EUR", "USD", "SEK", "JPY"])),
    ("channel", Values::Few(&["web", "app", "partner"])),
    ("language", Values::Few(&["de", "en", "fr", "sv", "ja", "pt"])),
    ("order_id", Values::Unique("o-")),
    ("cart_id", Values::Unique("c-")),
    ("session", Values::Unique("")),
    ("query", Values::Many("word-", 3_000)),
    ("category", Values::Few(&["books", "garden", "kitchen", "music", "sport", "toys", "wine"])),
    ("warehouse", Values::Few(&["malmo", "leipzig", "lyon", "porto"])),
    ("carrier", Values::Few(&["post", "courier", "pickup"])),
    ("payment_method", Values::Few(&["card", "card", "invoice", "wallet", "voucher"])),
    ("campaign", Values::Many("camp-", 40)),
    ("items", Values::Number(12)),
    ("amount", Values::Cents(40_000)),
    ("results", Values::Number(250)),
    ("weight_grams", Values::Number(20_000)),
    ("cached", Values::Flag(70)),
    ("first_order", Values::Flag(10)),
];

/// What the values of a key are like.
enum Values {
    /// One of these.
    Few(&'static [&'static str]),
    /// A prefix and a number below this.
    Many(&'static str, u64),
    /// A prefix and what no other trace has.
    Unique(&'static str),
    /// A whole number below this.
    Number(u64),
    /// A number of hundredths below this.
    Cents(u64),
    /// True in so many of a hundred.
    Flag(u64),
}

/// Writes the annotations of one document; a service that failed did not get as far as all.
pub(super) fn write(
    out: &mut Vec<u8>,
    service: &Service,
    facts: &mut Facts,
    trace: &Trace,
    at: usize,
) {
    let is_cut_short = trace.works[at].ending != Ending::Ok;
    let keys = if is_cut_short { &service.annotations[..1] } else { service.annotations };
    raw(out, r#","annotations":{"#);
    for (place, key) in keys.iter().enumerate() {
        let (key, values) = &KEYS[*key];
        raw(out, if place == 0 { r#"""# } else { r#",""# });
        raw(out, key);
        raw(out, r#"":"#);
        value(out, values, facts, trace);
    }
    raw(out, "}");
}

fn value(out: &mut Vec<u8>, values: &Values, facts: &mut Facts, trace: &Trace) {
    let draw = facts.random.next();
    match values {
        Values::Few(list) => quoted(out, list[(draw % list.len() as u64) as usize], |_| {}),
        // The same tenant or word throughout the trace.
        Values::Many(prefix, count) => quoted(out, prefix, |out| {
            decimal(out, facts.user % count);
        }),
        Values::Unique(prefix) => quoted(out, prefix, |out| unique(out, trace)),
        Values::Number(end) => decimal(out, draw % end),
        Values::Cents(end) => {
            decimal(out, draw % end);
            raw(out, if draw.is_multiple_of(2) { ".5" } else { ".25" });
        }
        Values::Flag(percent) => raw(out, if draw % 100 < *percent { "true" } else { "false" }),
    }
}

fn quoted(out: &mut Vec<u8>, text: &str, rest: impl FnOnce(&mut Vec<u8>)) {
    raw(out, r#"""#);
    raw(out, text);
    rest(out);
    raw(out, r#"""#);
}

/// The last 64 bits of the trace's id, which a search for one trace knows.
pub(super) fn unique(out: &mut Vec<u8>, trace: &Trace) {
    hex(out, u128::from_be_bytes(trace.id.0) as u64, 16);
}
