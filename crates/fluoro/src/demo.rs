//! `fluoro demo`: runs the demo, and tells one that runs in another terminal what to break.

mod logs;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use daemon::Endpoint;
use demo::control::{self, Order};
use demo::{BROKEN_MAX, Config, DaemonAddress, Demo, Fault, Scene, Stopped};

use crate::Failure;
use crate::clock::SystemClock;
use crate::doors::{Door, explain, parse_address};
use crate::ready;
use crate::say::say;
use crate::signals::Signals;
use crate::span::Span;

use logs::Logs;

/// Where the control door is, unless it is said.
const CONTROL: &str = "127.0.0.1:2090";

/// Shown below the flags of `demo`.
pub(crate) const HELP: &str = "\
Start a server first (`fluoro serve`), or both at once (`cargo xtask run`).

Examples:
  fluoro demo                          traces of a front-end, a back-end and a shop
  fluoro demo break backend            in another terminal: the back-end is down, for 10 minutes
  fluoro demo break slow-database --for 2m
  fluoro demo faults                   what can be broken, and what is
  fluoro demo fix backend              heal it before its time is over
  fluoro demo --history 6h --seed 7    with six hours of past first
  fluoro demo --logs - | grep 1-6b01   the log lines of a trace, a JSON object each

The past is written with past times, and its segments say `demo` = \"history\" in an annotation;
those of the present say \"live\". Trace summaries are found by when they happened; service graphs
and statistics count traces by when they were received, so in a graph all of the past is now.";

/// Returns what is shown below the flags of `demo break`.
fn break_help() -> String {
    let line = |fault: Fault| format!("\n  {:<14} {}", fault.name(), fault.what());
    Fault::ALL.into_iter().map(line).fold("Faults:".to_owned(), |help, line| help + &line)
}

/// `demo` alone, and its verbs.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DemoArguments {
    #[command(subcommand)]
    verb: Option<Verb>,

    #[command(flatten)]
    run: RunArguments,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Break something in the demo that runs; it heals by itself.
    #[command(after_help = break_help())]
    Break {
        /// What to break.
        #[arg(value_parser = parse_fault)]
        fault: Fault,

        /// How long it stays broken: 90s, 2m, 1h; at most a day.
        #[arg(long = "for", value_name = "TIME", default_value = "10m", value_parser = parse_time)]
        time: Duration,

        #[command(flatten)]
        control: ControlArguments,
    },
    /// Heal what is broken.
    Fix {
        /// What to heal; everything if nothing is named.
        #[arg(value_parser = parse_fault)]
        fault: Option<Fault>,

        #[command(flatten)]
        control: ControlArguments,
    },
    /// List what can be broken, and what is.
    Faults {
        #[command(flatten)]
        control: ControlArguments,
    },
}

/// Where the demo is told what to do.
#[derive(Debug, Args)]
struct ControlArguments {
    /// The control door of the demo.
    #[arg(long, env = "FLUORO_DEMO_CONTROL", value_name = "ADDR", value_parser = parse_address)]
    #[arg(default_value = CONTROL)]
    control: SocketAddr,
}

/// The flags of `demo` alone.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The API of the server that gets the traces; --history is put there.
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:2080")]
    server: Endpoint,

    /// The UDP door that gets the segments: HOST:PORT, or as the X-Ray SDKs take it,
    /// "tcp:HOST:PORT udp:HOST:PORT".
    #[arg(long, env = "AWS_XRAY_DAEMON_ADDRESS", value_name = "ADDR", value_parser = parse_daemon)]
    #[arg(default_value = "127.0.0.1:2000")]
    daemon: DaemonAddress,

    /// The same number gives the same visits, with the same fates; ids are always new.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Who takes part.
    #[arg(long, value_enum, value_name = "SCENE", default_value_t)]
    scene: SceneName,

    /// Visits of the shop in a second, on average; up to 50.
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = parse_rate)]
    rate: f64,

    /// Let more visitors come at noon than at night, in days as short as this: 10m, up to 24h.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    day: Option<Duration>,

    /// Write what the services log into this file, a JSON object in a line each, with the trace it
    /// belongs to; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    logs: Option<Logs>,

    /// First put a made-up past of this length into the server: 6h, up to 7d.
    #[arg(long, value_name = "TIME", value_parser = parse_history)]
    history: Option<Duration>,

    /// Where `demo break` and `demo fix` are listened to, and where a page does the same; on this
    /// machine only. Port 0 takes a free one.
    #[arg(long, env = "FLUORO_DEMO_CONTROL", value_name = "ADDR", value_parser = parse_address)]
    #[arg(default_value = CONTROL)]
    control: SocketAddr,

    /// Write the addresses of the control door and of the services into this file, as JSON, once
    /// all are open.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum SceneName {
    /// The pair and the shop.
    #[default]
    All,
    /// A front-end that asks a back-end once a second.
    Pair,
    /// A shop of eight services, with a database, tables, a queue and a bank behind them.
    Shop,
}

/// Runs the demo until a signal stops it, or tells another one what to do.
///
/// # Errors
/// When it cannot start, its past is not taken, or nobody listens at the control door.
pub(crate) fn demo(arguments: DemoArguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.verb {
        None => runtime.block_on(run(arguments.run)),
        Some(verb) => runtime.block_on(tell(verb)),
    }
}

async fn tell(verb: Verb) -> Result<(), Failure> {
    let (order, ControlArguments { control }) = match verb {
        Verb::Break { fault, time, control } => (Order::Break(fault, time), control),
        Verb::Fix { fault, control } => (Order::Fix(fault), control),
        Verb::Faults { control } => (Order::List, control),
    };
    match control::tell(control, &order).await {
        Ok(said) => say(said.trim_end()),
        Err(demo::Error::NoDemo { address }) => {
            return Err(format!(
                "no demo listens at {address}: start `fluoro demo`, or say where its control door is \
                 with --control"
            )
            .into());
        }
        Err(error) => return Err(error.into()),
    }
    if let Order::Break(fault, _) = order {
        say(format_args!("heal it before that with: fluoro demo fix {}", fault.name()));
    }
    Ok(())
}

async fn run(arguments: RunArguments) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    if !arguments.control.ip().is_loopback() {
        let at = arguments.control;
        return Err(format!(
            "--control {at} can be reached from other machines, and whoever reaches it can break the \
             demo: choose one on this machine, such as {CONTROL}"
        )
        .into());
    }
    let config = config(&arguments);
    let server = config.server.clone();
    // Lines for another program are not mixed with lines for a person.
    let say = |line: &str| match arguments.logs {
        Some(Logs::Out) => eprintln!("{line}"),
        _ => say(line),
    };
    if let Some(length) = arguments.history {
        say(&format!("telling {server} of the last {}", spoken(length)));
        let told = tokio::select! {
            told = demo::tell_history(&config, length) => told?,
            _ = signals.next() => return Ok(()),
        };
        let demo::Told { visit_count, document_count, .. } = told;
        say(&format!("it took {document_count} documents of {visit_count} visits"));
    }
    let demo = start(config, arguments.logs.as_ref()).await?;
    if let Some(path) = &arguments.ready_file {
        let doors = [("control", demo.control())].into_iter().chain(demo.services());
        ready::write(path, &doors.collect::<Vec<_>>())
            .map_err(|error| format!("failed to write --ready-file {}: {error}", path.display()))?;
    }
    say(&greeting(&arguments, &demo));
    if !demo::is_ready(&server).await {
        eprintln!(
            "fluoro: nothing answers at {server} yet, and what is sent meanwhile is lost: start `fluoro \
             serve`, or say with --server and --daemon where one is"
        );
    }
    signals.next().await;
    say(&farewell(demo.stop().await));
    Ok(())
}

async fn start(config: Config, logs: Option<&Logs>) -> Result<Demo, Failure> {
    let logs = logs.map(|logs| {
        logs.open().map_err(|error| format!("failed to write the file of --logs: {error}"))
    });
    match Demo::start(config, logs.transpose()?).await {
        Err(demo::Error::Control { address, source }) => {
            Err(explain(Door { name: "TCP", flag: "--control", address }, &source))
        }
        started => Ok(started?),
    }
}

/// Says what a demo did. What is usual and zero is not mentioned.
fn farewell(stopped: Stopped) -> String {
    let Stopped { sent_count, lost_count, turned_away_count, lost_line_count } = stopped;
    let mut said = format!("\nstopped; {sent_count} documents were sent, {lost_count} were lost");
    if turned_away_count > 0 {
        said += &format!("; {turned_away_count} visitors were turned away, so many were there");
    }
    if lost_line_count > 0 {
        said += &format!("; {lost_line_count} log lines came too fast to be written");
    }
    said
}

fn config(arguments: &RunArguments) -> Config {
    Config {
        daemon: arguments.daemon.clone(),
        server: arguments.server.to_string(),
        seed: arguments.seed,
        scene: match arguments.scene {
            SceneName::All => Scene::All,
            SceneName::Pair => Scene::Pair,
            SceneName::Shop => Scene::Shop,
        },
        visits_per_second: arguments.rate,
        day: arguments.day,
        control: arguments.control,
        clock: Arc::new(SystemClock),
    }
}

/// Returns what runs and what to try.
fn greeting(arguments: &RunArguments, demo: &Demo) -> String {
    let control = demo.control();
    let pair = "  front-end calls back-end once a second";
    let shop = format!(
        "  eight services of a shop serve about {} visits a second; behind them a database, tables, a \
         queue and a bank",
        arguments.rate
    );
    let cast = match arguments.scene {
        SceneName::All => format!("{pair}\n{shop}"),
        SceneName::Pair => pair.to_owned(),
        SceneName::Shop => shop,
    };
    let flag = if control.to_string() == CONTROL {
        String::new()
    } else {
        format!(" --control {control}")
    };
    format!(
        "\
The demo runs.
{cast}
  segments go to UDP {udp}, traces are read at {server}

See the service graph, a few seconds from now:
  aws xray get-service-graph --endpoint-url {server} --region us-east-1 --no-sign-request \\
      --start-time $(($(date +%s) - 60)) --end-time $(date +%s) --output table \\
      --query 'Services[].{{name:Name,type:Type,ok:SummaryStatistics.OkCount,\
fault:SummaryStatistics.FaultStatistics.TotalCount}}'

Break it, from another terminal or at http://{control}/ ; it heals after ten minutes:
  fluoro demo break backend{flag}
  fluoro demo faults{flag}
  fluoro demo fix backend{flag}

Ctrl-C stops it.",
        udp = arguments.daemon.udp,
        server = arguments.server,
    )
}

fn spoken(length: Duration) -> Span {
    Span(wire::Micros::from_secs(length.as_secs()))
}

fn parse_daemon(text: &str) -> Result<DaemonAddress, String> {
    DaemonAddress::parse(text)
        .ok_or_else(|| "write HOST:PORT, or \"tcp:HOST:PORT udp:HOST:PORT\"".to_owned())
}

fn parse_fault(text: &str) -> Result<Fault, String> {
    Fault::find(text).ok_or_else(|| {
        let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        format!("the faults are {}", names.join(", "))
    })
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.01..=50.0).contains(rate));
    rate.ok_or_else(|| "a number from 0.01 to 50".to_owned())
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let time = length(text)?;
    if time > BROKEN_MAX { Err("at most a day: 24h".to_owned()) } else { Ok(time) }
}

fn parse_history(text: &str) -> Result<Duration, String> {
    const HISTORY_MAX: Duration = Duration::from_secs(7 * 86_400);
    let time = length(text)?;
    if time > HISTORY_MAX { Err("at most seven days: 7d".to_owned()) } else { Ok(time) }
}

fn length(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse()?;
    Ok(Duration::from_micros(span.0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_in_the_help() {
        let help = break_help();
        let listed = help.lines().skip(1).filter_map(|line| line.split_whitespace().next());
        assert_eq!(listed.collect::<Vec<_>>(), Fault::ALL.map(Fault::name));
    }

    #[test]
    fn lengths_and_rates_have_limits() {
        assert_eq!(parse_time("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_history("6h"), Ok(Duration::from_secs(21_600)));
        for text in ["25h", "0s", "2", "-1m"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
        assert!(parse_history("8d").is_err());
        assert_eq!(parse_rate("2.5"), Ok(2.5));
        for text in ["0", "51", "NaN", "x"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_farewell_mentions_what_is_unusual() {
        let usual = Stopped { sent_count: 7, lost_count: 1, ..Stopped::default() };
        assert_eq!(farewell(usual), "\nstopped; 7 documents were sent, 1 were lost");
        let busy = farewell(Stopped { turned_away_count: 3, lost_line_count: 2, ..usual });
        assert!(busy.ends_with("; 3 visitors were turned away, so many were there; 2 log lines came too fast to be written"));
    }

    #[test]
    fn an_unknown_fault_names_the_known_ones() {
        let problem = parse_fault("fire").expect_err("no fault");
        assert!(problem.contains("backend, inventory, errors"), "{problem}");
        assert_eq!(parse_fault("back-end"), Ok(Fault::Backend));
    }
}
