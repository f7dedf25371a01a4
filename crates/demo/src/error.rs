//! What can fail when a demo starts or is told something.

use std::io;
use std::net::SocketAddr;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service has no port.
    #[error("open a port for the services of the demo")]
    Port(#[source] io::Error),
    /// The control door is not open.
    #[error("listen for `fluoro demo break` on {address}")]
    Control {
        /// Where it was to be.
        address: SocketAddr,
        /// Why it is not.
        #[source]
        source: io::Error,
    },
    /// The recorder of a service did not start.
    #[error("record what the services of the demo do")]
    Recorder(#[source] fluoro_sdk::Error),
    /// There is nobody to write log lines.
    #[error("start to write the log lines of the demo")]
    Logs(#[source] io::Error),
    /// The socket that takes in the past is not open.
    #[error("collect the documents of the past")]
    Collect(#[source] io::Error),
    /// The server did not take the past.
    #[error("put the past into the server at {server}: {problem}")]
    Put {
        /// The server.
        server: String,
        /// What it said.
        problem: String,
    },
    /// Nobody listens at the control door.
    #[error("find a demo at {address}: nobody listens there")]
    NoDemo {
        /// Where it was looked for.
        address: SocketAddr,
    },
    /// The demo did not understand or could not do it.
    #[error("{0}")]
    Refused(String),
}
