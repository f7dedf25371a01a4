//! Quotas by demand, and that they never exceed the reservoir, whatever clients and clocks do.

use proptest::prelude::*;

use super::*;

const START: Micros = Micros(1_790_000_000 * Micros::PER_SECOND);

fn after(secs: u64) -> Micros {
    Micros(START.0 + secs * Micros::PER_SECOND)
}

impl Reservoir {
    fn quota(&mut self, client: &str, demand: u64, size: i32, now: Micros) -> Option<i32> {
        let lease = self.report(client, Some(demand), size, now).expect("there is room");
        lease.map(|lease| lease.quota)
    }
}

/// Has clients report in turn, ten seconds apart from round to round, and lists their quotas.
fn quotas(size: i32, rounds: &[&[(&str, u64)]]) -> Vec<Vec<Option<i32>>> {
    let mut reservoir = Reservoir::default();
    let mut all = Vec::new();
    for (number, round) in rounds.iter().enumerate() {
        let now = after(10 * number as u64);
        let quota = |&(client, demand): &_| reservoir.quota(client, demand, size, now);
        all.push(round.iter().map(quota).collect());
    }
    all
}

#[test]
fn the_first_report_gets_no_quota_and_the_second_the_whole_reservoir() {
    assert_eq!(quotas(2, &[&[("a", 5)], &[("a", 5)], &[("a", 0)]]), [[None], [Some(2)], [Some(2)]]);
}

#[test]
fn clients_come_to_share_by_demand() {
    let both: &[_] = &[("a", 30), ("b", 10)];
    assert_eq!(
        quotas(8, &[&[("a", 30)], &[("a", 30)], both, both, both]),
        [
            vec![None],
            vec![Some(8)],
            vec![Some(8), None],
            vec![Some(6), Some(2)],
            vec![Some(6), Some(2)],
        ]
    );
}

#[test]
fn a_quiet_client_is_not_starved_by_a_busy_one() {
    let both: &[_] = &[("busy", 1_000_000), ("quiet", 1)];
    let last = quotas(50, &[both, both, both]).pop().expect("three rounds");
    assert_eq!(last, [Some(49), Some(1)]);
}

#[test]
fn a_reservoir_of_one_is_held_by_one_client_until_it_is_gone() {
    let mut reservoir = Reservoir::default();
    let mut ask = |client, secs| reservoir.quota(client, 1, 1, after(secs));
    assert_eq!([ask("a", 0), ask("b", 0)], [None, None]);
    assert_eq!([ask("b", 10), ask("a", 10)], [Some(1), Some(0)]);
    assert_eq!(ask("a", 310), Some(0), "it is used to the end of its last second");
    assert_eq!(ask("a", 311), Some(1));
    assert_eq!(ask("b", 311), None, "it was forgotten");
}

#[test]
fn a_lease_ends_with_a_whole_second() {
    let mut reservoir = Reservoir::default();
    let now = Micros(1_790_000_000_700_000);
    reservoir.quota("a", 1, 1, now);
    let lease = reservoir.report("a", Some(1), 1, now).expect("room").expect("second report");
    assert_eq!(lease.expires_at, Micros(1_790_000_300_000_000));
}

#[test]
fn old_reports_leave_the_demand_as_it_was() {
    let mut reservoir = Reservoir::default();
    let mut ask = |client, demand| reservoir.report(client, demand, 8, START).expect("room");
    assert_eq!([ask("a", Some(30)), ask("b", Some(10))], [None, None]);
    assert_eq!(ask("a", None).map(|lease| lease.quota), Some(6));
    assert_eq!(ask("b", None).map(|lease| lease.quota), Some(2));
}

#[test]
fn a_smaller_reservoir_gives_nothing_out_until_leases_have_shrunk() {
    let mut reservoir = Reservoir::default();
    for client in ["a", "b", "a", "b"] {
        reservoir.quota(client, 1, 10, START);
    }
    assert_eq!(reservoir.quota("a", 1, 4, after(10)), Some(0), "b still holds five");
    assert_eq!(reservoir.quota("b", 1, 4, after(10)), Some(2));
    assert_eq!(reservoir.quota("a", 1, 4, after(20)), Some(2));
    assert_eq!(reservoir.quota("a", 1, 0, after(30)), Some(0));
}

#[test]
fn clients_beyond_the_bound_are_refused_and_forgotten() {
    let mut reservoir = Reservoir::default();
    let client = Client { reported: START, demand: 1, lease: Lease::default() };
    reservoir.clients = (0..CLIENTS_MAX).map(|n| (n.to_string(), client)).collect();
    for _ in 0..2 {
        assert_eq!(reservoir.report("one more", Some(1), 1, START), Err(Full));
    }
    assert_eq!(reservoir.clients.len(), CLIENTS_MAX);
    assert_eq!(reservoir.report("one more", Some(1), 1, after(301)), Ok(None));
    assert_eq!(reservoir.clients.len(), 1);
}

/// Returns whether a client that goes by whole seconds still acts on its lease.
fn is_live(lease: &Lease, now: Micros) -> bool {
    now.floor_second() <= lease.expires_at
}

proptest! {
    #[test]
    fn live_quotas_never_exceed_the_reservoir(
        size in prop_oneof![0..5i32, 0..1000i32, Just(i32::MAX)],
        reports in prop::collection::vec(
            // Which client, what it counted, and how the clock moved before: mostly a little,
            // sometimes past expiries, sometimes back.
            (
                0..12u8,
                prop::option::of(prop_oneof![0..50u64, Just(i32::MAX as u64)]),
                prop_oneof![0..30_000_000i64, 280_000_000..320_000_000i64, -400_000_000..0i64],
            ),
            0..120,
        ),
    ) {
        let mut reservoir = Reservoir::default();
        let mut told = HashMap::new();
        let mut now = START;
        for (client, demand, step) in reports {
            now = Micros(now.0.saturating_add_signed(step));
            let lease = reservoir.report(&client.to_string(), demand, size, now);
            if let Some(lease) = lease.expect("there is room") {
                prop_assert!(lease.quota >= 0 && lease.expires_at > now);
                told.insert(client, lease);
            }
            // For good: a client's clock does not step back with ours.
            told.retain(|_, lease| is_live(lease, now));
            let sum: i64 = told.values().map(|lease| i64::from(lease.quota)).sum();
            prop_assert!(sum <= i64::from(size), "{told:?} at {now:?}");
        }
    }

    #[test]
    fn once_all_have_reported_twice_the_reservoir_is_used_up(
        size in 1..200i32,
        demands in prop::collection::vec(0..1000u64, 1..40),
    ) {
        let mut reservoir = Reservoir::default();
        let mut sum = 0;
        for round in 0..4 {
            sum = 0;
            for (client, demand) in demands.iter().enumerate() {
                let quota = reservoir.quota(&client.to_string(), *demand, size, after(10 * round));
                sum += quota.unwrap_or(0);
            }
        }
        prop_assert_eq!(sum, size);
    }
}
