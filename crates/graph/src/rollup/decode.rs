//! Bytes become a graph, or are refused.

use std::borrow::Cow;
use std::collections::BTreeSet;

use trace::NodeId;
use wire::Micros;

use super::varint::Reader;
use super::{Error, ROOT_BIT, STATE_BITS, VERSION};
use crate::graph::EdgeKey;
use crate::histogram::{Bucket, INDEX_MAX};
use crate::{Bounds, Edge, EdgeKind, Graph, Histogram, Node, State, Statistics};

/// The fewest bytes that each of them takes.
const NAME_LEN_MIN: usize = 1;
const NODE_LEN_MIN: usize = 12;
const EDGE_LEN_MIN: usize = 10;
const ALIAS_LEN_MIN: usize = 2;
const BUCKET_LEN_MIN: usize = 2;

/// Returns the graph whose bytes these are.
///
/// # Errors
/// When they are not what [`super::encode()`] returns for any graph.
pub fn decode(bytes: &[u8]) -> Result<Graph, Error> {
    let Some((&VERSION, rest)) = bytes.split_first() else { return Err(Error::Version) };
    let mut decoder = Decoder { reader: Reader { rest }, names: Vec::new(), is_used: Vec::new() };
    decoder.names()?;
    let nodes = decoder.nodes()?;
    let edges = decoder.edges(nodes.len())?;
    if decoder.is_used.contains(&false) {
        return Err(Error::Name);
    }
    let byte_count = decoder.reader.rest.len();
    if byte_count > 0 {
        return Err(Error::Trailing { byte_count });
    }
    let mut is_needed: Vec<bool> = nodes.iter().map(|node| !node.is_zero()).collect();
    for ((source, target, _), _) in &edges {
        (is_needed[*source], is_needed[*target]) = (true, true);
    }
    if is_needed.contains(&false) {
        return Err(Error::Order);
    }
    Ok(Graph::from_parts(nodes, edges))
}

struct Decoder<'a> {
    reader: Reader<'a>,
    names: Vec<&'a str>,
    /// Whether each name occurred.
    is_used: Vec<bool>,
}

impl<'a> Decoder<'a> {
    fn names(&mut self) -> Result<(), Error> {
        for _ in 0..self.reader.count(NAME_LEN_MIN)? {
            let len = self.reader.count(1)?;
            let name = str::from_utf8(self.reader.bytes(len)?).map_err(|_| Error::Name)?;
            if self.names.last().is_some_and(|before| *before >= name) {
                return Err(Error::Name);
            }
            self.names.push(name);
        }
        self.is_used = vec![false; self.names.len()];
        Ok(())
    }

    fn name(&mut self, number: u64) -> Result<&'a str, Error> {
        let at = usize::try_from(number).map_err(|_| Error::Name)?;
        let name = self.names.get(at).ok_or(Error::Name)?;
        self.is_used[at] = true;
        Ok(name)
    }

    fn id(&mut self) -> Result<NodeId<'static>, Error> {
        let (name, service_type) = (self.reader.number()?, self.reader.number()?);
        let name = Cow::Owned(self.name(name)?.to_owned());
        let service_type = match service_type.checked_sub(1) {
            Some(number) => Some(Cow::Owned(self.name(number)?.to_owned())),
            None => None,
        };
        Ok(NodeId { name, service_type })
    }

    fn nodes(&mut self) -> Result<Vec<Node>, Error> {
        let count = self.reader.count(NODE_LEN_MIN)?;
        let nodes = (0..count).map(|_| self.node()).collect::<Result<Vec<Node>, Error>>()?;
        let is_in_order = nodes.is_sorted_by(|a, b| a.id < b.id);
        if is_in_order { Ok(nodes) } else { Err(Error::Order) }
    }

    fn node(&mut self) -> Result<Node, Error> {
        let id = self.id()?;
        let byte = self.reader.byte()?;
        let state = match byte & STATE_BITS {
            0 => State::Unknown,
            1 => State::Passive,
            2 => State::Active,
            _ => return Err(Error::Number),
        };
        if byte & !(STATE_BITS | ROOT_BIT) != 0 {
            return Err(Error::Number);
        }
        let first = self.reader.number()?;
        let last = first.checked_add(self.reader.number()?).ok_or(Error::Number)?;
        Ok(Node {
            id,
            is_root: byte & ROOT_BIT != 0,
            state,
            bounds: Bounds { first: Micros(first), last: Micros(last) },
            statistics: self.statistics()?,
            response_times: self.histogram()?,
            durations: self.histogram()?,
        })
    }

    fn edges(&mut self, node_count: usize) -> Result<Vec<(EdgeKey, Edge)>, Error> {
        let count = self.reader.count(EDGE_LEN_MIN)?;
        let mut edges: Vec<(EdgeKey, Edge)> = Vec::with_capacity(count);
        let mut source: u64 = 0;
        for _ in 0..count {
            source = source.checked_add(self.reader.number()?).ok_or(Error::Number)?;
            let number = self.reader.number()?;
            let kind = if number & 1 == 0 { EdgeKind::Call } else { EdgeKind::Link };
            let key = (place(source, node_count)?, place(number >> 1, node_count)?, kind);
            let edge = self.edge()?;
            if edge.is_zero() || edges.last().is_some_and(|(before, _)| *before >= key) {
                return Err(Error::Order);
            }
            edges.push((key, edge));
        }
        Ok(edges)
    }

    fn edge(&mut self) -> Result<Edge, Error> {
        let statistics = self.statistics()?;
        let response_times = self.histogram()?;
        let received_event_ages = self.histogram()?;
        let mut aliases = BTreeSet::new();
        for _ in 0..self.reader.count(ALIAS_LEN_MIN)? {
            let alias = self.id()?;
            if aliases.last().is_some_and(|before| *before >= alias) {
                return Err(Error::Order);
            }
            aliases.insert(alias);
        }
        Ok(Edge { statistics, response_times, received_event_ages, aliases })
    }

    fn statistics(&mut self) -> Result<Statistics, Error> {
        Ok(Statistics {
            ok: self.reader.signed()?,
            error: self.reader.signed()?,
            throttle: self.reader.signed()?,
            fault: self.reader.signed()?,
            response_time: self.reader.signed_wide()?,
        })
    }

    fn histogram(&mut self) -> Result<Histogram, Error> {
        let reader = &mut self.reader;
        let count = reader.count(BUCKET_LEN_MIN)?;
        let mut buckets = Vec::with_capacity(count.min(usize::from(INDEX_MAX) + 1));
        let mut next: u16 = 0;
        for _ in 0..count {
            let gap = u16::try_from(reader.number()?).map_err(|_| Error::Number)?;
            let index = next.checked_add(gap).filter(|index| *index <= INDEX_MAX);
            let index = index.ok_or(Error::Number)?;
            let mut bucket = Bucket { index, count: reader.signed()?, excess: 0 };
            if !bucket.is_exact() {
                bucket.excess = reader.signed()?;
            }
            if bucket.is_zero() {
                return Err(Error::Order);
            }
            buckets.push(bucket);
            next = index + 1;
        }
        Ok(Histogram { buckets })
    }
}

fn place(number: u64, node_count: usize) -> Result<usize, Error> {
    let place = usize::try_from(number).ok().filter(|place| *place < node_count);
    place.ok_or(Error::Number)
}
