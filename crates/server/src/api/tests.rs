//! What concerns every operation.

use insta::assert_snapshot;
use wire::api::Operation;

use crate::routes::{self, Call};
use crate::testing::Stand;

#[tokio::test]
async fn what_is_not_built_says_so_and_what_is_unknown_is_unknown() {
    let stand = Stand::new();
    assert_snapshot!(stand.post("/PutTraceSegments", "{}").await, @r#"404 UnknownOperationException {"message":"There is no operation POST /PutTraceSegments"}"#);
    assert_snapshot!(stand.post("/", "").await, @r#"404 UnknownOperationException {"message":"There is no operation POST /"}"#);
    for operation in Operation::ALL {
        let route = routes::find(operation.path()).expect("every operation has a route");
        let answer = stand.post(operation.path(), "{}").await;
        let is_planned = answer.contains("is not supported yet");
        assert_eq!(is_planned, matches!(route.call, Call::Planned), "{operation:?}: {answer}");
    }
}

#[tokio::test]
async fn every_operation_refuses_what_is_no_json_object() {
    let stand = Stand::new();
    for operation in Operation::ALL {
        let route = routes::find(operation.path()).expect("every operation has a route");
        if matches!(route.call, Call::Planned) {
            continue;
        }
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
