//! Plugins: what a program can find out about where it runs. Asked once, at the start, by
//! [`Config::with_plugins`](crate::Config::with_plugins); what does not answer is left out.

#[cfg(feature = "eks")]
mod cluster;

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use wire::raw::text_at;
use wire::segment::{Ec2, Ecs, Eks, ElasticBeanstalk};
use wire::value::{Number, Scalar};

use crate::door::{self, Request};
use crate::resource::Resource;

/// How long the services of the platform may take. They are on the same machine.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where an instance asks about itself.
const INSTANCE_DOOR: &str = "169.254.169.254:80";

/// The length of a container's id.
const CONTAINER_ID_CHARS: usize = 64;

/// Something a program may run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Plugin {
    /// An EC2 instance, asked with a token (IMDSv2).
    Ec2,
    /// A container of ECS, asked by its metadata endpoint of version 4 or 3.
    Ecs,
    /// A pod of EKS. With the feature `eks`, its cluster is asked for its name, over TLS and with the
    /// pod's account; that account must be allowed to read the config map `cluster-info` of the
    /// namespace `amazon-cloudwatch`. Elsewhere the name can be set in [`Resource::eks`].
    Eks,
    /// An environment of Elastic Beanstalk.
    ElasticBeanstalk,
}

/// What a plugin may look at.
pub(crate) struct Surroundings<'s> {
    /// Looks a variable of the environment up.
    pub(crate) variable: &'s dyn Fn(&str) -> Option<String>,
    /// The root of the file system.
    pub(crate) root: PathBuf,
}

impl Surroundings<'_> {
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.root.join(path)).ok()
    }

    fn host_name(&self) -> Option<Cow<'static, str>> {
        let name = self.file("proc/sys/kernel/hostname")?;
        let name = String::from_utf8(name).ok()?.trim().to_owned();
        (!name.is_empty()).then_some(Cow::Owned(name))
    }

    /// Returns the id of the container, as the names of its control groups have it.
    fn container_id(&self) -> Option<Cow<'static, str>> {
        let groups = String::from_utf8(self.file("proc/self/cgroup")?).ok()?;
        let mut words = groups.split(|c: char| !c.is_ascii_hexdigit());
        words.find(|word| word.len() == CONTAINER_ID_CHARS).map(|id| Cow::Owned(id.to_owned()))
    }
}

impl Plugin {
    /// Adds what this plugin finds out.
    pub(crate) fn describe(self, resource: &mut Resource, around: &Surroundings<'_>) {
        match self {
            Self::Ec2 => resource.ec2 = ec2(around).or(resource.ec2.take()),
            Self::Ecs => ecs(resource, around),
            Self::Eks => eks(resource, around),
            Self::ElasticBeanstalk => {
                let found = elastic_beanstalk(around);
                resource.elastic_beanstalk = found.or(resource.elastic_beanstalk.take());
            }
        }
    }
}

/// Asks a service of the platform.
fn ask(
    address: &str,
    method: &'static str,
    path: &str,
    headers: &[(&str, &str)],
) -> Option<Vec<u8>> {
    let request = Request { method, path, headers, body: "" };
    let answer = door::exchange(address, &request, PATIENCE).ok()?;
    (answer.status == 200).then_some(answer.body)
}

/// Splits `http://host[:port]/path` into the address and the path.
fn split_url(url: &str) -> Option<(String, String)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { host.to_owned() } else { format!("{host}:80") };
    Some((address, format!("/{path}")))
}

fn ec2(around: &Surroundings<'_>) -> Option<Ec2<'static>> {
    let endpoint = (around.variable)("IMDS_ENDPOINT").and_then(|url| split_url(&url));
    let address = endpoint.map_or_else(|| INSTANCE_DOOR.to_owned(), |(address, _)| address);
    let seconds = [("X-aws-ec2-metadata-token-ttl-seconds", "60")];
    let token = ask(&address, "PUT", "/latest/api/token", &seconds);
    let token = token.and_then(|token| String::from_utf8(token).ok());
    // An instance that knows no tokens is asked without one.
    let header = token.as_deref().map(|token| ("X-aws-ec2-metadata-token", token.trim()));
    let headers = header.as_slice();
    let document = ask(&address, "GET", "/latest/dynamic/instance-identity/document", headers)?;
    let member = |name| text_at(&document, &[name]).map(Cow::Owned);
    Some(Ec2 {
        instance_id: Some(member("instanceId")?),
        availability_zone: member("availabilityZone"),
        instance_size: member("instanceType"),
        ami_id: member("imageId"),
        others: Vec::new(),
    })
}

fn ecs(resource: &mut Resource, around: &Surroundings<'_>) {
    let variables = ["ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"];
    let Some(url) = variables.iter().find_map(|name| (around.variable)(name)) else { return };
    let metadata = split_url(&url).and_then(|(address, path)| ask(&address, "GET", &path, &[]));
    let member = |path: &[&str]| text_at(metadata.as_deref()?, path).map(Cow::Owned);
    resource.ecs = Some(Ecs {
        container: around.host_name(),
        container_id: around.container_id().or_else(|| member(&["DockerId"])),
        container_arn: member(&["ContainerARN"]),
        others: Vec::new(),
    });
    if let Some(group) = member(&["LogOptions", "awslogs-group"]) {
        resource.add_log_group(group);
    }
}

fn eks(resource: &mut Resource, around: &Surroundings<'_>) {
    let Some(token) = around.file("var/run/secrets/kubernetes.io/serviceaccount/token") else {
        return;
    };
    let cluster_name = cluster_name(around, &token);
    if let Some(name) = &cluster_name {
        resource.add_log_group(format!("/aws/containerinsights/{name}/application").into());
    }
    let known = resource.eks.take().and_then(|eks| eks.cluster_name);
    resource.eks = Some(Eks {
        pod: around.host_name(),
        cluster_name: cluster_name.map(Cow::Owned).or(known),
        container_id: around.container_id(),
        others: Vec::new(),
    });
}

#[cfg(feature = "eks")]
fn cluster_name(around: &Surroundings<'_>, token: &[u8]) -> Option<String> {
    cluster::name(around, std::str::from_utf8(token).ok()?.trim())
}

#[cfg(not(feature = "eks"))]
fn cluster_name(_around: &Surroundings<'_>, _token: &[u8]) -> Option<String> {
    None
}

fn elastic_beanstalk(around: &Surroundings<'_>) -> Option<ElasticBeanstalk<'static>> {
    let document = around.file("var/elasticbeanstalk/xray/environment.conf")?;
    let member = |name| text_at(&document, &[name]);
    let deployment = member("deployment_id").map(|id| match id.parse() {
        Ok(number) => Scalar::Number(Number::Integer(number)),
        Err(_) => Scalar::Text(Cow::Owned(id)),
    });
    Some(ElasticBeanstalk {
        environment_name: Some(Cow::Owned(member("environment_name")?)),
        version_label: member("version_label").map(Cow::Owned),
        deployment_id: deployment,
        others: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
