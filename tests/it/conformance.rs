//! Every operation of the API against tables of calls and answers, through boto3.
//!
//! `conformance/` has a table for each operation; `clients/python/conform.py` tells how they are
//! written and holds them against a server, each against one of its own. boto3 brings AWS's own
//! model of the service, which every answer is judged by; its parser must lose nothing. The same
//! answers are then read by the AWS SDKs of other languages, which must understand them alike.

mod incident;
mod rust;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use fluoro_tests::program::Doors;
use fluoro_tests::replay::{Recorded, Replay};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wire::api::Operation;

use self::incident::Incident;
use crate::clients::{Running, read_with, run_at};

/// So many servers run at once.
const TABLES_AT_ONCE: usize = 10;

/// What became of one table.
#[derive(Debug, Deserialize)]
struct Held {
    cases: usize,
    /// What did not fit, each with its line.
    failures: Vec<String>,
    answers: Vec<Answer>,
    /// The errors that the service's model knows, for each operation called.
    errors: BTreeMap<String, Vec<String>>,
}

/// One answer as it came.
#[derive(Clone, Debug, Deserialize)]
struct Answer {
    operation: String,
    status: u16,
    /// `None` when the operation succeeded.
    code: Option<String>,
    body: String,
}

/// What AWS sends and no SDK knows.
const BEYOND_MODEL: &[&str] =
    &["MatchedService", "MatchedEdge", "HostedIn", "KeyAttributes", "Region"];

/// Whatever is asked, it may be that there is too much of it.
const ANY_OPERATION: &str = "ThrottledException";

#[test]
fn every_operation_answers_as_its_table_says() {
    let mut failures = Vec::new();
    for (table, held) in held() {
        assert_ne!(held.cases, 0, "{table}");
        failures.extend(held.failures.iter().map(|failure| format!("{table}: {failure}")));
    }
    assert_eq!(failures, Vec::<String>::new());
}

#[test]
fn every_table_shows_success_and_each_error() {
    let mut missing = Vec::new();
    for operation in Operation::ALL.iter().map(|operation| operation.name()) {
        let held = held().get(operation).unwrap_or_else(|| panic!("{operation} has no table"));
        let excused = excused(operation);
        let answers = || held.answers.iter().filter(|answer| answer.operation == operation);
        let is_excused = |what: &str| excused.iter().any(|code| code == what);
        if !is_excused("success") && !answers().any(|answer| answer.code.is_none()) {
            missing.push(format!("{operation}: success"));
        }
        for error in held.errors.get(operation).into_iter().flatten() {
            let is_shown = answers().any(|answer| answer.code.as_ref() == Some(error));
            if error != ANY_OPERATION && is_excused(error) == is_shown {
                missing.push(format!("{operation}: {error}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(held().len(), Operation::ALL.len(), "tables of operations that do not exist");
}

#[test]
fn a_table_that_is_wrong_fails() {
    let table = "GetGroup {\"GroupName\": \"Default\"}\n=> 200 {\"Group\": {\"GroupName\": \"Other\", \"...\": true}}\n\n\
                 GetGroup {\"GroupName\": \"Default\"}\n=> 200 {\"Group\": {\"GroupName\": \"Default\"}}\n\n\
                 GetGroup {}\n=> 200 {\"...\": true}\n\n\
                 GetGroup {}\n=> 400 InvalidRequestException Another text\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("wrong.txt");
    fs::write(&path, table).expect("a temporary file");
    let held = hold(&[path]);
    let lines: Vec<&str> = held["wrong"].failures.iter().map(|failure| &failure[..7]).collect();
    assert_eq!(lines, ["line 1:", "line 4:", "line 7:", "line 10"], "{held:?}");
}

#[test]
fn the_sdks_of_javascript_and_java_read_every_answer_alike() {
    for client in ["node-read", "java-read"] {
        let answers = answers();
        let replay = replay(&answers);
        let operations: Vec<&str> = answers.iter().map(|answer| &*answer.operation).collect();
        let read = read_with(client, replay.address, &operations);
        let read = read.as_array().expect("a list");
        assert_eq!(read.len(), answers.len(), "{client}");
        for (answer, read) in answers.iter().zip(read) {
            let whole = match &answer.code {
                Some(code) => json!({ "code": code }),
                None => serde_json::from_str(&answer.body).expect("JSON"),
            };
            let (whole, read) = (known(&whole), known(read));
            assert!(is_alike(&whole, &read), "{client}: {answer:?}: {read}");
        }
    }
}

#[test]
fn the_sdk_of_rust_reads_every_answer() {
    let answers = answers();
    let replay = replay(&answers);
    let operations: Vec<&str> = answers.iter().map(|answer| &*answer.operation).collect();
    for (answer, read) in answers.iter().zip(rust::read(replay.address, &operations)) {
        match (&answer.code, read) {
            (Some(code), Err(read)) => assert_eq!(*code, read, "{answer:?}"),
            (None, Ok(shown)) => {
                let whole = known(&serde_json::from_str(&answer.body).expect("JSON"));
                let lost = texts(&whole).into_iter().find(|text| !is_shown(text, &shown));
                assert_eq!(lost, None, "{answer:?}: {shown}");
            }
            (_, read) => panic!("{answer:?}: {read:?}"),
        }
    }
}

/// Whether a text is there, or the variant of an enum that stands for it.
fn is_shown(text: &str, shown: &str) -> bool {
    let variant = text.replace('_', "").to_lowercase();
    let shown_lower = shown.to_lowercase();
    let is_variant = |mark: &str| shown_lower.contains(&mark.replace('…', &variant));
    shown.contains(&format!("{text:?}")) || ["(…)", "[…]"].into_iter().any(is_variant)
}

/// Returns every text in a value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// Returns every answer of every table, in an order that does not change.
fn answers() -> Vec<&'static Answer> {
    held().values().flat_map(|held| &held.answers).collect()
}

fn replay(answers: &[&Answer]) -> Replay {
    let recorded = answers.iter().map(|answer| Recorded {
        status: answer.status,
        headers: answer.code.iter().map(|code| ("x-amzn-errortype", code.clone())).collect(),
        body: answer.body.clone(),
    });
    Replay::start(recorded.collect()).expect("a free port")
}

/// Returns a value without what is null and what no SDK knows.
fn known(value: &Value) -> Value {
    let is_known = |(key, value): &(&String, &Value)| {
        !value.is_null() && !BEYOND_MODEL.contains(&key.as_str())
    };
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(is_known);
            Value::Object(
                members.map(|(key, value)| (key.clone(), known(value))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(known).collect()),
        value => value.clone(),
    }
}

/// Whether both say the same; SDKs keep times to the millisecond.
fn is_alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_alike(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_alike(a, b))
        }
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| (a - b).abs() < 0.001)
        }
        _ => a == b,
    }
}

/// Returns what a table says cannot happen: `# unreachable: Code: why`.
fn excused(operation: &str) -> Vec<String> {
    let text = fs::read_to_string(folder().join(format!("{operation}.txt")));
    let text = text.expect("the table can be read");
    let remarks = text.lines().filter_map(|line| line.strip_prefix("# unreachable: "));
    remarks.filter_map(|remark| Some(remark.split_once(": ")?.0.to_owned())).collect()
}

/// Returns what became of every table, by its name.
fn held() -> &'static BTreeMap<String, Held> {
    static HELD: OnceLock<BTreeMap<String, Held>> = OnceLock::new();
    HELD.get_or_init(|| {
        let entries = fs::read_dir(folder()).expect("the tables are there");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let paths: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|name| name == "txt")).collect();
        paths.chunks(TABLES_AT_ONCE).flat_map(hold).collect()
    })
}

/// A server of a table.
enum Opposite {
    Program(Running),
    Incident(Incident),
}

impl Opposite {
    /// Tables about insights want one in the middle of an incident.
    fn of(table: &Path) -> Self {
        if table.to_string_lossy().contains("Insight") {
            return Self::Incident(Incident::start());
        }
        Self::Program(Running::start())
    }

    fn address(&self) -> SocketAddr {
        match self {
            Self::Program(running) => running.doors.http,
            Self::Incident(incident) => incident.address,
        }
    }
}

/// Holds each table against a server of its own.
fn hold(tables: &[PathBuf]) -> BTreeMap<String, Held> {
    let running: Vec<Opposite> = tables.iter().map(|table| Opposite::of(table)).collect();
    let argument = |(table, running): (&PathBuf, &Opposite)| {
        format!("{}=http://{}", table.display(), running.address())
    };
    let arguments: Vec<String> = tables.iter().zip(&running).map(argument).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let report = run_at(Doors::all(running[0].address()), "python-conform", &arguments);
    let report: BTreeMap<PathBuf, Held> = serde_json::from_value(report).expect("a report");
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    report.into_iter().map(|(path, held)| (name(&path), held)).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/conformance")
}
