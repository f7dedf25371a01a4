//! Reports fall into windows, and only the last closed one is shown.

use wire::Seconds;

use super::*;

fn report(request_count: i32) -> Statistics {
    Statistics {
        rule_name: "r".to_owned(),
        client_id: "0123456789abcdef01234567".to_owned(),
        timestamp: Seconds(0.0),
        request_count,
        sampled_count: 2,
        borrow_count: 1,
    }
}

#[test]
fn the_last_closed_window_has_what_came_while_it_was_open() {
    let mut windows = Windows::default();
    let at = |secs: u64| Micros::from_secs(1_790_000_000 + secs);
    for (secs, requests) in [(0, 1), (9, 10), (10, 100), (19, 1000), (40, 7)] {
        windows.add(&report(requests), at(secs));
        let before = windows.closed(at(secs)).requests;
        let expected = [(0, 0), (9, 0), (10, 11), (19, 11), (40, 0)];
        assert_eq!(Some((secs, before)), expected.into_iter().find(|(when, _)| *when == secs));
    }
    assert_eq!(windows.closed(at(50)), Counts { requests: 7, sampled: 2, borrowed: 1 });
    assert_eq!(windows.closed(at(60)), Counts::default());
    assert_eq!(last_closed_start(at(59)), at(40));
}

#[test]
fn counts_stay_at_the_largest_number_there_is() {
    let mut windows = Windows::default();
    for _ in 0..2 {
        windows.add(&report(i32::MAX), Micros::from_secs(5));
    }
    assert_eq!(windows.closed(Micros::from_secs(10)).requests, i32::MAX);
}

#[test]
fn a_clock_set_back_loses_no_report() {
    let mut windows = Windows::default();
    windows.add(&report(1), Micros::from_secs(100));
    windows.add(&report(10), Micros::from_secs(50));
    assert_eq!(windows.closed(Micros::from_secs(110)).requests, 11);
}
