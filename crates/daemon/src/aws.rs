//! Who we are to AWS: the region we send to, the credentials we sign with, and the signature.
//!
//! Where the credentials come from is the affair of AWS's own library, which knows the environment,
//! profiles, single sign-on, processes, web identity, ECS, EKS and EC2, and reads the environment
//! and the files of the account by itself. What it finds is kept here until shortly before it
//! expires. Everything it asks for leaves through our own HTTP client, by the same roots and
//! proxies as documents.

mod credentials;
mod endpoint;
mod host;
mod metadata;
mod region;
mod sign;
mod transport;

use std::sync::Arc;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use bytes::Bytes;
use http::Request;
use wire::Micros;

use crate::original::settings::Settings;
use credentials::Keeper;
use transport::Transport;

pub use endpoint::is_host;
pub use host::Host;
pub use sign::stamp;

/// How a session of an assumed role is named, as by the original.
const SESSION_NAME: &str = "xray-daemon";

/// What the user said about who we are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The region, as far as flags, file and environment name one.
    pub region: Option<String>,
    /// The role to send as.
    pub role_arn: Option<String>,
    /// Whether metadata services are left alone.
    pub is_local: bool,
}

impl From<&Settings> for Wanted {
    fn from(settings: &Settings) -> Self {
        let Settings { region, role_arn, is_local, .. } = settings;
        Self { region: region.clone(), role_arn: role_arn.clone(), is_local: *is_local }
    }
}

/// What is around us: the door to the network, and the environment.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The client that everything is asked with.
    pub client: &'a reqwest::Client,
    /// The environment.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

/// Why nothing can be sent to AWS.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nobody names a region.
    #[error("find the AWS region. Tried:{}\nSet --region, Region in the config file, or AWS_REGION",
        tried.iter().map(|line| format!("\n  {line}")).collect::<String>())]
    NoRegion {
        /// What was tried, and what came of it.
        tried: Vec<String>,
    },
    /// Nobody gives credentials.
    #[error("find AWS credentials: {causes}")]
    NoCredentials {
        /// What the library says, from the outermost cause to the innermost.
        causes: String,
    },
    /// A request that cannot be signed.
    #[error("sign a request: {causes}")]
    Unsigned {
        /// What the library says, from the outermost cause to the innermost.
        causes: String,
    },
}

/// A region, and credentials for it; cheap to clone.
#[derive(Clone)]
pub struct Identity {
    region: Arc<str>,
    endpoint: Arc<str>,
    keeper: Arc<Keeper>,
}

impl Identity {
    /// Finds the region, and where credentials come from; they are asked for when they are needed.
    ///
    /// # Errors
    /// [`Problem::NoRegion`].
    pub async fn find(wanted: &Wanted, around: Around<'_>) -> Result<Self, Problem> {
        let region = region::find(wanted, around).await?;
        let transport = Transport::new(around.client.clone());
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .http_client(transport)
            .load()
            .await;
        let is_fips = config.use_fips().unwrap_or(false);
        let is_dual_stack = config.use_dual_stack().unwrap_or(false);
        let endpoint = endpoint::of(&region, endpoint::Kind { is_fips, is_dual_stack });
        let keeper = Keeper::new(provider(&config, wanted.role_arn.as_deref()).await);
        Ok(Self { region: region.into(), endpoint: endpoint.into(), keeper: Arc::new(keeper) })
    }

    /// Returns the region that we send to and sign for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the URL of X-Ray in the region; FIPS and dual-stack when the environment or the
    /// profile say so.
    pub fn endpoint(&self) -> String {
        self.endpoint.to_string()
    }

    /// Signs a request, replacing what somebody else may have signed it with.
    ///
    /// # Errors
    /// [`Problem::NoCredentials`] and [`Problem::Unsigned`].
    pub async fn sign(
        &self,
        request: Request<Bytes>,
        now: Micros,
    ) -> Result<Request<Bytes>, Problem> {
        let credentials = self.keeper.credentials(now).await?;
        sign::sign(request, &self.region, credentials, now)
    }

    /// Forgets the credentials, for AWS does not take them: they were revoked or replaced before
    /// they expired. Others are asked for before the next request, at most once a minute.
    pub fn distrust(&self, now: Micros) {
        self.keeper.distrust(now);
    }
}

/// Returns where credentials come from: the chain, or the role that it may assume.
async fn provider(config: &SdkConfig, role_arn: Option<&str>) -> SharedCredentialsProvider {
    let Some(role_arn) = role_arn else {
        return config.credentials_provider().expect("the library was not told to have none");
    };
    let role = AssumeRoleProvider::builder(role_arn).session_name(SESSION_NAME).configure(config);
    SharedCredentialsProvider::new(role.build().await)
}

/// Returns an error and what caused it in one line.
fn in_one_line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = inner.source();
    }
    // A list of many has its heading in the first of its lines.
    let lines: Vec<_> = line.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ").replace(":; ", ": ")
}

#[cfg(test)]
mod tests;
