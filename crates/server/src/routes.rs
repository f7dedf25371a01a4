//! The route table: every operation, the right it needs, and the function that answers it.
//!
//! The path of an operation is wire format and stands in [`Operation`]; a test holds the two tables
//! together. An entry without an action does not compile, so no operation can be forgotten when
//! rights are checked, which happens here and nowhere else.

use bytes::Bytes;
use wire::api::{Error, ErrorCode, Operation};

use crate::Config;
use crate::api;
use crate::app::App;
use crate::http::stack::QUERY_BYTES_MAX;

/// One operation.
pub(crate) struct Route {
    /// The operation's name.
    pub(crate) operation: &'static str,
    /// The IAM action that allows it. Nobody is asked who he is yet; every request is allowed.
    #[cfg_attr(not(test), expect(dead_code, reason = "read once requests carry credentials"))]
    pub(crate) action: &'static str,
    /// How it is answered.
    pub(crate) call: Call,
}

/// How an operation is answered; each variant says where its function runs.
pub(crate) enum Call {
    /// From memory, at once.
    Now(fn(&App, &[u8]) -> Result<Bytes, Error>),
    /// From the store, off the async threads.
    Query(fn(&App, &[u8]) -> Result<Bytes, Error>),
    /// Once what it changes is durable, off the async threads.
    Change(fn(&App, &[u8]) -> Result<Bytes, Error>),
    /// Once its documents are durable.
    PutTraceSegments,
}

impl Route {
    /// Returns whether the operation changes anything.
    pub(crate) fn changes(&self) -> bool {
        match self.call {
            Call::Now(_) | Call::Query(_) => false,
            Call::Change(_) | Call::PutTraceSegments => true,
        }
    }

    /// Returns how long a request's body may be.
    pub(crate) fn body_bytes_max(&self, config: &Config) -> usize {
        match self.call {
            Call::PutTraceSegments => config.body_bytes_max,
            // Whatever else is asked is short; and what is read of it takes many times its size.
            _ => config.body_bytes_max.min(QUERY_BYTES_MAX),
        }
    }
}

/// Returns the route of the operation of this name.
pub(crate) fn named(operation: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.operation == operation)
}

/// Returns the route of the operation that is posted to `path`.
pub(crate) fn find(path: &str) -> Option<&'static Route> {
    // The table has the order of the enum, which a test holds.
    Operation::at(path).map(|operation| &ROUTES[operation as usize])
}

/// The answer to a request that is no operation.
pub(crate) fn unknown(method: &str, path: &str) -> Error {
    Error::new(ErrorCode::UnknownOperation, format!("There is no operation {method} {path}"))
}

pub(crate) static ROUTES: [Route; Operation::ALL.len()] = [
    Route {
        operation: "BatchGetTraces",
        action: "xray:BatchGetTraces",
        call: Call::Query(api::traces::batch_get),
    },
    Route {
        operation: "CancelTraceRetrieval",
        action: "xray:CancelTraceRetrieval",
        call: Call::Now(api::retrieval::cancel),
    },
    Route {
        operation: "CreateGroup",
        action: "xray:CreateGroup",
        call: Call::Change(api::groups::create),
    },
    Route {
        operation: "CreateSamplingRule",
        action: "xray:CreateSamplingRule",
        call: Call::Change(api::sampling::create_rule),
    },
    Route {
        operation: "DeleteGroup",
        action: "xray:DeleteGroup",
        call: Call::Change(api::groups::delete),
    },
    Route {
        operation: "DeleteResourcePolicy",
        action: "xray:DeleteResourcePolicy",
        call: Call::Change(api::policies::delete),
    },
    Route {
        operation: "DeleteSamplingRule",
        action: "xray:DeleteSamplingRule",
        call: Call::Change(api::sampling::delete_rule),
    },
    Route {
        operation: "GetEncryptionConfig",
        action: "xray:GetEncryptionConfig",
        call: Call::Now(api::settings::encryption),
    },
    Route { operation: "GetGroup", action: "xray:GetGroup", call: Call::Now(api::groups::group) },
    Route {
        operation: "GetGroups",
        action: "xray:GetGroups",
        call: Call::Now(api::groups::groups),
    },
    Route {
        operation: "GetIndexingRules",
        action: "xray:GetIndexingRules",
        call: Call::Now(api::settings::indexing_rules),
    },
    Route {
        operation: "GetInsight",
        action: "xray:GetInsight",
        call: Call::Now(api::insights::insight),
    },
    Route {
        operation: "GetInsightEvents",
        action: "xray:GetInsightEvents",
        call: Call::Now(api::insights::events),
    },
    Route {
        operation: "GetInsightImpactGraph",
        action: "xray:GetInsightImpactGraph",
        call: Call::Query(api::insights::impact_graph),
    },
    Route {
        operation: "GetInsightSummaries",
        action: "xray:GetInsightSummaries",
        call: Call::Now(api::insights::summaries),
    },
    Route {
        operation: "GetRetrievedTracesGraph",
        action: "xray:GetRetrievedTracesGraph",
        call: Call::Query(api::retrieval::graph),
    },
    Route {
        operation: "GetSamplingRules",
        action: "xray:GetSamplingRules",
        call: Call::Now(api::sampling::rules),
    },
    Route {
        operation: "GetSamplingStatisticSummaries",
        action: "xray:GetSamplingStatisticSummaries",
        call: Call::Now(api::sampling::summaries),
    },
    Route {
        operation: "GetSamplingTargets",
        action: "xray:GetSamplingTargets",
        call: Call::Now(api::sampling::targets),
    },
    Route {
        operation: "GetServiceGraph",
        action: "xray:GetServiceGraph",
        call: Call::Query(api::graph::service_graph),
    },
    Route {
        operation: "GetTimeSeriesServiceStatistics",
        action: "xray:GetTimeSeriesServiceStatistics",
        call: Call::Query(api::series::statistics),
    },
    Route {
        operation: "GetTraceGraph",
        action: "xray:GetTraceGraph",
        call: Call::Query(api::graph::trace_graph),
    },
    Route {
        operation: "GetTraceSegmentDestination",
        action: "xray:GetTraceSegmentDestination",
        call: Call::Now(api::settings::destination),
    },
    Route {
        operation: "GetTraceSummaries",
        action: "xray:GetTraceSummaries",
        call: Call::Query(api::summaries::page),
    },
    Route {
        operation: "ListResourcePolicies",
        action: "xray:ListResourcePolicies",
        call: Call::Now(api::policies::list),
    },
    Route {
        operation: "ListRetrievedTraces",
        action: "xray:ListRetrievedTraces",
        call: Call::Query(api::retrieval::list),
    },
    Route {
        operation: "ListTagsForResource",
        action: "xray:ListTagsForResource",
        call: Call::Now(api::tags::list),
    },
    Route {
        operation: "PutEncryptionConfig",
        action: "xray:PutEncryptionConfig",
        call: Call::Change(api::settings::put_encryption),
    },
    Route {
        operation: "PutResourcePolicy",
        action: "xray:PutResourcePolicy",
        call: Call::Change(api::policies::put),
    },
    Route {
        operation: "PutTelemetryRecords",
        action: "xray:PutTelemetryRecords",
        call: Call::Now(api::segments::put_telemetry),
    },
    Route {
        operation: "PutTraceSegments",
        action: "xray:PutTraceSegments",
        call: Call::PutTraceSegments,
    },
    Route {
        operation: "StartTraceRetrieval",
        action: "xray:StartTraceRetrieval",
        call: Call::Query(api::retrieval::start),
    },
    Route {
        operation: "TagResource",
        action: "xray:TagResource",
        call: Call::Change(api::tags::put),
    },
    Route {
        operation: "UntagResource",
        action: "xray:UntagResource",
        call: Call::Change(api::tags::remove),
    },
    Route {
        operation: "UpdateGroup",
        action: "xray:UpdateGroup",
        call: Call::Change(api::groups::update),
    },
    Route {
        operation: "UpdateIndexingRule",
        action: "xray:UpdateIndexingRule",
        call: Call::Change(api::settings::update_indexing_rule),
    },
    Route {
        operation: "UpdateSamplingRule",
        action: "xray:UpdateSamplingRule",
        call: Call::Change(api::sampling::update_rule),
    },
    Route {
        operation: "UpdateTraceSegmentDestination",
        action: "xray:UpdateTraceSegmentDestination",
        call: Call::Change(api::settings::update_destination),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_operation_and_its_action() {
        for (route, operation) in ROUTES.iter().zip(Operation::ALL) {
            assert_eq!(route.operation, operation.name());
            assert_eq!(route.action, format!("xray:{}", operation.name()));
            let found = find(operation.path()).expect("every operation has a route");
            assert_eq!(found.operation, operation.name());
        }
    }
}
