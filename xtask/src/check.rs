//! `check`: everything that must hold before a change goes in, one step after the other.
//!
//! The steps are data, in order. A new check is a test, not a step.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use crate::browser::Browser;
use crate::cache::Cache;
use crate::command::{Line, built};
use crate::debian;
use crate::say::{say, seconds, step, timed};

use tally::Tally;

mod tally;

/// One command of the check.
struct Step {
    name: &'static str,
    line: Line,
}

/// The name of the step whose output is counted, and after which `--fast` ends.
const TESTS: &str = "tests";

/// Runs the steps and stops at the first that fails.
pub(crate) fn check(own: &[String], passed_on: &[String]) -> Result<(), String> {
    let fast = match (own, passed_on) {
        ([], []) => false,
        ([flag], []) if flag == "--fast" => true,
        _ => return Err("check takes --fast and nothing else".to_owned()),
    };
    let cache = Cache::open();
    say(format_args!("building in {}", cache.target.display()));
    debian::offer("systemd-analyze", "systemd", "the units in deploy/systemd are");

    let mut times = Vec::new();
    let mut tally = Tally::default();
    for Step { name, line } in steps(&cache, fast)? {
        step(name, &line);
        let work = || if name == TESTS { run_counted(&line, &mut tally) } else { line.run() };
        let (result, time) = timed(work);
        say(format_args!("== {name}: {}", seconds(time)));
        times.push((name, time));
        if let Err(problem) = result {
            summarize(&times, &tally);
            return Err(format!(
                "check failed at `{name}`: {problem}\nrepeat it with:\n    {line}"
            ));
        }
    }
    summarize(&times, &tally);
    let whole: Duration = times.iter().map(|(_, time)| time).sum();
    let mode = if fast { "check --fast" } else { "check" };
    say(format_args!(
        "\n{mode} passed: {} steps, {} tests, {}",
        times.len(),
        tally.passed,
        seconds(whole)
    ));
    Ok(())
}

/// Returns the steps in order.
///
/// # Errors
/// What is missing on this machine and cannot be installed.
fn steps(cache: &Cache, fast: bool) -> Result<Vec<Step>, String> {
    let cargo = |name, args| Step { name, line: cache.cargo(args) };
    let mut steps = vec![
        Step { name: "format", line: Line::new("cargo", "fmt --all --check") },
        cargo("lints", "clippy --workspace --all-targets -- -D warnings"),
        // Tests start the programs themselves, and `cargo test` does not build those.
        cargo("build", "build --workspace --bins"),
        Step {
            name: TESTS,
            // A snapshot that differs fails; it is not written beside the old one.
            line: cache.cargo("test --workspace").env("INSTA_UPDATE", "no"),
        },
    ];
    if fast {
        return Ok(steps);
    }
    let deny = cache.deny();
    if let Some(line) = deny.install {
        steps.push(Step { name: "cargo-deny", line });
    }
    // cargo-deny reads the manifests of all platforms; the build fetched only those of this one.
    steps.push(Step { name: "fetch", line: Line::new("cargo", "fetch --quiet") });
    steps.push(Step {
        name: "deny",
        line: Line::new(deny.program, "--offline check bans licenses sources"),
    });
    let docs = cargo("docs", "doc --workspace --no-deps --document-private-items");
    steps.push(Step { line: docs.line.env("RUSTDOCFLAGS", "-D warnings"), ..docs });
    steps.push(cargo("bench", "run --package fluoro-bench -- --smoke"));
    let packages = "--prefix console ci --ignore-scripts --no-audit --no-fund";
    steps.push(Step { name: "packages", line: Line::new("npm", packages) });
    // Format, lints, types, tests, and whether the page is as small as it must be.
    steps.push(Step { name: "console", line: Line::new("npm", "--prefix console run check") });
    let browser = Browser::find()?;
    steps.extend(browser.install.into_iter().map(|line| Step { name: "browser", line }));
    let journeys = Line::new("npm", "--prefix console run e2e")
        .env("FLUORO", built(&cache.target, "debug", "fluoro"))
        .env("CHROMIUM", browser.program);
    steps.push(Step { name: "journeys", line: journeys });
    Ok(steps)
}

/// Runs the tests, hands every line on as it comes and counts what it says. Both outputs go
/// through one pipe, for cargo names a test binary on one and the binary reports on the other.
fn run_counted(line: &Line, tally: &mut Tally) -> Result<(), String> {
    let spoiled = |cause: std::io::Error| format!("failed to run `{line}`: {cause}");
    let (reader, writer) = std::io::pipe().map_err(spoiled)?;
    let mut command = line.command();
    command.stdout(writer.try_clone().map_err(spoiled)?).stderr(writer);
    let mut child = command.spawn().map_err(spoiled)?;
    // The command holds the pipe's other end, and reading would never end.
    drop(command);

    let mut reader = BufReader::new(reader);
    let mut text = Vec::new();
    while reader.read_until(b'\n', &mut text).map_err(spoiled)? > 0 {
        let output = String::from_utf8_lossy(&text);
        let output = output.trim_end_matches('\n');
        say(output);
        tally.read(output);
        text.clear();
    }
    let status = child.wait().map_err(spoiled)?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` ended with {status}")) }
}

/// Prints the steps with their seconds, and the slowest test binaries.
fn summarize(times: &[(&str, Duration)], tally: &Tally) {
    say("");
    for (name, time) in times {
        say(format_args!("{name:<12} {:>9}", seconds(*time)));
    }
    let slowest = tally.slowest(5);
    if !slowest.is_empty() {
        say("\nslowest test binaries:");
    }
    for (seconds, name) in slowest {
        say(format_args!("{seconds:>9.2} s  {name}"));
    }
}
