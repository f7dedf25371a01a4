//! The checks themselves: doors, disk, clock, kernel.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::statvfs::statvfs;

use super::{Finding, Subject};
use crate::moment;

/// Less free space than this and the log will soon find no room.
const FREE_BYTES_LOW: u64 = 2 << 30;

/// Less free space than this does not hold one file of the log.
const FREE_BYTES_MIN: u64 = 128 << 20;

/// A sync slower than this makes every acknowledgement slow.
const SYNC_MILLIS_MAX: u128 = 50;

/// How far the clock may be from that of the file system or of a server.
const CLOCK_SECS_MAX: u64 = 5;

/// Connections of the HTTP and the TCP door, and the store's files.
const OPEN_FILES_MIN: u64 = 4096;

/// Returns what was found, in the order of the data's path.
pub(super) fn all(subject: &Subject) -> Vec<Finding> {
    let metrics = ask(subject.http, "GET", "/metrics");
    let running = metrics.ok().filter(|answer| answer.contains("\nfluoro_"));
    let is_running = running.is_some();
    let mut findings = vec![
        udp_door(subject.udp, is_running),
        tcp_door("tcp", "--tcp", subject.tcp, is_running && answers_sampling(subject.tcp)),
        tcp_door("http", "--http", subject.http, is_running),
    ];
    if let Some(answer) = running {
        findings.push(readiness(subject.http));
        findings.extend(server_clock(&answer, system_now()));
    }
    findings.extend([
        data_folder(&subject.data_dir),
        free_space(&subject.data_dir),
        clock(&subject.data_dir, system_now()),
        receive_buffer(subject.receive_buffer_bytes),
        datagrams_lost(subject.udp.port()),
        open_files(),
    ]);
    findings
}

fn udp_door(address: SocketAddr, is_running: bool) -> Finding {
    door("udp", "--udp", address, is_running, UdpSocket::bind(address).map(drop))
}

fn tcp_door(name: &str, flag: &str, address: SocketAddr, is_running: bool) -> Finding {
    door(name, flag, address, is_running, TcpListener::bind(address).map(drop))
}

fn door(
    name: &str,
    flag: &str,
    address: SocketAddr,
    is_running: bool,
    bound: io::Result<()>,
) -> Finding {
    match bound {
        Ok(()) => Finding::Fine(format!("{name} {address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_running => {
            Finding::Fine(format!("{name} {address} is held by the Fluoro that runs here"))
        }
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Finding::Broken(
            format!("{name} {address} is held by another program"),
            format!(
                "stop that program (`ss -lptu` shows it; an X-Ray daemon uses port 2000), \
                 or choose another port with {flag}"
            ),
        ),
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => Finding::Broken(
            format!("{name} {address} is no address of this machine"),
            format!("choose one of this machine's with {flag}; `ip address` lists them"),
        ),
        Err(error) => Finding::Broken(
            format!("{name} {address} cannot be opened: {error}"),
            format!("choose another address with {flag}"),
        ),
    }
}

/// Returns whether sampling calls are answered there.
fn answers_sampling(address: SocketAddr) -> bool {
    ask(address, "POST", "/GetSamplingRules").is_ok_and(|answer| status(&answer) == Some("200"))
}

fn readiness(address: SocketAddr) -> Finding {
    match ask(address, "GET", "/readyz") {
        Ok(answer) if status(&answer) == Some("200") => {
            Finding::Fine("the Fluoro that runs here is ready".to_owned())
        }
        Ok(answer) => {
            let why = answer.split("\r\n\r\n").nth(1).unwrap_or_default().trim();
            Finding::Broken(
                format!("the Fluoro that runs here is not ready: {why}"),
                "see its log, mend what it names, and start it again".to_owned(),
            )
        }
        Err(error) => Finding::Broken(
            format!("the Fluoro that runs here does not answer: {error}"),
            "see its log".to_owned(),
        ),
    }
}

/// Sends a request without a body and returns head and body of the answer.
fn ask(address: SocketAddr, method: &str, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&reachable(address), Duration::from_millis(500))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: doctor\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Returns where to call a door that listens on all addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn status(answer: &str) -> Option<&str> {
    answer.split(' ').nth(1)
}

fn data_folder(folder: &Path) -> Finding {
    let shown = folder.display();
    match sync_times(existing(folder)) {
        Ok([middle, slowest]) => {
            let (middle_ms, slowest_ms) = (middle.as_secs_f64() * 1e3, slowest.as_secs_f64() * 1e3);
            let seen = format!(
                "{shown} can be written; a sync takes {middle_ms:.1} ms, at most {slowest_ms:.1} ms"
            );
            if middle.as_millis() <= SYNC_MILLIS_MAX {
                return Finding::Fine(seen);
            }
            let advice =
                "every acknowledgement waits for one; a local SSD takes a few milliseconds";
            Finding::Poor(seen, advice.to_owned())
        }
        Err(error) => Finding::Broken(
            format!("{shown} cannot be written: {error}"),
            "choose another folder with --data-dir, or give this user the right to write it"
                .to_owned(),
        ),
    }
}

/// Returns the folder, or the nearest above it that exists.
fn existing(folder: &Path) -> &Path {
    let mut above = folder.ancestors().filter(|folder| !folder.as_os_str().is_empty());
    above.find(|folder| folder.exists()).unwrap_or(Path::new("."))
}

/// Returns how long an appended and synced block takes: the middle and the slowest of some tries.
fn sync_times(folder: &Path) -> io::Result<[Duration; 2]> {
    let path = folder.join(format!(".fluoro-doctor-{}", std::process::id()));
    let mut file = fs::File::create_new(&path)?;
    let mut times = Vec::new();
    let tried: io::Result<()> = (0..9).try_for_each(|_| {
        let begin = now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(begin.elapsed());
        Ok(())
    });
    fs::remove_file(&path)?;
    tried?;
    times.sort_unstable();
    Ok([times[4], times[8]])
}

fn free_space(folder: &Path) -> Finding {
    match statvfs(existing(folder)) {
        Ok(disk) => {
            #[expect(clippy::useless_conversion, reason = "the types differ between systems")]
            let free = u64::from(disk.blocks_available()) * u64::from(disk.fragment_size());
            space(free)
        }
        Err(error) => Finding::Poor(
            format!("the free space for {} is not known: {error}", folder.display()),
            "see `df`".to_owned(),
        ),
    }
}

fn space(free_bytes: u64) -> Finding {
    let seen = format!("{:.1} GiB are free for data", free_bytes as f64 / f64::from(1 << 30));
    let advice = "free some, or put the data elsewhere with --data-dir".to_owned();
    match free_bytes {
        FREE_BYTES_LOW.. => Finding::Fine(seen),
        FREE_BYTES_MIN.. => Finding::Poor(seen, advice),
        _ => Finding::Broken(seen, advice),
    }
}

/// The clock must not stand before what was already written: times of receipt order the documents.
fn clock(folder: &Path, now: SystemTime) -> Finding {
    let newest = fs::read_dir(folder.join("wal"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok())
        .max();
    let advice = "set the clock, and keep it right with NTP".to_owned();
    let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if since_epoch.as_secs() < BUILT_SECS {
        return Finding::Broken("the clock stands before this program was made".to_owned(), advice);
    }
    match newest.and_then(|newest| newest.duration_since(now).ok()) {
        Some(ahead) if ahead.as_secs() > CLOCK_SECS_MAX => Finding::Broken(
            format!("the clock is {} s behind the newest data", ahead.as_secs()),
            advice,
        ),
        _ => Finding::Fine("the clock is not behind the data".to_owned()),
    }
}

/// A second of the year in which this was written; a clock that shows less was never set.
const BUILT_SECS: u64 = 1_750_000_000;

/// Compares the clock with that of the running server, which is another one in a container or
/// behind a forwarded port.
fn server_clock(answer: &str, now: SystemTime) -> Option<Finding> {
    let head = answer.split("\r\n\r\n").next()?;
    let date = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("date").then_some(value)
    })?;
    let theirs = http_date_secs(date)?;
    let ours = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let apart = ours.abs_diff(theirs);
    Some(if apart <= CLOCK_SECS_MAX {
        Finding::Fine("the server's clock is ours".to_owned())
    } else {
        Finding::Poor(
            format!("the server's clock and ours are {apart} s apart"),
            "traces are looked up by time: keep both right with NTP".to_owned(),
        )
    })
}

/// Reads `Sat, 21 Nov 2026 07:59:28 GMT` as seconds since the epoch. Source: RFC 9110, 5.6.7.
fn http_date_secs(text: &str) -> Option<u64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut parts = text.split_once(", ")?.1.split(' ');
    let day: u64 = parts.next()?.parse().ok()?;
    let month = (MONTHS.find(parts.next()?)? / 3) as u64 + 1;
    let year: u64 = parts.next()?.parse().ok()?;
    let time = parts.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let secs = time.collect::<Option<Vec<u64>>>()?.iter().fold(0, |secs, part| secs * 60 + part);
    Some(moment::days(year, month, day)? * 86_400 + secs)
}

fn receive_buffer(asked_bytes: u64) -> Finding {
    let path = "/proc/sys/net/core/rmem_max";
    match fs::read_to_string(path).map(|text| text.trim().parse::<u64>()) {
        Ok(Ok(bytes)) if bytes >= asked_bytes => Finding::Fine(format!(
            "the kernel allows the receive buffer of {} KiB",
            asked_bytes / 1024
        )),
        Ok(Ok(bytes)) => Finding::Poor(
            format!(
                "the kernel allows a receive buffer of {} KiB; {} KiB are asked for",
                bytes / 1024,
                asked_bytes / 1024
            ),
            format!("bursts may lose datagrams: sysctl -w net.core.rmem_max={asked_bytes}"),
        ),
        _ => Finding::Poor(
            format!("{path} cannot be read"),
            "the receive buffer's limit is not known on this system".to_owned(),
        ),
    }
}

/// Counts what the kernel dropped at the sockets that are bound to the port now.
fn datagrams_lost(port: u16) -> Finding {
    let tables = ["/proc/net/udp", "/proc/net/udp6"].map(fs::read_to_string);
    let dropped: u64 = tables.iter().flatten().map(|table| drops(table, port)).sum();
    match dropped {
        0 => Finding::Fine(format!("the kernel dropped no datagram at port {port}")),
        _ => Finding::Poor(
            format!("the kernel dropped {dropped} datagrams at port {port}"),
            "raise net.core.rmem_max and start again, or send less at once".to_owned(),
        ),
    }
}

/// Adds up the last column of the kernel's table of UDP sockets.
fn drops(table: &str, port: u16) -> u64 {
    let port = format!(":{port:04X}");
    let is_ours =
        |line: &&str| line.split_whitespace().nth(1).is_some_and(|local| local.ends_with(&port));
    let lines = table.lines().filter(is_ours);
    lines.filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok()).sum()
}

fn open_files() -> Finding {
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, _)) if soft >= OPEN_FILES_MIN => {
            Finding::Fine(format!("{soft} files may be open"))
        }
        Ok((soft, _)) => Finding::Poor(
            format!("only {soft} files may be open"),
            format!("raise it: ulimit -n {OPEN_FILES_MIN}"),
        ),
        Err(error) => Finding::Poor(
            format!("the limit of open files is not known: {error}"),
            "see `ulimit -n`".to_owned(),
        ),
    }
}

#[expect(clippy::disallowed_methods, reason = "the doctor compares the machine's clocks")]
fn system_now() -> SystemTime {
    SystemTime::now()
}

#[expect(clippy::disallowed_methods, reason = "the doctor measures how long a sync takes")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_that_another_program_holds_is_broken() {
        let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = held.local_addr().expect("bound");
        let finding = tcp_door("http", "--http", address, false);
        let Finding::Broken(seen, advice) = finding else { panic!("{finding:?}") };
        assert_eq!(seen, format!("http {address} is held by another program"));
        assert!(advice.contains("--http"), "{advice}");
        assert!(matches!(tcp_door("http", "--http", address, true), Finding::Fine(_)));
    }

    #[test]
    fn an_address_of_another_machine_is_broken() {
        let finding = udp_door("192.0.2.1:2000".parse().expect("an address"), false);
        assert!(matches!(&finding, Finding::Broken(seen, _) if seen.contains("no address of")));
    }

    #[test]
    fn a_folder_is_tried_and_left_as_it_was() {
        let above = tempfile::tempdir().expect("a temporary folder");
        let folder = above.path().join("data/deeper");
        let finding = data_folder(&folder);
        assert!(!matches!(finding, Finding::Broken(..)), "{finding}");
        assert_eq!(fs::read_dir(above.path()).expect("a folder").count(), 0);
        let finding = data_folder(Path::new("/proc/fluoro"));
        assert!(matches!(&finding, Finding::Broken(seen, _) if seen.contains("cannot be written")));
    }

    #[test]
    fn little_space_is_poor_and_none_is_broken() {
        assert!(matches!(space(FREE_BYTES_LOW), Finding::Fine(_)));
        assert!(matches!(space(FREE_BYTES_LOW - 1), Finding::Poor(..)));
        assert!(matches!(space(FREE_BYTES_MIN - 1), Finding::Broken(..)));
    }

    #[test]
    fn a_clock_behind_the_data_is_broken() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("wal")).expect("a folder");
        fs::write(folder.path().join("wal/1"), "").expect("a file");
        let now = system_now();
        assert!(matches!(clock(folder.path(), now), Finding::Fine(_)));
        let behind = clock(folder.path(), now - Duration::from_secs(60));
        assert!(matches!(&behind, Finding::Broken(seen, _) if seen.contains("behind the newest")));
        let unset = clock(folder.path(), SystemTime::UNIX_EPOCH);
        assert!(matches!(&unset, Finding::Broken(seen, _) if seen.contains("before this program")));
    }

    #[test]
    fn the_servers_date_is_compared_with_ours() {
        for (text, secs) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("Sat, 21 Nov 2026 07:59:28 GMT", 1_795_247_968),
        ] {
            assert_eq!(http_date_secs(text), Some(secs), "{text}");
        }
        for text in [
            "",
            "now",
            "Sat, 21 Nov",
            "Sat, 21 Foo 2026 07:59:28 GMT",
            "Sat, 00 Nov 2026 07:59:28 GMT",
            "Sat, 01 Jan 0000 07:59:28 GMT",
        ] {
            assert_eq!(http_date_secs(text), None, "{text}");
        }
        let answer = "HTTP/1.1 200 OK\r\ndate: Sat, 21 Nov 2026 07:59:28 GMT\r\n\r\nbody";
        let at = |secs| SystemTime::UNIX_EPOCH + Duration::from_secs(secs);
        assert!(matches!(server_clock(answer, at(1_795_247_970)), Some(Finding::Fine(_))));
        assert!(matches!(server_clock(answer, at(1_795_248_968)), Some(Finding::Poor(..))));
        assert_eq!(server_clock("HTTP/1.1 200 OK\r\n\r\n", at(0)), None);
    }

    #[test]
    fn drops_are_those_of_the_port() {
        let table = "\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1201: 0100007F:07D0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7001 2 0000000000000000 12
 1202: 00000000:07D0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7002 2 0000000000000000 3
 1203: 0100007F:07D1 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7003 2 0000000000000000 9
";
        assert_eq!((drops(table, 2000), drops(table, 2001), drops(table, 7)), (15, 9, 0));
    }
}
