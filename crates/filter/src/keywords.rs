//! The one table of keywords: parser, checks, completion and help come from it.

use crate::ast::{CauseKind, Level, Operator};

/// Where a part of an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Outside all braces: the trace as a whole.
    Trace,
    /// In `service() {}`: one segment of a node.
    Service,
    /// In `edge() {}`: one call.
    Edge,
    /// In `rootcause.….service {}`.
    CauseService,
    /// In `rootcause.fault.entity {}` and `rootcause.error.entity {}`.
    FailedEntity,
    /// In `rootcause.responsetime.entity {}`.
    SlowEntity,
    /// In `rootcause.….exception {}`.
    CauseException,
}

impl Scope {
    /// Returns the scope inside a root-cause selector.
    pub fn of_cause(kind: CauseKind, level: Level) -> Self {
        match (level, kind) {
            (Level::Service, _) => Self::CauseService,
            (Level::Entity, CauseKind::ResponseTime) => Self::SlowEntity,
            (Level::Entity, _) => Self::FailedEntity,
            (Level::Exception, _) => Self::CauseException,
        }
    }

    /// Returns how a person would say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "the trace",
            Self::Service => "service() {}",
            Self::Edge => "edge() {}",
            Self::CauseService => "rootcause.*.service {}",
            Self::FailedEntity => "rootcause.fault.entity {} and rootcause.error.entity {}",
            Self::SlowEntity => "rootcause.responsetime.entity {}",
            Self::CauseException => "rootcause.*.exception {}",
        }
    }
}

/// What kind of value a keyword has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// A number.
    Number,
    /// Text; case counts.
    Text,
    /// Whatever the annotation was sent as.
    Annotation,
    /// The name or ARN of a group.
    Group,
    /// A list of partial root causes.
    Json,
}

impl Kind {
    /// Returns the operators that make sense.
    pub fn operators(self) -> &'static [Operator] {
        use Operator::{
            BeginsWith, Contains, EndsWith, Equal, Greater, GreaterOrEqual, Less, LessOrEqual,
            NotEqual,
        };
        match self {
            Self::Flag | Self::Group | Self::Json => &[Equal, NotEqual],
            Self::Number => &[Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual],
            Self::Text => &[Equal, NotEqual, Contains, BeginsWith, EndsWith],
            Self::Annotation => &[
                Equal,
                NotEqual,
                Less,
                LessOrEqual,
                Greater,
                GreaterOrEqual,
                Contains,
                BeginsWith,
                EndsWith,
            ],
        }
    }

    /// Returns how a person would say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Number => "number",
            Self::Text => "text",
            Self::Annotation => "any",
            Self::Group => "group",
            Self::Json => "JSON",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The keyword.
    pub keyword: Keyword,
    /// How it is printed; it may be written in any case.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
    /// Where it may stand.
    pub scopes: &'static [Scope],
    /// What it is, in a line.
    pub help: &'static str,
}

const T: Scope = Scope::Trace;
const S: Scope = Scope::Service;
const E: Scope = Scope::Edge;
const RS: Scope = Scope::CauseService;
const RF: Scope = Scope::FailedEntity;
const RT: Scope = Scope::SlowEntity;
const RX: Scope = Scope::CauseException;

/// Makes the enum and its table out of one list.
macro_rules! keywords {
    ($($keyword:ident $name:literal $kind:ident [$($scope:ident)*] $help:literal;)*) => {
        /// A word that names something to read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Keyword {
            $(#[doc = $help] $keyword,)*
        }

        /// Every keyword, in the order in which help lists them.
        pub const TABLE: &[Row] = &[$(Row {
            keyword: Keyword::$keyword,
            name: $name,
            kind: Kind::$kind,
            scopes: &[$($scope),*],
            help: $help,
        },)*];
    };
}

keywords! {
    Ok "ok" Flag [T S E] "neither error nor fault nor throttle";
    Error "error" Flag [T S E] "answered with 4xx, but not throttled";
    Throttle "throttle" Flag [T S E] "answered with 429";
    Fault "fault" Flag [T S E] "answered with 5xx";
    Partial "partial" Flag [T S E] "a parent or a promised segment of the trace is missing";
    Inferred "inferred" Flag [T S RS] "the service sent nothing; for a trace, one of them";
    Root "root" Flag [S] "the node is where the trace began";
    First "first" Flag [RS RF RT RX] "the first of its list";
    Last "last" Flag [RS RF RT RX] "the last of its list";
    Remote "remote" Flag [RF RT] "a call to another service";
    ResponseTime "responsetime" Number [T S E] "seconds until the root segment, the segment or the call ended";
    Duration "duration" Number [T S E] "seconds from first start to last end; inside braces as responsetime";
    HttpStatus "http.status" Number [T S E] "the status answered";
    Index "index" Number [RS RF RT RX] "the place in its list, from zero";
    Coverage "coverage" Number [RT] "the share of the root's response time, from zero to one";
    HttpUrl "http.url" Text [T S E] "the URL called";
    HttpMethod "http.method" Text [T S E] "the method, such as GET";
    HttpUserAgent "http.useragent" Text [T S E] "the caller's program";
    HttpClientIp "http.clientip" Text [T S E] "the caller's address";
    User "user" Text [T S E] "a user that a segment names";
    Name "name" Text [S RS RF RT RX] "the node's or the entity's name, the exception's type";
    Type "type" Text [S RS] "the node's type";
    Message "message" Text [RX] "the exception's message";
    AvailabilityZone "availabilityzone" Text [T S E] "the EC2 zone that a segment ran in";
    InstanceId "instance.id" Text [T S E] "the EC2 instance that a segment ran on";
    ResourceArn "resource.arn" Text [T S E] "the resource that a segment ran on";
    GroupName "group.name" Group [T] "the trace fits the filter of the group with this name";
    GroupArn "group.arn" Group [T] "the trace fits the filter of the group with this ARN";
    RootCauseJson "rootcause.json" Json [T] "the trace has root causes such as these: #[{…}]";
}

/// Words that are no keywords, with what they are, in a line.
pub const WORDS: &[(&str, &str)] = &[
    ("annotation", "annotation.KEY or annotation[KEY]: what was recorded for the key"),
    ("source.annotation", "in edge() {}: the annotation of the node where the edge begins"),
    ("destination.annotation", "in edge() {}: the annotation of the node where the edge ends"),
    ("service", "service(\"name\") { … }: a segment of a node fits"),
    ("edge", "edge(\"from\", \"to\") { … }: a call fits, as the caller sees it"),
    ("id", "id(name: \"…\", type: \"…\", account.id: \"…\"): names a node exactly"),
    ("rootcause.fault.service", "a service blamed for a fault fits"),
    ("rootcause.fault.entity", "a segment or subsegment blamed for a fault fits"),
    ("rootcause.fault.exception", "an exception blamed for a fault fits"),
    ("rootcause.error.service", "a service blamed for an error fits"),
    ("rootcause.error.entity", "a segment or subsegment blamed for an error fits"),
    ("rootcause.error.exception", "an exception blamed for an error fits"),
    ("rootcause.responsetime.service", "a service blamed for a slow answer fits"),
    ("rootcause.responsetime.entity", "a segment or subsegment blamed for a slow answer fits"),
    ("and", "both hold; may be left out"),
    ("or", "one of both holds; binds less than and"),
    ("not", "does not hold; the same as !"),
    ("contains", "the text has this in it"),
    ("beginswith", "the text begins with this"),
    ("endswith", "the text ends with this"),
    ("true", "what a flag is compared with"),
    ("false", "what a flag is compared with"),
];

impl Keyword {
    /// Returns what the table says of the keyword.
    pub fn row(self) -> &'static Row {
        // Rows stand in the order of the variants: both are made of one list.
        &TABLE[self as usize]
    }

    /// Returns the keyword that is written so, in whatever case.
    pub fn named(word: &str) -> Option<Self> {
        let row = TABLE.iter().find(|row| row.name.eq_ignore_ascii_case(word));
        row.map(|row| row.keyword)
    }
}

/// Returns what an unknown word is called in a problem: the longest beginning of any word of the
/// language, and the first character that does not fit.
///
/// Source: observed, `madeup` is called `ma`.
pub(crate) fn unknown_symbol(text: &str) -> String {
    let names = TABLE.iter().map(|row| row.name).chain(WORDS.iter().map(|(word, _)| *word));
    let fitting = |name: &str| {
        let pairs = name.chars().zip(text.chars());
        pairs.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
    };
    let length = names.map(fitting).max().unwrap_or(0);
    text.chars().take(length + 1).flat_map(shown).collect()
}

/// What cannot be seen is named.
fn shown(char: char) -> Vec<char> {
    if char.is_control() { char.escape_default().collect() } else { vec![char] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_leads_to_its_own_row() {
        for row in TABLE {
            assert_eq!(row.keyword.row().name, row.name);
            assert_eq!(Keyword::named(&row.name.to_uppercase()), Some(row.keyword));
            assert!(!row.scopes.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn an_unknown_word_is_called_by_what_fits_and_one_more() {
        for (text, symbol) in [
            ("madeup = 7)", "ma"),
            ("okay", "oka"),
            ("FAUlty", "FAUlty"),
            ("zzz", "z"),
            ("@", "@"),
            ("http.urn", "http.urn"),
            ("faul\n = 1", "faul\\n"),
        ] {
            assert_eq!(unknown_symbol(text), symbol);
        }
    }
}
