//! The canonical form: what is printed is read as the same tree.

use std::fmt::{self, Display, Formatter, Write};

use crate::ast::{
    CauseKind, Comparison, Expr, Field, Json, Level, Node, Placed, Selector, Side, Target, Value,
};

impl Display for Expr {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => joined(out, parts, " OR ", 1),
            Self::And(parts) => joined(out, parts, " AND ", 2),
            Self::Not(part) => {
                out.write_char('!')?;
                // What is compared is part of the negation, without parentheses that would nest.
                let is_list = part.value.binding() < 3;
                in_parentheses(out, &part.value, is_list)
            }
            Self::Select(selector) => selector.fmt(out),
            Self::Compare(comparison) => comparison.fmt(out),
        }
    }
}

impl Expr {
    /// How tightly it holds together: what binds less stands in parentheses.
    fn binding(&self) -> u8 {
        match self {
            Self::Or(_) => 1,
            Self::And(_) => 2,
            Self::Not(_) | Self::Select(_) | Self::Compare(_) => 3,
        }
    }
}

/// Prints parts; those that would be read as more than one part stand in parentheses.
fn joined(
    out: &mut Formatter<'_>,
    parts: &[Placed<Expr>],
    between: &str,
    binding: u8,
) -> fmt::Result {
    for (index, Placed { value: part, .. }) in parts.iter().enumerate() {
        if index > 0 {
            out.write_str(between)?;
        }
        in_parentheses(out, part, part.binding() <= binding)?;
    }
    Ok(())
}

fn in_parentheses(out: &mut Formatter<'_>, part: &Expr, needed: bool) -> fmt::Result {
    if needed { write!(out, "({part})") } else { write!(out, "{part}") }
}

impl Display for Selector {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Service(None) => out.write_str("service()")?,
            Target::Service(Some(node)) => write!(out, "service({node})")?,
            Target::Edge(None) => out.write_str("edge()")?,
            Target::Edge(Some((from, to))) => write!(out, "edge({from}, {to})")?,
            Target::Cause(kind, level) => {
                write!(out, "rootcause.{}.{}", kind.name(), level.name())?;
            }
        }
        match &self.body {
            Some(body) => write!(out, " {{ {} }}", body.value),
            None => Ok(()),
        }
    }
}

impl CauseKind {
    /// Returns the word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Error => "error",
            Self::ResponseTime => "responsetime",
        }
    }
}

impl Level {
    /// Returns the word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Entity => "entity",
            Self::Exception => "exception",
        }
    }
}

impl Display for Node {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if let Self { name: Some(name), service_type: None, account_id: None } = self {
            return quoted(out, name);
        }
        out.write_str("id(")?;
        let parts =
            [("name", &self.name), ("type", &self.service_type), ("account.id", &self.account_id)];
        let said = parts.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
        for (index, (key, value)) in said.enumerate() {
            write!(out, "{}{key}: ", if index > 0 { ", " } else { "" })?;
            quoted(out, value)?;
        }
        out.write_char(')')
    }
}

impl Display for Comparison {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.field.value.fmt(out)?;
        match &self.test {
            Some((operator, value)) => write!(out, " {} {}", operator.value.sign(), value.value),
            None => Ok(()),
        }
    }
}

impl Display for Field {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let (side, key) = match self {
            Self::Keyword(keyword) => return out.write_str(keyword.row().name),
            Self::Annotation(side, key) => (side, key),
        };
        out.write_str(match side {
            Side::Here => "annotation",
            Side::Source => "source.annotation",
            Side::Destination => "destination.annotation",
        })?;
        let is_plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
        match key {
            key if !key.is_empty() && key.chars().all(is_plain) => write!(out, ".{key}"),
            key if !key.is_empty() && key.chars().all(|char| is_plain(char) || char == '.') => {
                write!(out, "[{key}]")
            }
            key => {
                out.write_char('[')?;
                quoted(out, key)?;
                out.write_char(']')
            }
        }
    }
}

impl Display for Value {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => quoted(out, text),
            Self::Number(value) => number(out, *value),
            Self::Flag(flag) => flag.fmt(out),
            Self::Json(json) => write!(out, "#{json}"),
        }
    }
}

impl Display for Json {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Flag(flag) => flag.fmt(out),
            Self::Number(value) => number(out, *value),
            Self::Text(text) => quoted(out, text),
            Self::List(items) => {
                out.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if index > 0 { "," } else { "" })?;
                }
                out.write_char(']')
            }
            Self::Object(members) => {
                out.write_char('{')?;
                for (index, (key, value)) in members.iter().enumerate() {
                    out.write_str(if index > 0 { "," } else { "" })?;
                    quoted(out, key)?;
                    write!(out, ":{value}")?;
                }
                out.write_char('}')
            }
        }
    }
}

/// Plain digits where they are few, an exponent elsewhere.
fn number(out: &mut Formatter<'_>, value: f64) -> fmt::Result {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-6..1e15).contains(&magnitude) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    }
}

fn quoted(out: &mut Formatter<'_>, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for char in text.chars() {
        match char {
            '"' | '\\' => write!(out, "\\{char}")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            control if control < ' ' => write!(out, "\\u{:04x}", u32::from(control))?,
            other => out.write_char(other)?,
        }
    }
    out.write_char('"')
}

#[cfg(test)]
mod tests;
