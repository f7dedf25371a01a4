//! The operations of the X-Ray API: one table of names and paths.
//!
//! Every operation is a `POST` and is told apart by its path alone.

/// Declares the enum and its two columns from one table.
macro_rules! operations {
    ($( $Name:ident $path:literal )*) => {
        /// One operation of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $( #[doc = concat!("`POST ", $path, "`.")] $Name, )*
        }

        impl Operation {
            /// Every operation, in alphabetical order.
            pub const ALL: &[Self] = &[$( Self::$Name, )*];

            /// Returns the operation's name, as SDKs and IAM policies spell it.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$Name => stringify!($Name), )*
                }
            }

            /// Returns the path that the operation is posted to.
            pub const fn path(self) -> &'static str {
                match self {
                    $( Self::$Name => $path, )*
                }
            }
        }
    };
}

operations! {
    BatchGetTraces "/Traces"
    CancelTraceRetrieval "/CancelTraceRetrieval"
    CreateGroup "/CreateGroup"
    CreateSamplingRule "/CreateSamplingRule"
    DeleteGroup "/DeleteGroup"
    DeleteResourcePolicy "/DeleteResourcePolicy"
    DeleteSamplingRule "/DeleteSamplingRule"
    GetEncryptionConfig "/EncryptionConfig"
    GetGroup "/GetGroup"
    GetGroups "/Groups"
    GetIndexingRules "/GetIndexingRules"
    GetInsight "/Insight"
    GetInsightEvents "/InsightEvents"
    GetInsightImpactGraph "/InsightImpactGraph"
    GetInsightSummaries "/InsightSummaries"
    GetRetrievedTracesGraph "/GetRetrievedTracesGraph"
    GetSamplingRules "/GetSamplingRules"
    GetSamplingStatisticSummaries "/SamplingStatisticSummaries"
    GetSamplingTargets "/SamplingTargets"
    GetServiceGraph "/ServiceGraph"
    GetTimeSeriesServiceStatistics "/TimeSeriesServiceStatistics"
    GetTraceGraph "/TraceGraph"
    GetTraceSegmentDestination "/GetTraceSegmentDestination"
    GetTraceSummaries "/TraceSummaries"
    ListResourcePolicies "/ListResourcePolicies"
    ListRetrievedTraces "/ListRetrievedTraces"
    ListTagsForResource "/ListTagsForResource"
    PutEncryptionConfig "/PutEncryptionConfig"
    PutResourcePolicy "/PutResourcePolicy"
    PutTelemetryRecords "/TelemetryRecords"
    PutTraceSegments "/TraceSegments"
    StartTraceRetrieval "/StartTraceRetrieval"
    TagResource "/TagResource"
    UntagResource "/UntagResource"
    UpdateGroup "/UpdateGroup"
    UpdateIndexingRule "/UpdateIndexingRule"
    UpdateSamplingRule "/UpdateSamplingRule"
    UpdateTraceSegmentDestination "/UpdateTraceSegmentDestination"
}

impl Operation {
    /// Returns the operation that is posted to `path`; a slash at the end makes no difference.
    pub fn at(path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        Self::ALL.iter().copied().find(|operation| operation.path() == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_found_by_its_path_alone() {
        for operation in Operation::ALL {
            assert_eq!(Operation::at(operation.path()), Some(*operation));
        }
        assert_eq!(Operation::at("/TraceSegments/"), Some(Operation::PutTraceSegments));
        for path in ["", "/", "//", "/PutTraceSegments", "/tracesegments", "/TraceSegments//"] {
            assert_eq!(Operation::at(path), None, "{path}");
        }
    }

    #[test]
    fn the_table_is_alphabetical_and_complete() {
        let names: Vec<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
        assert!(names.is_sorted());
        assert_eq!(names.len(), 38);
    }
}
