//! Durable traces: the write-ahead log, and the live set that answers queries.
