//! The project's verbs, a closed set: `check`, `run`, `bench`, `fuzz`, `image`.
//!
//! A verb is a list of commands that a person could type, each printed before it starts. What a
//! check checks is written as a test in `tests/it`; this program only calls the tools in order.

use std::process::ExitCode;

mod cache;
mod command;
mod debian;
mod say;

mod bench;
mod browser;
mod check;
mod fuzz;
mod image;
mod run;

use say::say;

const HELP: &str = "\
cargo xtask VERB

  check [--fast]       everything that must hold before a change goes in, in this order:
                       format, lints, build, tests, duplicates and licences of the
                       dependencies, documentation, a small run of the benchmarks,
                       the console and its journeys in a browser.
                       It stops at the first step that fails and prints the command
                       that repeats it. --fast ends after the tests.
  run [-- ARGS]        starts a server on this machine and the demo beside it, and says what
                       to try next; Ctrl-C stops both. Data goes to ./fluoro-data.
                       ARGS are handed to `fluoro serve`;
                       `-- --help` lists them.
  bench NAME [-- ARGS] runs one benchmark in a release build; its result is a JSON file in
                       target/bench/. Without NAME, lists the benchmarks.
  fuzz TARGET [-- ARGS]
                       feeds TARGET made-up input until it breaks or you stop it. Needs a
                       nightly compiler and cargo-fuzz. Without TARGET, lists the targets.
  image [amd64] [arm64]
                       builds the program for Linux, statically linked, and an image of
                       nothing else, for both architectures unless one is named:
                       target/image/fluoro-VERSION.tar. No container engine is needed.

A first hour:
  cargo xtask run              see it work
  cargo xtask check            see that your checkout is sound (slow once, then quick)
  cargo test -p fluoro-wire    the tests of one crate, while you change it

What is built is kept outside the checkout, so that a fresh clone starts warm: in the folder
FLUORO_CACHE names, else in $XDG_CACHE_HOME/fluoro, else in ~/.cache/fluoro. CARGO_TARGET_DIR,
if set, is obeyed. A folder that cannot be written is passed over for ./target.
SLOW=1 makes the tests run long.
";

fn main() -> ExitCode {
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<(), String> {
    let Some((verb, rest)) = words.split_first() else {
        say(HELP.trim_end());
        return Ok(());
    };
    if rest.iter().take_while(|word| *word != "--").any(|word| word == "--help" || word == "-h") {
        say(HELP.trim_end());
        return Ok(());
    }
    let (own, passed_on) = split_at_dashes(rest);
    match verb.as_str() {
        "check" => check::check(own, passed_on),
        "run" => run::run(own, passed_on),
        "bench" => bench::bench(own, passed_on),
        "fuzz" => fuzz::fuzz(own, passed_on),
        "image" => image::image(own, passed_on),
        "help" | "--help" | "-h" => {
            say(HELP.trim_end());
            Ok(())
        }
        other => {
            Err(format!("there is no verb `{other}`; there are check, run, bench, fuzz and image"))
        }
    }
}

/// Splits the words after the verb into its own and those after the first `--`.
fn split_at_dashes(words: &[String]) -> (&[String], &[String]) {
    match words.iter().position(|word| word == "--") {
        Some(index) => (&words[..index], &words[index + 1..]),
        None => (words, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn only_the_first_dashes_split() {
        let given = words("ingest -- --seconds 5 -- x");
        assert_eq!(split_at_dashes(&given), (&given[..1], &given[2..]));
        assert_eq!(split_at_dashes(&words("a b")), (&words("a b")[..], &[][..]));
    }

    #[test]
    fn an_unknown_verb_names_the_known_ones() {
        let problem = dispatch(&words("chekc")).unwrap_err();
        assert!(problem.contains("chekc") && problem.contains("check, run, bench, fuzz and image"));
    }

    #[test]
    fn a_verb_refuses_words_it_does_not_know() {
        for line in ["check --quick", "run --port 1", "bench a b", "fuzz a b", "image s390x"] {
            assert!(dispatch(&words(line)).is_err(), "{line} was taken");
        }
    }
}
