//! Why a set of documents could not become a trace.

use wire::{Problem, TraceId};

/// What could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There was nothing to assemble.
    #[error("assemble trace {id} from no documents")]
    NoDocuments {
        /// The trace asked for.
        id: TraceId,
    },
    /// A document that was accepted once cannot be read any more.
    #[error("read document {document_index} of trace {id}: {}", problem.message())]
    ReadDocument {
        /// The trace asked for.
        id: TraceId,
        /// The document's place in the list.
        document_index: usize,
        /// The first thing that is wrong with it.
        problem: Problem,
    },
    /// A document belongs to another trace.
    #[error("assemble trace {id} from document {document_index} of another trace")]
    OtherTrace {
        /// The trace asked for.
        id: TraceId,
        /// The document's place in the list.
        document_index: usize,
    },
}
