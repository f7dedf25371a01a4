//! The `sql` section: the query a subsegment made.

use std::borrow::Cow;

use crate::member::object;

object! {
    /// A query to a database.
    #[derive(Default)]
    pub struct Sql {
        /// The connection string without secrets.
        connection_string: Option<Cow<'a, str>> = "connection_string",
        /// The database's address.
        url: Option<Cow<'a, str>> = "url",
        /// The query with its values replaced.
        sanitized_query: Option<Cow<'a, str>> = "sanitized_query",
        /// The database's product name.
        database_type: Option<Cow<'a, str>> = "database_type",
        /// The database's version.
        database_version: Option<Cow<'a, str>> = "database_version",
        /// The driver's version.
        driver_version: Option<Cow<'a, str>> = "driver_version",
        /// The database user.
        user: Option<Cow<'a, str>> = "user",
        /// `call` or `statement`.
        preparation: Option<Cow<'a, str>> = "preparation",
    }
}
