//! The text of a resource policy: an IAM policy about X-Ray.
//!
//! Read as far as it takes to say that it is one, and whom it denies what. Evaluating policies is
//! not done here.

use serde_json::{Map, Value};

/// A policy that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDocument {
    /// What it says; at least one.
    pub statements: Vec<PolicyStatement>,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyStatement {
    /// What follows when it applies.
    pub effect: Effect,
    /// Whom it is about: accounts, ARNs, services, `*`; `None` when it names those it is not about.
    pub principals: Option<Vec<String>>,
    /// Patterns of actions.
    pub actions: Vec<String>,
    /// Whether the patterns are of the actions that it is not about.
    pub is_not_action: bool,
    /// Patterns of resources; `None` when they are of those that it is not about.
    pub resources: Option<Vec<String>>,
    /// Whether it applies at certain times only.
    pub has_condition: bool,
}

/// What follows when a statement applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is allowed.
    Allow,
    /// It is not, whatever others say.
    Deny,
}

impl PolicyDocument {
    /// Reads a policy.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    ///
    /// Source: grammar of the IAM JSON policy language.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let policy = value.as_object().ok_or("a policy is a JSON object")?;
        only(policy, &["Version", "Id", "Statement"])?;
        match policy.get("Version").map(Value::as_str) {
            None | Some(Some("2012-10-17" | "2008-10-17")) => {}
            Some(_) => return Err("Version is 2012-10-17 or 2008-10-17".to_owned()),
        }
        is_text(policy, "Id")?;
        let statements = match policy.get("Statement") {
            Some(Value::Array(list)) => list.iter().map(statement).collect::<Result<_, _>>()?,
            Some(one) => vec![statement(one)?],
            None => Vec::new(),
        };
        if statements.is_empty() {
            return Err("a policy has at least one Statement".to_owned());
        }
        Ok(Self { statements })
    }
}

impl PolicyStatement {
    /// Returns whether the statement is about the action, such as `xray:PutTraceSegments`.
    pub fn is_about(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| is_like(pattern, action)) != self.is_not_action
    }
}

fn statement(value: &Value) -> Result<PolicyStatement, String> {
    let members = value.as_object().ok_or("a Statement is a JSON object")?;
    let known = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    only(members, &known)?;
    is_text(members, "Sid")?;
    let effect = match members.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err("Effect is Allow or Deny".to_owned()),
    };
    let has_condition = match members.get("Condition") {
        None => false,
        Some(Value::Object(operators)) => !operators.is_empty(),
        Some(_) => return Err("a Condition is a JSON object".to_owned()),
    };
    let (principal, is_not_principal) = either(members, "Principal", "NotPrincipal")?;
    let principals = principals(principal)?;
    let (action, is_not_action) = either(members, "Action", "NotAction")?;
    let actions = texts(action, "an Action")?;
    if let Some(action) = actions.iter().find(|action| !is_action(action)) {
        return Err(format!("{action} is no action of X-Ray"));
    }
    let (resource, is_not_resource) = either(members, "Resource", "NotResource")?;
    let resources = texts(resource, "a Resource")?;
    if let Some(resource) = resources.iter().find(|text| *text != "*" && !text.starts_with("arn:"))
    {
        return Err(format!("{resource} is no resource"));
    }
    Ok(PolicyStatement {
        effect,
        principals: (!is_not_principal).then_some(principals),
        actions,
        is_not_action,
        resources: (!is_not_resource).then_some(resources),
        has_condition,
    })
}

fn only(members: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("{name} is no member of a policy")),
        None => Ok(()),
    }
}

fn is_text(members: &Map<String, Value>, name: &str) -> Result<(), String> {
    match members.get(name) {
        None | Some(Value::String(_)) => Ok(()),
        Some(_) => Err(format!("{name} is a text")),
    }
}

/// Returns the one of two members that is there, and whether it is the second.
fn either<'a>(
    members: &'a Map<String, Value>,
    name: &str,
    negated: &str,
) -> Result<(&'a Value, bool), String> {
    match (members.get(name), members.get(negated)) {
        (Some(value), None) => Ok((value, false)),
        (None, Some(value)) => Ok((value, true)),
        _ => Err(format!("a Statement has either {name} or {negated}")),
    }
}

fn principals(value: &Value) -> Result<Vec<String>, String> {
    let kinds = match value {
        Value::String(text) if text == "*" => return Ok(vec![text.clone()]),
        Value::Object(kinds) if !kinds.is_empty() => kinds,
        _ => return Err("a Principal is * or a JSON object".to_owned()),
    };
    only(kinds, &["AWS", "Service", "Federated", "CanonicalUser"])?;
    let mut principals = Vec::new();
    for value in kinds.values() {
        principals.append(&mut texts(value, "a Principal")?);
    }
    Ok(principals)
}

/// Reads a text or a list of them, none of which is empty.
fn texts(value: &Value, what: &str) -> Result<Vec<String>, String> {
    let list = match value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let texts = list.iter().map(|one| one.as_str().filter(|text| !text.is_empty()));
    let texts: Option<Vec<String>> = texts.map(|text| text.map(str::to_owned)).collect();
    let texts = texts.filter(|texts| !texts.is_empty());
    texts.ok_or_else(|| format!("{what} is a text or a list of texts"))
}

/// Newer actions than this program knows are actions too.
fn is_action(text: &str) -> bool {
    let Some((service, name)) = text.split_once(':') else { return text == "*" };
    let is_part = |char: char| char.is_ascii_alphanumeric() || "*?".contains(char);
    service.eq_ignore_ascii_case("xray") && !name.is_empty() && name.chars().all(is_part)
}

/// Returns whether a text is like a pattern with `*` and `?`; case makes no difference.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    // Where to go on after the last star, and with which part of the text.
    let mut retry = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                at_pattern += 1;
                retry = Some((at_pattern, at_text));
            }
            Some(b'?') => (at_pattern, at_text) = (at_pattern + 1, at_text + 1),
            Some(byte) if byte.eq_ignore_ascii_case(&text[at_text]) => {
                (at_pattern, at_text) = (at_pattern + 1, at_text + 1);
            }
            _ => {
                let Some((after_star, taken)) = retry else { return false };
                retry = Some((after_star, taken + 1));
                (at_pattern, at_text) = (after_star, taken + 1);
            }
        }
    }
    pattern[at_pattern..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn with(members: &str) -> String {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{{{members}}}}}"#);
        match PolicyDocument::parse(&text) {
            Ok(policy) => format!("{:?}", policy.statements),
            Err(problem) => problem,
        }
    }

    #[test]
    fn a_policy_is_read_as_iam_reads_it() {
        assert_snapshot!(with(r#""Sid":"s","Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":["xray:PutTraceSegments","xray:Get*"],"Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}"#), @r#"[PolicyStatement { effect: Allow, principals: Some(["sns.amazonaws.com"]), actions: ["xray:PutTraceSegments", "xray:Get*"], is_not_action: false, resources: Some(["*"]), has_condition: true }]"#);
        assert_snapshot!(with(r#""Effect":"Deny","NotPrincipal":{"AWS":["1","2"]},"NotAction":"*","NotResource":["arn:aws:xray:*:*:group/*"]"#), @r#"[PolicyStatement { effect: Deny, principals: None, actions: ["*"], is_not_action: true, resources: None, has_condition: false }]"#);
        let list =
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        assert_eq!(PolicyDocument::parse(list).map(|policy| policy.statements.len()), Ok(1));
    }

    #[test]
    fn what_is_no_policy_is_said_so() {
        for (text, problem) in [
            ("x", "expected value at line 1 column 1"),
            ("[]", "a policy is a JSON object"),
            ("{}", "a policy has at least one Statement"),
            (r#"{"Statement":[]}"#, "a policy has at least one Statement"),
            (r#"{"Statement":7}"#, "a Statement is a JSON object"),
            (r#"{"Version":"2013","Statement":[]}"#, "Version is 2012-10-17 or 2008-10-17"),
            (r#"{"Id":7,"Statement":[]}"#, "Id is a text"),
            (r#"{"Statements":[]}"#, "Statements is no member of a policy"),
        ] {
            assert_eq!(PolicyDocument::parse(text), Err(problem.to_owned()), "{text}");
        }
        let effect = r#""Effect":"Allow""#;
        let all = r#""Effect":"Allow","Principal":"*","Action":"xray:*","Resource":"*""#;
        for (members, problem) in [
            (r#""Effect":"allow""#.to_owned(), "Effect is Allow or Deny"),
            (effect.to_owned(), "a Statement has either Principal or NotPrincipal"),
            (
                format!(r#"{all},"NotPrincipal":"*""#),
                "a Statement has either Principal or NotPrincipal",
            ),
            (format!(r#"{all},"Conditions":{{}}"#), "Conditions is no member of a policy"),
            (format!(r#"{all},"Condition":[]"#), "a Condition is a JSON object"),
            (all.replace(r#""*","Action"#, r#""me","Action"#), "a Principal is * or a JSON object"),
            (
                all.replace(r#""*","Action"#, r#"{"Aws":"1"},"Action"#),
                "Aws is no member of a policy",
            ),
            (
                all.replace(r#""*","Action"#, r#"{"AWS":[]},"Action"#),
                "a Principal is a text or a list of texts",
            ),
            (all.replace("xray:*", "s3:GetObject"), "s3:GetObject is no action of X-Ray"),
            (all.replace("xray:*", "xray"), "xray is no action of X-Ray"),
            (all.replace("xray:*", "xray:"), "xray: is no action of X-Ray"),
            (all.replace(r#""xray:*""#, "[7]"), "an Action is a text or a list of texts"),
            (all.replace(r#""Resource":"*""#, r#""Resource":"x""#), "x is no resource"),
        ] {
            assert_eq!(with(&members), problem, "{members}");
        }
    }

    #[test]
    fn a_pattern_of_actions_is_like_those_that_it_fits() {
        for (pattern, is_about) in [
            ("*", true),
            ("xray:*", true),
            ("XRAY:putresourcepolicy", true),
            ("xray:Put*Policy", true),
            ("xray:Put*", true),
            ("xray:P??ResourcePolicy", true),
            ("xray:Put*Policies", false),
            ("xray:PutResourcePolicy?", false),
            ("xray:PutResource", false),
            ("xray:*Policy*y", false),
        ] {
            assert_eq!(is_like(pattern, "xray:PutResourcePolicy"), is_about, "{pattern}");
        }
    }
}
