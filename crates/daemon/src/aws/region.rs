//! The region: what the user said, then what the surroundings say.
//!
//! The original asks ECS and EC2, and only in local mode the SDK's variables and profiles; so do we.

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::region::ProfileFileRegionProvider;
use wire::api::client;

use super::metadata::Metadata;
use super::{Around, Problem, Wanted};

/// Finds the region.
///
/// # Errors
/// [`Problem::NoRegion`] with what was tried.
pub(super) async fn find(wanted: &Wanted, around: Around<'_>) -> Result<String, Problem> {
    if let Some(region) = wanted.region.as_ref().filter(|region| !region.is_empty()) {
        return Ok(region.clone());
    }
    let mut tried = vec!["--region, the config file and AWS_REGION: not set".to_owned()];
    if wanted.is_local {
        let Some(region) = of_sdk().await else {
            tried.push("AWS_DEFAULT_REGION and the profile: not set".to_owned());
            tried.push("ECS and EC2: not asked in local mode".to_owned());
            return Err(Problem::NoRegion { tried });
        };
        return Ok(region);
    }
    match of_ecs(around) {
        Ok(region) => return Ok(region),
        Err(why) => tried.push(format!("the metadata file of ECS: {why}")),
    }
    match of_ec2(around).await {
        Ok(region) => Ok(region),
        Err(why) => {
            tried.push(format!("the metadata service of EC2: {why}"));
            Err(Problem::NoRegion { tried })
        }
    }
}

/// Asks the SDK's variables, then the profile.
async fn of_sdk() -> Option<String> {
    if let Some(region) = EnvironmentVariableRegionProvider::new().region().await {
        return Some(region.to_string());
    }
    let profile = ProfileFileRegionProvider::builder().build();
    profile.region().await.map(|region| region.to_string())
}

/// Reads the region out of the ARN of the task.
fn of_ecs(around: Around<'_>) -> Result<String, String> {
    let set = |name: &str| (around.variable)(name).filter(|value| !value.is_empty());
    if set("ECS_ENABLE_CONTAINER_METADATA").is_none_or(|on| !on.eq_ignore_ascii_case("true")) {
        return Err("not enabled by ECS_ENABLE_CONTAINER_METADATA".to_owned());
    }
    let path = set("ECS_CONTAINER_METADATA_FILE");
    let path = path.ok_or("ECS_CONTAINER_METADATA_FILE is not set")?;
    let text = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    region_of_task(&text).ok_or_else(|| format!("{path} names no task with a region"))
}

/// Returns the fourth word of `arn:aws:ecs:REGION:ACCOUNT:task/ID`.
fn region_of_task(text: &[u8]) -> Option<String> {
    let task = client::text_member(text, "TaskARN")?;
    let region = task.split(':').nth(3)?;
    (!region.is_empty()).then(|| region.to_owned())
}

async fn of_ec2(around: Around<'_>) -> Result<String, String> {
    let metadata = Metadata::new(around)?;
    let region = metadata.text("/latest/meta-data/placement/region").await?;
    if region.is_empty() { Err("it names no region".to_owned()) } else { Ok(region) }
}
