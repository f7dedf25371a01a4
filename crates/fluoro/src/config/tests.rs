//! Settings from each of their places, and the tables of the operator's document.

use super::*;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

/// Reads a command line, with `FILE` replaced by a config file of this text.
fn read_with_file(line: &str, text: &str) -> Result<Command, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("fluoro.toml");
    fs::write(&path, text).expect("a file");
    let line = line.replace("FILE", path.to_str().expect("a path of letters"));
    let read = read(&words(&line)).expect("right usage");
    read.map_err(|failure| failure.to_string().replace(path.to_str().expect("as above"), "FILE"))
}

fn serve(line: &str, text: &str) -> Result<Serve, String> {
    let Command::Serve(arguments) = read_with_file(line, text)? else { panic!("not serve") };
    Serve::of(arguments).map_err(|failure| failure.to_string())
}

#[test]
fn without_words_the_defaults_hold() {
    let config = serve("fluoro serve --config FILE", "").expect("it is empty");
    assert_eq!(config.http, "127.0.0.1:2080".parse().expect("an address"));
    assert_eq!(config.front, daemon::Config::default());
    assert_eq!(config.data_dir, PathBuf::from("./fluoro-data"));
    assert_eq!(config.store, store::Options::default());
    let server = server::Config { shutdown_timeout: STOP_PATIENCE, ..server::Config::default() };
    assert_eq!(config.server, server);
    assert!(config.missing_doors.is_empty() && config.ready_file.is_none() && config.is_chatty);
}

#[test]
fn a_flag_comes_before_the_file_and_the_file_before_the_default() {
    let file = "http = \"127.0.0.1:9\"\nudp = \"127.0.0.1:8\"\nmemory-max = \"3GiB\"\n\
                wal-file-max = 4096\nwal-skip-corrupt = true\nlog-format = \"json\"\n";
    let config = serve("fluoro serve --http 127.0.0.1:7 --config FILE", file).expect("settings");
    assert_eq!(config.http.port(), 7);
    assert_eq!((config.front.udp.port(), config.front.tcp.port()), (8, 2000));
    assert_eq!((config.store.memory_bytes_max, config.store.wal_file_bytes), (3 << 30, 4096));
    assert!(config.store.skip_corrupt && !config.is_chatty);
}

#[test]
fn a_bad_file_is_named_with_what_is_wrong() {
    for (text, problem) in [
        (
            "http2 = 1",
            "FILE: `http2` is no setting of `serve`; `fluoro serve --help` lists them, without the dashes",
        ),
        (
            "data_dir = \"x\"",
            "FILE: `data_dir` is no setting of `serve`; `fluoro serve --help` lists them, without the dashes",
        ),
        (
            "config = \"x\"",
            "FILE: `config` is no setting of `serve`; `fluoro serve --help` lists them, without the dashes",
        ),
        ("http = []", "FILE: `http` is no text, number or flag"),
        (
            "memory-max = \"much\"",
            "FILE: invalid value 'much' for '--memory-max <SIZE>': 'much' is none of the units B, KiB, MiB, GiB and TiB",
        ),
        (
            "insecure = \"maybe\"",
            "FILE: invalid value 'maybe' for '--insecure': value was not a boolean",
        ),
    ] {
        assert_eq!(serve("fluoro serve --config FILE", text).expect_err(text), problem);
    }
    let problem = serve("fluoro serve --config FILE", "http = ").expect_err("no TOML");
    assert!(problem.starts_with("FILE is not TOML: "), "{problem}");
    let problem = serve("fluoro serve --config FILE.not", "").expect_err("no file");
    assert!(problem.starts_with("failed to read the config FILE.not: "), "{problem}");
}

#[test]
fn a_public_door_wants_insecure_wherever_it_is_asked_for() {
    for line in ["--http 0.0.0.0:0", "--udp [::]:0", "--tcp 0.0.0.0:0", "--otlp-http 0.0.0.0:0"] {
        let line = format!("fluoro serve {line} --config FILE");
        let problem = serve(&line, "").expect_err("refused");
        assert!(problem.contains("--insecure (FLUORO_INSECURE=true)"), "{problem}");
        assert!(serve(&line, "insecure = true").is_ok(), "{line}");
        assert!(serve(&format!("{line} --insecure"), "").is_ok(), "{line}");
    }
}

#[test]
fn a_body_larger_than_all_bodies_raises_their_sum() {
    let config = serve("fluoro serve --body-max 1GiB --config FILE", "").expect("settings");
    assert_eq!(config.server.body_bytes_max, 1 << 30);
    assert_eq!(config.server.bodies_bytes_max, 1 << 30);
}

#[test]
fn wrong_usage_ends_with_two_and_help_with_zero() {
    for (line, code) in [
        ("fluoro serve --bogus", 2),
        ("fluoro serve --http nowhere", 2),
        ("fluoro serve --account-id 12", 2),
        ("fluoro", 2),
        ("fluoro --help", 0),
        ("fluoro serve --help", 0),
        ("fluoro --version", 0),
    ] {
        assert_eq!(read(&words(line)).expect_err(line).exit_code(), code, "{line}");
    }
}

#[test]
fn the_operators_document_lists_every_setting() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operate.md");
    let document = fs::read_to_string(path).expect("the document is there");
    let (begin, end) = ("<!-- settings of serve -->\n", "<!-- end of settings -->");
    let (_, rest) = document.split_once(begin).expect("the table's mark is there");
    let (found, _) = rest.split_once(end).expect("the end's mark is there");
    let table = table("serve");
    assert_eq!(found, table, "put this into docs/operate.md:\n{begin}{table}{end}\n");
}

/// Returns the settings of a command as a table in Markdown.
fn table(name: &str) -> String {
    let program = Arguments::command();
    let command = program.find_subcommand(name).expect("it is a command");
    let mut table = "| flag and key | environment | default | unit | meaning |\n\
                     |---|---|---|---|---|\n"
        .to_owned();
    for argument in command.get_arguments() {
        let flag = argument.get_long().expect("every argument is a flag");
        let variable = argument.get_env().map(|name| name.to_string_lossy()).unwrap_or_default();
        let default = argument.get_default_values().first();
        let default =
            default.map_or("–".into(), |value| format!("`{}`", value.to_string_lossy()));
        let names = argument.get_value_names().unwrap_or_default();
        let unit = match names.first().map(|name| name.as_str()) {
            _ if !argument.get_action().takes_values() => "true or false",
            Some("ADDR") => "IP address:port",
            Some("SIZE") => "bytes, or KiB, MiB, GiB",
            Some("TIME") => "s, m, h or d",
            Some("DIR" | "FILE") => "path",
            Some("URL") => "URL",
            _ => "text",
        };
        let default = if unit == "true or false" { "`false`".into() } else { default };
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        table += &format!("| `--{flag}` | `{variable}` | {default} | {unit} | {help} |\n");
    }
    table
}
