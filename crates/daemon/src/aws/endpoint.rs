//! The URL of X-Ray in a region.
//!
//! Source: the endpoint rules of X-Ray and of STS in AWS's own SDKs.

/// Which of a region's endpoints.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kind {
    /// Whether its cryptography is certified.
    pub(super) is_fips: bool,
    /// Whether it has IPv6 addresses, too.
    pub(super) is_dual_stack: bool,
}

/// A part of AWS with names of its own.
struct Partition {
    /// How the names of its regions begin.
    prefix: &'static str,
    suffix: &'static str,
    /// `None` where nothing is dual-stack.
    dual_stack_suffix: Option<&'static str>,
}

/// The partitions; the last has no prefix and takes what is left.
const PARTITIONS: [Partition; 8] = [
    Partition {
        prefix: "cn-",
        suffix: "amazonaws.com.cn",
        dual_stack_suffix: Some("api.amazonwebservices.com.cn"),
    },
    Partition { prefix: "us-iso-", suffix: "c2s.ic.gov", dual_stack_suffix: None },
    Partition { prefix: "us-isob-", suffix: "sc2s.sgov.gov", dual_stack_suffix: None },
    Partition { prefix: "us-isof-", suffix: "csp.hci.ic.gov", dual_stack_suffix: None },
    Partition { prefix: "eu-isoe-", suffix: "cloud.adc-e.uk", dual_stack_suffix: None },
    Partition { prefix: "eusc-", suffix: "amazonaws.eu", dual_stack_suffix: None },
    Partition { prefix: "us-gov-", suffix: "amazonaws.com", dual_stack_suffix: Some("api.aws") },
    Partition { prefix: "", suffix: "amazonaws.com", dual_stack_suffix: Some("api.aws") },
];

/// Returns the URL, without a slash at its end.
pub(super) fn of(region: &str, kind: Kind) -> String {
    let [.., rest] = &PARTITIONS;
    let found = PARTITIONS.iter().find(|partition| region.starts_with(partition.prefix));
    let partition = found.unwrap_or(rest);
    let service = if kind.is_fips { "xray-fips" } else { "xray" };
    let dual_stack = partition.dual_stack_suffix.filter(|_| kind.is_dual_stack);
    let suffix = dual_stack.unwrap_or(partition.suffix);
    format!("https://{service}.{region}.{suffix}")
}
