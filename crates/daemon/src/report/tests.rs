//! What a record tells.

use wire::datagram::Problem;

use super::*;

#[test]
fn a_record_tells_what_happened_since_the_one_before() {
    let sums = |sent, refused, dropped| {
        let mut errors = [0; Failure::ALL.len()];
        errors[Failure::Timeout as usize] = sent;
        errors[Failure::Other as usize] = 1;
        errors[Failure::Credentials as usize] = 2;
        Sums { sent, refused, dropped, errors }
    };
    let before = Snapshot { received: 10, rejected: 1, spilled: 2, sums: sums(3, 1, 0) };
    let after = Snapshot { received: 110, rejected: 2, spilled: 5, sums: sums(53, 2, 4) };
    let record = after.since(&before, Micros(1_500_000));
    assert_eq!(record.timestamp, Seconds(1.5));
    let counts = [
        record.segments_received,
        record.segments_sent,
        record.segments_spilled,
        record.segments_rejected,
        record.connection_errors.timeout,
        record.connection_errors.other,
    ];
    assert_eq!(counts, [100, 50, 7, 2, 50, 0]);
    let first = after.since(&Snapshot::default(), Micros(0));
    assert_eq!(first.connection_errors.other, 3);
}

#[test]
fn what_came_and_was_bad_is_counted_over_all_doors() {
    let telemetry = Telemetry::default();
    telemetry.datagrams.add(3);
    telemetry.rejected(Problem::NotUtf8).add(1);
    assert_eq!((telemetry.received_count(), telemetry.rejected_count()), (3, 1));
}
