//! A past for a server that has none: the same services, with a clock that is moved instead of
//! waited for, and calls that are calls of functions. What they record is collected from a socket
//! and put into the server with `PutTraceSegments`.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use fluoro_sdk::{DaemonAddress, Micros, ToJson};
use http_body_util::Full;

use crate::error::Error;
use crate::fault::Fault;
use crate::live::{shop_visit, visit, wait};
use crate::logs::Logbook;
use crate::net::Client;
use crate::role::Role;
use crate::service;
use crate::telemetry::Telemetry;
use crate::world::{Messages, Past, PastClock, Way, World};

/// Visits per second in the past; fewer than in the present, since all of them are told at once.
const VISITS_PER_SECOND: f64 = 0.2;

/// Visits after which the pair is asked for a greeting.
const GREETING_EVERY: u64 = 5;

/// Documents of one request to the server. Source: quota of `PutTraceSegments`.
const DOCUMENTS_MAX: usize = 50;

/// How long a datagram over loopback may take.
const ARRIVAL_MAX: Duration = Duration::from_secs(2);

/// How long after an order the worker takes it from the queue, in microseconds.
const QUEUED_MICROS: u64 = 120_000;

/// What the server was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Visits of the shop, and greetings.
    pub visit_count: u64,
    /// Documents that the server took.
    pub document_count: u64,
}

/// Tells `server`, a URL, what happened in `span`.
///
/// # Errors
/// `Error::Put` when the server does not take it, `Error::Collect` and `Error::Recorder` when the
/// system does not let it be told.
pub(crate) async fn tell(
    server: &str,
    seed: u64,
    span: Range<Micros>,
    roles: &[Role],
) -> Result<Told, Error> {
    let mut past = Telling::new(seed, &span, roles)?;
    let client = Client::new();
    let mut told = Told::default();
    let mut documents = Vec::new();
    let mut now = span.start;
    let has = |role| roles.contains(&role);
    for number in 0.. {
        let gap = wait(seed, number, VISITS_PER_SECOND).as_micros();
        now = Micros(now.0.saturating_add(u64::try_from(gap).unwrap_or(u64::MAX)));
        if now >= span.end {
            break;
        }
        if has(Role::Web) {
            past.happen(now, Role::Web, shop_visit(seed, number));
            told.visit_count += 1;
        }
        if has(Role::FrontEnd) && number % GREETING_EVERY == 0 {
            past.happen(now, Role::FrontEnd, visit("GET", "/", number));
            told.visit_count += 1;
        }
        past.collect(&mut documents)?;
        while documents.len() >= DOCUMENTS_MAX {
            let rest = documents.split_off(DOCUMENTS_MAX);
            told.document_count += put(&client, server, &documents).await?;
            documents = rest;
        }
    }
    if !documents.is_empty() {
        told.document_count += put(&client, server, &documents).await?;
    }
    Ok(told)
}

/// The past as it is being told.
struct Telling {
    world: World,
    clock: Arc<PastClock>,
    socket: UdpSocket,
    /// Documents that came.
    received_count: u64,
    buffer: Vec<u8>,
}

impl Telling {
    fn new(seed: u64, span: &Range<Micros>, roles: &[Role]) -> Result<Self, Error> {
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(Error::Collect)?;
        socket.set_read_timeout(Some(ARRIVAL_MAX)).map_err(Error::Collect)?;
        let address = socket.local_addr().map_err(Error::Collect)?.to_string();
        let clock = Arc::new(PastClock::default());
        let daemon = DaemonAddress { udp: address.clone(), tcp: address };
        let scribes = Telemetry::past(daemon, clock.clone())?.scribes(roles)?;
        let past = Past { clock: clock.clone(), incidents: incidents(span) };
        let (messages, logs) = (Messages::default(), Logbook::default());
        let is_model_loaded = AtomicBool::new(false);
        let world = World { seed, scribes, messages, logs, is_model_loaded, way: Way::Past(past) };
        Ok(Self { world, clock, socket, received_count: 0, buffer: vec![0; 1 << 16] })
    }

    /// Lets a visit happen, and what comes of it.
    fn happen(&self, at: Micros, role: Role, request: crate::exchange::Request) {
        self.clock.set(at);
        finish(service::answer(&self.world, role, request));
        while let Some(message) = self.world.messages.next() {
            let now = fluoro_sdk::Clock::now(&*self.clock);
            self.clock.set(Micros(now.0 + QUEUED_MICROS));
            finish(service::consume(&self.world, message));
        }
    }

    /// Takes the documents of what happened.
    fn collect(&mut self, documents: &mut Vec<String>) -> Result<(), Error> {
        let sent: u64 = self.world.scribes.values().map(|scribe| scribe.flush().0).sum();
        while self.received_count < sent {
            let size = self.socket.recv(&mut self.buffer).map_err(Error::Collect)?;
            self.received_count += 1;
            let document = wire::datagram::parse(&self.buffer[..size]);
            documents.extend(document.ok().map(str::to_owned));
        }
        Ok(())
    }
}

/// Returns what was broken in a past: the bank for a while, later a bad version of a service.
fn incidents(span: &Range<Micros>) -> Vec<(Fault, Range<Micros>)> {
    let whole = span.end.0 - span.start.0;
    let part = |percent: u64| Micros(span.start.0 + whole / 100 * percent);
    vec![
        (Fault::BankTimeout, part(35)..part(40)),
        (Fault::BadDeploy, part(65)..part(72)),
        (Fault::Backend, part(85)..part(87)),
    ]
}

/// Runs a future that waits for nothing but the past's clock, which never makes it wait.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing in the past is waited for"),
    }
}

/// Puts documents into the server and returns how many it took.
async fn put(client: &Client, server: &str, documents: &[String]) -> Result<u64, Error> {
    let failed = |problem: String| Error::Put { server: server.to_owned(), problem };
    let body = BTreeMap::from([("TraceSegmentDocuments", documents)]).to_json();
    let body = body.ok_or_else(|| failed("a document is no text".to_owned()))?;
    let request = hyper::Request::post(format!("{server}/TraceSegments"))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.text().to_owned())))
        .map_err(|error| failed(error.to_string()))?;
    let answer = client.send(request).await.map_err(|error| failed(error.to_string()))?;
    if !answer.is_ok() {
        return Err(failed(format!("it answered {}: {}", answer.status, answer.body)));
    }
    let refused = answer.body.matches("\"ErrorCode\"").count();
    Ok((documents.len() - refused.min(documents.len())) as u64)
}

#[cfg(test)]
mod tests {
    use wire::Segment;

    use super::*;

    const DAY: Range<Micros> = Micros(1_790_000_000_000_000)..Micros(1_790_086_400_000_000);

    /// Lets visits happen at one time and returns their documents.
    fn documents(at: Micros, numbers: Range<u64>, role: Role) -> Vec<String> {
        let (method, path) = if role == Role::Web { ("POST", "/checkout") } else { ("GET", "/") };
        let visits = numbers.map(|number| visit(method, path, number));
        documents_of(past(), at, role, visits)
    }

    fn past() -> Telling {
        Telling::new(7, &DAY, &[Role::PAIR, Role::SHOP].concat()).expect("a past")
    }

    /// A past in which something is broken all the time.
    fn broken_past(fault: Fault) -> Telling {
        let mut told = past();
        if let Way::Past(past) = &mut told.world.way {
            past.incidents = vec![(fault, DAY)];
        }
        told
    }

    fn documents_of(
        mut past: Telling,
        at: Micros,
        role: Role,
        visits: impl Iterator<Item = crate::exchange::Request>,
    ) -> Vec<String> {
        let mut documents = Vec::new();
        for visit in visits {
            past.happen(at, role, visit);
            past.collect(&mut documents).expect("loopback");
        }
        documents
    }

    /// Returns the documents of visits to product pages.
    fn pages(past: Telling, count: u64) -> Vec<String> {
        let visits = (0..count).map(|number| visit("GET", "/products", number));
        documents_of(past, DAY.start, Role::Web, visits)
    }

    fn read(documents: &[String]) -> Vec<Segment<'_>> {
        // What is still open comes again when it is finished.
        let segments = documents.iter().map(|text| Segment::parse(text).expect(text));
        segments.filter(|segment| segment.in_progress != Some(true)).collect()
    }

    /// Writes who took part, how long it took, and how it ended.
    fn drawn(segments: &[Segment<'_>]) -> String {
        let mut lines: Vec<_> = segments
            .iter()
            .map(|segment| {
                let end = segment.end_time.expect("it is finished");
                let millis = (end.0 - segment.start_time.0) * 1000.0;
                let fault = if segment.fault == Some(true) { " fault" } else { "" };
                let links = segment.links.len();
                format!("{} {millis:.0} ms, {links} links{fault}", segment.name)
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }

    #[test]
    fn an_order_goes_through_the_shop_and_the_same_seed_tells_it_again() {
        let told = documents(DAY.start, 0..1, Role::Web);
        let again = documents(DAY.start, 0..1, Role::Web);
        let (told, again) = (drawn(&read(&told)), drawn(&read(&again)));
        assert_eq!(told, again);
        insta::assert_snapshot!(told, @r"
        api 255 ms, 0 links
        inventory 17 ms, 0 links
        mailer 17 ms, 0 links
        orders 236 ms, 0 links
        payments 213 ms, 0 links
        web 262 ms, 0 links
        worker 223 ms, 1 links
        ");
    }

    #[test]
    fn an_incident_of_the_past_is_in_its_documents() {
        let incidents = incidents(&DAY);
        let during = |fault| {
            let found = incidents.iter().find(|(other, _)| *other == fault);
            found.map(|(_, span)| span.start).expect("it is told")
        };
        let calm = documents(DAY.start, 0..20, Role::FrontEnd);
        assert!(read(&calm).iter().all(|segment| segment.fault.is_none()));
        let down = documents(during(Fault::Backend), 0..1, Role::FrontEnd);
        insta::assert_snapshot!(drawn(&read(&down)), @"front-end 3 ms, 0 links fault");
        let slow = documents(during(Fault::BankTimeout), 0..1, Role::Web);
        let segments = read(&slow);
        let payments = segments.iter().find(|segment| segment.name == "payments");
        let payments = payments.expect("the order came so far");
        let end = payments.end_time.expect("it is finished");
        assert!(end.0 - payments.start_time.0 > 3.0, "two attempts of 1.5 seconds");
        assert_eq!((payments.fault, payments.subsegments.len()), (Some(true), 2));
    }

    #[test]
    fn packets_get_lost_and_what_was_below_them_has_no_parent() {
        let (all, some) = (pages(past(), 50), pages(broken_past(Fault::PacketLoss), 50));
        let lost = all.len() - some.len();
        assert!((10..30).contains(&lost), "{lost} of {}", all.len());
        let segments = read(&some);
        let mut calls = segments.iter().flat_map(|it| it.subsegments.iter().map(|sub| sub.id));
        let parents = segments.iter().filter_map(|it| it.parent_id).collect::<Vec<_>>();
        let known = calls.by_ref().collect::<std::collections::BTreeSet<_>>();
        let orphans = parents.iter().filter(|id| !known.contains(id)).count();
        assert!(orphans > 0, "{} parents", parents.len());
    }

    #[test]
    fn a_clock_that_is_ahead_is_that_of_one_service() {
        let told = pages(broken_past(Fault::ClockSkew), 1);
        let segments = read(&told);
        let start = segments.iter().map(|it| it.start_time.0).fold(f64::MAX, f64::min);
        let mut late: Vec<_> = segments.iter().filter(|it| it.start_time.0 > start + 2.0).collect();
        let late = late.pop().filter(|_| late.is_empty()).expect("one");
        assert_eq!(late.name, "recommendations");
        let end = late.end_time.expect("it is finished");
        assert!(end.0 > late.start_time.0 && end.0 < late.start_time.0 + 2.5, "{end:?}");
    }

    #[test]
    fn only_the_first_recommendation_waits_for_the_model() {
        let told = pages(past(), 5);
        let segments = read(&told);
        let parts = segments.iter().flat_map(|it| &it.subsegments).map(|part| &part.name);
        assert_eq!(parts.filter(|name| *name == "load the model").count(), 1);
    }

    #[test]
    fn a_catalogue_comes_in_pieces_and_a_message_is_seen_while_it_is_handled() {
        let visits = [visit("GET", "/catalogue", 0)].into_iter();
        let told = documents_of(past(), DAY.start, Role::Web, visits);
        let bytes: usize = told.iter().map(String::len).sum();
        assert!(told.len() > 1 && bytes > 1 << 16, "{} pieces, {bytes} bytes", told.len());
        let segments = read(&told);
        let whole = segments.iter().find(|it| it.parent_id.is_none()).expect("a segment");
        let below = segments.iter().filter(|it| it.parent_id == Some(whole.id)).count();
        assert_eq!(whole.subsegments.len() + below, 9, "eight shelves, and the page");

        let told = documents(DAY.start, 0..1, Role::Web);
        let open = told.iter().filter(|text| text.contains(r#""in_progress":true"#));
        assert_eq!(open.filter(|text| text.contains(r#""name":"worker""#)).count(), 1);
    }
}
