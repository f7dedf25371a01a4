//! Groups made, changed, deleted, found, and kept.

use store::MemDir;

use super::*;
use crate::{Config, Control};

const NOW: Micros = Micros(1_790_159_305_000_000);

fn open(dir: &MemDir) -> Arc<Groups> {
    let control = Control::open(&Config::default(), Arc::new(dir.clone()), None);
    control.expect("sound settings").groups
}

fn create(groups: &Groups, name: &str, filter: &str) -> Group {
    let (group_name, filter) = (name.to_owned(), Some(filter.to_owned()));
    let request =
        CreateGroupRequest { group_name, filter_expression: filter, ..Default::default() };
    groups.create(request, format!("ID-{name}"), NOW).expect("sound")
}

fn update(groups: &Groups, name: &str, filter: &str, insights: Option<InsightsUpdate>) -> Group {
    let request = UpdateGroupRequest {
        group_name: Some(name.to_owned()),
        group_arn: None,
        filter_expression: Some(filter.to_owned()),
        insights_configuration: insights,
    };
    groups.update(request, Micros(NOW.0 + 1)).expect("sound")
}

#[test]
fn groups_and_their_history_outlive_the_server() {
    let dir = MemDir::default();
    let groups = open(&dir);
    let made = create(&groups, "g", "fault");
    assert_eq!(made.arn, "arn:aws:xray:us-east-1:000000000000:group/g/ID-g");
    let changed = update(&groups, "g", "error", None);
    assert_eq!((made.version, changed.version, changed.older_versions.clone()), (1, 2, vec![1]));
    let again = open(&dir);
    assert_eq!(again.all(), groups.all());
    assert_eq!(again.find(&Selector::Arn(changed.arn.clone())), Some(changed));
    assert_eq!(again.in_force(NOW), groups.in_force(NOW));
    // A number is never used twice.
    again.delete(&Selector::Name("g".to_owned()), Micros(NOW.0 + 2)).expect("deleted");
    assert_eq!(create(&open(&dir), "g", "fault").version, 3);
}

#[test]
fn what_was_kept_stays_true_when_the_clock_is_set_back() {
    let groups = open(&MemDir::default());
    let later = Micros(NOW.0 + 30 * Micros::PER_SECOND);
    assert!(groups.in_force_for_good(later).is_empty());
    create(&groups, "g", "fault");
    assert!(groups.in_force(later).is_empty());
    assert_eq!(groups.in_force(Micros(later.0 + 1)).len(), 1);
    // Nobody waits for a clock that was years ahead.
    groups.in_force_for_good(Micros(u64::MAX));
    create(&groups, "h", "error");
    assert_eq!(groups.in_force(Micros(NOW.0 + POSTPONED_MAX.0)).len(), 2);
}

#[test]
fn insights_alone_are_no_new_version() {
    let groups = open(&MemDir::default());
    create(&groups, "g", "fault");
    let insights = InsightsUpdate { insights_enabled: Some(true), notifications_enabled: None };
    let changed = update(&groups, "g", "fault", Some(insights));
    assert_eq!((changed.version, changed.insights.insights_enabled), (1, true));
    // What is absent stays.
    assert!(update(&groups, "g", "fault", None).insights.insights_enabled);
}

#[test]
fn default_is_found_and_has_no_version() {
    let groups = open(&MemDir::default());
    let group = groups.find(&Selector::Name("Default".to_owned())).expect("always there");
    assert_eq!((group.version, &group.expression), (0, &None));
    assert_eq!(groups.find(&Selector::Arn(group.arn.clone())), Some(group.clone()));
    assert_eq!(groups.expression_of(&GroupReference::Arn(group.arn)), Some(String::new()));
    assert_eq!(groups.expression_of(&GroupReference::Name("g".to_owned())), None);
    create(&groups, "g", "fault");
    let by_name = groups.expression_of(&GroupReference::Name("g".to_owned()));
    assert_eq!(by_name.as_deref(), Some("fault"));
    assert_eq!(groups.all().len(), 2);
}
