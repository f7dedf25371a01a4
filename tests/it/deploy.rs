//! The files of `deploy/`: what the daemon finds in them, and what the tools of their readers say.
//!
//! `clients/deploy/check.py` runs the tools; `clients/install.py` gets them once. Only
//! systemd-analyze has to be on the machine, and without it the units are not judged, which
//! `cargo xtask check` says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use daemon::original::file::{File, Strictness};
use daemon::original::flags::Given;
use daemon::original::settings::{Destination, FLAGS, Memory, Settings};
use serde_json::{Value, json};

use crate::clients::{install, output, text};

/// What is put in place of what, so that each tool has something to find.
struct Fault {
    path: &'static str,
    is: &'static str,
    becomes: &'static str,
    /// How the problem begins, and what is said further on.
    said: (&'static str, &'static str),
}

const FAULTS: &[Fault] = &[
    Fault {
        path: "ecs/sidecar-fargate/template.yaml",
        is: "Memory: \"512\"",
        becomes: "Memory: \"700\"",
        said: ("cfn-lint: ecs/sidecar-fargate/template.yaml:", "E3047"),
    },
    Fault {
        path: "ecs/daemon-service/template.yaml",
        is: "Cpu: 256\n          MemoryReservation: 32",
        becomes: "Cpu: &number 256\n          MemoryReservation: *number",
        said: ("cfn-lint: ecs/daemon-service/template.yaml:", "W1101"),
    },
    Fault {
        path: "ecs/sidecar-ec2/task-definition.json",
        is: "\"hostPort\": 0",
        becomes: "\"hostport\": 0",
        said: ("botocore: ecs/sidecar-ec2/task-definition.json:", "Unknown parameter"),
    },
    Fault {
        path: "ecs/daemon-service/service.json",
        is: "\"DAEMON\"",
        becomes: "\"DEMON\"",
        said: ("botocore: ecs/daemon-service/service.json:", "DEMON is none of REPLICA, DAEMON"),
    },
    Fault {
        path: "ecs/daemon-service/task-definition.json",
        is: "\"memory\": 64",
        becomes: "\"memory\": 65",
        said: ("pairs: ecs/daemon-service/task-definition.json:", "65 is 64 in the template"),
    },
    Fault {
        path: "eks/base/daemon-set.yaml",
        is: "tolerations:",
        becomes: "toleration:",
        said: ("kubernetes-validate: eks/base/kustomization.yaml:", "'toleration' was unexpected"),
    },
    Fault {
        path: "eks/overlays/irsa/kustomization.yaml",
        is: "components/irsa",
        becomes: "components/isra",
        said: ("kubernetes-validate: eks/overlays/irsa/kustomization.yaml: kustomize:", "isra"),
    },
    Fault {
        path: "iam/daemon-write.json",
        is: "xray:PutTraceSegments",
        becomes: "xray:PutTraceSegment",
        said: ("parliament: iam/daemon-write.json:", "UNKNOWN_ACTION"),
    },
    Fault {
        path: "iam/trust-ecs-tasks.json",
        is: "\"Effect\"",
        becomes: "\"Affect\"",
        said: ("trust: iam/trust-ecs-tasks.json:", "Affect"),
    },
    Fault {
        path: "iam/trust-irsa.json",
        is: "EXAMPLE:aud",
        becomes: "OTHER:aud",
        said: ("trust: iam/trust-irsa.json:", "OTHER is not both trusted and asked about"),
    },
    Fault {
        path: "systemd/app.service",
        is: "Restart=on-failure",
        becomes: "Restrat=on-failure",
        said: ("systemd-analyze: systemd/app.service:", "Restrat"),
    },
    Fault {
        path: "systemd/fluoro-daemon.service",
        is: "DynamicUser=yes",
        becomes: "User=root",
        said: ("systemd-analyze: systemd/fluoro-daemon.service:", "exposure level"),
    },
];

#[test]
fn the_tools_of_their_readers_find_nothing_in_the_files_and_something_in_spoiled_ones() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spoiled = folder.path().join("deploy");
    copy(&deploy(), &spoiled);
    for fault in FAULTS {
        let path = spoiled.join(fault.path);
        let text = std::fs::read_to_string(&path).expect(fault.path);
        assert!(text.contains(fault.is), "{} is not in {}", fault.is, fault.path);
        std::fs::write(&path, text.replacen(fault.is, fault.becomes, 1)).expect(fault.path);
    }
    let tools = install("deploy");
    let words: Vec<&str> =
        tools["deploy"]["run"].as_array().expect("an argv").iter().map(text).collect();
    let mut command = Command::new(words[0]);
    let reports = output("deploy", command.args(&words[1..]).arg(deploy()).arg(&spoiled));

    assert_eq!(reports[0]["problems"], json!([]));
    let checked = reports[0]["checked"].as_object().expect("tools");
    assert!(checked.values().all(|count| count.as_u64() > Some(0)), "{checked:?}");
    let lacking = reports[0]["lacking"].to_string();
    let found: Vec<&str> =
        reports[1]["problems"].as_array().expect("problems").iter().map(text).collect();
    for Fault { path, said: (start, rest), .. } in FAULTS {
        let (tool, _) = start.split_once(':').expect("the tool's name");
        let is_said = found.iter().any(|one| one.starts_with(start) && one.contains(rest));
        assert!(is_said || lacking.contains(tool), "{path}: {start} … {rest} in\n{found:#?}");
    }
}

#[test]
fn the_daemon_reads_the_config_files() {
    for path in ["eks/base/config.yaml", "image/cfg.yaml"] {
        let text = std::fs::read_to_string(deploy().join(path)).expect(path);
        let file = File::parse(&text, Strictness::Named);
        // No key of ours is in them, so that the original reads them, too.
        assert!(file.is_ok() && !text.contains("Fluoro"), "{path}: {file:?}");
    }
}

#[test]
fn the_daemon_understands_the_environment_of_every_task() {
    for task in ["daemon-service", "sidecar-ec2", "sidecar-fargate"] {
        let path = deploy().join("ecs").join(task).join("task-definition.json");
        let task = std::fs::read_to_string(&path).expect("a task definition");
        let task: Value = serde_json::from_str(&task).expect("JSON");
        let containers = task["containerDefinitions"].as_array().expect("containers");
        let daemon = containers.iter().find(|one| one["name"] == "xray-daemon").expect("a daemon");
        let environment = daemon["environment"].as_array().expect("an environment");
        let variable = |name: &str| {
            let found = environment.iter().find(|one| one["name"] == name)?;
            Some(text(&found["value"]).to_owned())
        };
        let memory = Memory { host: 4 << 30, container: Some(64 << 20) };
        let settings =
            Settings::of(&Given::default(), &variable, &File::default(), memory).expect("settings");
        let fluoro = Destination::Url("http://fluoro.tracing.internal:2080".to_owned());
        assert_eq!(settings.destinations, [fluoro], "{path:?}");
        assert_eq!(settings.region.as_deref(), Some("eu-central-1"), "{path:?}");
        assert_eq!(settings.health, "127.0.0.1:2001".parse().ok(), "{path:?}");
        let spool = settings.spool.expect("a spool").folder;
        assert_eq!(daemon["mountPoints"][0]["containerPath"], spool, "{path:?}");
    }
}

#[test]
fn every_variable_that_is_named_is_a_flag() {
    let flags: BTreeSet<String> = FLAGS
        .iter()
        .map(|flag| format!("FLUORO_{}", flag.long.to_uppercase().replace('-', "_")))
        .collect();
    let mut named = BTreeSet::new();
    each_file(&deploy(), &mut |path| {
        let text = std::fs::read_to_string(path).expect("text");
        named.extend(variables(&text).map(str::to_owned));
    });
    assert!(named.contains("FLUORO_ENDPOINT"), "{named:?}");
    let unknown: Vec<_> = named.difference(&flags).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Returns the names of variables of ours in a text.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("FLUORO_").map(|(start, _)| {
        let rest = &text[start..];
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    })
}

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout").join("deploy")
}

fn copy(from: &Path, to: &Path) {
    each_file(from, &mut |path| {
        let copied = to.join(path.strip_prefix(from).expect("a path below"));
        std::fs::create_dir_all(copied.parent().expect("a folder")).expect("a folder");
        std::fs::copy(path, copied).expect("a copy");
    });
}

fn each_file(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { each_file(&path, see) } else { see(&path) }
    }
}
