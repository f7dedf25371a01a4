//! Filter expressions that pick the traces of one group, and the words for ways of grouping.

use filter::ast::{CauseKind, Field, Node, Side, Value};
use store::block::traces::predicate::TextMember;
use store::group::{By, Key};
use trace::{NodeId, Outcome};
use wire::limits::FILTER_BYTES_MAX;

use super::Error;
use super::shape::NodeName;

/// Between the two nodes of an edge.
const ARROW: &str = " → ";

/// What stands in the template of a URL where an id was.
const ID: &str = "{id}";

/// Reads by what traces are to be put together.
///
/// # Errors
/// When there is no such way.
pub(crate) fn read_by(word: &str, field: &'static str) -> Result<By, Error> {
    if let Some(key) = word.strip_prefix("annotation:").filter(|key| !key.is_empty()) {
        return Ok(By::Annotation(key.to_owned()));
    }
    Ok(match word {
        "url" => By::UrlTemplate,
        "rawUrl" => By::Text(TextMember::Url),
        "method" => By::Text(TextMember::Method),
        "status" => By::Status,
        "clientIp" => By::Text(TextMember::ClientIp),
        "userAgent" => By::Text(TextMember::UserAgent),
        "user" => By::Text(TextMember::User),
        "service" => By::Node,
        "entry" => By::EntryPoint,
        "edge" => By::Edge,
        "cause" => By::FaultCause,
        "exception" => By::Exception,
        "faultPath" => By::CausePath(CauseKind::Fault),
        "errorPath" => By::CausePath(CauseKind::Error),
        "slowPath" => By::CausePath(CauseKind::ResponseTime),
        "zone" => By::Text(TextMember::AvailabilityZone),
        "instance" => By::Text(TextMember::InstanceId),
        "arn" => By::Text(TextMember::ResourceArn),
        _ => {
            let message = format!("Traces cannot be put together by {word}");
            return Err(Error::invalid(message).in_field(field));
        }
    })
}

/// Returns the key as text; each key of one way has its own.
pub(crate) fn text(key: &Key) -> String {
    match key {
        Key::Text(text) => text.to_string(),
        Key::Status(status) => status.to_string(),
        Key::Outcome(outcome) => outcome_word(*outcome).to_owned(),
        Key::Number(number) => number.get().to_string(),
        Key::Flag(flag) => flag.to_string(),
        Key::Node(node) => node_text(node),
        Key::Edge(edge) => format!("{}{ARROW}{}", node_text(&edge.0), node_text(&edge.1)),
        Key::Start(start) => start.0.to_string(),
        Key::Path(path) => path.iter().map(node_text).collect::<Vec<_>>().join(ARROW),
    }
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Error => "error",
        Outcome::Throttle => "throttle",
        Outcome::Fault => "fault",
    }
}

fn node_text(node: &NodeId<'_>) -> String {
    match &node.service_type {
        Some(of) => format!("{}~{of}", node.name),
        None => node.name.to_string(),
    }
}

/// Returns the expression that picks the traces of a group; empty when there is none. That of a
/// template may pick those of a longer URL, too, and that of a path those with two paths that have
/// its services between them.
pub(crate) fn filter(by: &By, key: &Key) -> String {
    match (by, key) {
        (By::Text(member), Key::Text(text)) => format!("{} = {}", word(*member), quoted(text)),
        (By::UrlTemplate, Key::Text(text)) => of_template(text),
        (By::Status, Key::Status(status)) => format!("http.status = {status}"),
        (By::Outcome, Key::Outcome(outcome)) => outcome_word(*outcome).to_owned(),
        (By::Node, Key::Node(node)) => format!("service({})", id(node)),
        (By::EntryPoint, Key::Node(node)) => format!("service({}) {{ root }}", id(node)),
        (By::Edge, Key::Edge(edge)) => format!("edge({}, {})", id(&edge.0), id(&edge.1)),
        (By::FaultCause, Key::Node(node)) => {
            format!("rootcause.fault.service {{ last AND {} }}", of_service(node))
        }
        (By::CausePath(kind), Key::Path(path)) => of_path(*kind, path),
        (By::Exception, Key::Text(name)) => {
            let name = quoted(name);
            let of = |kind| format!("rootcause.{kind}.exception {{ name = {name} }}");
            format!("({} OR {})", of("fault"), of("error"))
        }
        (By::Annotation(name), value) => of_annotation(name, value),
        (By::AnnotationKey, Key::Text(key)) => {
            Field::Annotation(Side::Here, key.to_string()).to_string()
        }
        _ => String::new(),
    }
}

fn word(member: TextMember) -> &'static str {
    match member {
        TextMember::Url => "http.url",
        TextMember::Method => "http.method",
        TextMember::UserAgent => "http.useragent",
        TextMember::ClientIp => "http.clientip",
        TextMember::User => "user",
        TextMember::InstanceId => "instance.id",
        TextMember::AvailabilityZone => "availabilityzone",
        TextMember::ResourceArn => "resource.arn",
    }
}

fn quoted(text: &str) -> String {
    Value::Text(text.to_owned()).to_string()
}

/// Returns a node as the language names it.
fn id(node: &NodeId<'_>) -> String {
    let text = |text: &str| Some(text.to_owned());
    let service_type = node.service_type.as_deref().and_then(text);
    Node { name: text(&node.name), service_type, account_id: None }.to_string()
}

/// A template says what is in the path and how it ends. Before the path there may be a host, behind it
/// a query.
fn of_template(template: &str) -> String {
    let mut parts: Vec<&str> = template.split(ID).collect();
    let last = parts.pop().unwrap_or_default();
    let parts = parts.into_iter().filter(|part| *part != "/" && !part.is_empty());
    let mut terms: Vec<String> =
        parts.map(|part| format!("http.url CONTAINS {}", quoted(part))).collect();
    if !last.is_empty() {
        let query = quoted(&format!("{last}?"));
        terms.push(format!("(http.url ENDSWITH {} OR http.url CONTAINS {query})", quoted(last)));
    }
    terms.join(" AND ")
}

/// Returns what a service on a path of blame is like.
fn of_service(node: &NodeId<'_>) -> String {
    let of_type = node.service_type.as_deref();
    let of_type = of_type.map_or(String::new(), |of| format!(" AND type = {}", quoted(of)));
    format!("name = {}{of_type}", quoted(&node.name))
}

/// Says of each service where it stands, and of the last that it is.
fn of_path(kind: CauseKind, path: &[NodeId<'_>]) -> String {
    let term = |(index, node): (usize, &NodeId<'_>)| {
        let last = if index + 1 == path.len() { " AND last" } else { "" };
        format!(
            "rootcause.{}.service {{ index = {index}{last} AND {} }}",
            kind.name(),
            of_service(node)
        )
    };
    let terms: Vec<String> = path.iter().enumerate().map(term).collect();
    let text = terms.join(" AND ");
    if text.len() > FILTER_BYTES_MAX { String::new() } else { text }
}

fn of_annotation(name: &str, value: &Key) -> String {
    let value = match value {
        Key::Text(text) => Value::Text(text.to_string()),
        Key::Number(number) => Value::Number(number.get()),
        Key::Flag(flag) => Value::Flag(*flag),
        _ => return String::new(),
    };
    format!("{} = {value}", Field::Annotation(Side::Here, name.to_owned()))
}

impl NodeName {
    /// Returns the name of a node.
    pub(crate) fn of(node: &NodeId<'_>) -> Self {
        let node_type = node.service_type.as_deref().unwrap_or_default().to_owned();
        Self { name: node.name.to_string(), node_type }
    }

    /// Returns whether it stands for whoever called the first service.
    pub(crate) fn is_client(&self) -> bool {
        self.node_type == NodeId::CLIENT
    }

    /// Returns whether a node is named so.
    pub(crate) fn is(&self, node: &NodeId<'_>) -> bool {
        self.name == node.name && self.node_type == node.service_type.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_picked_by_what_is_known_of_it() {
        for (template, expected) in [
            ("/cart", r#"(http.url ENDSWITH "/cart" OR http.url CONTAINS "/cart?")"#),
            ("/orders/{id}", r#"http.url CONTAINS "/orders/""#),
            (
                "/orders/{id}/pay",
                r#"http.url CONTAINS "/orders/" AND (http.url ENDSWITH "/pay" OR http.url CONTAINS "/pay?")"#,
            ),
            ("/{id}", ""),
        ] {
            let found = filter(&By::UrlTemplate, &Key::Text(template.into()));
            assert_eq!(found, expected);
            assert!(filter::Predicate::read(&found).is_ok(), "{found}");
        }
    }

    #[test]
    fn a_path_is_picked_by_the_place_of_each_of_its_services() {
        let node = |name: &str, of: Option<&str>| NodeId {
            name: name.to_owned().into(),
            service_type: of.map(|of| of.to_owned().into()),
        };
        let of = |nodes: Vec<_>| {
            let key = Key::Path(nodes.into());
            (text(&key), filter(&By::CausePath(CauseKind::Error), &key))
        };
        let (found, term) = of(vec![node("a", None), node("b", Some("AWS::SQS"))]);
        assert_eq!(found, "a → b~AWS::SQS");
        assert_eq!(
            term,
            "rootcause.error.service { index = 0 AND name = \"a\" } AND \
             rootcause.error.service { index = 1 AND last AND name = \"b\" AND type = \"AWS::SQS\" }"
        );
        assert_eq!(of(vec![node("a", None); 10_000]).1, "", "too long to be asked");
    }

    #[test]
    fn what_stands_in_a_key_does_not_end_the_expression() {
        let node = NodeId { name: r#"a"} OR ok"#.into(), service_type: None };
        for (by, key) in [
            (By::Text(TextMember::User), Key::Text(r#"a" OR ok \"#.into())),
            (By::Node, Key::Node(node.clone())),
            (By::FaultCause, Key::Node(node.clone())),
            (By::CausePath(CauseKind::ResponseTime), Key::Path([node.clone(), node].into())),
            (By::Exception, Key::Text(r#"a"} OR ok"#.into())),
            (By::Annotation("a] = \"b".to_owned()), Key::Flag(true)),
        ] {
            let found = filter(&by, &key);
            let parsed = filter::parse(&found);
            let printed = parsed.expression.map(|one| one.value.to_string());
            let bare = found.strip_prefix('(').and_then(|one| one.strip_suffix(')'));
            assert_eq!(printed.as_deref(), Some(bare.unwrap_or(&found)));
        }
    }
}
