//! Calls as the AWS SDK makes them, hook by hook, read as the subsegments that they become.

use std::sync::Arc;

use aws_smithy_runtime_api::client::interceptors::context::{InterceptorContext, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;

use super::*;
use crate::testing::FakeDaemon;
use crate::{Recorder, Sampling, SeededRandom};

#[derive(Debug)]
#[expect(dead_code, reason = "read by its debug form, as those of the SDK are")]
struct GetItemInput {
    table_name: Option<String>,
    key: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
#[error("the rate is too high")]
struct ThrottlingException;

fn components() -> RuntimeComponents {
    RuntimeComponentsBuilder::for_tests().build().expect("components")
}

fn bag() -> ConfigBag {
    let mut layer = Layer::new("operation");
    layer.store_put(Metadata::new("GetItem", "DynamoDB"));
    layer.store_put(RequestAttempts::new(3));
    let mut bag = ConfigBag::base();
    bag.push_layer(layer);
    bag
}

fn begin(cfg: &mut ConfigBag) -> InterceptorContext {
    let input =
        GetItemInput { table_name: Some("carts".to_owned()), key: vec![0; 2 * INPUT_BYTES_MAX] };
    let mut context = InterceptorContext::new(Input::erase(input));
    let interceptor = CallInterceptor::new();
    context.enter_serialization_phase();
    let begins = interceptor.read_before_serialization(&(&context).into(), &components(), cfg);
    begins.expect("it never fails");
    let _input = context.take_input();
    let request = HttpRequest::get("https://dynamodb.eu-west-1.amazonaws.com/");
    context.set_request(request.expect("a request"));
    context.enter_before_transmit_phase();
    let sends = interceptor.modify_before_transmit(&mut (&mut context).into(), &components(), cfg);
    sends.expect("it never fails");
    context
}

fn end(context: &mut InterceptorContext, cfg: &mut ConfigBag, failure: bool) {
    context.enter_transmit_phase();
    let status = if failure { 400_u16 } else { 200 };
    let mut response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::empty());
    response.headers_mut().insert("x-amzn-requestid", "request");
    let _request = context.take_request();
    context.set_response(response);
    context.enter_before_deserialization_phase();
    context.enter_deserialization_phase();
    context.set_output_or_error(match failure {
        true => Err(OrchestratorError::operation(Error::erase(ThrottlingException))),
        false => Ok(Output::erase(())),
    });
    context.enter_after_deserialization_phase();
    let interceptor = CallInterceptor::new();
    let ends = interceptor.read_after_execution(&(&*context).into(), &components(), cfg);
    ends.expect("it never fails");
}

fn rig(sampling: Sampling) -> (Recorder, FakeDaemon) {
    let daemon = FakeDaemon::start().expect("free ports");
    let mut config = daemon.config("shop");
    config.sampling = sampling;
    config.random = Arc::new(SeededRandom::new(1));
    (Recorder::new(config).expect("a recorder"), daemon)
}

#[test]
fn calls_at_the_same_time_keep_apart() {
    let (recorder, daemon) = rig(Sampling::Always);
    let segment = recorder.begin();
    let (mut one, mut two) = (bag(), bag());
    let mut first = segment.run(|| begin(&mut one));
    let mut second = segment.run(|| begin(&mut two));
    let header = |context: &InterceptorContext| {
        let request = context.request().expect("a request");
        request.headers().get("x-amzn-trace-id").expect("a header").to_owned()
    };
    assert_ne!(header(&first), header(&second));
    let expected = header(&first);
    end(&mut first, &mut one, false);
    end(&mut second, &mut two, true);
    drop((one, two, segment));
    let document = &daemon.wait_for(1)[0];
    let document = wire::Segment::parse(document).expect("a good document");
    let [good, bad] = &*document.subsegments else { panic!("{document:?}") };
    assert!(expected.contains(&format!("Parent={};Sampled=1", good.id)));
    let aws = wire::json::encode(good.aws.as_ref().expect("a section"));
    insta::assert_snapshot!(aws, @r#"{"operation":"GetItem","region":"eu-west-1","request_id":"request","retries":2,"table_name":"carts"}"#);
    assert_eq!((&*good.name, good.namespace.as_deref()), ("DynamoDB", Some("aws")));
    assert_eq!((bad.throttle, bad.error, bad.fault), (Some(true), Some(true), None));
    let bad = wire::json::encode(bad);
    let said = r#""message":"the rate is too high","type":"ThrottlingException","remote":true"#;
    assert!(bad.contains(said), "{bad}");
}

#[test]
fn a_trace_that_is_not_recorded_is_passed_on() {
    let (recorder, _daemon) = rig(Sampling::Never);
    let segment = recorder.begin();
    let mut bag = bag();
    let context = segment.run(|| begin(&mut bag));
    let request = context.request().expect("a request");
    let header = request.headers().get("x-amzn-trace-id").map(str::to_owned);
    assert_eq!(header, segment.header());
}

#[test]
fn a_call_without_a_trace_is_left_alone() {
    let mut bag = bag();
    let mut context = begin(&mut bag);
    assert!(!context.request().expect("a request").headers().contains_key("x-amzn-trace-id"));
    end(&mut context, &mut bag, true);
}

#[test]
fn regions_are_found_in_hosts() {
    for (uri, expected) in [
        ("https://dynamodb.eu-west-1.amazonaws.com/", Some("eu-west-1")),
        ("https://bucket.s3.us-gov-east-1.amazonaws.com/key?x", Some("us-gov-east-1")),
        ("http://127.0.0.1:8000/eu-west-1", None),
        ("https://my-bucket-7.example.com/", None),
        ("https://sts.amazonaws.com", None),
    ] {
        assert_eq!(region_of(uri).as_deref(), expected, "{uri}");
    }
}
