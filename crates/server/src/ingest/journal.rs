//! What came in and how, for whoever looks after the senders: which documents were refused and why,
//! which SDKs send, and what daemons count.
//!
//! Everything here has a bound. A good document costs a comparison with the sender of the one before
//! it, a batch one short lock, and a refused document a copy of its beginning.

mod mask;

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use parking_lot::Mutex;
use wire::api::segments::PutTelemetryRecordsRequest;
use wire::problem::Problem;
use wire::{Micros, Segment, TraceId};

use self::mask::masked;

/// Refused documents that are remembered.
pub(crate) const REJECTIONS_MAX: usize = 100;

/// Refused documents of one second that are remembered, so that a flood leaves something of what
/// came before it.
const REJECTIONS_PER_SECOND: usize = 20;

/// Senders that are remembered, and daemons; the one that was silent for longest makes room.
const SENDERS_MAX: usize = 200;

/// Senders of one batch that are told apart.
const BATCH_SENDERS_MAX: usize = 16;

/// The longest name or version of a sender, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// What came in since the server began.
#[derive(Debug)]
pub(crate) struct Journal {
    since: Micros,
    rejections: Mutex<VecDeque<Rejection>>,
    senders: Mutex<HashMap<Sender, Sent>>,
    daemons: Mutex<HashMap<Daemon, Reported>>,
}

/// A document that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) at: Micros,
    /// Where it came in.
    pub(crate) door: &'static str,
    pub(crate) problem: Problem,
    /// Its beginning, without what looks secret.
    pub(crate) document: String,
    /// The trace that it names, if that can be read.
    pub(crate) trace_id: Option<TraceId>,
}

/// Who sends: an SDK and its version, empty when a document does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sender {
    pub(crate) sdk: String,
    pub(crate) version: String,
}

/// What a sender sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) document_count: u64,
    pub(crate) last: Micros,
}

/// Who reports what it counted: a daemon, by where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Daemon {
    pub(crate) hostname: Option<String>,
    pub(crate) instance_id: Option<String>,
}

/// What a daemon counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) received: u64,
    pub(crate) sent: u64,
    pub(crate) spilled: u64,
    pub(crate) rejected: u64,
    pub(crate) last: Micros,
}

/// The senders of one batch.
#[derive(Debug, Default)]
pub(crate) struct Tally(Vec<(Sender, u64)>);

impl Tally {
    /// Counts a good document.
    pub(crate) fn count(&mut self, segment: &Segment<'_>) {
        let xray = segment.aws.as_ref().and_then(|aws| aws.xray.as_deref());
        let sdk = xray.and_then(|xray| xray.sdk.as_deref());
        let version = xray.and_then(|xray| xray.sdk_version.as_deref());
        let (sdk, version) = (name(sdk), name(version));
        let is_it = |(sender, _): &(Sender, u64)| sender.sdk == sdk && sender.version == version;
        match self.0.iter().position(is_it) {
            Some(at) => self.0[at].1 += 1,
            None if self.0.len() < BATCH_SENDERS_MAX => {
                let sender = Sender { sdk: sdk.to_owned(), version: version.to_owned() };
                self.0.push((sender, 1));
            }
            None => {}
        }
    }
}

impl Journal {
    /// Returns an empty journal that begins now.
    pub(crate) fn new(since: Micros) -> Self {
        let (rejections, senders, daemons) = Default::default();
        Self { since, rejections, senders, daemons }
    }

    /// Returns when the journal began.
    pub(crate) fn since(&self) -> Micros {
        self.since
    }

    /// Remembers a refused document.
    pub(crate) fn reject(
        &self,
        at: Micros,
        door: &'static str,
        problem: &Problem,
        document: &[u8],
    ) {
        let second = at.floor_second();
        {
            let newest = self.rejections.lock();
            let of_second = newest.iter().rev().take(REJECTIONS_PER_SECOND);
            let count = of_second.take_while(|one| one.at.floor_second() == second).count();
            if count == REJECTIONS_PER_SECOND {
                return;
            }
        }
        let (document, trace_id) = (masked(document), trace_id(document));
        let rejection = Rejection { at, door, problem: problem.clone(), document, trace_id };
        let mut newest = self.rejections.lock();
        if newest.len() >= REJECTIONS_MAX {
            newest.pop_front();
        }
        newest.push_back(rejection);
    }

    /// Remembers who sent a batch.
    pub(crate) fn note(&self, tally: Tally, now: Micros) {
        let mut senders = self.senders.lock();
        for (sender, count) in tally.0 {
            make_room(&mut senders, &sender, |sent| sent.last);
            let sent = senders.entry(sender).or_default();
            sent.document_count += count;
            sent.last = sent.last.max(now);
        }
    }

    /// Adds up what a daemon reports.
    pub(crate) fn report(&self, request: &PutTelemetryRecordsRequest, now: Micros) {
        let daemon =
            Daemon { hostname: request.hostname.clone(), instance_id: request.instance_id.clone() };
        let mut daemons = self.daemons.lock();
        make_room(&mut daemons, &daemon, |reported| reported.last);
        let reported = daemons.entry(daemon).or_default();
        reported.last = reported.last.max(now);
        for record in &request.records {
            for (sum, count) in [
                (&mut reported.received, record.segments_received),
                (&mut reported.sent, record.segments_sent),
                (&mut reported.spilled, record.segments_spilled),
                (&mut reported.rejected, record.segments_rejected),
            ] {
                *sum += u64::try_from(count).unwrap_or(0);
            }
        }
    }

    /// Returns the refused documents that are remembered, the newest first.
    pub(crate) fn rejections(&self) -> Vec<Rejection> {
        self.rejections.lock().iter().rev().cloned().collect()
    }

    /// Returns the senders, the one heard last first.
    pub(crate) fn senders(&self) -> Vec<(Sender, Sent)> {
        sorted(&self.senders, |sent| sent.last)
    }

    /// Returns the daemons, the one heard last first.
    pub(crate) fn daemons(&self) -> Vec<(Daemon, Reported)> {
        sorted(&self.daemons, |reported| reported.last)
    }
}

/// Forgets who was silent for longest, if a new one needs the room.
fn make_room<K: Clone + Eq + Hash + Ord, V>(
    known: &mut HashMap<K, V>,
    new: &K,
    last: impl Fn(&V) -> Micros,
) {
    if known.len() < SENDERS_MAX || known.contains_key(new) {
        return;
    }
    let oldest = known.iter().min_by_key(|(key, value)| (last(value), *key));
    if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
        known.remove(&oldest);
    }
}

fn sorted<K: Clone + Ord, V: Copy>(
    known: &Mutex<HashMap<K, V>>,
    last: impl Fn(&V) -> Micros,
) -> Vec<(K, V)> {
    let mut all: Vec<_> = known.lock().iter().map(|(key, value)| (key.clone(), *value)).collect();
    all.sort_by(|(a, x), (b, y)| (last(y), a).cmp(&(last(x), b)));
    all
}

/// Returns what is remembered of a name.
fn name(text: Option<&str>) -> &str {
    text.map_or("", |text| &text[..text.floor_char_boundary(NAME_BYTES_MAX)])
}

/// Finds the trace that a document names, whatever else is wrong with it.
fn trace_id(document: &[u8]) -> Option<TraceId> {
    const KEY: &[u8] = b"\"trace_id\"";
    let at = document.windows(KEY.len()).position(|part| part == KEY)? + KEY.len();
    let value = document[at..].trim_ascii_start().strip_prefix(b":")?;
    let text = value.trim_ascii_start().strip_prefix(b"\"")?;
    let end = text.iter().position(|&byte| byte == b'"')?;
    TraceId::parse(str::from_utf8(&text[..end]).ok()?)
}

#[cfg(test)]
mod tests;
