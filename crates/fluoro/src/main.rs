//! The `fluoro` program: reads arguments, environment and config file, and runs one command.
//!
//! Nobody else reads them: what the commands need is handed on as values.

mod arguments;

mod config;

mod size;

mod span;

mod logging;

mod clock;

mod signals;

mod say;

mod ready;

mod doors;

mod serve;

mod daemon;

mod doctor;

mod sample;

mod send;

mod demo;

mod moment;

mod store;

mod filter;

use std::process::ExitCode;

use arguments::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why a command did not end well. `main` writes it, with what caused it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    if let Some(words) = daemon::words(&line) {
        return daemon::run(&words);
    }
    let command = match config::command(&line) {
        Ok(command) => command,
        Err(failure) => return failed(&failure),
    };
    match run(command) {
        Ok(code) => code,
        Err(failure) => failed(&failure),
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(arguments) => {
            logging::start(&arguments.log)?;
            serve::serve(config::Serve::of(arguments)?)?;
        }
        Command::Daemon(words) => return Ok(daemon::run(&words.words)),
        Command::Doctor(arguments) => {
            if !doctor::examine(&doctor::Subject::of(&arguments)) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Send(arguments) => send::send(&arguments, &clock::SystemClock)?,
        Command::Demo(arguments) => demo::demo(arguments)?,
        Command::Store(command) => return store::run(&command),
        Command::Filter(command) => return filter::run(&command),
        Command::Version => say::say(format_args!("fluoro {}", env!("CARGO_PKG_VERSION"))),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes why, cause by cause, and returns the code for it.
fn failed(failure: &Failure) -> ExitCode {
    eprintln!("fluoro: {}", explained(failure));
    ExitCode::FAILURE
}

/// Returns why, cause by cause.
fn explained(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
