//! The language for those who write it: the whole reference, and a few lines on one word.

use std::fmt::Write;

use crate::keywords::{Keyword, Row, TABLE, WORDS};

/// Returns the reference of the language, in Markdown.
pub fn reference() -> String {
    let mut table = "| keyword | kind | known of | is |\n|---|---|---|---|".to_owned();
    for row in TABLE {
        let (kind, scopes) = (row.kind.name(), scopes(row));
        // Writing to a string does not fail.
        let _ = write!(table, "\n| `{}` | {kind} | {scopes} | {} |", row.name, row.help);
    }
    include_str!("../reference.md").replace("{keywords}", &table)
}

/// Returns what there is to know of one word of the language; `None` for other words.
pub fn help(word: &str) -> Option<String> {
    if let Some(keyword) = Keyword::named(word) {
        let row = keyword.row();
        let signs: Vec<&str> =
            row.kind.operators().iter().map(|operator| operator.sign()).collect();
        return Some(format!(
            "{}: {}\nkind: {}, compared with {}\nknown of: {}",
            row.name,
            row.help,
            row.kind.name(),
            signs.join(" "),
            scopes(row)
        ));
    }
    let (name, help) = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
    Some(format!("{name}: {help}"))
}

fn scopes(row: &Row) -> String {
    let names: Vec<&str> = row.scopes.iter().map(|scope| scope.name()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_names_every_keyword() {
        let reference = reference();
        for row in TABLE {
            assert!(reference.contains(&format!("| `{}` |", row.name)), "{}", row.name);
        }
        assert!(!reference.contains("{keywords}"));
    }

    #[test]
    fn help_is_there_for_every_word_in_any_case() {
        for name in TABLE.iter().map(|row| row.name).chain(WORDS.iter().map(|(word, _)| *word)) {
            assert!(help(&name.to_uppercase()).is_some(), "{name}");
        }
        assert_eq!(help("madeup"), None);
        insta::assert_snapshot!(help("Coverage").unwrap(), @"
    coverage: the share of the root's response time, from zero to one
    kind: number, compared with = != < <= > >=
    known of: rootcause.responsetime.entity {}
    ");
    }
}
