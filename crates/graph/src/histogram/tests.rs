//! Durations are counted, and shown in less room.

use proptest::prelude::*;

use super::*;

fn of(durations: impl IntoIterator<Item = u64>) -> Histogram {
    let mut histogram = Histogram::default();
    durations.into_iter().for_each(|micros| histogram.record(Micros(micros)));
    histogram
}

fn show(histogram: &Histogram) -> String {
    let entry = |entry: Entry| format!("{}×{}", entry.value, entry.count);
    histogram.entries().into_iter().map(entry).collect::<Vec<_>>().join(" ")
}

#[test]
fn equal_milliseconds_are_counted_together() {
    assert_eq!(show(&of([])), "");
    let histogram = of([120_499, 119_500, 0, 2_000_000, 120_500]);
    assert_eq!(show(&histogram), "0×1 0.12×2 0.121×1 2×1");
    assert_eq!(histogram.count(), 5);
}

#[test]
fn a_bucket_shows_its_mean() {
    assert_eq!(show(&of([1_000_001_000, 1_000_001_000])), "1000.001×2");
    assert_eq!(show(&of([10_000_000, 10_010_000, 10_023_000])), "10.011×3");
    assert_eq!(show(&of([256_000, 257_000, 258_000])), "0.257×2 0.258×1");
}

#[test]
fn nearest_neighbours_are_merged_when_there_are_too_many() {
    // Wide steps, and between them two that are near to each other.
    let wide = (0..=ENTRIES_MAX as u64 - 2).map(|step| step * 1_000_000);
    let histogram = of(wide.chain([500_000, 504_000]));
    let entries = histogram.entries();
    assert_eq!(entries.len(), ENTRIES_MAX);
    assert!(entries.contains(&Entry { value: 0.502, count: 2 }), "{}", show(&histogram));
}

#[test]
fn even_steps_are_merged_evenly() {
    let entries = of((0..200).map(|step| step * 1000)).entries();
    assert!(entries.iter().all(|entry| entry.count <= 4), "{entries:?}");
}

#[test]
fn the_longest_durations_do_not_overflow() {
    assert_eq!(of([u64::MAX, u64::MAX]).count(), 2);
    assert_eq!(show(&of([u64::MAX])), "18446744073709.55×1");
    let mut many = of([u64::MAX]);
    for _ in 0..40 {
        let same = many.clone();
        many.merge(&same);
    }
    assert_eq!(many.entries().len(), 1);
    assert_eq!(many.count(), 1 << 40);
}

#[test]
fn what_is_owed_is_not_shown() {
    let mut histogram = Histogram::default();
    histogram.subtract(&of([1000, 2000]));
    assert_eq!((histogram.count(), show(&histogram)), (0, String::new()));
    histogram.record(Micros(2000));
    histogram.merge(&of([3000, 1000]));
    assert_eq!((histogram.count(), show(&histogram)), (1, "0.003×1".to_owned()));
}

fn durations() -> impl Strategy<Value = Vec<u64>> {
    let scale = prop::sample::select(vec![150_000_u64, 10_000_000, u64::MAX]);
    scale.prop_flat_map(|max| prop::collection::vec(0..max, 0..400))
}

proptest! {
    #[test]
    fn counts_are_exact_and_the_extremes_are_kept(
        durations in prop::collection::vec(0..10_000_000_u64, 1..800),
    ) {
        let entries = of(durations.iter().copied()).entries();
        prop_assert!(entries.len() <= ENTRIES_MAX);
        prop_assert!(entries.is_sorted_by(|a, b| a.value < b.value));
        prop_assert_eq!(entries.iter().map(|e| e.count).sum::<u64>(), durations.len() as u64);
        let seconds = |micros: u64| ((micros + 500) / 1000) as f64 / 1000.0;
        let is_near = |shown: f64, micros: Option<&u64>| {
            let exact = seconds(*micros.expect("there are durations"));
            (shown - exact).abs() <= if exact < 0.256 { 0.0 } else { 0.008 * exact }
        };
        prop_assert!(is_near(entries[0].value, durations.iter().min()));
        prop_assert!(is_near(entries[entries.len() - 1].value, durations.iter().max()));
    }

    #[test]
    fn merging_is_counting_together(left in durations(), right in durations()) {
        let both = of(left.iter().chain(&right).rev().copied());
        let mut merged = of(left.iter().copied());
        merged.merge(&of(right.iter().copied()));
        prop_assert_eq!(&merged, &both);
        prop_assert_eq!(merged.entries(), both.entries());
    }

    #[test]
    fn subtracting_is_not_having_counted(left in durations(), right in durations()) {
        let both = of(left.iter().chain(&right).copied());
        let mut less = both.clone();
        less.subtract(&of(right.iter().copied()));
        prop_assert_eq!(&less, &of(left));
        let mut owing = Histogram::default();
        owing.subtract(&of(right));
        owing.merge(&both);
        prop_assert_eq!(owing, less);
    }
}
