//! The real `fluoro serve` and `fluoro daemon`: started on free ports in a folder of its own, watched from outside.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::http;

/// How long a start or a stop may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `fluoro serve` or `fluoro daemon`; killed when dropped.
pub struct Program {
    child: Child,
    folder: PathBuf,
    /// Where its doors are.
    pub doors: Doors,
}

/// The addresses a started server wrote into its ready file.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Doors {
    /// The X-Ray API; of a daemon, its health.
    #[serde(alias = "health")]
    pub http: SocketAddr,
    /// Datagrams.
    pub udp: SocketAddr,
    /// Sampling calls of the SDKs.
    pub tcp: SocketAddr,
}

impl Doors {
    /// Returns the doors of a server of which a client needs one.
    pub fn all(address: SocketAddr) -> Self {
        Self { http: address, udp: address, tcp: address }
    }
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time, in seconds.
    pub cpu_secs: f64,
    /// The most memory it ever held, in bytes.
    pub rss_bytes_max: u64,
}

/// Returns the path of the `fluoro` built from this checkout, building it first if it is stale.
///
/// # Panics
/// When it does not build.
pub fn built() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = option_env!("CARGO").unwrap_or("cargo");
        let status = Command::new(cargo).args(["build", "--quiet", "-p", "fluoro"]).status();
        assert!(status.expect("cargo runs").success(), "fluoro builds");
        let test = std::env::current_exe().expect("a test knows where it lies");
        test.ancestors().nth(2).expect("target/debug/deps/it").join("fluoro")
    })
}

impl Program {
    /// Starts `program serve` with its data in `folder`, adding `arguments`; its doors are on free ports
    /// unless those say where.
    ///
    /// # Errors
    /// When the program is not there, stops at once or does not open its doors in time; the error
    /// carries what it wrote.
    pub fn start(program: &Path, folder: &Path, arguments: &[&str]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg("serve").args(free_doors(&["--http", "--udp", "--tcp"], arguments));
        command.arg("--data-dir").arg(folder.join("data")).args(arguments);
        Self::run(command, folder)
    }

    /// Starts `program daemon` with its ready file and log in `folder`, adding `arguments`; its doors
    /// are on free ports unless those say where.
    ///
    /// # Errors
    /// As [`Program::start`].
    pub fn daemon(program: &Path, folder: &Path, arguments: &[&str]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg("daemon").args(free_doors(&["--bind", "--bind-tcp", "--health"], arguments));
        command.args(arguments);
        Self::run(command, folder)
    }

    /// Starts a program and waits until its doors are open.
    fn run(mut command: Command, folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let ready = folder.join("ready.json");
        remove_if_there(&ready)?;
        let log = folder.join("log");
        let file = fs::File::create(&log)?;
        let mut child = command
            .env("FLUORO_READY_FILE", &ready)
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()?;
        match wait_for(&ready, &mut child) {
            Ok(doors) => Ok(Self { child, folder: folder.to_owned(), doors }),
            Err(error) => {
                // It may have stopped by itself; what matters is the reason below.
                child.kill().ok();
                child.wait()?;
                let said = fs::read_to_string(&log)?;
                Err(io::Error::new(error.kind(), format!("{error}: {said}")))
            }
        }
    }

    /// Kills the program as `kill -9` does, and waits until it is gone.
    ///
    /// # Errors
    /// When it was gone already.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }

    /// Asks the program to stop (SIGTERM) and waits for it.
    ///
    /// # Errors
    /// When it does not stop in time.
    pub fn stop(mut self) -> io::Result<ExitStatus> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let begin = now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            pause(Duration::from_millis(2));
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "fluoro did not stop"))
    }

    /// Returns the process's id, by which `/proc` knows more of it.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Returns what the program wrote to its log so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log(&self) -> io::Result<String> {
        fs::read_to_string(self.folder.join("log"))
    }

    /// Returns what the program has used since it started.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn usage(&self) -> io::Result<Usage> {
        usage(self.child.id())
    }

    /// Returns the sum of all samples of a metric whose line begins with `prefix`.
    ///
    /// # Errors
    /// When `/metrics` does not answer.
    pub fn metric(&self, prefix: &str) -> io::Result<f64> {
        let answer = http::get(self.doors.http, "/metrics")?;
        let samples = answer.body.lines().filter(|line| line.starts_with(prefix));
        Ok(samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// Returns the bytes of all files below the data folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn disk_bytes(&self) -> io::Result<u64> {
        folder_bytes(&self.folder.join("data"))
    }
}

/// Returns what a process has used since it started.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn usage(process_id: u32) -> io::Result<Usage> {
    let process = PathBuf::from(format!("/proc/{}", process_id));
    let stat = fs::read_to_string(process.join("stat"))?;
    // After the program's name in parentheses come state and then the numbers; user and system
    // time are the 12th and 13th of those, in ticks of which Linux shows 100 a second.
    let numbers = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 =
        numbers.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    let status = fs::read_to_string(process.join("status"))?;
    let peak_kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or_default();
    Ok(Usage { cpu_secs: ticks / 100.0, rss_bytes_max: peak_kib * 1024 })
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing can be done about a process that is already gone.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Returns the options that open each door that `arguments` do not open on a free port.
fn free_doors(doors: &[&'static str], arguments: &[&str]) -> Vec<&'static str> {
    let free = doors.iter().copied().filter(|door| !arguments.contains(door));
    free.flat_map(|door| [door, "127.0.0.1:0"]).collect()
}

fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.metadata()?;
        bytes += if kind.is_dir() { folder_bytes(&entry.path())? } else { kind.len() };
    }
    Ok(bytes)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Waits until the program has written where its doors are, or has stopped.
fn wait_for(ready: &Path, child: &mut Child) -> io::Result<Doors> {
    let begin = now();
    while begin.elapsed() < PATIENCE {
        match fs::read(ready) {
            Ok(text) => return serde_json::from_slice(&text).map_err(io::Error::other),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
        }
        if let Some(status) = child.try_wait()? {
            return Err(io::Error::other(format!("fluoro stopped with {status}")));
        }
        pause(Duration::from_millis(2));
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "fluoro did not open its doors"))
}

/// Repeats `attempt` until it returns something.
///
/// # Panics
/// When that takes longer than any test should wait; `what` says what was waited for.
pub fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let begin = now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}");
        pause(Duration::from_millis(5));
    }
}

/// Returns the seconds since the Unix epoch.
///
/// # Panics
/// When the machine believes that it is 1969.
#[expect(clippy::disallowed_methods, reason = "tests meet real clients, which have real clocks")]
pub fn epoch_secs() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is after 1970").as_secs()
}

/// Returns the time for measuring spans of it.
#[expect(clippy::disallowed_methods, reason = "a watcher of another process measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Lets time pass: to poll another process, and to pace a sender.
#[expect(clippy::disallowed_methods, reason = "another process gives no event to wait for")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}
