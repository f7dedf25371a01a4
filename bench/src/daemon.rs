//! `daemon`: what it costs to take datagrams in and to send them on, beside the X-Ray daemon.
//!
//! A generator sends datagrams of one size at one rate; a server of our own answers the daemon's
//! calls at once and counts what arrives. Both share the machine with the daemon, whose CPU time and
//! memory are read from the kernel. Every cell has a daemon of its own. With the path of an original
//! `xray`, that is measured in the same run.

mod backend;

use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, IoSlice};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fluoro_tests::program::{Usage, now, pause, usage};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg};
use serde::Serialize;

use backend::Backend;

/// Datagrams sent with one system call.
const BURST: usize = 32;

/// When nothing has arrived for so long, nothing will: a batch waits a second for company.
const QUIET: Duration = Duration::from_millis(2500);

/// The sizes of a run.
pub(crate) struct Parameters {
    /// Bytes of a document.
    pub(crate) sizes: Vec<usize>,
    /// Documents a second.
    pub(crate) rates: Vec<usize>,
    /// How long each cell is loaded.
    pub(crate) seconds: f64,
    /// The original, to be measured too.
    pub(crate) original: Option<PathBuf>,
}

impl Parameters {
    /// The sizes that `docs/benchmarks.md` reports.
    pub(crate) fn full(seconds: f64, original: Option<PathBuf>) -> Self {
        let rates = vec![1_000, 10_000, 60_000, 100_000, 200_000];
        Self { sizes: vec![300, 1_024, 8_192], rates, seconds, original }
    }

    /// So little that it only cannot rot.
    pub(crate) fn smoke() -> Self {
        Self { sizes: vec![300], rates: vec![1_000], seconds: 0.2, original: None }
    }
}

/// What a run showed, one cell after the other.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) cells: Vec<Cell>,
}

/// One daemon under one load.
#[derive(Serialize)]
pub(crate) struct Cell {
    pub(crate) program: &'static str,
    pub(crate) document_bytes: usize,
    pub(crate) wanted_per_sec: usize,
    /// What the generator achieved.
    pub(crate) sent_per_sec: f64,
    pub(crate) sent: u64,
    pub(crate) arrived: u64,
    /// The daemon's, from start to end.
    pub(crate) cpu_secs: f64,
    pub(crate) cpu_micros_per_document: f64,
    pub(crate) rss_idle_bytes: u64,
    pub(crate) rss_bytes_max: u64,
}

impl Cell {
    fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.arrived)
    }
}

/// Runs all cells.
///
/// # Errors
/// When a daemon does not start, or a socket fails.
pub(crate) fn run(parameters: &Parameters, folder: &Path) -> io::Result<Report> {
    fs::create_dir_all(folder)?;
    let ours = std::env::current_exe()?.with_file_name("fluoro");
    let mut programs = vec![("fluoro", ours.as_path())];
    programs.extend(parameters.original.as_deref().map(|path| ("original", path)));
    let mut cells = Vec::new();
    for &size in &parameters.sizes {
        for &rate in &parameters.rates {
            for &(name, path) in &programs {
                let load = Load { size, rate, seconds: parameters.seconds };
                cells.push(measure(name, path, &load, folder)?);
            }
        }
    }
    Ok(Report { cells })
}

struct Load {
    size: usize,
    rate: usize,
    seconds: f64,
}

fn measure(name: &'static str, path: &Path, load: &Load, folder: &Path) -> io::Result<Cell> {
    let backend = Backend::start()?;
    let daemon = Daemon::start(name, path, backend.address, folder)?;
    let idle = daemon.usage()?;
    let (sent, wall_secs) = send(daemon.udp, load)?;
    let mut arrived = backend.arrived();
    let mut since = now();
    while since.elapsed() < QUIET && arrived < sent {
        pause(Duration::from_millis(50));
        let next = backend.arrived();
        if next > arrived {
            (arrived, since) = (next, now());
        }
    }
    let used = daemon.usage()?;
    Ok(Cell {
        program: name,
        document_bytes: load.size,
        wanted_per_sec: load.rate,
        sent_per_sec: sent as f64 / wall_secs,
        sent,
        arrived,
        cpu_secs: used.cpu_secs,
        cpu_micros_per_document: used.cpu_secs * 1e6 / arrived.max(1) as f64,
        rss_idle_bytes: idle.rss_bytes_max,
        rss_bytes_max: used.rss_bytes_max,
    })
}

/// A running daemon; killed when dropped.
struct Daemon {
    child: Child,
    udp: SocketAddr,
}

impl Daemon {
    fn start(name: &str, path: &Path, backend: SocketAddr, folder: &Path) -> io::Result<Self> {
        // The original does not tell which port it took.
        let udp = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
        let config = folder.join("cfg.yaml");
        fs::write(
            &config,
            format!(
                "Version: 2\nTotalBufferSizeMB: 24\nRegion: us-east-1\nLocalMode: true\n\
                 Endpoint: http://{backend}\nSocket:\n  UDPAddress: {udp}\n  TCPAddress: 127.0.0.1:0\n"
            ),
        )?;
        let mut command = Command::new(path);
        if name == "fluoro" {
            command.arg("daemon");
        }
        let mut child = command
            .arg("-c")
            .arg(&config)
            .envs([("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut log = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        while !line.contains("Starting proxy http server") {
            line.clear();
            if log.read_line(&mut line)? == 0 {
                return Err(io::Error::other(format!("{} did not start", path.display())));
            }
        }
        // A full pipe would stop it.
        std::thread::spawn(move || io::copy(&mut log, &mut io::sink()));
        Ok(Self { child, udp })
    }

    fn usage(&self) -> io::Result<Usage> {
        usage(self.child.id())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Nothing can be done about a process that is already gone.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Sends at the wanted rate in small bursts; returns how many, and in how many seconds.
fn send(udp: SocketAddr, load: &Load) -> io::Result<(u64, f64)> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(udp)?;
    let datagram = wire::datagram::encode(&document(load.size));
    let wanted = (load.rate as f64 * load.seconds) as u64;
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BURST, None);
    let begin = now();
    let mut sent = 0;
    while sent < wanted {
        let due = Duration::from_secs_f64(sent as f64 / load.rate as f64);
        pause(due.saturating_sub(begin.elapsed()));
        let count = BURST.min(usize::try_from(wanted - sent).unwrap_or(BURST));
        let slices: Vec<_> = (0..count).map(|_| [IoSlice::new(&datagram)]).collect();
        let nowhere: Vec<Option<SockaddrStorage>> = vec![None; count];
        let flags = MsgFlags::empty();
        let results = sendmmsg(socket.as_raw_fd(), &mut headers, &slices, &nowhere, [], flags)?;
        sent += results.count() as u64;
    }
    Ok((sent, begin.elapsed().as_secs_f64()))
}

/// Returns a segment of this many bytes.
fn document(bytes: usize) -> String {
    let document = |padding: &str| {
        format!(
            "{{\"trace_id\":\"1-66b2f3a0-{:024x}\",\"id\":\"53995c3f42cd8ad8\",\"name\":\"shop\",\
             \"start_time\":1790000000.1,\"end_time\":1790000000.2,\"{}\":\"{padding}\"}}",
            1,
            backend::MARK
        )
    };
    let rest = bytes.saturating_sub(document("").len());
    document(&"x".repeat(rest))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "program    bytes   wanted/s     sent/s     lost   lost %   CPU s   us/doc   idle MB   peak MB"
        )?;
        for cell in &self.cells {
            let lost = 100.0 * cell.lost() as f64 / cell.sent.max(1) as f64;
            writeln!(
                f,
                "{:<8} {:>7} {:>10} {:>10.0} {:>8} {:>8.3} {:>7.2} {:>8.2} {:>9.1} {:>9.1}",
                cell.program,
                cell.document_bytes,
                cell.wanted_per_sec,
                cell.sent_per_sec,
                cell.lost(),
                lost,
                cell.cpu_secs,
                cell.cpu_micros_per_document,
                cell.rss_idle_bytes as f64 / 1e6,
                cell.rss_bytes_max as f64 / 1e6,
            )?;
        }
        Ok(())
    }
}
