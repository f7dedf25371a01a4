//! What a set of segments means: one tree, inferred segments, outcome, summary, root causes.
