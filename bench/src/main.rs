//! The macro benchmarks: they start the real program, load it and write what it cost.
//!
//! `fluoro-bench ingest` runs with the sizes that `docs/benchmarks.md` reports; `--smoke` runs
//! everything with tiny sizes, so that it cannot rot. Run it through `cargo xtask bench`, which
//! builds the program under test first.

mod generate;
mod ingest;
mod shop;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use ingest::Parameters;

const USAGE: &str = "\
usage: fluoro-bench ingest [DOCUMENTS]
       fluoro-bench shop [SPANS]
       fluoro-bench --smoke
";

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
        ["--smoke"] => run_ingest(1_000),
        _ => {
            write_line(USAGE);
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
