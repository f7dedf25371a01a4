//! The backend: HTTP front, route table, ingest, metrics.
