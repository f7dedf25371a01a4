//! `bench`: one macro benchmark in a release build.

use crate::cache::Cache;
use crate::command::{Line, built, root};
use crate::say::{say, step};

/// Builds the server and the benchmarks for release, and runs one.
pub(crate) fn bench(own: &[String], passed_on: &[String]) -> Result<(), String> {
    if own.len() > 1 {
        return Err("bench takes one name; put the rest after `--`".to_owned());
    }
    let cache = Cache::open();
    let Some(name) = own.first() else {
        // The program says what it has, and ends as one that was not told what to do.
        cache.cargo("run --quiet --package fluoro-bench").run().ok();
        return Ok(());
    };
    let build = cache.cargo("build --release --package fluoro --package fluoro-bench");
    step("build", &build);
    build.run()?;
    let line =
        Line::new(built(&cache.target, "release", "fluoro-bench"), "").args([name]).args(passed_on);
    step("bench", &line);
    line.run()?;
    bring_home(&cache, &format!("{name}.json"))
}

/// Copies the report, which the program writes beside itself, into the checkout.
fn bring_home(cache: &Cache, report: &str) -> Result<(), String> {
    let written = cache.target.join("bench").join(report);
    let home = root().join("target/bench");
    let wanted = home.join(report);
    if written != wanted {
        std::fs::create_dir_all(&home)
            .and_then(|()| std::fs::copy(&written, &wanted))
            .map_err(|cause| format!("failed to copy {}: {cause}", written.display()))?;
    }
    say(format_args!("\nreport: {}", wanted.display()));
    Ok(())
}
