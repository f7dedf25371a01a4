//! What it costs to say whether a trace belongs to five groups: its summary, and five filters.
//!
//! Run: `cargo bench -p fluoro-filter`.

use divan::Bencher;
use filter::Predicate;
use trace::fixture::Fixture;

fn main() {
    divan::main();
}

/// A typical trace of 8 segments and subsegments.
const TRACE: &str = "
    front 0..120ms 200
      > checkout 5..110ms
        validate 6..9ms
        DynamoDB 10..40ms aws op=Query table=carts
        > payments 45..100ms
          \"db@host\" 50..90ms remote
";

const FILTERS: [&str; 5] = [
    "fault",
    "responsetime > 5 AND !partial",
    "service(\"payments\") { fault OR throttle }",
    "edge(\"front\", \"checkout\")",
    "http.status >= 400 AND annotation.tenant = \"a\"",
];

#[divan::bench]
fn summarize(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new(TRACE);
    let trace = fixture.trace();
    bencher.bench_local(|| trace::summarize(&trace));
}

#[divan::bench]
fn five_filters(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new(TRACE);
    let trace = fixture.trace();
    let summary = trace::summarize(&trace);
    let filters = FILTERS.map(|text| Predicate::read(text).expect("a filter"));
    bencher.bench_local(|| {
        filters.iter().filter(|filter| filter::matches(filter, &trace, &summary)).count()
    });
}
