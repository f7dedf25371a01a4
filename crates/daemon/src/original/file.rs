//! The config file: YAML, versions 1 and 2, which differ in what may stand in them, not in how they
//! are read.
//!
//! An empty text, `0` and nothing at all are the same: not set.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

/// Where the file is looked for when nobody names one; the first that is there counts.
pub const PATHS: [&str; 3] =
    ["/etc/amazon/xray/cfg.yaml", "cfg.yaml", "github.com/aws/aws-xray-daemon/pkg/cfg.yaml"];

/// How strictly a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Every key must be known: the file that was named.
    Named,
    /// Keys that are not known are passed over: a file that was found.
    Found,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Texts,
    Number,
    Switch,
    /// Taken and not used.
    Ignored,
}

/// The keys of both versions, then those that are ours.
const KEYS: &[(&str, Kind)] = &[
    ("TotalBufferSizeMB", Kind::Number),
    ("Concurrency", Kind::Number),
    ("Endpoint", Kind::Text),
    ("Region", Kind::Text),
    ("Socket.UDPAddress", Kind::Text),
    ("Socket.TCPAddress", Kind::Text),
    ("Logging.LogRotation", Kind::Switch),
    ("Logging.LogLevel", Kind::Text),
    ("Logging.LogPath", Kind::Text),
    ("LocalMode", Kind::Switch),
    ("ResourceARN", Kind::Text),
    ("RoleARN", Kind::Text),
    ("NoVerifySSL", Kind::Switch),
    ("ProxyAddress", Kind::Text),
    ("Version", Kind::Number),
    ("proxyserver.idleconntimeout", Kind::Ignored),
    ("proxyserver.maxidleconnsperhost", Kind::Ignored),
    ("proxyserver.maxidleconns", Kind::Ignored),
    ("Fluoro.Destinations", Kind::Texts),
    ("Fluoro.SpoolPath", Kind::Text),
    ("Fluoro.SpoolSizeMB", Kind::Number),
    ("Fluoro.HealthAddress", Kind::Text),
    ("Fluoro.UnixSocket", Kind::Text),
    ("Fluoro.StreamAddress", Kind::Text),
    ("Fluoro.OpenProxy", Kind::Switch),
];

/// Keys of before version 1 that have nothing in their place.
const DROPPED: [&str; 5] = [
    "Profile.CPU",
    "Profile.Memory",
    "Socket.BufferSizeKB",
    "Logging.LogFormat",
    "Processor.BatchProcessorQueueSize",
];

/// Keys of before version 1 that have another name now.
const RENAMED: [(&str, &str); 5] = [
    ("LogRotation", "Logging.LogRotation"),
    ("Processor.Region", "Region"),
    ("Processor.Endpoint", "Endpoint"),
    ("Processor.Routine", "Concurrency"),
    ("MemoryLimit", "TotalBufferSizeMB"),
];

/// A file that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    values: Vec<(&'static str, Value)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    Number(i64),
    Switch(bool),
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is no YAML.
    #[error("this is not YAML: {0}")]
    NotYaml(String),
    /// It has more than keys and values.
    #[error("line {line}: {key} has keys below it and must not, or the other way round")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The key, or what stands for the whole file.
        key: String,
    },
    /// A key that does not exist.
    #[error("line {line}: {key} flag is invalid{}", advice(.meant.as_deref()))]
    Unknown {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// A key that is written nearly so.
        meant: Option<String>,
    },
    /// A key of before version 1 without a successor.
    #[error("line {line}: {key} flag is not supported any more; remove it")]
    Dropped {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
    },
    /// A key of before version 1 that has another name.
    #[error(
        "line {line}: {key} flag is not supported any more: it is {now} in version 2 of the file; \
         use migration script of the X-Ray daemon, or rename it"
    )]
    Renamed {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// Its name of today.
        now: &'static str,
    },
    /// A value of another kind than the key takes.
    #[error("line {line}: {key} must be {expected}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// The version is missing.
    #[error("Version is missing: write `Version: 2`")]
    NoVersion,
    /// A version that nobody has heard of.
    #[error("Version {0} is not known; there are 1 and 2")]
    UnknownVersion(i64),
}

fn advice(meant: Option<&str>) -> String {
    meant.map(|key| format!("; did you mean {key}?")).unwrap_or_default()
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// The first key that cannot be read, with its line.
    pub fn parse(text: &str, strictness: Strictness) -> Result<Self, Problem> {
        let documents = MarkedYaml::load_from_str(text)
            .map_err(|problem| Problem::NotYaml(problem.to_string()))?;
        let mut file = Self::default();
        if let Some(document) = documents.first().filter(|document| !is_nothing(document)) {
            file.read(document, "", strictness)?;
        }
        if strictness == Strictness::Named {
            match file.number("Version") {
                None => return Err(Problem::NoVersion),
                Some(1 | 2) => {}
                Some(other) => return Err(Problem::UnknownVersion(other)),
            }
        }
        Ok(file)
    }

    /// Returns the text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        let found = self.values.iter().rfind(|(name, _)| *name == key)?;
        if let Value::Text(text) = &found.1 { Some(text) } else { None }
    }

    /// Returns every text of a key that takes several.
    pub fn texts<'f>(&'f self, key: &'f str) -> impl Iterator<Item = &'f str> {
        self.values.iter().filter(move |(name, _)| *name == key).filter_map(|(_, value)| {
            if let Value::Text(text) = value { Some(text.as_str()) } else { None }
        })
    }

    /// Returns the number of a key.
    pub fn number(&self, key: &str) -> Option<i64> {
        let found = self.values.iter().rfind(|(name, _)| *name == key)?;
        if let Value::Number(number) = found.1 { Some(number) } else { None }
    }

    /// Returns whether a key is set, and how.
    pub fn switch(&self, key: &str) -> Option<bool> {
        let found = self.values.iter().rfind(|(name, _)| *name == key)?;
        if let Value::Switch(is_on) = found.1 { Some(is_on) } else { None }
    }

    /// Reads the keys below `above`.
    fn read(
        &mut self,
        node: &MarkedYaml<'_>,
        above: &str,
        strictness: Strictness,
    ) -> Result<(), Problem> {
        let YamlData::Mapping(members) = &node.data else {
            let key = if above.is_empty() { "the file".to_owned() } else { above.to_owned() };
            return Err(Problem::Shape { line: line(node), key });
        };
        for (name, value) in members {
            let Some(name) = name.data.as_str() else {
                return Err(Problem::Shape { line: line(name), key: above.to_owned() });
            };
            let key = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
            if let Some((key, kind)) = KEYS.iter().find(|(known, _)| *known == key) {
                self.keep(key, *kind, value)?;
            } else if is_section(&key) {
                if !is_nothing(value) {
                    self.read(value, &key, strictness)?;
                }
            } else if strictness == Strictness::Named {
                return Err(refusal(line(value), key));
            }
        }
        Ok(())
    }

    fn keep(
        &mut self,
        key: &'static str,
        kind: Kind,
        node: &MarkedYaml<'_>,
    ) -> Result<(), Problem> {
        if kind == Kind::Ignored || is_nothing(node) {
            return Ok(());
        }
        let wrong = |expected| Problem::Value { line: line(node), key, expected };
        let value = match (kind, &node.data) {
            (Kind::Texts, YamlData::Sequence(items)) => {
                for item in items {
                    self.keep(key, Kind::Text, item)?;
                }
                return Ok(());
            }
            (Kind::Text | Kind::Texts, data) => match data.as_str() {
                Some(text) => Value::Text(text.to_owned()),
                None => return Err(wrong("a text")),
            },
            (Kind::Number, YamlData::Value(Scalar::Integer(number))) => Value::Number(*number),
            (Kind::Number, _) => return Err(wrong("a whole number")),
            (Kind::Switch, YamlData::Value(Scalar::Boolean(is_on))) => Value::Switch(*is_on),
            (Kind::Switch, _) => return Err(wrong("true or false")),
            (Kind::Ignored, _) => return Ok(()),
        };
        if value != Value::Text(String::new()) && value != Value::Number(0) {
            self.values.push((key, value));
        }
        Ok(())
    }
}

/// Returns whether there is nothing where a value could be.
fn is_nothing(node: &MarkedYaml<'_>) -> bool {
    matches!(node.data, YamlData::Value(Scalar::Null))
}

/// Returns whether keys stand below this one, in a file of today or of before version 1.
fn is_section(key: &str) -> bool {
    let is_below = |known: &str| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
    let names = KEYS.iter().map(|(known, _)| *known);
    names.chain(DROPPED).chain(RENAMED.map(|(old, _)| old)).any(is_below)
}

fn line(node: &MarkedYaml<'_>) -> usize {
    node.span.start.line()
}

/// Returns why a key is refused.
fn refusal(line: usize, key: String) -> Problem {
    if DROPPED.contains(&key.as_str()) {
        return Problem::Dropped { line, key };
    }
    if let Some((_, now)) = RENAMED.iter().find(|(old, _)| *old == key) {
        return Problem::Renamed { line, key, now };
    }
    let last = |path: &str| path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let meant = KEYS.iter().find(|(known, _)| last(known) == last(&key));
    Problem::Unknown { line, key, meant: meant.map(|(known, _)| (*known).to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Result<File, Problem> {
        File::parse(text, Strictness::Named)
    }

    #[test]
    fn both_versions_are_read() {
        let file = named(
            "TotalBufferSizeMB: 24\nRegion: \"eu-west-1\"\nSocket:\n  UDPAddress: 0.0.0.0:2000\n  \
             TCPAddress: 0.0.0.0:2001\nLogging:\n  LogRotation: false\n  LogPath: \"\"\n\
             Concurrency: 0\nResourceARN: ~\nproxyserver:\n  maxidleconns: 9\nVersion: 2\n",
        )
        .expect("a file");
        assert_eq!(file.number("TotalBufferSizeMB"), Some(24));
        assert_eq!(file.text("Region"), Some("eu-west-1"));
        assert_eq!(file.text("Socket.UDPAddress"), Some("0.0.0.0:2000"));
        assert_eq!(file.text("Socket.TCPAddress"), Some("0.0.0.0:2001"));
        assert_eq!(file.switch("Logging.LogRotation"), Some(false));
        // Empty, zero and nothing are not set.
        assert_eq!(file.text("Logging.LogPath"), None);
        assert_eq!(file.number("Concurrency"), None);
        assert_eq!(file.text("ResourceARN"), None);
        assert!(named("Version: 1\nSocket:\n").is_ok());
    }

    #[test]
    fn our_own_keys_stand_in_a_section_of_theirs() {
        let text = "Version: 2\nFluoro:\n  Destinations: [aws, \"http://fluoro:2080\"]\n  \
                    SpoolSizeMB: 512\n  OpenProxy: true\n";
        let file = named(text).expect("a file");
        let destinations: Vec<&str> = file.texts("Fluoro.Destinations").collect();
        assert_eq!(destinations, ["aws", "http://fluoro:2080"]);
        assert_eq!(file.number("Fluoro.SpoolSizeMB"), Some(512));
        assert_eq!(file.switch("Fluoro.OpenProxy"), Some(true));
    }

    #[test]
    fn a_key_that_is_refused_is_named_with_its_line() {
        for (text, expected) in [
            ("Version: 2\nRegon: x\n", "line 2: Regon flag is invalid"),
            (
                "Version: 2\nUDPAddress: x\n",
                "line 2: UDPAddress flag is invalid; did you mean Socket.UDPAddress?",
            ),
            (
                "Profile:\n  CPU: a\nVersion: 1\n",
                "line 2: Profile.CPU flag is not supported any more; remove it",
            ),
            (
                "Processor:\n  Region: a\nVersion: 1\n",
                "line 2: Processor.Region flag is not supported any more: it is Region in version \
                 2 of the file; use migration script of the X-Ray daemon, or rename it",
            ),
            ("Version: 2\nConcurrency: many\n", "line 2: Concurrency must be a whole number"),
            ("Version: 2\nLocalMode: 1\n", "line 2: LocalMode must be true or false"),
            ("Region: x\n", "Version is missing: write `Version: 2`"),
            ("Version: 3\n", "Version 3 is not known; there are 1 and 2"),
            ("- a\n", "line 1: the file has keys below it and must not, or the other way round"),
            ("", "Version is missing: write `Version: 2`"),
        ] {
            assert_eq!(named(text).expect_err(text).to_string(), expected);
        }
        assert!(matches!(named("a: [b\n"), Err(Problem::NotYaml(_))));
    }

    #[test]
    fn a_file_that_was_found_may_have_any_key_but_must_be_yaml() {
        let text = "Regon: x\nRegion: y\nProfile:\n  CPU: a\n";
        let file = File::parse(text, Strictness::Found).expect("a file");
        assert_eq!(file.text("Region"), Some("y"));
        assert!(File::parse("a: [b\n", Strictness::Found).is_err());
    }
}
