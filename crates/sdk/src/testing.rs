//! A fake daemon for the tests of applications: real sockets on free ports, documents kept for
//! reading, sampling calls answered as the test says.
//!
//! ```
//! # fn main() -> Result<(), fluoro_sdk::Error> {
//! use fluoro_sdk::{Recorder, Sampling, testing::FakeDaemon};
//!
//! let daemon = FakeDaemon::start()?;
//! let mut config = daemon.config("checkout");
//! config.sampling = Sampling::Always;
//! let recorder = Recorder::new(config)?;
//! recorder.begin().annotate("cart_size", 3);
//! let documents = daemon.wait_for(1);
//! assert!(documents[0].contains(r#""annotations":{"cart_size":3}"#));
//! # Ok(())
//! # }
//! ```

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::config::{Config, DaemonAddress};
use crate::error::Error;

/// How long documents are waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest datagram there is, and one byte more.
const DATAGRAM_BYTES_MAX: usize = 65_537;

/// The longest body of a call that is read.
const BODY_BYTES_MAX: u64 = 1 << 20;

/// A daemon that keeps what it is sent; when it is dropped, its doors are closed.
#[derive(Debug)]
pub struct FakeDaemon {
    state: Arc<State>,
    udp: SocketAddr,
    tcp: SocketAddr,
    threads: Vec<thread::JoinHandle<()>>,
}

/// A sampling call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The path, such as `/SamplingTargets`.
    pub path: String,
    /// The body.
    pub body: String,
}

#[derive(Debug, Default)]
struct State {
    is_stopped: AtomicBool,
    kept: Mutex<Kept>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Kept {
    documents: Vec<String>,
    calls: Vec<Call>,
    rules: Option<String>,
    targets: Option<String>,
}

impl FakeDaemon {
    /// Opens both doors on free ports of this machine.
    ///
    /// # Errors
    /// `Error::Door` when a socket or a thread is refused.
    pub fn start() -> Result<Self, Error> {
        Self::open().map_err(Error::Door)
    }

    fn open() -> std::io::Result<Self> {
        let (udp, tcp) = (UdpSocket::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
        let state = Arc::<State>::default();
        let (udp_address, tcp_address) = (udp.local_addr()?, tcp.local_addr()?);
        let threads = Vec::new();
        let mut daemon = Self { state: state.clone(), udp: udp_address, tcp: tcp_address, threads };
        let theirs = state.clone();
        daemon.threads.push(thread::Builder::new().spawn(move || state.receive(&udp))?);
        daemon.threads.push(thread::Builder::new().spawn(move || theirs.accept(&tcp))?);
        Ok(daemon)
    }

    /// Returns where the daemon is.
    pub fn address(&self) -> DaemonAddress {
        DaemonAddress { udp: self.udp.to_string(), tcp: self.tcp.to_string() }
    }

    /// Returns the usual settings of a service named `name` that talks to this daemon.
    pub fn config(&self, name: &str) -> Config {
        Config { daemon: self.address(), ..Config::named(name) }
    }

    /// Answers `GetSamplingRules` with `body`; without one it is refused.
    pub fn serve_rules(&self, body: impl Into<String>) {
        crate::lock(&self.state.kept).rules = Some(body.into());
    }

    /// Answers `GetSamplingTargets` with `body`; without one it is refused.
    pub fn serve_targets(&self, body: impl Into<String>) {
        crate::lock(&self.state.kept).targets = Some(body.into());
    }

    /// Returns the documents that have arrived, in their order.
    pub fn documents(&self) -> Vec<String> {
        crate::lock(&self.state.kept).documents.clone()
    }

    /// Returns the sampling calls that were made, in their order.
    pub fn calls(&self) -> Vec<Call> {
        crate::lock(&self.state.kept).calls.clone()
    }

    /// Waits until `count` documents have arrived, for ten seconds at most, and returns all that have.
    pub fn wait_for(&self, count: usize) -> Vec<String> {
        let kept = crate::lock(&self.state.kept);
        let lacks = |kept: &mut Kept| kept.documents.len() < count;
        let waited = self.state.arrived.wait_timeout_while(kept, PATIENCE, lacks);
        let (kept, _) = waited.unwrap_or_else(PoisonError::into_inner);
        kept.documents.clone()
    }
}

impl Drop for FakeDaemon {
    fn drop(&mut self) {
        self.state.is_stopped.store(true, Ordering::Relaxed);
        // Each thread waits for something; this is it. Who is gone already needs none.
        let _woken = UdpSocket::bind("127.0.0.1:0").and_then(|it| it.send_to(&[], self.udp));
        let _woken = TcpStream::connect(self.tcp);
        for thread in self.threads.drain(..) {
            // A thread that panicked has closed its door, too.
            let _ended = thread.join();
        }
    }
}

impl State {
    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    fn receive(&self, socket: &UdpSocket) {
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        while let Ok(length) = socket.recv(&mut buffer)
            && !self.is_stopped()
        {
            if let Ok(document) = wire::datagram::parse(&buffer[..length]) {
                crate::lock(&self.kept).documents.push(document.to_owned());
                self.arrived.notify_all();
            }
        }
    }

    fn accept(&self, listener: &TcpListener) {
        while let Ok((stream, _)) = listener.accept()
            && !self.is_stopped()
        {
            // A client that went away is the next one's affair, not ours.
            let _answered = self.answer(stream);
        }
    }

    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut from = BufReader::new(&stream);
        let mut line = String::new();
        from.read_line(&mut line)?;
        let path = line.split(' ').nth(1).unwrap_or("").to_owned();
        let mut length = 0;
        while from.read_line(&mut line)? > 2 {
            let last = line.lines().last().unwrap_or("");
            if let Some((name, value)) = last.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = String::new();
        from.take(u64::min(length, BODY_BYTES_MAX)).read_to_string(&mut body)?;
        let answer = self.call(Call { path, body });
        let status = if answer.is_some() { "200 OK" } else { "404 Not Found" };
        let answer = answer.unwrap_or_default();
        let length = answer.len();
        write!(&stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{answer}")
    }

    fn call(&self, call: Call) -> Option<String> {
        let mut kept = crate::lock(&self.kept);
        let answer = match call.path.as_str() {
            "/GetSamplingRules" => kept.rules.clone(),
            "/SamplingTargets" => kept.targets.clone(),
            _ => None,
        };
        kept.calls.push(call);
        answer
    }
}
