//! Plugins against a folder in the place of the file system, and a door in that of the platform.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use super::*;

/// What each plugin adds, with these variables and this root.
fn describe(plugin: Plugin, variables: &BTreeMap<&str, String>, root: &Path) -> Resource {
    let variable = |name: &str| variables.get(name).cloned();
    let around = Surroundings { variable: &variable, root: root.to_owned() };
    let mut resource = Resource::default();
    plugin.describe(&mut resource, &around);
    resource
}

/// Answers each call with what `answer` says to its first line and its headers; `None` is refused.
fn door(calls: usize, answer: fn(&str) -> Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for _ in 0..calls {
            let (mut stream, _) = listener.accept().expect("a call");
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let call: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
            let body = answer(&call.join("\n"));
            let status = if body.is_some() { 200 } else { 403 };
            let body = body.unwrap_or("");
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}")
                .expect("an answer");
        }
    });
    address.to_string()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

const IDENTITY: &str = r#"{"instanceId":"i-1","availabilityZone":"us-east-1c",
    "instanceType":"m5.large","imageId":"ami-1","accountId":"1"}"#;

#[test]
fn an_instance_is_asked_with_a_token_and_without_one_if_it_has_none() {
    fn with_token(call: &str) -> Option<&'static str> {
        match call {
            _ if call.starts_with("PUT /latest/api/token") => Some("secret"),
            _ if call.contains("X-aws-ec2-metadata-token: secret") => Some(IDENTITY),
            _ => None,
        }
    }
    fn without_token(call: &str) -> Option<&'static str> {
        call.starts_with("GET ").then_some(IDENTITY)
    }
    for answer in [with_token, without_token] {
        let endpoint = format!("http://{}/", door(2, answer));
        let variables = [("IMDS_ENDPOINT", endpoint)].into();
        let resource = describe(Plugin::Ec2, &variables, Path::new("/nowhere"));
        assert_eq!(resource.origin(), Some("AWS::EC2::Instance"));
        let ec2 = resource.ec2.expect("an instance");
        assert_eq!(ec2.instance_id.as_deref(), Some("i-1"));
        assert_eq!(ec2.instance_size.as_deref(), Some("m5.large"));
    }
}

#[test]
fn a_container_of_ecs_knows_its_arn_and_its_logs() {
    fn answer(call: &str) -> Option<&'static str> {
        call.starts_with("GET /v4/abc ").then_some(
            r#"{"ContainerARN":"arn:c","DockerId":"d","LogOptions":{"awslogs-group":"/logs"}}"#,
        )
    }
    let id = "0123456789abcdef".repeat(4);
    let folder = folder(&[
        ("proc/sys/kernel/hostname", "box\n"),
        ("proc/self/cgroup", &format!("1:x:/\n2:cpu:/ecs/task/{id}\n")),
    ]);
    let url = format!("http://{}/v4/abc", door(1, answer));
    let variables = [("ECS_CONTAINER_METADATA_URI_V4", url)].into();
    let resource = describe(Plugin::Ecs, &variables, folder.path());
    assert_eq!(resource.log_groups, ["/logs"]);
    let ecs = resource.ecs.expect("a container");
    assert_eq!(ecs.container.as_deref(), Some("box"));
    assert_eq!(ecs.container_id.as_deref(), Some(id.as_str()));
    assert_eq!(ecs.container_arn.as_deref(), Some("arn:c"));
}

#[test]
fn files_tell_of_eks_and_elastic_beanstalk() {
    let folder = folder(&[
        ("proc/sys/kernel/hostname", "pod-1"),
        ("var/run/secrets/kubernetes.io/serviceaccount/token", "t"),
        (
            "var/elasticbeanstalk/xray/environment.conf",
            r#"{"environment_name":"e","version_label":"v","deployment_id":7}"#,
        ),
    ]);
    let eks = describe(Plugin::Eks, &BTreeMap::new(), folder.path()).eks.expect("a pod");
    assert_eq!(eks.pod.as_deref(), Some("pod-1"));
    let found = describe(Plugin::ElasticBeanstalk, &BTreeMap::new(), folder.path());
    let environment = found.elastic_beanstalk.expect("an environment");
    assert_eq!(environment.deployment_id, Some(Scalar::Number(Number::Integer(7))));
}

#[test]
fn containers_are_known_by_their_control_groups() {
    let id = "0123456789abcdef".repeat(4);
    for (groups, expected) in [
        (format!("0::/\n1:cpu:/ecs/task/{id}\n"), true),
        (format!("0::/kubepods.slice/pod7.slice/cri-containerd-{id}.scope\n"), true),
        (format!("0::/docker/{id}a\n"), false),
        ("0::/\n".to_owned(), false),
    ] {
        let folder = folder(&[("proc/self/cgroup", &groups)]);
        let variable = |_: &str| None;
        let around = Surroundings { variable: &variable, root: folder.path().to_owned() };
        let found = around.container_id();
        assert_eq!(found.as_deref(), expected.then_some(id.as_str()), "{groups}");
    }
}

#[test]
fn elsewhere_nothing_is_found() {
    let folder = folder(&[]);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
    let variables = [("IMDS_ENDPOINT", format!("http://{closed}"))].into();
    for plugin in [Plugin::Ec2, Plugin::Ecs, Plugin::Eks, Plugin::ElasticBeanstalk] {
        let resource = describe(plugin, &variables, folder.path());
        assert_eq!(resource.origin(), None, "{plugin:?}");
    }
}
