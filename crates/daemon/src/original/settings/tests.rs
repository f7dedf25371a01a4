//! Settings out of flags, variables and files, as tables.

use super::super::file::Strictness;
use super::super::flags;
use super::*;

const GIB: u64 = 1 << 30;
const HOST: Memory = Memory { host: 8 * GIB, container: None };

/// Returns the settings of a command line, variables and a file.
fn settings(line: &str, variables: &[(&str, &str)], file: &str) -> Result<Settings, Problem> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let given = flags::parse(FLAGS, &words).expect("flags");
    let file = File::parse(file, Strictness::Found).expect("a file");
    let variable = |name: &str| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::of(&given, &variable, &file, HOST)
}

#[test]
fn without_a_word_it_is_the_original() {
    let all = settings("", &[], "").expect("settings");
    assert_eq!(all.udp, crate::Config::DOOR);
    assert_eq!(all.tcp, crate::Config::DOOR);
    assert_eq!(all.destinations, [Destination::Aws]);
    assert_eq!((all.concurrency, all.is_local, all.is_open_proxy), (8, false, false));
    let log = Log { level: Level::Info, file: None, is_rolled: true, is_json: false };
    assert_eq!(all.log, log);
    assert_eq!((all.spool, all.health, all.region), (None, None, None));
}

#[test]
fn flags_come_before_the_environment_before_the_file_before_the_default() {
    let file = "Region: from-file\nSocket:\n  UDPAddress: 0.0.0.0:1\n";
    let variables = [("FLUORO_REGION", "from-variable"), ("AWS_REGION", "from-aws")];
    let region = |line, variables, file| settings(line, variables, file).expect("settings").region;
    assert_eq!(region("-n from-flag", &variables, file).as_deref(), Some("from-flag"));
    assert_eq!(region("", &variables, file).as_deref(), Some("from-variable"));
    assert_eq!(region("", &variables[1..], file).as_deref(), Some("from-file"));
    assert_eq!(region("", &variables[1..], "").as_deref(), Some("from-aws"));
    assert_eq!(region("-n=", &[], file).as_deref(), Some("from-file"));
    let udp = |line| settings(line, &[], file).expect("settings").udp.to_string();
    assert_eq!(udp("--bind [::1]:2100"), "[::1]:2100");
    assert_eq!(udp("--bind localhost:7"), "127.0.0.1:7");
    assert_eq!(udp("--bind :7"), "0.0.0.0:7");
    assert_eq!(udp(""), "0.0.0.0:1");
}

#[test]
fn a_proxy_of_the_environment_is_not_one_for_everything() {
    let of = |line, file| {
        let variables = [("HTTPS_PROXY", "http://from-environment:1")];
        settings(line, &variables, file).expect("settings").proxy
    };
    assert_eq!(of("", ""), None);
    let file = "ProxyAddress: http://from-file:1\n";
    assert_eq!(of("", file).as_deref(), Some("http://from-file:1"));
    assert_eq!(of("-p http://from-flag:1", file).as_deref(), Some("http://from-flag:1"));
}

#[test]
fn memory_is_that_of_the_container() {
    let mb = |host, container| default_buffer_mb(Memory { host, container });
    assert_eq!(mb(8 * GIB, None), 24);
    assert_eq!(mb(GIB, None), 10);
    assert_eq!(mb(64 * GIB, Some(64 << 20)), 24);
    assert_eq!(mb(64 * GIB, Some(32 << 20)), 12);
    // No limit is written as a very large one.
    assert_eq!(mb(GIB, Some(u64::MAX)), 10);
    let bytes =
        |line| settings(line, &[], "TotalBufferSizeMB: 9\n").map(|all| all.buffer_bytes_max);
    assert_eq!(bytes("-m 4"), Ok(4 << 20));
    assert_eq!(bytes("-m 0"), Ok(9 << 20));
    assert_eq!(bytes("-m 2"), Err(Problem::TooLittleMemory { mb: 2 }));
}

#[test]
fn everything_goes_to_each_destination_that_is_named() {
    let url = |text: &str| Destination::Url(text.to_owned());
    let file = "Endpoint: http://one\n";
    let ours = "Endpoint: http://one\nFluoro:\n  Destinations: [aws, http://two]\n";
    let of =
        |line, variables, file| settings(line, variables, file).expect("settings").destinations;
    assert_eq!(of("", &[], file), [url("http://one")]);
    assert_eq!(of("", &[], ours), [Destination::Aws, url("http://two")]);
    let variables = [("FLUORO_ENDPOINT", "http://three,aws")];
    assert_eq!(of("", &variables, ours), [url("http://three"), Destination::Aws]);
    assert_eq!(of("--endpoint aws --endpoint http://four", &variables, ours).len(), 2);
}

#[test]
fn a_level_that_nobody_knows_is_everything_in_a_file_and_nothing_in_a_flag() {
    let level = |line, file| settings(line, &[], file).expect("settings").log.level;
    assert_eq!(level("-l error", "Logging:\n  LogLevel: debug\n"), Level::Error);
    assert_eq!(level("-l loud", "Logging:\n  LogLevel: debug\n"), Level::Debug);
    assert_eq!(level("", "Logging:\n  LogLevel: loud\n"), Level::Trace);
    assert_eq!(level("-l prod", ""), Level::Info);
}

#[test]
fn what_makes_no_sense_is_named() {
    for (line, variables, expected) in [
        ("-b nowhere", &[][..], "bind: `nowhere` is no address such as 127.0.0.1:2000"),
        (
            "-m 1",
            &[],
            "not enough memory: 1 MB for documents that wait, and 3 MB are the least; set --buffer-memory",
        ),
        ("--concurrency -1", &[], "concurrency must be at least 1, and is -1"),
        ("", &[("FLUORO_CONCURRENCY", "x")], "FLUORO_CONCURRENCY: `x` is not a whole number"),
        ("", &[("FLUORO_OPEN_PROXY", "x")], "FLUORO_OPEN_PROXY: `x` is not true or false"),
        ("--log-format xml", &[], "--log-format: `xml` is neither text nor json"),
    ] {
        assert_eq!(settings(line, variables, "").expect_err(line).to_string(), expected);
    }
}

#[test]
fn the_help_fits_a_terminal() {
    let text = flags::usage(FLAGS);
    let widest = text.lines().map(str::len).max();
    assert!(widest <= Some(104), "{widest:?}\n{text}");
}
