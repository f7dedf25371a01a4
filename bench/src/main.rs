//! The macro benchmarks: they start the real program, load it and write what it cost.
//!
//! `fluoro-bench ingest` runs with the sizes that `docs/benchmarks.md` reports; `--smoke` runs
//! everything with tiny sizes, so that it cannot rot. Run it through `cargo xtask bench`, which
//! builds the program under test first.

mod daemon;
mod generate;
mod ingest;
mod insight;
mod query;
mod seal;
mod shop;
mod store;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use ingest::Parameters;

/// The program's own, so that what is measured in this process costs what it costs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "\
usage: fluoro-bench ingest [DOCUMENTS]
       fluoro-bench shop [SPANS]
       fluoro-bench seal [SPANS]
       fluoro-bench query [SPANS [FOLDER]]
       fluoro-bench insight [HOURS]
       fluoro-bench daemon [SECONDS [ORIGINAL]]
       fluoro-bench store";
const USAGE_SMOKE: &str = "       fluoro-bench --smoke\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["ingest"] => run_ingest(500_000),
        ["ingest", count] => match count.parse() {
            Ok(count) => run_ingest(count),
            Err(_) => Err(io::Error::other(format!("'{count}' is not a number of documents"))),
        },
        ["shop"] => run_shop(200_000),
        ["shop", count] => match count.parse() {
            Ok(count) => run_shop(count),
            Err(_) => Err(io::Error::other(format!("'{count}' is not a number of spans"))),
        },
        ["seal"] => run_seal(800_000),
        ["seal", count] => match count.parse() {
            Ok(count) => run_seal(count),
            Err(_) => Err(io::Error::other(format!("'{count}' is not a number of spans"))),
        },
        ["query"] => run_query(2_000_000, None),
        ["query", count, ref folder @ ..] if folder.len() < 2 => match count.parse() {
            Ok(count) => run_query(count, folder.first().map(Path::new)),
            Err(_) => Err(io::Error::other(format!("'{count}' is not a number of spans"))),
        },
        ["insight"] => run_insight(insight::Parameters::full(24)),
        ["insight", hours] => match hours.parse() {
            Ok(hours) => run_insight(insight::Parameters::full(hours)),
            Err(_) => Err(io::Error::other(format!("'{hours}' is not a number of hours"))),
        },
        ["daemon"] => run_daemon(&daemon::Parameters::full(20.0, None)),
        ["daemon", seconds, ref original @ ..] if original.len() < 2 => match seconds.parse() {
            Ok(seconds) => {
                let original = original.first().map(PathBuf::from);
                run_daemon(&daemon::Parameters::full(seconds, original))
            }
            Err(_) => Err(io::Error::other(format!("'{seconds}' is not a number of seconds"))),
        },
        ["store", ref words @ ..] => store::Parameters::parse(words)
            .map_err(io::Error::other)
            .and_then(|parameters| run_store(&parameters)),
        ["--smoke"] => run_ingest(1_000)
            .and_then(|()| run_seal(2_000))
            .and_then(|()| run_query(2_000, None))
            .and_then(|()| run_insight(insight::Parameters::smoke()))
            .and_then(|()| run_daemon(&daemon::Parameters::smoke()))
            .and_then(|()| run_store(&store::Parameters::smoke())),
        _ => {
            write_line(&format!("{USAGE} {}\n{USAGE_SMOKE}", store::USAGE));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            write_line(&format!("fluoro-bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run_ingest(document_count: usize) -> io::Result<()> {
    let parameters = Parameters {
        document_count,
        batch_documents: 25,
        connection_count: 16,
        datagrams_per_sec: 60_000,
    };
    let folder = scratch("ingest")?;
    let report = ingest::run(&parameters, &folder)?;
    fs::remove_dir_all(&folder)?;
    write_report("ingest", &report)
}

fn run_shop(span_count: u64) -> io::Result<()> {
    let plan = shop::Plan::of_spans(span_count, wire::Micros::from_secs(1_790_000_000));
    write_report("shop", &shop::shape::run(&plan))
}

fn run_seal(span_count: u64) -> io::Result<()> {
    let plan = shop::Plan::of_spans(span_count, wire::Micros::from_secs(1_790_000_000));
    let folder = scratch("seal")?;
    let report = seal::run(&plan, &folder)?;
    fs::remove_dir_all(&folder)?;
    write_report("seal", &report)
}

/// Asks a store of its own or, if there is one in `folder`, that one again; it is left there.
fn run_query(span_count: u64, folder: Option<&Path>) -> io::Result<()> {
    let plan = shop::Plan::of_spans(span_count, wire::Micros::from_secs(1_790_000_000));
    let report = match folder {
        Some(folder) => query::run(&plan, folder)?,
        None => {
            let folder = scratch("query")?;
            let report = query::run(&plan, &folder)?;
            fs::remove_dir_all(&folder)?;
            report
        }
    };
    write_report("query", &report)?;
    write_line(&report.to_string());
    Ok(())
}

fn run_daemon(parameters: &daemon::Parameters) -> io::Result<()> {
    let folder = scratch("daemon")?;
    let report = daemon::run(parameters, &folder)?;
    fs::remove_dir_all(&folder)?;
    write_report("daemon", &report)?;
    write_line(&report.to_string());
    Ok(())
}

fn run_insight(parameters: insight::Parameters) -> io::Result<()> {
    let folder = scratch("insight")?;
    let report = insight::run(&parameters, &folder)?;
    fs::remove_dir_all(&folder)?;
    write_report("insight", &report)?;
    match report.problems[..] {
        [] => Ok(()),
        _ => Err(io::Error::other(report.problems.join("; "))),
    }
}

fn run_store(parameters: &store::Parameters) -> io::Result<()> {
    let folder = match &parameters.data_dir {
        Some(folder) => folder.clone(),
        None => scratch("store")?,
    };
    let report = store::run(parameters, &folder, wall_clock)?;
    if !parameters.is_kept && parameters.data_dir.is_none() {
        fs::remove_dir_all(&folder)?;
    }
    write_report("store", &report)?;
    write_line(&report.figures.to_string());
    match &report.problems[..] {
        [] => Ok(()),
        [first, ..] => {
            let count = report.problems.len();
            Err(io::Error::other(format!("{count} answers were wrong, the first: {first}")))
        }
    }
}

/// Tells the time: traces are to be as old as the server takes them to be.
#[expect(clippy::disallowed_methods, reason = "the rim of this program")]
fn wall_clock() -> wire::Micros {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.unwrap_or_default().as_micros();
    wire::Micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// Writes the report to `target/bench/NAME.json` and to the screen.
fn write_report(name: &str, report: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(report).map_err(io::Error::other)?;
    let folder = output()?;
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{name}.json")), &text)?;
    write_line(&text);
    Ok(())
}

/// Returns an empty folder for one run, on the disk that holds the build.
fn scratch(name: &str) -> io::Result<PathBuf> {
    let folder = output()?.join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Returns `target/bench`, next to the profile's folder that this program lies in.
fn output() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).unwrap_or(Path::new("target"));
    Ok(target.join("bench"))
}

fn write_line(text: &str) {
    // A closed terminal is no reason to fail.
    writeln!(io::stdout().lock(), "{text}").ok();
}
