//! Bytes become graphs, or are refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use trace::NodeId;
use wire::Micros;

use super::varint::Reader;
use super::{Error, GROUPED, PLAIN, ROOT_BIT, Rollup, STATE_BITS};
use crate::graph::EdgeKey;
use crate::histogram::{Bucket, INDEX_MAX};
use crate::{Bounds, Edge, EdgeKind, Graph, Histogram, Node, State, Statistics};

/// The fewest bytes that each of them takes.
const NAME_LEN_MIN: usize = 1;
const NODE_LEN_MIN: usize = 12;
const EDGE_LEN_MIN: usize = 10;
const ALIAS_LEN_MIN: usize = 2;
const BUCKET_LEN_MIN: usize = 2;
const GROUP_LEN_MIN: usize = 4;

/// Returns the graphs whose bytes these are.
///
/// # Errors
/// When they are not what [`super::encode()`] returns for any graphs.
pub fn decode(bytes: &[u8]) -> Result<Rollup, Error> {
    let (mut decoder, version) = Decoder::begin(bytes)?;
    let mut rollup = Rollup::default();
    if version == PLAIN {
        rollup.everything = decoder.graph()?;
    } else {
        let everything = decoder.part()?;
        rollup.everything = decoder.whole_graph(everything)?;
        for (number, part) in decoder.groups()? {
            let graph = decoder.whole_graph(part)?;
            if graph.nodes().is_empty() {
                return Err(Error::Order);
            }
            rollup.groups.insert(number, graph);
        }
    }
    decoder.end()?;
    if decoder.is_used.contains(&false) {
        return Err(Error::Name);
    }
    Ok(rollup)
}

/// Returns the graph of everything from bytes of which [`decode`] returns it among others; those are
/// not read.
///
/// # Errors
/// When what is read is not what [`super::encode()`] returns.
pub fn everything(bytes: &[u8]) -> Result<Graph, Error> {
    let (mut decoder, version) = Decoder::begin(bytes)?;
    if version == PLAIN {
        let graph = decoder.graph()?;
        decoder.end()?;
        return Ok(graph);
    }
    let part = decoder.part()?;
    decoder.whole_graph(part)
}

/// Returns the graphs of these groups, as far as they are there, from bytes of which [`decode`]
/// returns them among others; those are not read.
///
/// # Errors
/// When what is read is not what [`super::encode()`] returns.
pub fn groups(bytes: &[u8], numbers: &[u64]) -> Result<BTreeMap<u64, Graph>, Error> {
    if let Some(&PLAIN) = bytes.first() {
        return Ok(BTreeMap::new());
    }
    let (mut decoder, _) = Decoder::begin(bytes)?;
    decoder.part()?;
    let parts = decoder.groups()?.into_iter().filter(|(number, _)| numbers.contains(number));
    parts.map(|(number, part)| Ok((number, decoder.whole_graph(part)?))).collect()
}

struct Decoder<'a> {
    reader: Reader<'a>,
    names: Vec<&'a str>,
    /// Whether each name occurred.
    is_used: Vec<bool>,
}

impl<'a> Decoder<'a> {
    /// Reads the version and the names.
    fn begin(bytes: &'a [u8]) -> Result<(Self, u8), Error> {
        let Some((&version @ (PLAIN | GROUPED), rest)) = bytes.split_first() else {
            return Err(Error::Version);
        };
        let reader = Reader { rest };
        let mut decoder = Self { reader, names: Vec::new(), is_used: Vec::new() };
        decoder.names()?;
        Ok((decoder, version))
    }

    fn end(&self) -> Result<(), Error> {
        match self.reader.rest.len() {
            0 => Ok(()),
            byte_count => Err(Error::Trailing { byte_count }),
        }
    }

    /// Reads bytes with their length in front.
    fn part(&mut self) -> Result<&'a [u8], Error> {
        let len = self.reader.count(1)?;
        self.reader.bytes(len)
    }

    /// Reads the numbers of the groups, each with the bytes of its graph.
    fn groups(&mut self) -> Result<Vec<(u64, &'a [u8])>, Error> {
        let count = self.reader.count(GROUP_LEN_MIN)?;
        let mut groups = Vec::with_capacity(count);
        let mut number: u64 = 0;
        for _ in 0..count {
            let difference = self.reader.number()?;
            number = number.checked_add(difference).ok_or(Error::Number)?;
            if difference == 0 {
                return Err(Error::Order);
            }
            groups.push((number, self.part()?));
        }
        if groups.is_empty() { Err(Error::Order) } else { Ok(groups) }
    }

    /// Reads a graph that is all there is in `part`.
    fn whole_graph(&mut self, part: &'a [u8]) -> Result<Graph, Error> {
        let rest = std::mem::replace(&mut self.reader.rest, part);
        let graph = self.graph()?;
        self.end()?;
        self.reader.rest = rest;
        Ok(graph)
    }

    fn graph(&mut self) -> Result<Graph, Error> {
        let nodes = self.nodes()?;
        let edges = self.edges(nodes.len())?;
        let mut is_needed: Vec<bool> = nodes.iter().map(|node| !node.is_zero()).collect();
        for ((source, target, _), _) in &edges {
            (is_needed[*source], is_needed[*target]) = (true, true);
        }
        if is_needed.contains(&false) {
            return Err(Error::Order);
        }
        Ok(Graph::from_parts(nodes, edges))
    }

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
