//! The URL of X-Ray in a region.
//!
//! Source: the partitions and endpoint rules in AWS's own SDKs.

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
    dual_stack_suffix: &'static str,
}

/// The part that everybody knows.
const COMMERCIAL: Partition = of_prefix("", "amazonaws.com", "api.aws");

/// The others.
const OTHERS: [Partition; 6] = [
    of_prefix("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    of_prefix("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    of_prefix("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    of_prefix("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    of_prefix("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    of_prefix("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
];

const fn of_prefix(
    prefix: &'static str,
    suffix: &'static str,
    dual_stack_suffix: &'static str,
) -> Partition {
    Partition { prefix, suffix, dual_stack_suffix }
}

/// Returns the URL, without a slash at its end.
pub(super) fn of(region: &str, kind: Kind) -> String {
    let found = OTHERS.iter().find(|partition| region.starts_with(partition.prefix));
    let partition = found.unwrap_or(&COMMERCIAL);
    let service = if kind.is_fips { "xray-fips" } else { "xray" };
    let suffix = match kind.is_dual_stack {
        true => partition.dual_stack_suffix,
        false => partition.suffix,
    };
    format!("https://{service}.{region}.{suffix}")
}

/// Whether a host is one of AWS's, in any part of it.
pub fn is_host(host: &str) -> bool {
    let is_below = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    let mut partitions = OTHERS.iter().chain([&COMMERCIAL]);
    partitions.any(|part| is_below(part.suffix) || is_below(part.dual_stack_suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_aws_has_its_names() {
        let both = |region: &str| {
            let plain = of(region, Kind::default());
            let other = of(region, Kind { is_fips: true, is_dual_stack: true });
            format!("{plain}  {other}")
        };
        let regions = [
            "eu-central-1",
            "us-gov-west-1",
            "cn-north-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "us-isof-south-1",
            "eu-isoe-west-1",
            "eusc-de-east-1",
        ];
        let urls: Vec<String> = regions.into_iter().map(both).collect();
        insta::assert_snapshot!(urls.join("\n"), @"
        https://xray.eu-central-1.amazonaws.com  https://xray-fips.eu-central-1.api.aws
        https://xray.us-gov-west-1.amazonaws.com  https://xray-fips.us-gov-west-1.api.aws
        https://xray.cn-north-1.amazonaws.com.cn  https://xray-fips.cn-north-1.api.amazonwebservices.com.cn
        https://xray.us-iso-east-1.c2s.ic.gov  https://xray-fips.us-iso-east-1.api.aws.ic.gov
        https://xray.us-isob-east-1.sc2s.sgov.gov  https://xray-fips.us-isob-east-1.api.aws.scloud
        https://xray.us-isof-south-1.csp.hci.ic.gov  https://xray-fips.us-isof-south-1.api.aws.hci.ic.gov
        https://xray.eu-isoe-west-1.cloud.adc-e.uk  https://xray-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk
        https://xray.eusc-de-east-1.amazonaws.eu  https://xray-fips.eusc-de-east-1.api.amazonwebservices.eu
        ");
    }

    #[test]
    fn a_host_of_aws_is_below_its_names() {
        for host in ["xray.eu-west-1.amazonaws.com", "xray.eusc-de-east-1.amazonaws.eu"] {
            assert!(is_host(host), "{host}");
        }
        for partition in OTHERS.iter().chain([&COMMERCIAL]) {
            assert!(is_host(&format!("xray.x-1.{}", partition.suffix)));
            assert!(is_host(&format!("xray.x-1.{}", partition.dual_stack_suffix)));
        }
        for host in ["amazonaws.com", "notamazonaws.com", "amazonaws.com.example", ""] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn fips_and_dual_stack_are_two_things() {
        let of = |is_fips, is_dual_stack| of("us-east-1", Kind { is_fips, is_dual_stack });
        assert_eq!(of(true, false), "https://xray-fips.us-east-1.amazonaws.com");
        assert_eq!(of(false, true), "https://xray.us-east-1.api.aws");
    }
}
