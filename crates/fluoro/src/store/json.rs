//! JSON for programs: objects and lists of values that are JSON already.

/// Returns an object.
pub(super) fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", text(name))).collect();
    format!("{{{}}}", members.join(","))
}

/// Returns a list.
pub(super) fn list(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<String>>().join(","))
}

/// Returns a string.
pub(super) fn text(text: &str) -> String {
    wire::json::encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let members = [("a\"b", text("c\n")), ("list", list(["1".to_owned(), "2".to_owned()]))];
        assert_eq!(object(&members), "{\"a\\\"b\":\"c\\n\",\"list\":[1,2]}");
    }
}
