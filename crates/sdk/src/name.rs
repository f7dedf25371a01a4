//! Names of segments: fixed, or taken from the request's host; and what may stand in a name.

use std::borrow::Cow;
use std::sync::Arc;

use wire::glob;

/// The longest name, in characters. Source: the schema of segment documents.
const NAME_CHARS_MAX: usize = 200;

/// What stands in for a name of which nothing is left.
const NAMELESS: &str = "unnamed";

/// How the segments of a service are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The name, unless the host gives one.
    pub(crate) fixed: Arc<str>,
    /// Which hosts give the name.
    pattern: Option<Arc<str>>,
}

impl Naming {
    /// Names every segment `name`.
    pub fn fixed(name: &str) -> Self {
        Self { fixed: sanitize(Cow::Borrowed(name)).into(), pattern: None }
    }

    /// Names a segment after the request's host if that matches `pattern` (`*` and `?`, case does
    /// not count), and `fallback` otherwise.
    ///
    /// Source: dynamic naming, developer guide.
    pub fn dynamic(pattern: &str, fallback: &str) -> Self {
        Self { pattern: Some(pattern.into()), ..Self::fixed(fallback) }
    }

    /// Replaces the fixed name, which is also the fallback of dynamic naming.
    pub(crate) fn rename(&mut self, name: &str) {
        self.fixed = Self::fixed(name).fixed;
    }

    /// Returns the host, if it gives the name of a request's segment.
    pub(crate) fn of_host<'h>(&self, host: Option<&'h str>) -> Option<&'h str> {
        let pattern = self.pattern.as_deref()?;
        host.filter(|host| !host.is_empty() && glob::matches(pattern, host))
    }
}

/// Returns `name` without the characters that the format does not know, cut to its longest.
pub(crate) fn sanitize(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.len() <= NAME_CHARS_MAX && !name.is_empty() && name.bytes().all(is_plain) {
        return name;
    }
    let kept: String = name.chars().filter(|&c| is_allowed(c)).take(NAME_CHARS_MAX).collect();
    if kept.trim().is_empty() { Cow::Borrowed(NAMELESS) } else { Cow::Owned(kept) }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii() && is_allowed(char::from(byte))
}

fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/%&#=+\\-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_what_the_format_knows() {
        let long = "ü".repeat(300);
        for (name, expected) in [
            ("api.example.com:8080", "api.example.com:8080"),
            ("GET /a?b=c", "GET /ab=c"),
            ("", NAMELESS),
            ("?!", NAMELESS),
            ("a\nb", "ab"),
            (&long, &long[..400]),
        ] {
            assert_eq!(sanitize(name.into()), expected, "{name}");
        }
    }

    #[test]
    fn a_host_gives_the_name_if_it_matches() {
        let naming = Naming::dynamic("*.example.com", "fallback");
        assert_eq!(naming.of_host(Some("A.example.com")), Some("A.example.com"));
        for host in [None, Some(""), Some("10.0.0.1")] {
            assert_eq!(naming.of_host(host), None);
        }
        assert_eq!(Naming::fixed("x").of_host(Some("x")), None);
    }
}
