//! Documents that real SDKs sent, recorded: each is taken, and written again without loss.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

#[test]
fn what_every_sdk_sends_is_taken_and_kept() {
    let documents = recorded();
    for sdk in ["python", "node", "java", "go", "dotnet", "ruby"] {
        let count = documents.iter().filter(|(path, _)| name(path).starts_with(sdk)).count();
        assert!(count > 0, "no document of {sdk}");
    }
    for (path, document) in documents {
        let segment = wire::Segment::parse(&document)
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", name(&path)));
        let written: Value =
            serde_json::from_str(&wire::json::encode(&segment)).expect("what is written is JSON");
        let came: Value = serde_json::from_str(&document).expect("what was recorded is JSON");
        assert_eq!(plain(written), plain(came), "{}", name(&path));
    }
}

/// The SDKs differ in how they say where an exception was recorded: by the exception's id, by that
/// of a subsegment, as text or in an object, or again at each level.
#[test]
fn whatever_the_sdk_the_blame_ends_where_the_exception_was_thrown() {
    let is_whole = |path: &Path| name(path).ends_with("-1.json");
    let mut sdk_count = 0;
    for (path, text) in recorded().iter().filter(|(path, _)| is_whole(path)) {
        let segment = wire::Segment::parse(text).expect("a document");
        let id = segment.trace_id.expect("a trace id");
        let received = wire::Micros::from_secs(1_800_000_000);
        let document = trace::Received { text, received, request_number: 1 };
        let trace = trace::assemble(id, &[document], false).expect("a trace");
        let summary = trace::summarize(&trace);
        let [cause] = summary.fault_root_causes.as_slice() else {
            panic!("{}: {:?}", name(path), summary.fault_root_causes);
        };
        assert_eq!(cause.is_client_impacting, segment.parent_id.is_none(), "{}", name(path));
        let last = cause.services[0].path.last().expect("a path has an end");
        let place = last.name.replace(' ', "").to_lowercase();
        assert_eq!(place, "chargecard", "{}", name(path));
        let message = last.exceptions[0].message.unwrap_or_default();
        assert!(message.contains("card declined"), "{}: {message}", name(path));
        sdk_count += 1;
    }
    assert_eq!(sdk_count, 6);
}

fn recorded() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/clients/fixtures");
    let entries = fs::read_dir(folder).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("the fixtures").path());
    paths.map(|path| (path.clone(), fs::read_to_string(path).expect("a fixture"))).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Leaves out members that say nothing (`null`, `[]`), and writes numbers as doubles: `1` and
/// `1.0` are the same number in JSON.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null() && *value != Value::Array(Vec::new()))
                .map(|(key, value)| (key, plain(value)))
                .collect(),
        ),
        Value::Array(list) => Value::Array(list.into_iter().map(plain).collect()),
        Value::Number(number) => number.as_f64().into(),
        other => other,
    }
}
