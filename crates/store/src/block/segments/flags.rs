//! The small facts of a row, as bits of one number.
//!
//! A flag of the format may be true, false or absent: its bit in the lower half says that it is
//! true, and the same bit in the upper half that it was stated as false.

/// The server failed.
pub(super) const FAULT: u32 = 1 << 0;
/// The client erred.
pub(super) const ERROR: u32 = 1 << 1;
/// The request was throttled.
pub(super) const THROTTLE: u32 = 1 << 2;
/// The work goes on.
pub(super) const IN_PROGRESS: u32 = 1 << 3;
/// Deduced from a caller's subsegment.
pub(super) const INFERRED: u32 = 1 << 4;
/// The callee promises a segment.
pub(super) const TRACED: u32 = 1 << 5;
/// The same, in the HTTP request.
pub(super) const REQUEST_TRACED: u32 = 1 << 6;
/// The caller's address came from a header.
pub(super) const X_FORWARDED_FOR: u32 = 1 << 7;

/// `type` is stated, as `subsegment`.
pub(super) const SUBSEGMENT: u32 = 1 << 8;
/// The trace is stated, as the one the row is in.
pub(super) const TRACE_STATED: u32 = 1 << 9;
/// The parent is stated; without this bit it is the entity around this one.
pub(super) const PARENT_STATED: u32 = 1 << 10;
/// On a document's first row: documents were refused because the trace had grown too large.
pub(super) const LIMIT_EXCEEDED: u32 = 1 << 11;
/// The document is kept whole, in the column for that.
pub(super) const VERBATIM: u32 = 1 << 12;
/// On a document's first row: it came with another request than the document before.
pub(super) const NEXT_REQUEST: u32 = 1 << 13;

/// How far above the bit for true the bit for false is.
const FALSE_SHIFT: u32 = 16;

/// Returns the bits that say `flag`.
pub(super) fn stated(bit: u32, flag: Option<bool>) -> u32 {
    match flag {
        Some(true) => bit,
        Some(false) => bit << FALSE_SHIFT,
        None => 0,
    }
}

/// Returns the flag that the bits say.
pub(super) fn flag(flags: u32, bit: u32) -> Option<bool> {
    if flags & bit != 0 {
        return Some(true);
    }
    (flags & bit << FALSE_SHIFT != 0).then_some(false)
}
