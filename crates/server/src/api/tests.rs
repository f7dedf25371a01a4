//! What concerns every operation.

use insta::assert_snapshot;
use wire::api::Operation;

use crate::testing::Stand;

#[tokio::test]
async fn what_is_no_operation_is_unknown_and_every_operation_is_known() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/PutTraceSegments", "{}").await, @r#"404 UnknownOperationException {"message":"There is no operation POST /PutTraceSegments"}"#);
    assert_snapshot!(stand.post("/", "").await, @r#"404 UnknownOperationException {"message":"There is no operation POST /"}"#);
    for operation in Operation::ALL {
        let answer = stand.post(operation.path(), "{}").await;
        assert!(!answer.starts_with("404"), "{operation:?}: {answer}");
    }
}

#[tokio::test]
async fn every_operation_refuses_what_is_no_json_object() {
    let stand = Stand::new();
    for operation in Operation::ALL {
        for body in ["{", "[]", "7", "\"x\"", "{\"a\":NaN}", "{} {}"] {
            let answer = stand.post(operation.path(), body).await;
            let start = "400 SerializationException {\"Message\":";
            assert!(answer.starts_with(start), "{operation:?} {body}: {answer}");
        }
        for body in ["", "  \n", "null", "{}"] {
            let answer = stand.post(operation.path(), body).await;
            assert!(!answer.contains("SerializationException"), "{operation:?} {body}: {answer}");
        }
    }
}
