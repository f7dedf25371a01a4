//! Which node of the service graph an entity belongs to.

use std::borrow::Cow;

use wire::Segment;

use crate::{Role, Trace};

/// The identity of a node: same name and another type is another node.
///
/// Sorted by name, and by type with none before any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId<'t> {
    /// The service's name, or the resource's.
    pub name: Cow<'t, str>,
    /// The segment's origin, or what is known of a callee that sent nothing.
    pub service_type: Option<Cow<'t, str>>,
}

impl NodeId<'_> {
    /// The type of the node that stands for whoever called the first service.
    pub const CLIENT: &'static str = "client";

    /// The type of a callee outside AWS that sent nothing.
    pub const REMOTE: &'static str = "remote";

    /// Returns the client of this node.
    pub fn client(&self) -> Self {
        Self { name: self.name.clone(), service_type: Some(Cow::Borrowed(Self::CLIENT)) }
    }

    /// Returns the same identity, independent of the trace.
    pub fn into_owned(self) -> NodeId<'static> {
        NodeId {
            name: Cow::Owned(self.name.into_owned()),
            service_type: self.service_type.map(|of| Cow::Owned(of.into_owned())),
        }
    }
}

/// The AWS resource that a call used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<'t, 'a> {
    /// The table, bucket, queue, topic or function.
    pub name: &'t Cow<'a, str>,
    /// The kind of resource.
    pub service_type: &'static str,
}

/// Returns the resource an AWS call used; `None` when it names no operation or no resource that we
/// know.
///
/// Source: `service-graph.md` §1, the table of resources.
pub fn resource<'t, 'a>(call: &'t Segment<'a>) -> Option<Resource<'t, 'a>> {
    let aws = call.aws.as_deref()?;
    aws.operation.as_ref()?;
    let (name, service_type) = match &*call.name {
        "DynamoDB" => (&aws.table_name, "AWS::DynamoDB::Table"),
        "S3" => (&aws.bucket_name, "AWS::S3::Bucket"),
        "SQS" => (&aws.queue_url, "AWS::SQS::Queue"),
        "SNS" => (&aws.topic_arn, "AWS::SNS"),
        "Lambda" => (&aws.function_name, "AWS::Lambda"),
        _ => return None,
    };
    Some(Resource { name: name.as_ref()?, service_type })
}

/// Returns whether [`called`] knows a node: the subsegment is a call and not local work.
pub(crate) fn is_call(subsegment: &Segment<'_>) -> bool {
    subsegment.namespace.as_deref().is_some_and(|namespace| ["remote", "aws"].contains(&namespace))
}

/// Returns the node that a call leads to when its callee sends nothing; `None` for local work.
///
/// Source: `service-graph.md` §1.
pub fn called<'t>(subsegment: &'t Segment<'_>) -> Option<NodeId<'t>> {
    let name = Cow::Borrowed(&*subsegment.name);
    match subsegment.namespace.as_deref()? {
        "remote" => Some(NodeId { name, service_type: Some(Cow::Borrowed(NodeId::REMOTE)) }),
        "aws" => Some(match resource(subsegment) {
            Some(resource) => NodeId {
                name: Cow::Borrowed(&**resource.name),
                service_type: Some(Cow::Borrowed(resource.service_type)),
            },
            None => NodeId { service_type: Some(Cow::Owned(format!("AWS::{name}"))), name },
        }),
        _ => None,
    }
}

/// Returns the node of an inferred segment, which is the one its call leads to.
fn inferred<'t>(callee: &'t Segment<'_>, call: &'t Segment<'_>) -> NodeId<'t> {
    let name = resource(call).map_or(&call.name, |resource| resource.name);
    let name = if callee.origin.is_some() { name } else { &call.name };
    let service_type = callee.origin.as_deref().unwrap_or(NodeId::REMOTE);
    NodeId { name: Cow::Borrowed(name), service_type: Some(Cow::Borrowed(service_type)) }
}

impl Trace<'_> {
    /// Returns the node whose work this entity is part of; `None` for an orphaned subsegment.
    pub fn node(&self, at: usize) -> Option<NodeId<'_>> {
        let owner = &self.entities[self.entities[at].owner?];
        if owner.role == Role::Inferred {
            return Some(inferred(&owner.segment, &self.entities[owner.parent?].segment));
        }
        Some(NodeId {
            name: Cow::Borrowed(&*owner.segment.name),
            service_type: owner.segment.origin.as_deref().map(Cow::Borrowed),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    fn nodes(text: &str) -> String {
        let fixture = Fixture::new(text);
        let trace = fixture.trace();
        let of = |&at: &usize| {
            let node = trace.node(at).expect("every segment has a node");
            format!("{} {}\n", node.name, node.service_type.as_deref().unwrap_or("-"))
        };
        trace.segments.iter().chain(&trace.inferred).map(of).collect()
    }

    #[test]
    fn a_segment_is_a_node_by_its_name_and_origin() {
        insta::assert_snapshot!(nodes("
            front  0..10ms
            job    1..10ms origin=AWS::Lambda
        "), @"
        front -
        job AWS::Lambda
        ");
    }

    #[test]
    fn a_silent_callee_is_a_node_by_its_resource() {
        insta::assert_snapshot!(nodes("
            front  0..100ms
              DynamoDB   1..9ms aws op=Query table=scores
              DynamoDB   2..9ms aws table=scores op=
              DynamoDB   3..9ms aws op=ListTables
              S3         4..9ms aws op=GetObject bucket=pictures
              SQS        5..9ms aws op=ReceiveMessage queue=https://sqs/1/q
              SNS        6..9ms aws op=Publish topic=arn:aws:sns:t
              Lambda     7..9ms aws op=Invoke function=resize
              foo        8..9ms aws op=Bar table=scores
              \"db@host\"  9..9ms remote sql=\"select 1\"
              local      9..9ms
        "), @"
        front -
        scores AWS::DynamoDB::Table
        DynamoDB AWS::DynamoDB
        DynamoDB AWS::DynamoDB
        pictures AWS::S3::Bucket
        https://sqs/1/q AWS::SQS::Queue
        arn:aws:sns:t AWS::SNS
        resize AWS::Lambda
        foo AWS::foo
        db@host remote
        ");
    }
}
