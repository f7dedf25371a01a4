//! What the editor is told.

use serde_json::{Value, json};

use crate::console::tests::post;
use crate::testing::Stand;

async fn parsed(text: &str, position: Option<u32>) -> Value {
    let mut body = json!({"text": text});
    if let Some(position) = position {
        body["position"] = position.into();
    }
    post(&Stand::new(), "filter/parse", &body).await
}

#[tokio::test]
async fn a_sound_expression_has_terms_and_a_canonical_form() {
    let answer = parsed("user=\"가나\"  and (fault or ok)", None).await;
    assert_eq!(answer["canonical"], "user = \"가나\" AND (fault OR ok)");
    assert_eq!(
        answer["terms"],
        json!([
            {"from": 0, "to": 9, "text": "user=\"가나\""},
            {"from": 15, "to": 28, "text": "(fault or ok)"},
        ])
    );
    assert_eq!(answer["tokens"][2], json!({"from": 5, "to": 9, "kind": "text"}));
    assert_eq!((&answer["problems"], &answer["slow"]), (&json!([]), &json!(false)));
    assert_eq!(answer["completion"], Value::Null);
    let nothing = parsed("", None).await;
    assert_eq!((&nothing["canonical"], &nothing["terms"]), (&json!(""), &json!([])));
}

#[tokio::test]
async fn what_is_wrong_comes_with_its_place_and_a_fix() {
    let answer = parsed("user = \"😀\" && status = 500", None).await;
    assert_eq!(answer["canonical"], Value::Null);
    assert_eq!(
        answer["problems"],
        json!([
            {
                "message": "Invalid input symbol: '&'", "from": 12, "to": 13,
                "fix": {"from": 12, "to": 14, "text": "AND"},
            },
            {
                "message": "Invalid input symbol: 'st'", "from": 15, "to": 21,
                "fix": {"from": 15, "to": 21, "text": "http.status"},
            },
        ])
    );
}

#[tokio::test]
async fn what_only_documents_tell_is_slow() {
    for (text, slow) in [
        ("service(\"a\") { http.url CONTAINS \"x\" }", true),
        ("service(\"a\") { fault }", false),
        ("http.url CONTAINS \"x\"", false),
        ("group.name = \"none\"", false),
    ] {
        assert_eq!(parsed(text, None).await["slow"], slow, "{text}");
    }
}

#[tokio::test]
async fn what_may_come_next_is_told_where_it_stands() {
    let answer = parsed("user = \"😀\" AND http.s", Some(22)).await;
    assert_eq!(
        answer["completion"],
        json!({
            "from": 16, "to": 22, "prefix": "http.s", "valuesOf": null,
            "items": [{"text": "http.status", "kind": "keyword", "detail": "the status answered"}],
        })
    );
    let answer = parsed("user = \"al\"", Some(10)).await;
    assert_eq!(
        answer["completion"],
        json!({"from": 7, "to": 11, "prefix": "al", "valuesOf": "user", "items": []})
    );
    let snippets = parsed("serv", Some(4)).await;
    assert_eq!(snippets["completion"]["items"][1]["text"], "service(\"${name}\") { ${fault} }");
}

#[tokio::test]
async fn a_text_beyond_measure_is_refused() {
    let body = json!({"text": "a".repeat(wire::limits::FILTER_BYTES_MAX + 1)});
    let stand = Stand::new();
    let (_, answer) = crate::console::tests::refused(&stand, "filter/parse", &body).await;
    assert_eq!((&answer["code"], &answer["field"]), (&json!("InvalidRequest"), &json!("text")));
}
