//! The keys of one trace, and what keys are like.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use filter::ast::CauseKind;
use trace::NodeId;
use trace::cause::CauseService;
use wire::Micros;
use wire::value::Scalar;

use super::{By, Key, Measured, Number, Sample, template};
use crate::block::traces::Facts;
use crate::block::traces::predicate::TextMember;

/// What exceptions are blamed for.
pub(crate) const FAILURES: [CauseKind; 2] = [CauseKind::Fault, CauseKind::Error];

/// Returns the keys of a trace, none twice.
pub(super) fn of(by: &By, facts: &impl Facts) -> Vec<Key> {
    let mut keys = Vec::new();
    match by {
        By::Text(member) => {
            facts.any_text(*member, |text| {
                keys.push(Key::Text(text.into()));
                false
            });
        }
        By::UrlTemplate => {
            facts.any_text(TextMember::Url, |url| {
                keys.push(Key::Text(template(url).into()));
                false
            });
        }
        By::Outcome => keys.push(Key::Outcome(Sample::of(facts, Measured::default()).outcome())),
        By::Status => keys.extend(facts.status().map(Key::Status)),
        By::EntryPoint => keys.extend(facts.entry_point().map(Key::node)),
        By::Node => keys.extend(facts.nodes().iter().map(Key::node)),
        By::Edge => {
            let node = |at: usize| &facts.nodes()[at];
            let edges = facts.edges().iter();
            keys.extend(edges.map(|edge| Key::edge(node(edge.source), node(edge.target))));
        }
        By::Annotation(key) => {
            facts.any_value(key, |value| {
                keys.push(Key::value(value));
                false
            });
        }
        By::AnnotationKey => facts.for_each_value(|key, _| keys.push(Key::Text(key.into()))),
        By::FaultCause => {
            facts.for_each_path(CauseKind::Fault, |path| keys.extend(Key::origin(path)))
        }
        By::CausePath(kind) => facts.for_each_path(*kind, |path| keys.extend(Key::path(path))),
        By::Exception => {
            for kind in FAILURES {
                facts.for_each_path(kind, |path| keys.extend(Key::exceptions(path)));
            }
        }
        By::Start { width } => keys.push(Key::start(facts.start(), *width)),
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl Key {
    pub(crate) fn node(node: &NodeId<'_>) -> Self {
        Self::Node(node.clone().into_owned())
    }

    pub(crate) fn edge(source: &NodeId<'_>, target: &NodeId<'_>) -> Self {
        Self::Edge(Box::new((source.clone().into_owned(), target.clone().into_owned())))
    }

    /// Returns the node at which a path of blame ends.
    pub(crate) fn origin(path: &[CauseService<'_>]) -> Option<Self> {
        path.last().map(|service| Self::node(&service.node))
    }

    /// Returns a path of blame as a key; one without services is none.
    pub(crate) fn path(path: &[CauseService<'_>]) -> Option<Self> {
        let nodes = path.iter().map(|service| service.node.clone().into_owned());
        (!path.is_empty()).then(|| Self::Path(nodes.collect()))
    }

    /// Returns the types of the exceptions on a path of blame.
    pub(crate) fn exceptions(path: &[CauseService<'_>]) -> impl Iterator<Item = Self> {
        let entities = path.iter().flat_map(|service| &service.path);
        let names = entities.flat_map(|entity| &entity.exceptions).filter_map(|one| one.name);
        names.map(|name| Self::Text(name.into()))
    }

    pub(crate) fn start(start: Micros, width: Micros) -> Self {
        let width = width.0.max(1);
        Self::Start(Micros(start.0 / width * width))
    }

    fn value(value: &Scalar<'_>) -> Self {
        match value {
            Scalar::Text(text) => Self::Text((&**text).into()),
            Scalar::Number(number) => Self::Number(Number::from(number.as_f64())),
            Scalar::Flag(flag) => Self::Flag(*flag),
        }
    }

    /// Returns the bytes of the key besides its own.
    pub(super) fn text_bytes(&self) -> usize {
        let node = |node: &NodeId<'_>| {
            node.name.len() + node.service_type.as_ref().map_or(0, |name| name.len())
        };
        match self {
            Self::Text(text) => text.len(),
            Self::Node(one) => node(one),
            Self::Edge(edge) => size_of_val(&**edge) + node(&edge.0) + node(&edge.1),
            Self::Path(path) => size_of_val(&**path) + path.iter().map(node).sum::<usize>(),
            Self::Status(_)
            | Self::Outcome(_)
            | Self::Number(_)
            | Self::Flag(_)
            | Self::Start(_) => 0,
        }
    }
}

impl Number {
    /// Returns the number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        // The sum of a negative zero and zero has no sign.
        Self(number + 0.0)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}
