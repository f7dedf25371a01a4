//! Which hot nodes have one cause: the deepest of those that call each other.
//!
//! The hot nodes and the calls between them that faulted are a graph. Nodes that reach each other
//! are one strong component; a component from which no call leads to another is a cause, and the
//! nodes from which it can be reached have it. A node that calls two causes belongs to both.

/// Hot nodes with one cause. Nodes are numbers that are passed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    /// The deepest node; of several that call each other in a circle, the worst.
    pub(super) root: usize,
    /// All nodes, by number; the root is one of them.
    pub(super) members: Vec<usize>,
}

/// Returns the clusters, worst root first, at most `count_max`.
///
/// `calls` lead from caller to callee, both below `badness.len()`.
pub(super) fn clusters(
    badness: &[f64],
    calls: &[(usize, usize)],
    count_max: usize,
) -> Vec<Cluster> {
    let callees = Neighbours::new(badness.len(), calls.iter().copied());
    let callers = Neighbours::new(badness.len(), calls.iter().map(|&(from, to)| (to, from)));
    let components = components(&callees, &callers);
    let mut is_cause = vec![true; badness.len()];
    for &(from, to) in calls.iter().filter(|&&(from, to)| components[from] != components[to]) {
        debug_assert!(from != to, "a node is in one component");
        is_cause[components[from]] = false;
    }
    let mut roots: Vec<Option<usize>> = vec![None; badness.len()];
    for node in (0..badness.len()).filter(|&node| is_cause[components[node]]) {
        let root = roots[components[node]].get_or_insert(node);
        if badness[node] > badness[*root] {
            *root = node;
        }
    }
    let mut roots: Vec<usize> = roots.into_iter().flatten().collect();
    roots.sort_by(|&a, &b| badness[b].total_cmp(&badness[a]).then(a.cmp(&b)));
    roots.truncate(count_max);
    let cluster = |root: usize| {
        let mut members = callers.reached(root, &mut vec![false; badness.len()]);
        members.sort_unstable();
        Cluster { root, members }
    };
    roots.into_iter().map(cluster).collect()
}

/// The nodes that follow each node.
struct Neighbours {
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Neighbours {
    fn new(node_count: usize, edges: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let mut starts = vec![0; node_count + 1];
        edges.clone().for_each(|(from, _)| starts[from + 1] += 1);
        for node in 0..node_count {
            starts[node + 1] += starts[node];
        }
        let mut places = starts.clone();
        let mut ends = vec![0; starts[node_count]];
        for (from, to) in edges {
            ends[places[from]] = to;
            places[from] += 1;
        }
        Self { starts, ends }
    }

    fn of(&self, node: usize) -> &[usize] {
        &self.ends[self.starts[node]..self.starts[node + 1]]
    }

    /// Returns the nodes that can be reached, each behind those that can be reached from it; those
    /// that `is_done` says are left out, and what is reached is noted there.
    fn reached(&self, from: usize, is_done: &mut [bool]) -> Vec<usize> {
        let mut reached = Vec::new();
        let mut path = Vec::new();
        if !std::mem::replace(&mut is_done[from], true) {
            path.push((from, 0));
        }
        while let Some((node, at)) = path.last_mut() {
            match self.of(*node).get(*at) {
                None => {
                    reached.push(*node);
                    path.pop();
                }
                Some(&next) => {
                    *at += 1;
                    if !std::mem::replace(&mut is_done[next], true) {
                        path.push((next, 0));
                    }
                }
            }
        }
        reached
    }
}

/// Returns for each node the number of its strong component (Kosaraju's two searches).
fn components(callees: &Neighbours, callers: &Neighbours) -> Vec<usize> {
    let node_count = callees.starts.len() - 1;
    let mut is_done = vec![false; node_count];
    let order: Vec<usize> =
        (0..node_count).flat_map(|node| callees.reached(node, &mut is_done)).collect();
    let mut components = vec![0; node_count];
    let mut is_done = vec![false; node_count];
    for &node in order.iter().rev() {
        for member in callers.reached(node, &mut is_done) {
            components[member] = node;
        }
    }
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Renders clusters of nodes `a`, `b` … whose badness is given; calls are pairs of letters.
    fn check(badness: &[f64], calls: &str) -> String {
        let number = |letter: char| letter as usize - 'a' as usize;
        let letter = |number: &usize| char::from(b'a' + *number as u8);
        let calls: Vec<(usize, usize)> = calls
            .split_whitespace()
            .filter_map(|pair| pair.split_once('>'))
            .map(|(from, to)| (number(from.parse().unwrap()), number(to.parse().unwrap())))
            .collect();
        let cluster = |cluster: &Cluster| {
            let members: String = cluster.members.iter().map(letter).collect();
            format!("{} of {members}", letter(&cluster.root))
        };
        clusters(badness, &calls, 20).iter().map(cluster).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_deepest_node_is_the_cause() {
        insta::assert_snapshot!(check(&[], ""), @"");
        insta::assert_snapshot!(check(&[1.0, 2.0, 3.0], ""), @"c of c, b of b, a of a");
        insta::assert_snapshot!(check(&[9.0, 5.0, 1.0], "a>b b>c a>c c>c"), @"c of abc");
        insta::assert_snapshot!(check(&[9.0, 1.0, 2.0], "a>b a>c"), @"c of ac, b of ab");
        insta::assert_snapshot!(check(&[1.0, 9.0, 5.0, 1.0], "a>c b>c a>d"), @"c of abc, d of ad");
    }

    #[test]
    fn of_a_circle_the_worst_is_the_cause() {
        insta::assert_snapshot!(check(&[9.0, 1.0, 3.0, 2.0], "a>b b>c c>d d>b"), @"c of abcd");
        insta::assert_snapshot!(check(&[1.0, 1.0], "a>b b>a"), @"a of ab");
        insta::assert_snapshot!(check(&[1.0, 2.0, 3.0], "a>b b>a b>c"), @"c of abc");
    }

    #[test]
    fn only_the_worst_causes_are_told() {
        let badness: Vec<f64> = (0..50).map(f64::from).collect();
        let found = clusters(&badness, &[], 3);
        assert_eq!(found.iter().map(|cluster| cluster.root).collect::<Vec<_>>(), [49, 48, 47]);
    }
}
