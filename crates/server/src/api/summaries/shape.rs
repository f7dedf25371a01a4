//! A trace's summary in the API's shape.

use trace::cause::{CauseEntity, CauseException, CauseService};
use trace::{NodeId, RootCause, Summary};
use wire::api::summaries::{
    self, AnnotationValue, AvailabilityZoneDetail, FailedEntity, Http, InstanceIdDetail,
    ResourceArnDetail, RootCauseException, RootCauseService, ServiceId, SlowEntity, TimeRangeType,
    TraceSummary, TraceUser, ValueWithServiceIds,
};
use wire::value::Scalar;
use wire::{Micros, Seconds};

/// Returns the summary as the API writes it.
pub(super) fn summary<'t>(
    summary: &'t Summary<'t>,
    time_range_type: TimeRangeType,
) -> TraceSummary<'t> {
    TraceSummary {
        annotations: summary
            .annotations
            .iter()
            .map(|(key, values)| (*key, values.iter().map(|value| annotation(value)).collect()))
            .collect(),
        availability_zones: list(&summary.availability_zones, |name| AvailabilityZoneDetail {
            name,
        }),
        duration: summary.duration.map(Micros::seconds),
        entry_point: summary.entry_point.as_ref().map(service_id),
        error_root_causes: causes(&summary.error_root_causes, failed),
        fault_root_causes: causes(&summary.fault_root_causes, failed),
        has_error: summary.has_error,
        has_fault: summary.has_fault,
        has_throttle: summary.has_throttle,
        http: Http {
            client_ip: summary.http.client_ip,
            http_method: summary.http.method,
            http_status: summary.http.status,
            http_url: summary.http.url,
            user_agent: summary.http.user_agent,
        },
        id: summary.id.to_string(),
        instance_ids: list(&summary.instance_ids, |id| InstanceIdDetail { id }),
        is_partial: summary.is_partial,
        matched_edge: None,
        matched_event_time: match time_range_type {
            TimeRangeType::TraceId => None,
            TimeRangeType::Event | TimeRangeType::Service => {
                Some(Seconds::from(summary.updated.floor_second()))
            }
        },
        matched_service: None,
        resource_arns: list(&summary.resource_arns, |arn| ResourceArnDetail { arn }),
        response_time: summary.response_time.map(Micros::seconds),
        response_time_root_causes: causes(&summary.response_time_root_causes, slow),
        revision: summary.revision,
        service_ids: summary.nodes.iter().map(service_id).collect(),
        start_time: Seconds::from(summary.start),
        users: list(&summary.users, |user_name| TraceUser { service_ids: None, user_name }),
    }
}

fn list<'t, T>(texts: &[&'t str], shape: impl Fn(&'t str) -> T) -> Vec<T> {
    texts.iter().copied().map(shape).collect()
}

fn annotation<'t>(value: &'t Scalar<'t>) -> ValueWithServiceIds<'t> {
    let mut annotation_value = AnnotationValue::default();
    match value {
        Scalar::Text(text) => annotation_value.string_value = Some(text),
        Scalar::Number(number) => annotation_value.number_value = Some(number.as_f64()),
        Scalar::Flag(flag) => annotation_value.boolean_value = Some(*flag),
    }
    ValueWithServiceIds { annotation_value, service_ids: None }
}

fn service_id<'t>(node: &'t NodeId<'t>) -> ServiceId<'t> {
    ServiceId {
        account_id: None,
        name: &node.name,
        names: [&node.name],
        service_type: node.service_type.as_deref(),
    }
}

fn causes<'t, Entity>(
    causes: &'t [RootCause<'t>],
    entity: fn(&'t CauseEntity<'t>) -> Entity,
) -> Vec<summaries::RootCause<'t, Entity>> {
    let service = |service: &'t CauseService<'t>| RootCauseService {
        account_id: None,
        entity_path: service.path.iter().map(entity).collect(),
        inferred: service.is_inferred,
        name: &service.node.name,
        names: [&service.node.name],
        service_type: service.node.service_type.as_deref(),
    };
    let cause = |cause: &'t RootCause<'t>| summaries::RootCause {
        client_impacting: cause.is_client_impacting,
        services: cause.services.iter().map(service).collect(),
    };
    causes.iter().map(cause).collect()
}

fn failed<'t>(entity: &'t CauseEntity<'t>) -> FailedEntity<'t> {
    let exception = |exception: &CauseException<'t>| RootCauseException {
        message: exception.message,
        name: exception.name,
    };
    FailedEntity {
        exceptions: entity.exceptions.iter().map(exception).collect(),
        name: entity.name,
        remote: entity.is_remote,
    }
}

fn slow<'t>(entity: &'t CauseEntity<'t>) -> SlowEntity<'t> {
    SlowEntity {
        coverage: entity.coverage.expect("causes of response times have a coverage"),
        name: entity.name,
        remote: entity.is_remote,
    }
}
