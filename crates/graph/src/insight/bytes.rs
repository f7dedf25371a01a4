//! What is known of a group becomes bytes, and comes back.
//!
//! The bytes are described in `docs/format/insights.md`. They have no checksum; what keeps them has
//! one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use trace::NodeId;

use super::band::{Baseline, Counts};
use super::engine::{Engine, places};
use super::incident::{
    Affected, CloseReason, Closed, Event, EventKind, Impact, Insight, InsightId,
};
use super::watch::{Run, Watch};
use crate::rollup::varint::{Reader, push};

/// The version that is written, and the only one that is read.
const VERSION: u8 = 1;

/// Why bytes are not what is known of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// They are of a version that is not known.
    #[error("read what is known of insights: its version is not known")]
    Version,
    /// They end too early, go on too long, or say what cannot be.
    #[error("read what is known of insights: it is damaged")]
    Damaged,
}

impl From<crate::rollup::Error> for Error {
    fn from(_: crate::rollup::Error) -> Self {
        Self::Damaged
    }
}

const REASONS: [CloseReason; 4] =
    [CloseReason::Recovered, CloseReason::Accepted, CloseReason::Joined, CloseReason::Unwatched];

const KINDS: [EventKind; 4] =
    [EventKind::Opened, EventKind::RootChanged, EventKind::Grew, EventKind::Closed];

/// Returns the bytes of what is known.
pub fn encode(engine: &Engine) -> Vec<u8> {
    let mut ids: BTreeSet<&NodeId<'static>> =
        engine.watches.iter().map(|watch| &watch.id).collect();
    for insight in &engine.insights {
        ids.insert(&insight.root);
        ids.extend(insight.services.iter().map(|service| &service.id));
        for event in &insight.events {
            ids.insert(&event.root);
            ids.extend(&event.top);
        }
    }
    let mut encoder = Encoder { bytes: vec![VERSION], ids: ids.into_iter().collect() };
    encoder.engine(engine);
    encoder.bytes
}

struct Encoder<'e> {
    bytes: Vec<u8>,
    /// In order.
    ids: Vec<&'e NodeId<'static>>,
}

impl Encoder<'_> {
    fn engine(&mut self, engine: &Engine) {
        self.number(self.ids.len() as u64);
        for id in std::mem::take(&mut self.ids.clone()) {
            self.text(&id.name);
            self.optional(id.service_type.is_some());
            id.service_type.iter().for_each(|of| self.text(of));
        }
        self.moment(engine.minute);
        self.list(&engine.watches, Self::watch);
        self.number(engine.calls.len() as u64);
        for (&(from, to), &minute) in &engine.calls {
            [from as u64, to as u64, minute].into_iter().for_each(|number| self.number(number));
        }
        self.number(engine.clients.len() as u64);
        for (minute, impact) in &engine.clients {
            self.number(*minute);
            self.impact(impact);
        }
        self.list(&engine.insights, Self::insight);
    }

    fn number(&mut self, number: u64) {
        push(&mut self.bytes, number);
    }

    fn float(&mut self, number: f64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn optional(&mut self, is_there: bool) {
        self.bytes.push(u8::from(is_there));
    }

    fn moment(&mut self, minute: Option<u64>) {
        self.optional(minute.is_some());
        minute.into_iter().for_each(|minute| self.number(minute));
    }

    fn id(&mut self, id: &NodeId<'static>) {
        let place = self.ids.binary_search(&id).expect("all ids were gathered");
        self.number(place as u64);
    }

    fn list<T>(&mut self, items: &[T], item: impl Fn(&mut Self, &T)) {
        self.number(items.len() as u64);
        items.iter().for_each(|one| item(self, one));
    }

    fn impact(&mut self, impact: &Impact) {
        [impact.ok, impact.faults, impact.total].into_iter().for_each(|count| self.number(count));
    }

    fn watch(&mut self, watch: &Watch) {
        self.id(&watch.id);
        self.float(watch.baseline.faults);
        self.float(watch.baseline.total);
        self.impact(&watch.pending);
        self.number(watch.pending_since);
        self.number(watch.seen);
        for counts in &watch.recent {
            self.number(counts.faults);
            self.number(counts.total);
        }
        self.bytes.push(watch.judgements);
        self.optional(watch.is_hot);
        self.optional(watch.run.is_some());
        if let Some(run) = &watch.run {
            self.number(run.first_minute);
            self.number(run.last_minute);
            self.impact(&run.impact);
            self.float(run.excess);
        }
        self.moment(watch.accepted);
    }

    fn insight(&mut self, insight: &Insight) {
        self.bytes.extend_from_slice(&insight.id.0);
        self.id(&insight.root);
        self.number(insight.first_minute);
        self.number(insight.last_minute);
        self.number(insight.root_minute);
        self.optional(insight.closed.is_some());
        if let Some(closed) = &insight.closed {
            self.number(closed.minute);
            self.word(&REASONS, closed.reason);
        }
        self.impact(&insight.client_impact);
        self.impact(&insight.root_impact);
        insight.unsettled.iter().for_each(|impact| self.impact(impact));
        self.list(&insight.services, |this, service| {
            this.id(&service.id);
            this.float(service.excess);
        });
        self.list(&insight.events, Self::event);
    }

    fn event(&mut self, event: &Event) {
        self.number(event.minute);
        self.word(&KINDS, event.kind);
        self.id(&event.root);
        self.impact(&event.client_impact);
        self.impact(&event.root_impact);
        self.list(&event.top, Self::id);
    }

    fn word<T: PartialEq>(&mut self, words: &[T], word: T) {
        let place = words.iter().position(|one| *one == word).expect("all words are listed");
        self.bytes.push(place as u8);
    }
}

/// Returns what is known, of which these are the bytes.
///
/// # Errors
/// When they are not what [`encode()`] returns for anything.
pub fn decode(bytes: &[u8]) -> Result<Engine, Error> {
    let Some((&VERSION, rest)) = bytes.split_first() else { return Err(Error::Version) };
    let mut decoder = Decoder { reader: Reader { rest }, ids: Vec::new() };
    let engine = decoder.engine()?;
    if decoder.reader.rest.is_empty() { Ok(engine) } else { Err(Error::Damaged) }
}

struct Decoder<'a> {
    reader: Reader<'a>,
    ids: Vec<NodeId<'static>>,
}

impl Decoder<'_> {
    fn engine(&mut self) -> Result<Engine, Error> {
        self.ids = self.list(Self::name)?;
        let minute = self.moment()?;
        let watches = self.list(Self::watch)?;
        let place = |number: u64| {
            let place = usize::try_from(number).ok().filter(|place| *place < watches.len());
            place.ok_or(Error::Damaged)
        };
        let calls = self.list(|this| {
            let call = (place(this.number()?)?, place(this.number()?)?);
            Ok((call, this.number()?))
        })?;
        let clients = self.list(|this| Ok((this.number()?, this.impact()?)))?;
        let insights = self.list(Self::insight)?;
        let places = places(&watches);
        if places.len() < watches.len() {
            return Err(Error::Damaged);
        }
        Ok(Engine {
            minute,
            watches,
            places,
            calls: calls.into_iter().collect(),
            clients: clients.into(),
            insights,
        })
    }

    fn number(&mut self) -> Result<u64, Error> {
        Ok(self.reader.number()?)
    }

    /// Reads a number that is no count of anything negative.
    fn float(&mut self) -> Result<f64, Error> {
        let bytes = self.reader.bytes(8)?.try_into().map_err(|_| Error::Damaged)?;
        let number = f64::from_le_bytes(bytes);
        if number.is_finite() && number >= 0.0 { Ok(number) } else { Err(Error::Damaged) }
    }

    fn optional(&mut self) -> Result<bool, Error> {
        match self.reader.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::Damaged),
        }
    }

    fn moment(&mut self) -> Result<Option<u64>, Error> {
        if self.optional()? { Ok(Some(self.number()?)) } else { Ok(None) }
    }

    fn text(&mut self) -> Result<Cow<'static, str>, Error> {
        let length = self.reader.count(1)?;
        let text = str::from_utf8(self.reader.bytes(length)?).map_err(|_| Error::Damaged)?;
        Ok(Cow::Owned(text.to_owned()))
    }

    fn name(&mut self) -> Result<NodeId<'static>, Error> {
        let name = self.text()?;
        let service_type = if self.optional()? { Some(self.text()?) } else { None };
        Ok(NodeId { name, service_type })
    }

    fn id(&mut self) -> Result<NodeId<'static>, Error> {
        let place = usize::try_from(self.number()?).map_err(|_| Error::Damaged)?;
        self.ids.get(place).cloned().ok_or(Error::Damaged)
    }

    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let count = self.reader.count(1)?;
        (0..count).map(|_| item(self)).collect()
    }

    fn word<T: Copy>(&mut self, words: &[T]) -> Result<T, Error> {
        let place = usize::from(self.reader.byte()?);
        words.get(place).copied().ok_or(Error::Damaged)
    }

    fn impact(&mut self) -> Result<Impact, Error> {
        Ok(Impact { ok: self.number()?, faults: self.number()?, total: self.number()? })
    }

    fn counts(&mut self) -> Result<Counts, Error> {
        let counts = Counts { faults: self.number()?, total: self.number()? };
        // Sums of a few are computed.
        let is_sound = counts.faults <= counts.total && counts.total <= u64::MAX / 8;
        if is_sound { Ok(counts) } else { Err(Error::Damaged) }
    }

    fn watch(&mut self) -> Result<Watch, Error> {
        let watch = Watch {
            id: self.id()?,
            baseline: Baseline { faults: self.float()?, total: self.float()? },
            pending: self.impact()?,
            pending_since: self.number()?,
            seen: self.number()?,
            recent: [self.counts()?, self.counts()?, self.counts()?],
            judgements: self.reader.byte()?,
            is_hot: self.optional()?,
            run: if self.optional()? { Some(self.run()?) } else { None },
            accepted: self.moment()?,
        };
        // What is hot was anomalous.
        if watch.is_hot && watch.run.is_none() { Err(Error::Damaged) } else { Ok(watch) }
    }

    fn run(&mut self) -> Result<Run, Error> {
        Ok(Run {
            first_minute: self.number()?,
            last_minute: self.number()?,
            impact: self.impact()?,
            excess: self.float()?,
        })
    }

    fn insight(&mut self) -> Result<Insight, Error> {
        let id = self.reader.bytes(16)?.try_into().map_err(|_| Error::Damaged)?;
        Ok(Insight {
            id: InsightId(id),
            root: self.id()?,
            first_minute: self.number()?,
            last_minute: self.number()?,
            root_minute: self.number()?,
            closed: if self.optional()? {
                Some(Closed { minute: self.number()?, reason: self.word(&REASONS)? })
            } else {
                None
            },
            client_impact: self.impact()?,
            root_impact: self.impact()?,
            unsettled: [self.impact()?, self.impact()?],
            services: self.list(|this| Ok(Affected { id: this.id()?, excess: this.float()? }))?,
            events: self.list(Self::event)?,
        })
    }

    fn event(&mut self) -> Result<Event, Error> {
        Ok(Event {
            minute: self.number()?,
            kind: self.word(&KINDS)?,
            root: self.id()?,
            client_impact: self.impact()?,
            root_impact: self.impact()?,
            top: self.list(Self::id)?,
        })
    }
}
