//! Values that do not suit their field, and groups.

use super::*;

/// The condition of a lone test.
fn condition(text: &str) -> String {
    match Predicate::read(text) {
        Ok(Predicate::Test(test)) => format!("{:?}", test.condition),
        other => format!("{other:?}"),
    }
}

#[test]
fn values_suit_their_field_or_never_fit() {
    for (text, expected) in [
        ("ok", "Given"),
        ("ok = FALSE", "Flag(false)"),
        ("ok != true", "Flag(false)"),
        ("ok = \"True\"", "Flag(true)"),
        ("ok = \"yes\"", "Never"),
        ("ok = 1", "Never"),
        ("duration != 2", "Number(NotEqual, 2.0)"),
        ("duration != \"slow\"", "Never"),
        ("http.method = get", "Text(Equal, \"get\")"),
        ("http.method = 5", "Never"),
        ("annotation.a >= 5", "Number(GreaterOrEqual, 5.0)"),
        ("annotation.a = \"5\"", "Text(Equal, \"5\")"),
        ("annotation.a < \"5\"", "Never"),
        ("annotation.a CONTAINS 5", "Never"),
        ("annotation.a != false", "Flag(true)"),
        ("annotation.a > true", "Never"),
        ("user = #[1]", "Never"),
        ("rootcause.json = 1", "Never"),
        ("group.name != 1", "Never"),
    ] {
        assert_eq!(condition(text), expected, "{text}");
    }
}

/// Puts in groups of these names and filters.
fn resolved(text: &str, groups: &[(&str, &str)]) -> Result<Predicate, Error> {
    let expression_of = |group: &GroupReference| {
        let (GroupReference::Name(wanted) | GroupReference::Arn(wanted)) = group;
        let found = groups.iter().find(|(name, _)| name == wanted);
        found.map(|(_, expression)| (*expression).to_owned())
    };
    Predicate::read(text).unwrap().resolve(&expression_of)
}

#[test]
fn groups_are_put_in() {
    let groups = [("slow", "duration > 3"), ("bad", "fault group.arn = \"slow\""), ("odd", "((")];
    for (text, expected) in [
        ("group.name = \"slow\" AND user", "duration > 3 AND user"),
        ("group.arn != \"slow\"", "!duration > 3"),
        ("group.name = \"bad\"", "fault AND duration > 3"),
    ] {
        assert_eq!(resolved(text, &groups), Ok(Predicate::read(expected).unwrap()), "{text}");
    }
    for (name, expected) in [
        ("Default", Predicate::everything()),
        ("default", Predicate::nothing()),
        ("gone", Predicate::nothing()),
        ("odd", Predicate::nothing()),
    ] {
        assert_eq!(resolved(&format!("group.name = \"{name}\""), &groups), Ok(expected), "{name}");
    }
}

#[test]
fn groups_that_refer_to_themselves_are_refused() {
    let groups = [("a", "user group.name = \"b\""), ("b", "!group.name = \"a\"")];
    let a = GroupReference::Name("a".to_owned());
    assert_eq!(resolved("group.name = \"a\"", &groups), Err(Error::GroupCycle(a)));
}

#[test]
fn so_many_groups_are_refused() {
    let wide: Vec<&str> = vec!["group.name = \"one\""; GROUP_COUNT_MAX];
    assert!(resolved(&wide.join(" "), &[("one", "ok")]).is_ok());
    let wider = format!("{} group.name = \"one\"", wide.join(" "));
    assert_eq!(resolved(&wider, &[("one", "ok")]), Err(Error::TooManyGroups));

    let names: Vec<String> = (0..=GROUP_DEPTH_MAX).map(|index| index.to_string()).collect();
    let filters: Vec<String> =
        (1..=names.len()).map(|next| format!("group.name = \"{next}\"")).collect();
    let chain: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(filters.iter().map(String::as_str)).collect();
    assert_eq!(resolved("group.name = \"0\"", &chain), Err(Error::TooManyGroups));
    assert_eq!(resolved("group.name = \"2\"", &chain), Ok(Predicate::nothing()));
}
