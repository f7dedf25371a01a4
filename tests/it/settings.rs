//! What operators set, over the real program: there after a kill, and refused when it is damaged.

use std::fs;
use std::path::{Path, PathBuf};

use fluoro_tests::program::{self, Doors};
use fluoro_tests::{Program, http};
use serde_json::{Value, json};

fn start(folder: &Path) -> Program {
    Program::start(program::built(), folder, &[]).expect("fluoro starts")
}

fn ask(doors: Doors, path: &str, body: Value) -> Value {
    let answer = http::post(doors.http, path, &body.to_string()).expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// Sets one of everything.
fn set(doors: Doors) {
    let tags = json!([{"Key": "team", "Value": "blue"}]);
    let group = json!({"GroupName": "g", "FilterExpression": "fault", "Tags": tags});
    ask(doors, "/CreateGroup", group);
    ask(doors, "/UpdateGroup", json!({"GroupName": "g", "FilterExpression": "error"}));
    let rule = json!({"RuleName": "r", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.5,
        "ReservoirSize": 2, "ServiceName": "*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "*", "Version": 1});
    ask(doors, "/CreateSamplingRule", json!({"SamplingRule": rule, "Tags": tags}));
    let policy = json!({"Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "xray:PutTraceSegments", "Resource": "*"}});
    let policy = json!({"PolicyName": "p", "PolicyDocument": policy.to_string()});
    ask(doors, "/PutResourcePolicy", policy);
    ask(doors, "/PutEncryptionConfig", json!({"Type": "KMS", "KeyId": "alias/a"}));
}

/// Returns all that was set.
fn shown(doors: Doors) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["/Groups", "/GetSamplingRules", "/ListResourcePolicies", "/EncryptionConfig"] {
        all.push(ask(doors, path, json!({})));
    }
    let rule = &all[1]["SamplingRuleRecords"][0]["SamplingRule"]["RuleARN"];
    for arn in [rule.clone(), all[0]["Groups"][1]["GroupARN"].clone()] {
        all.push(ask(doors, "/ListTagsForResource", json!({"ResourceARN": arn})));
    }
    all
}

#[test]
fn what_was_set_survives_a_kill() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(folder.path());
    set(fluoro.doors);
    let before = shown(fluoro.doors);
    fluoro.kill().expect("it was running");
    let fluoro = start(folder.path());
    let after = shown(fluoro.doors);
    assert_eq!(after, before);
    assert_eq!(after[0]["Groups"][1]["FilterExpression"], "error", "{}", after[0]);
    assert_eq!(after[4]["Tags"], json!([{"Key": "team", "Value": "blue"}]));
    fluoro.stop().expect("fluoro stops when asked");
}

/// Returns the newest version of the groups.
fn newest(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder.join("data/control")).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    let ours = paths.filter(|path| path.to_string_lossy().contains("/groups-"));
    ours.max().expect("groups were set")
}

#[test]
fn settings_that_are_damaged_keep_the_server_from_starting() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(folder.path());
    set(fluoro.doors);
    fluoro.stop().expect("fluoro stops when asked");
    let newest = newest(folder.path());
    let mut bytes = fs::read(&newest).expect("a file");
    bytes[60] ^= 1;
    fs::write(&newest, bytes).expect("written");
    let said = Program::start(program::built(), folder.path(), &[]).err().expect("refused");
    let said = said.to_string();
    assert!(said.contains(&newest.display().to_string()), "{said}");
    assert!(said.contains("checksum"), "{said}");
    fs::remove_file(&newest).expect("removed");
    let fluoro = start(folder.path());
    let groups = ask(fluoro.doors, "/Groups", json!({}));
    assert_eq!(groups["Groups"][1]["FilterExpression"], "fault", "the version before");
    fluoro.stop().expect("fluoro stops when asked");
}
