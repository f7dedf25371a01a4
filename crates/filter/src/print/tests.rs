//! What is printed is read as the same tree.

use proptest::prelude::*;

use crate::ast::{
    CauseKind, Comparison, Expr, Field, Json, Level, Node, Operator, Placed, Selector, Side,
    Target, Value,
};
use crate::keywords::TABLE;
use crate::parse::parse;

fn placed<T>(value: T) -> Placed<T> {
    Placed { value, range: 0..0 }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z.]{0,4}", any::<String>(), Just("\"\\\n\u{1}".to_owned())]
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        (-1000..1000_i32).prop_map(f64::from)
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Flag),
        any_number().prop_map(Json::Number),
        any_text().prop_map(Json::Text),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::List),
            prop::collection::vec((any_text(), inner), 0..3).prop_map(Json::Object),
        ]
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_text().prop_map(Value::Text),
        any_number().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Flag),
        prop::collection::vec(any_json(), 0..3).prop_map(|items| Value::Json(Json::List(items))),
    ]
}

fn any_comparison() -> impl Strategy<Value = Expr> {
    let side = prop::sample::select(vec![Side::Here, Side::Source, Side::Destination]);
    let field = prop_oneof![
        (0..TABLE.len()).prop_map(|index| Field::Keyword(TABLE[index].keyword)),
        (side, any_text()).prop_map(|(side, key)| Field::Annotation(side, key)),
    ]
    .boxed();
    let operator = prop::sample::select(Operator::ALL.to_vec()).prop_map(|(operator, _)| operator);
    (field, prop::option::of((operator, any_value().boxed())).boxed()).prop_map(|(field, test)| {
        let test = test.map(|(operator, value)| (placed(operator), placed(value)));
        Expr::Compare(Comparison { field: placed(field), test })
    })
}

fn any_node() -> impl Strategy<Value = Node> {
    let part = || prop::option::of(any_text());
    let any = (part(), part(), part()).prop_map(|(name, service_type, account_id)| Node {
        name,
        service_type,
        account_id,
    });
    any.prop_filter("says something", |node| *node != Node::default())
}

fn any_target() -> impl Strategy<Value = Target> {
    let cause = |(kind, level)| Target::Cause(kind, level);
    prop_oneof![
        prop::option::of(any_node()).prop_map(Target::Service),
        prop::option::of((any_node(), any_node())).prop_map(Target::Edge),
        Just(cause((CauseKind::Fault, Level::Exception))),
        Just(cause((CauseKind::ResponseTime, Level::Entity))),
        Just(cause((CauseKind::Error, Level::Service))),
    ]
}

/// Boxed, for the strategies within one another would not fit a test's stack.
fn any_expression() -> impl Strategy<Value = Expr> {
    any_comparison().boxed().prop_recursive(4, 20, 3, |inner| {
        let inner = inner.boxed();
        let parts = || prop::collection::vec(inner.clone().prop_map(placed), 2..4);
        let body = prop::option::of(inner.clone().prop_map(|body| Box::new(placed(body))));
        prop_oneof![
            parts().prop_map(Expr::And).boxed(),
            parts().prop_map(Expr::Or).boxed(),
            inner.clone().prop_map(|part| Expr::Not(Box::new(placed(part)))),
            (any_target().boxed(), body)
                .prop_filter("causes have a body", |(target, body)| {
                    body.is_some() || !matches!(target, Target::Cause(..))
                })
                .prop_map(|(target, body)| Expr::Select(Selector { target, body })),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(expression in any_expression()) {
        let printed = expression.to_string();
        let read = parse(&printed).expression.map(|read| read.value);
        prop_assert_eq!(read.as_ref(), Some(&expression), "{}", printed);
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        crate::fuzzing::fuzz_filter(text.as_bytes());
    }

    #[test]
    fn any_words_are_read(words in prop::collection::vec(any_word(), 0..20)) {
        crate::fuzzing::fuzz_filter(words.join(" ").as_bytes());
    }
}

fn any_word() -> impl Strategy<Value = String> {
    let words = "! NOT AND OR ( ) { } [ ] , : # = != < CONTAINS \"a\" \"\\\" 1 -1e9 true ok fault \
                 service edge id name type account.id annotation annotation.a source.annotation \
                 rootcause.fault.entity rootcause.json group.name madeup @ null";
    prop::sample::select(words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}
