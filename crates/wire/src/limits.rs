//! The format's limits, each by name; documentation refers to these names and not to the numbers.

/// The largest document, in bytes of JSON text. Source: X-Ray quotas.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// Trace ids one `BatchGetTraces` call may ask for.
pub const BATCH_GET_TRACES_IDS_MAX: usize = 5;

/// The length of the longest text that is a trace id.
pub const TRACE_ID_CHARS_MAX: usize = 35;

/// Sampling statistics documents one `GetSamplingTargets` call may carry.
pub const SAMPLING_STATISTICS_MAX: usize = 25;

/// Sampling rules beside `Default`. Source: X-Ray quotas.
pub const SAMPLING_RULES_MAX: usize = 25;

/// Attributes a sampling rule may match.
pub const SAMPLING_RULE_ATTRIBUTES_MAX: usize = 5;

/// Tags one request may bring.
pub const REQUEST_TAGS_MAX: usize = 200;

/// Tags one resource may have. Source: X-Ray quotas.
pub const RESOURCE_TAGS_MAX: usize = 50;

/// Groups, `Default` among them. Source: X-Ray quotas.
pub const GROUPS_MAX: usize = 25;

/// The longest filter expression, of a query or of a group, in bytes. AWS documents none.
pub const FILTER_BYTES_MAX: usize = 16 << 10;

/// Resource policies. Source: X-Ray quotas.
pub const RESOURCE_POLICIES_MAX: usize = 5;

/// The longest resource policy, in bytes. Source: X-Ray quotas.
pub const RESOURCE_POLICY_BYTES_MAX: usize = 5 * 1024;

/// Documents the X-Ray daemon puts into one call; ours takes as many as the body limit allows.
pub const DAEMON_BATCH_DOCUMENTS_MAX: usize = 50;
