//! Shapes that other programs send and expect back: documents, headers, datagrams, API bodies, limits.
