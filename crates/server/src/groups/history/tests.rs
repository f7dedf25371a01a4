//! The history against a list of everything that was ever in force.

use proptest::prelude::*;

use super::*;

const ARN_PREFIX: &str = "arn:aws:xray:us-east-1:000000000000:group/";

fn group(name: &str, id: &str, filter: &str) -> StoredGroup {
    StoredGroup {
        filter_expression: filter.to_owned(),
        id: id.to_owned(),
        insights_configuration: Default::default(),
        name: name.to_owned(),
        tags: Default::default(),
    }
}

fn change(history: &mut History, now: u64, groups: &[StoredGroup]) -> Result<(), Error> {
    change_since(history, now, None, groups)
}

fn change_since(
    history: &mut History,
    now: u64,
    known_since: Option<u64>,
    groups: &[StoredGroup],
) -> Result<(), Error> {
    let definitions = Definitions { groups, arn_prefix: ARN_PREFIX };
    history.change(Micros(now), known_since.map(Micros), &definitions)
}

/// Returns the numbers in force at each time from zero on.
fn numbers(history: &History, until: u64) -> Vec<Vec<u64>> {
    let at = |at| history.in_force(Micros(at)).iter().map(|version| version.number).collect();
    (0..until).map(at).collect()
}

fn reloaded(history: &History) -> History {
    let (number, last_change) = (history.last_number(), history.last_change());
    History::load(history.save(), number, last_change, ARN_PREFIX).expect("what was saved")
}

#[test]
fn a_version_is_in_force_from_its_change_to_the_next() {
    let mut history = History::default();
    let (fault, error) = (group("g", "1", "fault"), group("g", "1", "error"));
    change(&mut history, 2, std::slice::from_ref(&fault)).expect("sound");
    change(&mut history, 4, std::slice::from_ref(&error)).expect("sound");
    change(&mut history, 5, &[]).expect("sound");
    assert_eq!(numbers(&history, 7), [vec![], vec![], vec![1], vec![1], vec![2], vec![], vec![]]);
    assert_eq!(history.of_group("1"), (0, vec![1, 2]));
    // The same name is another group now.
    change(&mut history, 6, &[group("g", "2", "error")]).expect("sound");
    assert_eq!(numbers(&history, 7)[6], [3]);
    assert_eq!((history.of_group("1"), history.of_group("2")), ((0, vec![1, 2]), (3, vec![])));
}

#[test]
fn what_means_the_same_is_the_same_version() {
    let mut history = History::default();
    change(&mut history, 1, &[group("g", "1", "fault OR error")]).expect("sound");
    change(&mut history, 2, &[group("g", "1", " fault  or (error)")]).expect("sound");
    assert_eq!(history.of_group("1"), (1, vec![]));
}

#[test]
fn a_filter_changes_with_the_groups_that_it_refers_to() {
    let mut history = History::default();
    let by_name = group("a", "1", r#"group.name = "b""#);
    let arn = format!("{ARN_PREFIX}b/2");
    let by_arn = group("c", "3", &format!(r#"group.arn = "{arn}""#));
    let to_default = group("d", "4", r#"group.name = "Default""#);
    let with =
        |b: &[StoredGroup]| [&[by_name.clone(), by_arn.clone(), to_default.clone()], b].concat();
    change(&mut history, 1, &with(&[])).expect("sound");
    change(&mut history, 2, &with(&[group("b", "2", "fault")])).expect("sound");
    change(&mut history, 3, &with(&[group("b", "2", "error")])).expect("sound");
    change(&mut history, 4, &with(&[])).expect("sound");
    let numbers = numbers(&history, 5);
    assert_eq!(
        numbers,
        [vec![], vec![1, 2, 3], vec![3, 4, 5, 6], vec![3, 7, 8, 9], vec![3, 10, 11]]
    );
    let filters = |at| -> Vec<Predicate> {
        let in_force = history.in_force(Micros(at));
        in_force.iter().map(|version| version.filter.as_ref().clone()).collect()
    };
    let fault = Predicate::read("fault").expect("sound");
    assert_eq!(filters(2)[1..], [fault.clone(), fault.clone(), fault]);
    assert_eq!(filters(1), [Predicate::nothing(), Predicate::nothing(), Predicate::everything()]);
    assert_eq!(reloaded(&history).in_force(Micros(3)), history.in_force(Micros(3)));
}

#[test]
fn a_circle_is_refused_whichever_group_closes_it() {
    let mut history = History::default();
    let a = group("a", "1", r#"group.name = "b""#);
    let b = group("b", "2", r#"group.name = "a""#);
    change(&mut history, 1, std::slice::from_ref(&a)).expect("b is no group yet");
    let before = history.clone();
    let error = change(&mut history, 2, &[a, b]).expect_err("a circle");
    assert_eq!(error.message.as_deref(), Some("Filter Expression refers to its own group"));
    assert_eq!(history.save(), before.save());
}

#[test]
fn versions_are_forgotten_when_no_trace_can_be_theirs() {
    let mut history = History::default();
    for (at, filter) in [(10, "fault"), (20, "error"), (30, "throttle"), (40, "fault")] {
        let groups = [group("g", "1", filter)];
        change_since(&mut history, at, Some(20), &groups).expect("sound");
    }
    assert_eq!(history.of_group("1"), (4, vec![2, 3]));
}

#[test]
fn there_is_a_bound_on_what_is_remembered() {
    let mut history = History::default();
    for at in 1..=VERSIONS_MAX as u64 {
        let filter = if at.is_multiple_of(2) { "fault" } else { "error" };
        change(&mut history, at, &[group("g", "1", filter)]).expect("sound");
    }
    let error = change(&mut history.clone(), 10_000, &[group("g", "1", "throttle")]);
    assert_eq!(error.expect_err("one too many").code, ErrorCode::Throttled);
    change(&mut history, 10_000, &[]).expect("nothing new");
}

/// Everything that was ever in force, found by looking through it.
#[derive(Default)]
struct Naive {
    /// From when on: the groups, by id.
    moments: Vec<(u64, Vec<(String, GroupVersion)>)>,
    last_number: u64,
}

impl Naive {
    fn change(&mut self, now: u64, groups: &[StoredGroup]) {
        let (last, before) = self.moments.last().cloned().unwrap_or_default();
        let expression_of = |reference: &GroupReference| {
            let GroupReference::Name(name) = reference else { return None };
            let group = groups.iter().find(|group| group.name == *name)?;
            Some(group.filter_expression.clone())
        };
        let mut moment = Vec::new();
        for group in groups {
            let filter = Predicate::read(&group.filter_expression).expect("sound");
            let filter = filter.resolve(&expression_of).expect("no circle");
            let same =
                before.iter().find(|(id, version)| *id == group.id && *version.filter == filter);
            let version = same.map(|(_, version)| version.clone()).unwrap_or_else(|| {
                self.last_number += 1;
                GroupVersion { number: self.last_number, filter: Arc::new(filter) }
            });
            moment.push((group.id.clone(), version));
        }
        self.moments.push((now.max(last), moment));
    }

    fn in_force(&self, at: u64) -> Vec<GroupVersion> {
        let mut versions = Vec::new();
        for (from, moment) in &self.moments {
            if *from <= at {
                versions = moment.iter().map(|(_, version)| version.clone()).collect();
            }
        }
        versions.sort_by_key(|version| version.number);
        versions
    }
}

/// What is done to one of three groups.
#[derive(Clone, Debug)]
struct Step {
    now: u64,
    name: usize,
    filter: Option<usize>,
    known_since: Option<u64>,
    is_reopened: bool,
}

const NAMES: [&str; 3] = ["a", "b", "c"];

const FILTERS: [&str; 6] = [
    "fault",
    "error AND duration > 3",
    "(error) and duration > 3.0",
    r#"group.name = "a" OR fault"#,
    r#"!group.name = "b""#,
    r#"group.name = "none""#,
];

fn step() -> impl Strategy<Value = Step> {
    let filter = prop_oneof![1 => Just(None), 4 => (0..FILTERS.len()).prop_map(Some)];
    let known_since = prop_oneof![3 => Just(None), 1 => (0_u64..20).prop_map(Some)];
    (0_u64..30, 0..NAMES.len(), filter, known_since, any::<bool>()).prop_map(
        |(now, name, filter, known_since, is_reopened)| Step {
            now,
            name,
            filter,
            known_since,
            is_reopened,
        },
    )
}

proptest! {
    #[test]
    fn the_history_agrees_with_a_list(mut steps in prop::collection::vec(step(), 0..25), is_sorted: bool) {
        if is_sorted {
            steps.sort_by_key(|step| step.now);
        }
        let (mut history, mut naive) = (History::default(), Naive::default());
        let (mut groups, mut known_since): (Vec<StoredGroup>, u64) = Default::default();
        for (number, step) in steps.into_iter().enumerate() {
            let mut wanted = groups.clone();
            let at = wanted.iter().position(|group| group.name == NAMES[step.name]);
            match (at, step.filter) {
                (Some(at), Some(filter)) => FILTERS[filter].clone_into(&mut wanted[at].filter_expression),
                (Some(at), None) => drop(wanted.remove(at)),
                (None, Some(filter)) => {
                    wanted.push(group(NAMES[step.name], &number.to_string(), FILTERS[filter]));
                    wanted.sort_by(|a, b| a.name.cmp(&b.name));
                }
                (None, None) => {}
            }
            let mut changed = history.clone();
            if change_since(&mut changed, step.now, step.known_since, &wanted).is_ok() {
                known_since = known_since.max(step.known_since.unwrap_or(0));
                naive.change(step.now, &wanted);
                (history, groups) = (changed, wanted);
            }
            if step.is_reopened {
                history = reloaded(&history);
            }
            for at in known_since..32 {
                let found = history.in_force(Micros(at));
                prop_assert_eq!(found.to_vec(), naive.in_force(at), "at {}", at);
            }
        }
    }
}
