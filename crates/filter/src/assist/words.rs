//! Which word of the language somebody may have meant.

use crate::keywords::{TABLE, WORDS};

/// Words of other languages and tools, as [`plain`] has them, and ours for them.
const OTHERS: &[(&str, &str)] = &[
    ("status", "http.status"),
    ("statuscode", "http.status"),
    ("httpstatuscode", "http.status"),
    ("httpresponsestatus", "http.status"),
    ("code", "http.status"),
    ("url", "http.url"),
    ("uri", "http.url"),
    ("path", "http.url"),
    ("httprequesturl", "http.url"),
    ("method", "http.method"),
    ("httprequestmethod", "http.method"),
    ("useragent", "http.useragent"),
    ("ip", "http.clientip"),
    ("clientip", "http.clientip"),
    ("latency", "responsetime"),
    ("elapsed", "responsetime"),
    ("time", "duration"),
    ("username", "user"),
    ("userid", "user"),
    ("az", "availabilityzone"),
    ("zone", "availabilityzone"),
    ("instance", "instance.id"),
    ("arn", "resource.arn"),
    ("group", "group.name"),
    ("success", "ok"),
    ("failure", "fault"),
    ("failed", "fault"),
    ("throttled", "throttle"),
    ("like", "CONTAINS"),
    ("matches", "CONTAINS"),
    ("includes", "CONTAINS"),
    ("has", "CONTAINS"),
    ("startswith", "BEGINSWITH"),
    ("prefix", "BEGINSWITH"),
    ("suffix", "ENDSWITH"),
];

/// Returns the words that may be meant, the likeliest first.
pub(super) fn meant(word: &str) -> Vec<&'static str> {
    let plain_word = plain(word);
    let other = OTHERS.iter().find(|(other, _)| *other == plain_word).map(|(_, ours)| *ours);
    let names = TABLE.iter().map(|row| row.name).chain(WORDS.iter().map(|(word, _)| *word));
    let distance_max = (plain_word.len() / 4).min(2);
    let mut near: Vec<_> = names
        .map(|name| (distance(&plain_word, &plain(name)), name))
        .filter(|(distance, _)| *distance <= distance_max)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    let exact = near.iter().take_while(|(distance, _)| *distance == 0).count();
    let names: Vec<_> = near.into_iter().map(|(_, name)| name).collect();
    names[..exact].iter().copied().chain(other).chain(names[exact..].iter().copied()).collect()
}

/// A word without what people write differently.
fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_lowercase()).collect()
}

/// How many letters must be put in, taken out, changed, or exchanged with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let changed = row[j] + usize::from(from != to);
            let is_swapped = i > 0 && j > 0 && *from == b[j - 1] && a[i - 1] == *to;
            let swapped = if is_swapped { before[j - 1] + 1 } else { usize::MAX };
            next.push(changed.min(row[j + 1] + 1).min(next[j] + 1).min(swapped));
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_meant_is_found() {
        for (word, ours) in [
            ("response_time", Some("responsetime")),
            ("reponseTime", Some("responsetime")),
            ("resposnetime", Some("responsetime")),
            ("http_status", Some("http.status")),
            ("status", Some("http.status")),
            ("faults", Some("fault")),
            ("eror", Some("error")),
            ("durration", Some("duration")),
            ("user_agent", Some("http.useragent")),
            ("StartsWith", Some("BEGINSWITH")),
            ("order_id", None),
            ("x", None),
        ] {
            assert_eq!(meant(word).first().copied(), ours, "{word}");
        }
    }

    #[test]
    fn distances_are_symmetrical_and_small_where_little_differs() {
        for (a, b, expected) in
            [("", "", 0), ("ab", "ba", 1), ("abc", "abc", 0), ("abc", "ac", 1), ("abcd", "acbd", 1)]
        {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a} {b}");
        }
    }
}
