//! Every operation by the AWS SDK for Rust.

use std::net::SocketAddr;

use aws_sdk_xray::Client;
use aws_sdk_xray::config::retry::RetryConfig;
use aws_sdk_xray::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_xray::error::ProvideErrorMetadata;
use tokio::runtime::Builder;

/// Calls operations one after the other, with nothing asked; returns for each what the SDK read, as
/// Rust shows it, or the code of its exception.
pub(super) fn read(server: SocketAddr, operations: &[&str]) -> Vec<Result<String, String>> {
    let client = client(server);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut answers = Vec::new();
        for operation in operations {
            answers.push(call(&client, operation).await);
        }
        answers
    })
}

fn client(server: SocketAddr) -> Client {
    let config = aws_sdk_xray::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(format!("http://{server}"))
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

/// Makes the call of each operation.
macro_rules! calls {
    ($($Name:ident $call:ident)*) => {
        async fn call(client: &Client, operation: &str) -> Result<String, String> {
            match operation {
                $(stringify!($Name) => match client.$call().send().await {
                    Ok(answer) => Ok(format!("{answer:?}")),
                    Err(error) => {
                        let code = error.code().map(str::to_owned);
                        Err(code.unwrap_or_else(|| format!("{error:?}")))
                    }
                },)*
                other => panic!("no operation {other}"),
            }
        }
    };
}

calls! {
    BatchGetTraces batch_get_traces
    CancelTraceRetrieval cancel_trace_retrieval
    CreateGroup create_group
    CreateSamplingRule create_sampling_rule
    DeleteGroup delete_group
    DeleteResourcePolicy delete_resource_policy
    DeleteSamplingRule delete_sampling_rule
    GetEncryptionConfig get_encryption_config
    GetGroup get_group
    GetGroups get_groups
    GetIndexingRules get_indexing_rules
    GetInsight get_insight
    GetInsightEvents get_insight_events
    GetInsightImpactGraph get_insight_impact_graph
    GetInsightSummaries get_insight_summaries
    GetRetrievedTracesGraph get_retrieved_traces_graph
    GetSamplingRules get_sampling_rules
    GetSamplingStatisticSummaries get_sampling_statistic_summaries
    GetSamplingTargets get_sampling_targets
    GetServiceGraph get_service_graph
    GetTimeSeriesServiceStatistics get_time_series_service_statistics
    GetTraceGraph get_trace_graph
    GetTraceSegmentDestination get_trace_segment_destination
    GetTraceSummaries get_trace_summaries
    ListResourcePolicies list_resource_policies
    ListRetrievedTraces list_retrieved_traces
    ListTagsForResource list_tags_for_resource
    PutEncryptionConfig put_encryption_config
    PutResourcePolicy put_resource_policy
    PutTelemetryRecords put_telemetry_records
    PutTraceSegments put_trace_segments
    StartTraceRetrieval start_trace_retrieval
    TagResource tag_resource
    UntagResource untag_resource
    UpdateGroup update_group
    UpdateIndexingRule update_indexing_rule
    UpdateSamplingRule update_sampling_rule
    UpdateTraceSegmentDestination update_trace_segment_destination
}
