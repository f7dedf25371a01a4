//! Real sockets: what is sent is what the queue holds, and everything else is counted.

use tokio::runtime::Builder;
use wire::ManualClock;

use super::*;
use crate::Batching;

const HEADER: &[u8] = b"{\"format\":\"json\",\"version\":1}\n";

fn bind(address: &str, buffer_bytes: usize) -> Receiver {
    let address = address.parse().expect("an address");
    Receiver::bind(address, buffer_bytes, Arc::default()).expect("a free port")
}

fn sender(to: &Receiver) -> UdpSocket {
    let local = if to.address().is_ipv6() { "[::1]:0" } else { "127.0.0.1:0" };
    let socket = UdpSocket::bind(local).expect("a free port");
    socket.connect(to.address()).expect("loopback");
    socket
}

fn send(socket: &UdpSocket, datagrams: &[Vec<u8>]) {
    for datagram in datagrams {
        assert_eq!(socket.send(datagram).expect("loopback takes datagrams"), datagram.len());
    }
}

fn good(number: usize) -> Vec<u8> {
    wire::datagram::encode(&format!("{{\"number\":{number}}}"))
}

/// One datagram of each kind.
fn each_kind() -> Vec<Vec<u8>> {
    vec![
        good(1),
        b"no newline".to_vec(),
        b"".to_vec(),
        b"{}\n{}".to_vec(),
        HEADER.to_vec(),
        [HEADER, b"T1SCgA="].concat(),
        [HEADER, b"\xff"].concat(),
        b"{\"format\": \"json\", \"version\": 1}\n{\"number\":\n2}".to_vec(),
        [HEADER, &[b' '; 65_000]].concat(),
    ]
}

/// Lets the receiver take what the kernel holds, and returns the documents and the numbers.
fn taken(receiver: Receiver) -> (Vec<String>, Arc<Telemetry>) {
    let telemetry = receiver.telemetry.clone();
    let queue = Queue::new(64 << 20, telemetry.clone());
    receiver.run(&queue, &ManualClock::default(), &AtomicBool::new(true));
    queue.close();
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let batching =
        Batching { documents_max: usize::MAX, linger: Duration::ZERO, ..Batching::LOCAL };
    let mut texts = Vec::new();
    while let Some(batch) = runtime.block_on(queue.next(&batching)) {
        texts.extend(batch.iter().map(|text| String::from_utf8_lossy(text).into_owned()));
    }
    (texts, telemetry)
}

#[test]
fn documents_come_in_order_and_bad_datagrams_are_counted_by_reason() {
    let receiver = bind("127.0.0.1:0", 1 << 20);
    let datagrams = each_kind();
    send(&sender(&receiver), &datagrams);
    let (texts, telemetry) = taken(receiver);
    assert_eq!(texts[..2], ["{\"number\":1}", "{\"number\":\n2}"]);
    assert_eq!(texts[2].len(), 65_000);
    assert_eq!(telemetry.datagrams.value(), 9);
    assert_eq!(telemetry.datagram_bytes.value(), datagrams.concat().len() as u64);
    let rejected = Problem::ALL.map(|problem| telemetry.rejected(problem).value());
    assert_eq!(rejected, [2, 1, 1, 0, 1, 1]);
}

#[test]
fn the_header_of_each_sdk_is_taken_and_junk_behind_it_is_passed_on() {
    let receiver = bind("127.0.0.1:0", 1 << 20);
    let socket = sender(&receiver);
    let mut expected = Vec::new();
    for header in [
        // Python, Node, .NET, Ruby; then Java, Go, Rust; then what a patient reader takes too.
        r#"{"format":"json","version":1}"#,
        r#"{"format": "json", "version": 1}"#,
        r#"{"version":1,"format":"json"}"#,
        r#"{ "Format" : "JSON", "VERSION" : 1, "x" : null }"#,
    ] {
        // The front looks into no document: who keeps it says what is wrong with it.
        for junk in ["{", "null", "a\nb\n", "\0", "{\"format\":\"json\",\"version\":1}\n{}"] {
            send(&socket, &[format!("{header}\n{junk}").into_bytes()]);
            expected.push(junk);
        }
    }
    let (texts, telemetry) = taken(receiver);
    assert_eq!(texts, expected);
    let rejected = Problem::ALL.map(|problem| telemetry.rejected(problem).value());
    assert_eq!(rejected, [0; Problem::ALL.len()]);
}

#[test]
fn otlp_is_passed_on_where_that_is_asked_for() {
    let texts = ["T1SCgA=", "T1UCgA=", "M1CgA=", "{}"];
    let datagrams = texts.map(wire::datagram::encode);
    for (otlp, expected, refused_count) in
        [(Otlp::Passed, &texts[..], 0), (Otlp::Refused, &texts[3..], 3)]
    {
        let receiver = bind("127.0.0.1:0", 1 << 20).with_otlp(otlp);
        send(&sender(&receiver), &datagrams);
        let (texts, telemetry) = taken(receiver);
        assert_eq!(texts, expected);
        assert_eq!(telemetry.rejected(Problem::Unsupported).value(), refused_count);
    }
}

#[test]
fn more_than_one_burst_is_taken() {
    let receiver = bind("127.0.0.1:0", 4 << 20);
    let datagrams: Vec<_> = (0..200).map(good).collect();
    send(&sender(&receiver), &datagrams);
    let (texts, _) = taken(receiver);
    let expected: Vec<_> = (0..200).map(|number| format!("{{\"number\":{number}}}")).collect();
    assert_eq!(texts, expected);
}

#[test]
fn receiving_many_at_once_is_receiving_one_by_one() {
    let (many, one) = (bind("127.0.0.1:0", 1 << 20), bind("127.0.0.1:0", 1 << 20));
    let datagrams = each_kind();
    send(&sender(&many), &datagrams);
    send(&sender(&one), &datagrams);
    let mut buffers = Buffers::new(Otlp::Refused);
    let at_once = buffers.receive(&many.socket, Wait::ForOne).expect("datagrams are there");
    let mut one_by_one = Burst::default();
    for _ in &datagrams {
        let burst = buffers.receive_one(&one.socket, Wait::ForOne).expect("a datagram is there");
        one_by_one.datagram_count += burst.datagram_count;
        one_by_one.bytes += burst.bytes;
        one_by_one.problems.extend(burst.problems);
        one_by_one.documents.extend(burst.documents);
    }
    assert_eq!(at_once, one_by_one);
    assert_eq!(buffers.receive(&many.socket, Wait::Not), Err(Errno::EAGAIN));
    assert_eq!(buffers.receive_one(&one.socket, Wait::Not), Err(Errno::EAGAIN));
}

#[test]
#[cfg(target_os = "linux")]
fn what_the_kernel_drops_is_counted() {
    let receiver = bind("127.0.0.1:0", 1);
    let socket = sender(&receiver);
    let large = wire::datagram::encode(&" ".repeat(10_000));
    send(&socket, &vec![large; 100]);
    // The count comes along with the next datagram that finds room.
    let mut buffers = Buffers::new(Otlp::Refused);
    let before = buffers.receive(&receiver.socket, Wait::ForOne).expect("datagrams are there");
    send(&socket, &[good(1)]);
    let (texts, telemetry) = taken(receiver);
    assert_eq!(texts, ["{\"number\":1}"]);
    let drops = telemetry.kernel_drops.value();
    assert!(drops > 0);
    assert_eq!(before.datagram_count as u64 + drops, 100);
}

#[test]
fn ipv6_is_received_too() {
    let receiver = bind("[::1]:0", 1 << 20);
    send(&sender(&receiver), &[good(6)]);
    assert_eq!(taken(receiver).0, ["{\"number\":6}"]);
}

#[test]
fn a_taken_port_is_named() {
    let receiver = bind("127.0.0.1:0", 1 << 20);
    let address = receiver.address();
    let Err(error) = Receiver::bind(address, 1 << 20, Arc::default()) else {
        panic!("two receivers on one port");
    };
    assert_eq!(error.to_string(), format!("listen on UDP {address}"));
}

#[test]
fn the_receiver_stops_when_told() {
    let receiver = bind("127.0.0.1:0", 1 << 20);
    let socket = sender(&receiver);
    let queue = Queue::new(1 << 20, receiver.telemetry.clone());
    let stop = AtomicBool::new(false);
    let telemetry = receiver.telemetry.clone();
    std::thread::scope(|scope| {
        let receiving = scope.spawn(|| receiver.run(&queue, &ManualClock::default(), &stop));
        send(&socket, &[good(1)]);
        while telemetry.queued_documents.value() == 0 {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        receiving.join().expect("no panic");
    });
    assert_eq!(telemetry.datagrams.value(), 1);
}
