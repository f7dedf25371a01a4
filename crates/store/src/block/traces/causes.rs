//! Root causes and unusual numbers as compact bytes.
//!
//! Who is blamed repeats from trace to trace, the shares of the response time do not. So the shape
//! and the shares are columns of their own: the shapes become a dictionary, and a share is kept as
//! the microseconds it was computed from.
//!
//! Integers are LEB128, texts have their length in front, lists their count; an optional text has
//! its length plus one in front, zero for none.

use std::borrow::Cow;

use filter::Predicate;
use filter::ast::CauseKind;
use trace::cause::{CauseEntity, CauseException, CauseService};
use trace::{NodeId, RootCause, Summary};
use wire::Micros;
use wire::value::Number;

/// The root causes of one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Causes {
    /// Of faults, then of errors; empty when there are none.
    pub(super) failures: Vec<u8>,
    /// Of the response time; empty when there are none.
    pub(super) response_times: Vec<u8>,
    /// What share of the response time entities have, in the order of the above.
    pub(super) shares: Vec<u8>,
}

/// Bit of an entity's flags: a call to another service.
const REMOTE: u64 = 1;
/// Bit of an entity's flags: it has a share of the response time.
const HAS_SHARE: u64 = 2;
/// Stands before a share that is no whole number of microseconds.
const SHARE_VERBATIM: u64 = 0;

pub(super) fn encode(summary: &Summary<'_>) -> Causes {
    let mut encoded = Causes::default();
    let mut shares = Shares { bytes: Vec::new(), whole: summary.response_time, before: 0 };
    let (faults, errors) = (&summary.fault_root_causes, &summary.error_root_causes);
    if !faults.is_empty() || !errors.is_empty() {
        put_causes(&mut encoded.failures, &mut shares, faults);
        put_causes(&mut encoded.failures, &mut shares, errors);
    }
    let slow = &summary.response_time_root_causes;
    if !slow.is_empty() {
        put_causes(&mut encoded.response_times, &mut shares, slow);
    }
    encoded.shares = shares.bytes;
    encoded
}

fn put_causes(out: &mut Vec<u8>, shares: &mut Shares, causes: &[RootCause<'_>]) {
    put(out, causes.len() as u64);
    for cause in causes {
        shares.before = shares.whole.unwrap_or_default().0;
        put(out, u64::from(cause.is_client_impacting));
        put(out, cause.services.len() as u64);
        for service in &cause.services {
            put_text(out, &service.node.name);
            put_option(out, service.node.service_type.as_deref());
            put(out, u64::from(service.is_inferred));
            put(out, service.path.len() as u64);
            service.path.iter().for_each(|entity| put_entity(out, shares, entity));
        }
    }
}

fn put_entity(out: &mut Vec<u8>, shares: &mut Shares, entity: &CauseEntity<'_>) {
    put_text(out, entity.name);
    let remote = if entity.is_remote { REMOTE } else { 0 };
    put(out, remote | if entity.coverage.is_some() { HAS_SHARE } else { 0 });
    if let Some(share) = entity.coverage {
        shares.put(share);
    }
    put(out, entity.exceptions.len() as u64);
    for exception in &entity.exceptions {
        put_option(out, exception.name);
        put_option(out, exception.message);
    }
}

/// The shares of one trace's response time, as they are written.
struct Shares {
    bytes: Vec<u8>,
    whole: Option<Micros>,
    /// The microseconds of the share before, on the same path: mostly little more than the next.
    before: u64,
}

impl Shares {
    /// A share is a quotient of microseconds; if these can be found again, they suffice.
    fn put(&mut self, share: f64) {
        let part = self.whole.map(|whole| ((share * whole.0 as f64).round() as u64, whole));
        let same = part.filter(|(part, whole)| is_same(share, quotient(*part, *whole)));
        let less = same.and_then(|(part, _)| {
            let less = self.before.wrapping_sub(part).cast_signed();
            Some((part, (less << 1 ^ less >> 63).cast_unsigned().checked_add(1)?))
        });
        match less {
            Some((part, less)) => {
                put(&mut self.bytes, less);
                self.before = part;
            }
            None => {
                put(&mut self.bytes, SHARE_VERBATIM);
                self.bytes.extend(share.to_le_bytes());
            }
        }
    }
}

fn quotient(part: u64, whole: Micros) -> f64 {
    part as f64 / whole.0 as f64
}

fn is_same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

/// The causes of faults, of errors and of the response time.
pub(super) type Lists<'b> = [Vec<RootCause<'b>>; 3];

/// Returns all causes of a trace; `None` when the bytes are not of the format.
pub(super) fn decode(causes: &Causes, whole: Option<Micros>) -> Option<Lists<'_>> {
    decode_parts([&causes.failures, &causes.response_times, &causes.shares], whole)
}

/// Returns what the members of a [`Causes`], in their order, say.
pub(super) fn decode_parts<'b>(
    [failures, response_times, shares]: [&'b [u8]; 3],
    whole: Option<Micros>,
) -> Option<Lists<'b>> {
    let mut shares = ReadShares { source: Source(shares), whole, before: 0, is_skipped: false };
    let lists = lists(failures, response_times, &mut shares)?;
    shares.source.0.is_empty().then_some(lists)
}

/// Returns the causes without the shares that entities have; these are any number.
pub(super) fn shapes<'b>(failures: &'b [u8], response_times: &'b [u8]) -> Option<Lists<'b>> {
    let mut shares = ReadShares { source: Source(&[]), whole: None, before: 0, is_skipped: true };
    lists(failures, response_times, &mut shares)
}

/// Returns whether causes fit a predicate about them.
pub(super) fn fit([faults, errors, response_times]: &Lists<'_>, predicate: &Predicate) -> bool {
    filter::Causes { faults, errors, response_times }.fit(predicate)
}

fn lists<'b>(
    failures: &'b [u8],
    response_times: &'b [u8],
    shares: &mut ReadShares<'_>,
) -> Option<Lists<'b>> {
    let (mut failed, mut slow) = (Source(failures), Source(response_times));
    let mut lists = Lists::default();
    if !failures.is_empty() {
        lists[0] = failed.causes(shares)?;
        lists[1] = failed.causes(shares)?;
    }
    if !response_times.is_empty() {
        lists[2] = slow.causes(shares)?;
    }
    (failed.0.is_empty() && slow.0.is_empty()).then_some(lists)
}

/// Returns the causes of one kind from the bytes they are in, as [`shapes`] does.
pub(super) fn of_kind(kind: CauseKind, bytes: &[u8]) -> Option<Vec<RootCause<'_>>> {
    match kind {
        CauseKind::Fault => shapes(bytes, &[]).map(|[faults, ..]| faults),
        CauseKind::Error => shapes(bytes, &[]).map(|[_, errors, _]| errors),
        CauseKind::ResponseTime => shapes(&[], bytes).map(|[.., slow]| slow),
    }
}

/// Writes numbers that would be read back as another spelling of the same value, with their
/// position among the numbers of the trace.
pub(super) fn put_number(out: &mut Vec<u8>, position: usize, number: Number) {
    put(out, position as u64);
    match number {
        Number::Integer(integer) => {
            put(out, 0);
            out.extend(integer.to_le_bytes());
        }
        Number::Float(float) => {
            put(out, 1);
            out.extend(float.to_le_bytes());
        }
    }
}

/// Reads what [`put_number`] wrote, until the bytes end.
pub(super) fn numbers(bytes: &[u8]) -> Option<Vec<(usize, Number)>> {
    let mut source = Source(bytes);
    let mut numbers = Vec::new();
    while !source.0.is_empty() {
        let position = usize::try_from(source.number()?).ok()?;
        let kind = source.number()?;
        let bits = u64::from_le_bytes(source.eight()?);
        numbers.push((
            position,
            match kind {
                0 => Number::Integer(bits.cast_signed()),
                1 => Number::Float(f64::from_bits(bits)),
                _ => return None,
            },
        ));
    }
    Some(numbers)
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend(text.as_bytes());
}

fn put_option(out: &mut Vec<u8>, text: Option<&str>) {
    put(out, text.map_or(0, |text| text.len() as u64 + 1));
    out.extend(text.unwrap_or_default().as_bytes());
}

/// The bytes that are still to be read.
struct Source<'b>(&'b [u8]);

impl<'b> Source<'b> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Reads how many parts follow; each is at least one byte.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())
    }

    fn eight(&mut self) -> Option<[u8; 8]> {
        let (eight, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*eight)
    }

    fn take(&mut self, len: u64) -> Option<&'b str> {
        let (text, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        str::from_utf8(text).ok()
    }

    fn text(&mut self) -> Option<&'b str> {
        let len = self.number()?;
        self.take(len)
    }

    fn option(&mut self) -> Option<Option<&'b str>> {
        match self.number()? {
            0 => Some(None),
            len => self.take(len - 1).map(Some),
        }
    }

    fn causes(&mut self, shares: &mut ReadShares<'_>) -> Option<Vec<RootCause<'b>>> {
        let count = self.count()?;
        let cause = |_| {
            shares.before = shares.whole.unwrap_or_default().0;
            let is_client_impacting = self.number()? != 0;
            let services = (0..self.count()?).map(|_| self.service(shares));
            Some(RootCause { services: services.collect::<Option<_>>()?, is_client_impacting })
        };
        (0..count).map(cause).collect()
    }

    fn service(&mut self, shares: &mut ReadShares<'_>) -> Option<CauseService<'b>> {
        let name = Cow::Borrowed(self.text()?);
        let service_type = self.option()?.map(Cow::Borrowed);
        let is_inferred = self.number()? != 0;
        let path = (0..self.count()?).map(|_| self.entity(shares));
        Some(CauseService {
            path: path.collect::<Option<_>>()?,
            node: NodeId { name, service_type },
            is_inferred,
        })
    }

    fn entity(&mut self, shares: &mut ReadShares<'_>) -> Option<CauseEntity<'b>> {
        let name = self.text()?;
        let flags = self.number()?;
        let coverage = match flags & HAS_SHARE {
            0 => None,
            _ => Some(shares.next()?),
        };
        let count = self.count()?;
        let exception = |_| Some(CauseException { name: self.option()?, message: self.option()? });
        let exceptions = (0..count).map(exception).collect::<Option<_>>()?;
        Some(CauseEntity { name, is_remote: flags & REMOTE != 0, coverage, exceptions })
    }
}

/// The shares that are still to be read.
struct ReadShares<'b> {
    source: Source<'b>,
    whole: Option<Micros>,
    /// As in [`Shares`].
    before: u64,
    /// Whether nothing is read.
    is_skipped: bool,
}

impl ReadShares<'_> {
    fn next(&mut self) -> Option<f64> {
        if self.is_skipped {
            return Some(0.0);
        }
        let less = match self.source.number()? {
            SHARE_VERBATIM => return Some(f64::from_le_bytes(self.source.eight()?)),
            less => less - 1,
        };
        let less = (less >> 1) ^ (less & 1).wrapping_neg();
        self.before = self.before.wrapping_sub(less);
        Some(quotient(self.before, self.whole?))
    }
}
