//! The command line and the config file of the AWS X-Ray daemon, so that its users change nothing.
//!
//! [`flags`] reads words by the rules of Go's `flag` package, [`mod@file`] reads the YAML file in both
//! versions, and [`settings`] says which of the two, the environment and the defaults counts.
//! Values in, values out: the program reads the file and the environment.
//!
//! Source: aws-xray-daemon 3.6.6, as read and as run.

pub mod file;
pub mod flags;
pub mod settings;
