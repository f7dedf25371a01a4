//! An interceptor for the AWS SDK: each call has a subsegment of the current segment.
//!
//! One object serves all clients and all calls at once; what belongs to one call is kept with it. The
//! subsegment says the operation, the region, the request's id, the retries, and the table, queue,
//! bucket, topic or function that was asked for; its header goes along with each attempt.
//!
//! ```
//! # fn client(config: &aws_types::SdkConfig) -> aws_sdk_xray::Client {
//! let config = aws_sdk_xray::config::Builder::from(config)
//!     .interceptor(fluoro_sdk::aws::CallInterceptor::new())
//!     .build();
//! aws_sdk_xray::Client::from_conf(config)
//! # }
//! ```

use std::borrow::Cow;
use std::fmt::{self, Write};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, Error,
    FinalizerInterceptorContextRef, Input,
};
use aws_smithy_runtime_api::client::orchestrator::{Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_types::region::Region;
use wire::Header;
use wire::segment::Aws;

use crate::context::Context;
use crate::entity::{Entity, Exception};

/// How much of a request's input is looked at for the resource it names.
const INPUT_BYTES_MAX: usize = 4096;

/// Gives each call of an AWS SDK client a subsegment.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CallInterceptor;

impl CallInterceptor {
    /// Returns the interceptor.
    pub fn new() -> Self {
        Self
    }
}

/// The subsegment of one call; kept in the call's own configuration.
#[derive(Debug)]
struct Call(Entity);

impl Storable for Call {
    type Storer = StoreReplace<Self>;
}

impl Intercept for CallInterceptor {
    fn name(&self) -> &'static str {
        "fluoro"
    }

    // The first hook at which a client's interceptor is told the operation.
    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &aws_smithy_runtime_api::client::runtime_components::RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let current = Context::current();
        if current.is_nothing() {
            return Ok(());
        }
        let (service, operation) = cfg.load::<Metadata>().map_or_else(
            || ("AWS".to_owned(), None),
            |it| (it.service().to_owned(), Some(it.name().to_owned())),
        );
        let entity = current.begin_aws(service);
        if entity.is_recorded() {
            let said = said_of(context.input());
            entity.aws(|aws| {
                aws.operation = operation.map(Cow::Owned);
                name_resources(&said, aws);
            });
        }
        cfg.interceptor_state().store_put(Call(entity));
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &aws_smithy_runtime_api::client::runtime_components::RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Call(entity)) = cfg.load::<Call>() else { return Ok(()) };
        let request = context.request_mut();
        // An endpoint of one's own says no region; the client's configuration does.
        let region = region_of(request.uri());
        let region = region.or_else(|| cfg.load::<Region>().map(|it| it.as_ref().to_owned()));
        if let Some(region) = region {
            entity.aws(|aws| aws.region = Some(Cow::Owned(region)));
        }
        if let Some(header) = entity.header() {
            // In Lambda the client has put the invocation's own header there.
            let _replaced = request.headers_mut().try_insert(Header::NAME.to_lowercase(), header);
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &aws_smithy_runtime_api::client::runtime_components::RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Call(entity)) = cfg.load::<Call>() else { return Ok(()) };
        let retries = cfg.load::<RequestAttempts>().map_or(0, |it| it.attempts().saturating_sub(1));
        if let Some(response) = context.response() {
            let headers = response.headers();
            let id = headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id"));
            let id = id.map(|id| Cow::Owned(id.to_owned()));
            entity.aws(|aws| aws.request_id = id);
            let length = headers.get("content-length").and_then(|length| length.parse().ok());
            entity.http_response(response.status().as_u16(), length);
        }
        entity.aws(|aws| aws.retries = (retries > 0).then_some(i64::from(retries)));
        if let Some(Err(cause)) = context.output_or_error() {
            fail(entity, cause);
            if context.response().is_none() {
                entity.set_fault();
            }
        }
        entity.context().end();
        Ok(())
    }
}

/// Records why a call failed: by the service's word, or on the way.
fn fail(entity: &Entity, cause: &OrchestratorError<Error>) {
    if !entity.is_recorded() {
        return;
    }
    let Some(said) = cause.as_operation_error() else {
        let exception = Exception::new("OrchestratorError", format!("{cause:?}"));
        entity.attach_exceptions(vec![Exception { is_remote: true, ..exception }]);
        return;
    };
    let debug = format!("{said:?}");
    let throttles = ["Throttl", "ProvisionedThroughputExceeded", "TooManyRequests"];
    if throttles.iter().any(|word| debug.contains(word)) {
        entity.set_throttle();
    }
    let mut exceptions = Exception::chain(said);
    if let Some(outermost) = exceptions.first_mut() {
        outermost.kind = kind_in(&debug).to_owned().into();
    }
    // The operation's error and the one inside of it say the same.
    exceptions.dedup_by(|inner, outer| inner.message == outer.message);
    exceptions.iter_mut().for_each(|exception| exception.is_remote = true);
    entity.attach_exceptions(exceptions);
}

/// Returns the name of the error inside of one whose type was erased, such as
/// `Error(TypeErasedError:ThrottlingException(…))`.
fn kind_in(debug: &str) -> &str {
    let inside = debug.split_once("TypeErasedError:").map_or(debug, |(_, inside)| inside);
    inside.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(inside)
}

/// Returns the beginning of what an input says of itself. The types of the SDK keep what is secret to
/// themselves.
fn said_of(input: &Input) -> String {
    struct Beginning(String);
    impl Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            if self.0.len() + text.len() > INPUT_BYTES_MAX {
                return Err(fmt::Error);
            }
            self.0.push_str(text);
            Ok(())
        }
    }
    let mut beginning = Beginning(String::new());
    // It stops where it is long enough.
    let _stopped = write!(beginning, "{input:?}");
    beginning.0
}

/// Finds the resources that an input names.
fn name_resources(said: &str, aws: &mut Aws<'static>) {
    let member = |name: &str| {
        let begin = said.find(&format!(" {name}: Some(\""))? + name.len() + 9;
        let end = said.get(begin..)?.find('"')?;
        said.get(begin..begin + end).map(|value| Cow::Owned(value.to_owned()))
    };
    aws.table_name = member("table_name");
    aws.queue_url = member("queue_url");
    aws.bucket_name = member("bucket");
    aws.topic_arn = member("topic_arn");
    aws.function_name = member("function_name");
}

/// Returns the region in the host of an endpoint, such as `dynamodb.eu-west-1.amazonaws.com`.
fn region_of(uri: &str) -> Option<String> {
    let host = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let host = host.split(['/', ':', '?']).next()?;
    let labels: Vec<&str> = host.split('.').collect();
    let suffix = labels.iter().rposition(|label| matches!(*label, "amazonaws" | "api"))?;
    let region = labels.get(suffix.checked_sub(1)?)?;
    let has_number = region.ends_with(|c: char| c.is_ascii_digit()) && region.contains('-');
    has_number.then(|| (*region).to_owned())
}

#[cfg(test)]
mod tests;
