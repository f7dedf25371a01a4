//! What a service is and runs on: the members that every one of its segments has.

use std::borrow::Cow;

use wire::segment::{
    Aws, Ec2, Ecs, Eks, ElasticBeanstalk, LogGroup, LogGroups, Segment, Service, XrayAgent,
};

/// The name under which this crate is known in documents.
const SDK: &str = "Fluoro for Rust";

/// What a service is and runs on.
///
/// Plugins fill it; of several origins the most specific counts: Elastic Beanstalk before EKS,
/// before ECS, before EC2.
#[derive(Clone, Debug, Default)]
pub struct Resource {
    /// The service's own version.
    pub version: Option<Cow<'static, str>>,
    /// The kind of resource, where no plugin says it.
    pub origin: Option<Cow<'static, str>>,
    /// The resource itself.
    pub resource_arn: Option<Cow<'static, str>>,
    /// The instance.
    pub ec2: Option<Ec2<'static>>,
    /// The ECS container.
    pub ecs: Option<Ecs<'static>>,
    /// The EKS pod.
    pub eks: Option<Eks<'static>>,
    /// The Elastic Beanstalk environment.
    pub elastic_beanstalk: Option<ElasticBeanstalk<'static>>,
    /// The names of the log groups that the service writes to.
    pub log_groups: Vec<Cow<'static, str>>,
}

impl Resource {
    /// Returns the kind of resource: what was set, or the most specific that is known.
    pub fn origin(&self) -> Option<&str> {
        let known = [
            (self.elastic_beanstalk.is_some(), "AWS::ElasticBeanstalk::Environment"),
            (self.eks.is_some(), "AWS::EKS::Container"),
            (self.ecs.is_some(), "AWS::ECS::Container"),
            (self.ec2.is_some(), "AWS::EC2::Instance"),
        ];
        let known = known.into_iter().find_map(|(is_there, origin)| is_there.then_some(origin));
        self.origin.as_deref().or(known)
    }

    /// Adds a log group that the service writes to, once.
    pub(crate) fn add_log_group(&mut self, group: Cow<'static, str>) {
        if !self.log_groups.contains(&group) {
            self.log_groups.push(group);
        }
    }

    /// Puts what is known into a segment that is about to be sent; what the application said of a
    /// single segment stays.
    pub(crate) fn describe(&self, segment: &mut Segment<'static>, rule: Option<String>) {
        segment.service.get_or_insert_with(|| Box::new(self.service()));
        if segment.origin.is_none() {
            segment.origin = self.origin().map(|origin| Cow::Owned(origin.to_owned()));
        }
        if segment.resource_arn.is_none() {
            segment.resource_arn.clone_from(&self.resource_arn);
        }
        let aws = segment.aws.get_or_insert_default();
        self.describe_aws(aws);
        aws.xray = Some(Box::new(XrayAgent {
            sdk: Some(SDK.into()),
            sdk_version: Some(env!("CARGO_PKG_VERSION").into()),
            auto_instrumentation: None,
            sampling_rule_name: rule.map(Cow::Owned),
            rule_name: None,
            others: Vec::new(),
        }));
    }

    fn service(&self) -> Service<'static> {
        Service {
            version: self.version.clone(),
            runtime: Some("rust".into()),
            runtime_version: None,
            compiler: Some("rustc".into()),
            compiler_version: None,
            others: Vec::new(),
        }
    }

    fn describe_aws(&self, aws: &mut Aws<'static>) {
        aws.ec2 = self.ec2.clone().map(Box::new);
        aws.ecs = self.ecs.clone().map(Box::new);
        aws.eks = self.eks.clone().map(Box::new);
        aws.elastic_beanstalk = self.elastic_beanstalk.clone().map(Box::new);
        if !self.log_groups.is_empty() {
            let groups = self.log_groups.iter().map(|name| LogGroup {
                log_group: Some(name.clone()),
                arn: None,
                others: Vec::new(),
            });
            aws.cloudwatch_logs = Some(Box::new(LogGroups::Many(groups.collect())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_origin_counts() {
        let ec2 = Ec2 {
            instance_id: Some("i-1".into()),
            availability_zone: None,
            instance_size: None,
            ami_id: None,
            others: Vec::new(),
        };
        let eks =
            Eks { pod: Some("p".into()), cluster_name: None, container_id: None, others: vec![] };
        let mut resource = Resource::default();
        assert_eq!(resource.origin(), None);
        resource.ec2 = Some(ec2);
        assert_eq!(resource.origin(), Some("AWS::EC2::Instance"));
        resource.eks = Some(eks);
        assert_eq!(resource.origin(), Some("AWS::EKS::Container"));
        resource.origin = Some("Own::Kind".into());
        assert_eq!(resource.origin(), Some("Own::Kind"));
    }
}
