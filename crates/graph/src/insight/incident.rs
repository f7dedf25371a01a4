//! One incident, from its first anomalous minute until everything is quiet again.

use std::fmt;

use trace::NodeId;

use super::band::Counts;

/// The most services that are remembered of an incident.
pub const SERVICES_MAX: usize = 20;

/// The most services that are named as its most anomalous ones.
pub const TOP_MAX: usize = 5;

/// The most events of one incident; the last place is kept for its end.
pub const EVENTS_MAX: usize = 50;

/// An insight's id, a UUID; whoever makes one takes care that there is no other like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InsightId(pub [u8; 16]);

/// The lengths of the parts of an id, in digits.
const PARTS: [usize; 5] = [8, 4, 4, 4, 12];

impl InsightId {
    /// Returns the id of version 4 that has these random bits.
    pub fn from_random(bits: u128) -> Self {
        let mut bytes = bits.to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }

    /// Reads an id; `None` when the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let has_lengths = parts.iter().map(|part| part.len()).eq(PARTS);
        let digits = parts.concat();
        if !has_lengths || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        Some(Self(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes()))
    }
}

impl fmt::Display for InsightId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", u128::from_be_bytes(self.0));
        let mut rest = digits.as_str();
        for (index, length) in PARTS.into_iter().enumerate() {
            let (part, after) = rest.split_at(length);
            f.write_str(if index > 0 { "-" } else { "" })?;
            f.write_str(part)?;
            rest = after;
        }
        Ok(())
    }
}

/// How requests went: `RequestImpactStatistics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Those that ended well.
    pub ok: u64,
    /// Those that faulted.
    pub faults: u64,
    /// All of them, those with errors of the client too.
    pub total: u64,
}

impl Impact {
    /// Adds others.
    pub fn add(&mut self, other: Self) {
        self.ok = self.ok.saturating_add(other.ok);
        self.faults = self.faults.saturating_add(other.faults);
        self.total = self.total.saturating_add(other.total);
    }

    pub(super) fn counts(self) -> Counts {
        Counts { faults: self.faults.min(self.total), total: self.total }
    }
}

/// A period in which services faulted more often than was to be expected, for one cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Insight {
    /// What distinguishes it from all others.
    pub id: InsightId,
    /// The deepest service that is anomalous.
    pub root: NodeId<'static>,
    /// The first anomalous minute.
    pub first_minute: u64,
    /// The last anomalous minute so far.
    pub last_minute: u64,
    /// The last minute in which the root cause itself was anomalous.
    pub(super) root_minute: u64,
    /// When it was over; `None` while it is active.
    pub closed: Option<Closed>,
    /// The requests of clients to the group, to the end of the last anomalous minute.
    pub client_impact: Impact,
    /// The requests to the root cause since its first anomaly, to the end of the last anomalous minute.
    pub root_impact: Impact,
    /// What came since the last anomalous minute: of clients, and to the root cause. It counts only
    /// if another anomaly follows.
    pub(super) unsettled: [Impact; 2],
    /// The services that were anomalous, those with the most unexpected faults first.
    pub services: Vec<Affected>,
    /// What happened, oldest first; the first one opened it.
    pub events: Vec<Event>,
}

/// A service that was anomalous.
#[derive(Clone, Debug, PartialEq)]
pub struct Affected {
    /// Which one.
    pub id: NodeId<'static>,
    /// The faults beyond those that were expected.
    pub excess: f64,
}

/// The end of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The minute after which it was noticed.
    pub minute: u64,
    /// Why it is over.
    pub reason: CloseReason,
}

/// Why an incident is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// No service was anomalous for a while.
    Recovered,
    /// The faults went on for so long that they are expected now.
    Accepted,
    /// Another incident turned out to have the same cause.
    Joined,
    /// Nobody watches the group any more.
    Unwatched,
}

/// Something worth telling.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The minute after which it was noticed.
    pub minute: u64,
    /// What it is.
    pub kind: EventKind,
    /// The root cause from then on.
    pub root: NodeId<'static>,
    /// The impact on clients up to then.
    pub client_impact: Impact,
    /// The impact on the root cause up to then.
    pub root_impact: Impact,
    /// The most anomalous services up to then.
    pub top: Vec<NodeId<'static>>,
}

/// What happened to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It began.
    Opened,
    /// Another service is the root cause.
    RootChanged,
    /// There is much more of it, or it reached another service.
    Grew,
    /// It is over.
    Closed,
}

impl Insight {
    /// Returns whether it is not over.
    pub fn is_active(&self) -> bool {
        self.closed.is_none()
    }

    /// Returns the minute after which something was last known of it.
    pub fn updated_minute(&self) -> u64 {
        let event = self.events.last().map_or(self.first_minute, |event| event.minute);
        event.max(self.last_minute)
    }

    /// Returns the services with the most unexpected faults, at most [`TOP_MAX`].
    pub fn top(&self) -> impl Iterator<Item = &NodeId<'static>> {
        self.services.iter().take(TOP_MAX).map(|service| &service.id)
    }

    /// Counts unexpected faults of a service.
    pub(super) fn affect(&mut self, id: &NodeId<'_>, excess: f64) {
        match self.services.iter_mut().find(|service| service.id == *id) {
            Some(service) => service.excess += excess,
            None => self.services.push(Affected { id: id.clone().into_owned(), excess }),
        }
        self.services.sort_by(|a, b| b.excess.total_cmp(&a.excess).then(a.id.cmp(&b.id)));
        // The root is one of them, however few faults it has.
        if self.services.len() > SERVICES_MAX {
            let last = self.services.iter().rposition(|service| service.id != self.root);
            self.services.remove(last.unwrap_or(SERVICES_MAX));
        }
    }

    /// Notes what happened; false when there is no more room for it.
    pub(super) fn note(&mut self, minute: u64, kind: EventKind) -> bool {
        let reserved = usize::from(kind != EventKind::Closed);
        if self.events.len() + reserved >= EVENTS_MAX {
            return false;
        }
        self.events.push(Event {
            minute,
            kind,
            root: self.root.clone(),
            client_impact: self.client_impact,
            root_impact: self.root_impact,
            top: self.top().cloned().collect(),
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_a_uuid_and_read_in_either_case() {
        let id = InsightId::from_random(u128::MAX);
        assert_eq!(id.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(InsightId::from_random(0).to_string(), "00000000-0000-4000-8000-000000000000");
        assert_eq!(InsightId::parse(&id.to_string().to_uppercase()), Some(id));
        for text in
            ["", "ffffffff-ffff-4fff-bfff-fffffffffff", "+fffffff-ffff-4fff-bfff-ffffffffffff"]
        {
            assert_eq!(InsightId::parse(text), None, "{text}");
        }
    }
}
