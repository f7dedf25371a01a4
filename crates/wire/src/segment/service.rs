//! The `service` section: which build of the service ran.

use std::borrow::Cow;

use crate::member::object;

object! {
    /// The service's version and runtime.
    pub struct Service {
        /// The service's own version.
        version: Option<Cow<'a, str>> = "version",
        /// The language runtime.
        runtime: Option<Cow<'a, str>> = "runtime",
        /// The runtime's version.
        runtime_version: Option<Cow<'a, str>> = "runtime_version",
        /// The compiler.
        compiler: Option<Cow<'a, str>> = "compiler",
        /// The compiler's version.
        compiler_version: Option<Cow<'a, str>> = "compiler_version",
    }
}
