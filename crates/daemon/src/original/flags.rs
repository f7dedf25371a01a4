//! Command lines by the rules of Go's `flag` package.
//!
//! `-x v`, `-x=v`, `--x v` and `--x=v` are the same for every name, long or short. A switch takes
//! its value behind `=` alone. The first word that is no flag ends the flags, and so does `--`.

use std::fmt::Write;

/// One flag under its two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The name of one letter; empty when there is none.
    pub short: &'static str,
    /// The long name.
    pub long: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it means, in the help text.
    pub help: &'static str,
}

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, or `=true` and `=false`.
    Switch,
    /// A whole number.
    Number,
    /// A text; the word stands for it in the help text.
    Text(&'static str),
}

/// The flags that were given, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    values: Vec<(&'static str, String)>,
}

/// Why a command line cannot be read. The texts are those of Go, which scripts look for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A word that begins like a flag and is none.
    #[error("bad flag syntax: {0}")]
    Syntax(String),
    /// A name that no flag has.
    #[error("flag provided but not defined: -{0}")]
    Unknown(String),
    /// A flag at the end that needs a value.
    #[error("flag needs an argument: -{0}")]
    NoValue(String),
    /// A switch that is neither on nor off.
    #[error("invalid boolean value {value:?} for -{name}: parse error")]
    NotASwitch {
        /// The name as it was written.
        name: String,
        /// What stands there.
        value: String,
    },
    /// A value that is no number.
    #[error("invalid value {value:?} for flag -{name}: parse error")]
    NotANumber {
        /// The name as it was written.
        name: String,
        /// What stands there.
        value: String,
    },
}

impl Given {
    /// Returns the last value given for a flag, by its long name.
    pub fn text(&self, long: &str) -> Option<&str> {
        self.values.iter().rfind(|(name, _)| *name == long).map(|(_, value)| value.as_str())
    }

    /// Returns every value given for a flag, by its long name, in their order.
    pub fn texts<'g>(&'g self, long: &'g str) -> impl Iterator<Item = &'g str> {
        self.values.iter().filter(move |(name, _)| *name == long).map(|(_, value)| value.as_str())
    }

    /// Returns whether a switch was set, and how; `None` when it was not given.
    pub fn switch(&self, long: &str) -> Option<bool> {
        self.text(long).and_then(boolean)
    }

    /// Returns the number given for a flag.
    pub fn number(&self, long: &str) -> Option<i64> {
        self.text(long).and_then(number)
    }
}

/// Reads the words behind the program's name.
///
/// # Errors
/// The first word that cannot be read; a number is checked here, a text by whoever uses it.
pub fn parse(table: &[Flag], words: &[String]) -> Result<Given, Problem> {
    let mut given = Given::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(rest) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) else { break };
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        if rest.is_empty() {
            break;
        }
        if rest.starts_with(['-', '=']) {
            return Err(Problem::Syntax(word.clone()));
        }
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (rest, None),
        };
        let flag = table
            .iter()
            .find(|flag| flag.long == name || flag.short == name)
            .ok_or_else(|| Problem::Unknown(name.to_owned()))?;
        let value = match (flag.kind, value) {
            (_, Some(value)) => value,
            (Kind::Switch, None) => "true".to_owned(),
            (_, None) => words.next().cloned().ok_or_else(|| Problem::NoValue(name.to_owned()))?,
        };
        check(flag.kind, name, &value)?;
        given.values.push((flag.long, value));
    }
    Ok(given)
}

fn check(kind: Kind, name: &str, value: &str) -> Result<(), Problem> {
    let (name, value) = (name.to_owned(), value.to_owned());
    match kind {
        Kind::Switch if boolean(&value).is_none() => Err(Problem::NotASwitch { name, value }),
        Kind::Number if number(&value).is_none() => Err(Problem::NotANumber { name, value }),
        _ => Ok(()),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Reads a whole number as Go does: with a sign, and in base 16, 8 or 2 after `0x`, `0o`, `0b`.
fn number(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let radices = [("0x", 16), ("0o", 8), ("0b", 2)];
    let found = radices.iter().find_map(|(mark, radix)| Some((lower.strip_prefix(mark)?, *radix)));
    let (digits, radix) = found.unwrap_or((&lower, 10));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i64::from_str_radix(digits, radix).ok()?;
    Some(if is_negative { -value } else { value })
}

/// Returns the list of flags for a help text, one below the other.
pub fn usage(table: &[Flag]) -> String {
    let head = |flag: &Flag| {
        let mut text = match flag.short {
            "" => format!("      --{}", flag.long),
            short => format!("  -{short}, --{}", flag.long),
        };
        match flag.kind {
            Kind::Switch => {}
            Kind::Number => text.push_str(" N"),
            Kind::Text(word) => {
                let _ = write!(text, " {word}");
            }
        }
        text
    };
    let width = table.iter().map(|flag| head(flag).len()).max().unwrap_or(0) + 2;
    let mut text = String::new();
    for flag in table {
        let mut head = head(flag);
        for line in flag.help.lines() {
            let _ = writeln!(text, "{head:<width$}{line}");
            head.clear();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Flag] = &[
        Flag { short: "b", long: "bind", kind: Kind::Text("ADDR"), help: "Where to listen" },
        Flag { short: "m", long: "buffer-memory", kind: Kind::Number, help: "In MB\nor so" },
        Flag { short: "o", long: "local-mode", kind: Kind::Switch, help: "No metadata" },
        Flag { short: "", long: "spool", kind: Kind::Text("DIR"), help: "Where to keep" },
    ];

    fn read(line: &str) -> Result<Given, Problem> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(TABLE, &words)
    }

    #[test]
    fn both_names_take_one_dash_or_two_and_a_value_in_either_place() {
        for line in ["-b x", "-b=x", "--b x", "--b=x", "-bind x", "-bind=x", "--bind x", "--bind=x"]
        {
            assert_eq!(read(line).expect("a flag").text("bind"), Some("x"), "{line}");
        }
        assert_eq!(read("-b x -b=y").expect("flags").text("bind"), Some("y"));
        assert_eq!(read("--bind=").expect("a flag").text("bind"), Some(""));
        assert_eq!(read("-b -o").expect("a value").text("bind"), Some("-o"));
    }

    #[test]
    fn a_switch_takes_its_value_behind_the_sign_alone() {
        assert_eq!(read("-o").expect("a switch").switch("local-mode"), Some(true));
        assert_eq!(read("-o=F").expect("a switch").switch("local-mode"), Some(false));
        // `false` is no flag, and ends them.
        let given = read("-o false -b x").expect("a switch");
        assert_eq!((given.switch("local-mode"), given.text("bind")), (Some(true), None));
        assert_eq!(read("").expect("nothing").switch("local-mode"), None);
    }

    #[test]
    fn the_first_word_that_is_no_flag_ends_them() {
        for line in ["word -b x", "- -b x", "-- -b x"] {
            assert_eq!(read(line), Ok(Given::default()), "{line}");
        }
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, expected) in [("12", 12), ("-3", -3), ("+3", 3), ("0x10", 16), ("0b11", 3)] {
            let given = read(&format!("-m={text}")).expect("a number");
            assert_eq!(given.number("buffer-memory"), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_in_the_words_of_go() {
        for (line, text) in [
            ("--nope 1", "flag provided but not defined: -nope"),
            ("-bo", "flag provided but not defined: -bo"),
            ("-b", "flag needs an argument: -b"),
            ("---b", "bad flag syntax: ---b"),
            ("-=b", "bad flag syntax: -=b"),
            ("-m many", "invalid value \"many\" for flag -m: parse error"),
            ("-m=--3", "invalid value \"--3\" for flag -m: parse error"),
            ("--local-mode=no", "invalid boolean value \"no\" for -local-mode: parse error"),
        ] {
            assert_eq!(read(line).expect_err(line).to_string(), text);
        }
    }

    #[test]
    fn the_list_of_flags_is_aligned() {
        insta::assert_snapshot!(usage(TABLE), @r"
          -b, --bind ADDR        Where to listen
          -m, --buffer-memory N  In MB
                                 or so
          -o, --local-mode       No metadata
              --spool DIR        Where to keep
        ");
    }
}
