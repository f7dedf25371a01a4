//! The `aws` section: the resource that ran a service, or the AWS call a subsegment made.
//!
//! SDKs put many more members here than are named; the unnamed ones are carried.

use std::borrow::Cow;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::cursor::Cursor;
use crate::member::{Member, Object, object};
use crate::value::Scalar;

object! {
    /// What AWS knows of the work.
    #[derive(Default)]
    pub struct Aws {
        /// The account that owns the resource.
        account_id: Option<Cow<'a, str>> = "account_id",
        /// The operation called.
        operation: Option<Cow<'a, str>> = "operation",
        /// The region called.
        region: Option<Cow<'a, str>> = "region",
        /// The call's request id.
        request_id: Option<Cow<'a, str>> = "request_id",
        /// How often the call was repeated.
        retries: Option<i64> = "retries",
        /// The queue used.
        queue_url: Option<Cow<'a, str>> = "queue_url",
        /// The DynamoDB table used.
        table_name: Option<Cow<'a, str>> = "table_name",
        /// The S3 bucket used.
        bucket_name: Option<Cow<'a, str>> = "bucket_name",
        /// The SNS topic used.
        topic_arn: Option<Cow<'a, str>> = "topic_arn",
        /// The Lambda function called.
        function_name: Option<Cow<'a, str>> = "function_name",
        /// The resources used, as the backend resolved them.
        resource_names: Vec<Cow<'a, str>> = "resource_names",
        /// The instance the service runs on.
        ec2: Option<Box<Ec2<'a>>> = "ec2",
        /// The ECS container the service runs in.
        ecs: Option<Box<Ecs<'a>>> = "ecs",
        /// The EKS pod the service runs in.
        eks: Option<Box<Eks<'a>>> = "eks",
        /// The Elastic Beanstalk environment the service runs in.
        elastic_beanstalk: Option<Box<ElasticBeanstalk<'a>>> = "elastic_beanstalk",
        /// The SDK that made the document, and its sampling decision.
        xray: Option<Box<XrayAgent<'a>>> = "xray",
        /// The log groups the service writes to.
        cloudwatch_logs: Option<Box<LogGroups<'a>>> = "cloudwatch_logs",
    }
}

object! {
    /// An EC2 instance.
    pub struct Ec2 {
        /// The instance's id; indexed.
        instance_id: Option<Cow<'a, str>> = "instance_id",
        /// The instance's zone; indexed.
        availability_zone: Option<Cow<'a, str>> = "availability_zone",
        /// The instance's type.
        instance_size: Option<Cow<'a, str>> = "instance_size",
        /// The image it was started from.
        ami_id: Option<Cow<'a, str>> = "ami_id",
    }
}

object! {
    /// An ECS container.
    pub struct Ecs {
        /// The container's host name.
        container: Option<Cow<'a, str>> = "container",
        /// The container's id.
        container_id: Option<Cow<'a, str>> = "container_id",
        /// The container's ARN.
        container_arn: Option<Cow<'a, str>> = "container_arn",
    }
}

object! {
    /// An EKS pod.
    pub struct Eks {
        /// The pod's name.
        pod: Option<Cow<'a, str>> = "pod",
        /// The cluster's name.
        cluster_name: Option<Cow<'a, str>> = "cluster_name",
        /// The container's id.
        container_id: Option<Cow<'a, str>> = "container_id",
    }
}

object! {
    /// An Elastic Beanstalk environment.
    pub struct ElasticBeanstalk {
        /// The environment's name.
        environment_name: Option<Cow<'a, str>> = "environment_name",
        /// The version deployed.
        version_label: Option<Cow<'a, str>> = "version_label",
        /// The deployment's number.
        deployment_id: Option<Scalar<'a>> = "deployment_id",
    }
}

object! {
    /// The SDK that made the document.
    pub struct XrayAgent {
        /// The SDK's name.
        sdk: Option<Cow<'a, str>> = "sdk",
        /// The SDK's version.
        sdk_version: Option<Cow<'a, str>> = "sdk_version",
        /// Whether an agent instrumented the program.
        auto_instrumentation: Option<bool> = "auto_instrumentation",
        /// The sampling rule that matched, as Python, Go, Ruby and .NET spell it.
        sampling_rule_name: Option<Cow<'a, str>> = "sampling_rule_name",
        /// The sampling rule that matched, as Java and Node spell it.
        rule_name: Option<Cow<'a, str>> = "rule_name",
    }
}

object! {
    /// A CloudWatch Logs group.
    pub struct LogGroup {
        /// The group's name.
        log_group: Option<Cow<'a, str>> = "log_group",
        /// The group's ARN.
        arn: Option<Cow<'a, str>> = "arn",
    }
}

/// Log groups, written as a list by most SDKs and as a single object by Ruby's.
#[derive(Clone, Debug)]
pub enum LogGroups<'a> {
    /// A list.
    Many(Vec<LogGroup<'a>>),
    /// A bare object.
    One(LogGroup<'a>),
}

impl<'a> LogGroups<'a> {
    /// Returns the groups, however they were written.
    pub fn iter(&self) -> impl Iterator<Item = &LogGroup<'a>> {
        match self {
            Self::Many(groups) => groups.as_slice(),
            Self::One(group) => std::slice::from_ref(group),
        }
        .iter()
    }
}

impl<'de> Member<'de> for LogGroups<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Object::<Self>(std::marker::PhantomData))
    }

    fn read_quick(cursor: &mut Cursor<'de>) -> Option<Self> {
        match cursor.peek()? {
            b'[' => Vec::read_quick(cursor).map(Self::Many),
            _ => LogGroup::read_quick(cursor).map(Self::One),
        }
    }
}

impl<'de> Visitor<'de> for Object<LogGroups<'de>> {
    type Value = LogGroups<'de>;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a log group or a list of them")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Object::<LogGroup<'de>>(std::marker::PhantomData).visit_map(map).map(LogGroups::One)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        let list = serde::de::value::SeqAccessDeserializer::new(seq);
        Vec::<LogGroup<'de>>::read(list).map(LogGroups::Many)
    }
}

impl Serialize for LogGroups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Many(groups) => groups.serialize(serializer),
            Self::One(group) => group.serialize(serializer),
        }
    }
}
