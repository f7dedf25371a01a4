//! Settings that cannot be written, and documents that say nonsense.

use insta::assert_snapshot;
use store::dir::{Fault, FaultKind};
use store::{FaultDir, MemDir};
use wire::api::groups::CreateGroupRequest;

use super::*;
use crate::groups::Selector;

const NOW: Micros = Micros(1_790_159_305_000_000);

fn open(dir: &(impl Dir + Clone + 'static)) -> Result<Control, Error> {
    Control::open(&Config::default(), Arc::new(dir.clone()), None)
}

fn create(control: &Control, name: &str) -> Result<(), api::Error> {
    let filter_expression = Some("fault".to_owned());
    let group_name = name.to_owned();
    let request = CreateGroupRequest { group_name, filter_expression, ..Default::default() };
    control.groups.create(request, format!("ID-{name}"), NOW).map(drop)
}

#[test]
fn a_change_that_cannot_be_written_is_not_made() {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let control = open(&dir).expect("nothing there");
    create(&control, "a").expect("made");
    dir.arm(Fault { call_index: 0, call_count: u64::MAX, kind: FaultKind::Enospc });
    let error = create(&control, "b").expect_err("the disk is full");
    assert_snapshot!(error, @"ServiceUnavailableException: The change could not be made durable");
    let b = Selector::Name("b".to_owned());
    assert_eq!(control.groups.find(&b), None);
    dir.disarm();
    assert_eq!(open(&mem).expect("sound").groups.find(&b), None);
    create(&control, "b").expect("made");
    assert_eq!(open(&mem).expect("sound").groups.all(), control.groups.all());
}

#[test]
fn what_says_nonsense_is_refused_with_the_name_of_the_file() {
    for (document, state) in [("groups", "7"), ("groups", r#"{"Groups":[]}"#)] {
        let dir = MemDir::default();
        let documents =
            Documents::open(Arc::new(dir.clone()), CONTROL_FOLDER).expect("nothing there");
        documents.write(document, state.as_bytes()).expect("written");
        let error = open(&dir).err().expect("nonsense").to_string();
        assert!(error.contains(&format!("control/{document}-0000000001.json")), "{error}");
    }
}
