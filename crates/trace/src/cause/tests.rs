//! Each rule of blame.

use insta::assert_snapshot;

use super::*;
use crate::fixture::Fixture;

/// One cause a line: services joined by `→`, entities by `/`.
fn show(causes: &[RootCause<'_>]) -> String {
    let entity = |entity: &CauseEntity<'_>| {
        let mut words = vec![entity.name.to_owned()];
        words.extend(entity.is_remote.then(|| "(remote)".to_owned()));
        words.extend(entity.coverage.map(|coverage| coverage.to_string()));
        words.extend(entity.exceptions.iter().map(|CauseException { name, message }| {
            format!("{}:{}", name.unwrap_or("-"), message.unwrap_or("-"))
        }));
        words.join(" ")
    };
    let service = |service: &CauseService<'_>| {
        let inferred = if service.is_inferred { "inferred " } else { "" };
        let of = service.node.service_type.as_ref().map(|of| format!(" {of}")).unwrap_or_default();
        let path: Vec<String> = service.path.iter().map(entity).collect();
        format!("{inferred}{}{of} [{}]", service.node.name, path.join(" / "))
    };
    let cause = |cause: &RootCause<'_>| {
        let services: Vec<String> = cause.services.iter().map(service).collect();
        let client = if cause.is_client_impacting { "client: " } else { "" };
        format!("{client}{}\n", services.join(" → "))
    };
    causes.iter().map(cause).collect()
}

fn faults(text: &str) -> String {
    show(&of_faults(&Fixture::new(text).trace()))
}

fn errors(text: &str) -> String {
    show(&of_errors(&Fixture::new(text).trace()))
}

fn slow(text: &str) -> String {
    show(&of_response_time(&Fixture::new(text).trace()))
}

#[test]
fn a_slow_call_is_blamed_but_not_a_callee_slower_than_the_root() {
    assert_snapshot!(slow("
        front 0..2s
          back 0..1.5s remote
            => back 0..6.5s
    "), @"client: front [front 1 / back (remote) 0.75]");
}

#[test]
fn the_longest_part_is_followed_into_other_services() {
    assert_snapshot!(slow("
        front 0..1000ms
          local 0..900ms
            > back 0..800ms
              DynamoDB 0..700ms aws op=Query table=scores
                attempt 0..699ms
              shorter 0..650ms
    "), @"client: front [front 1 / local 0.9 / back (remote) 0.8] → back [back 0.8 / DynamoDB (remote) 0.7] → inferred scores AWS::DynamoDB::Table [DynamoDB 0.7]");
}

#[test]
fn a_silent_queue_is_the_end_of_the_path() {
    assert_snapshot!(slow("front 0..1s\n  SQS 0..1s aws op=SendMessage queue=q"), @"client: front [front 1 / SQS (remote) 1] → inferred q AWS::SQS::Queue [SQS 1]");
}

#[test]
fn half_of_the_response_time_is_not_enough() {
    assert_snapshot!(slow("front 0..2s\n  a 0..1s remote\n  b 1..2s remote"), @"");
    assert_snapshot!(slow("front 0..2s\n  a 0..1.001s"), @"client: front [front 1 / a 0.5005]");
    assert_snapshot!(slow("front 0..2s\n  a 0..2s"), @"client: front [front 1 / a 1]");
    assert_snapshot!(slow("front 0..2s\n  a 0..2.001s"), @"");
}

#[test]
fn nothing_is_slow_without_a_finished_root() {
    for text in [
        "front 0..\n  a 0..1s",
        "front 0..0s\n  a 0..0s",
        "front 9..0s\n  a 0..1s",
        "front 0..1s\n  a 0..",
    ] {
        assert_eq!(slow(text), "", "{text}");
    }
    assert_eq!(slow("front 0..1s orphan\n  a 0..1s"), "");
}

#[test]
fn a_failed_callee_of_a_root_that_coped_is_blamed_alone() {
    let text = "
        front 0..100ms
          back 1..90ms 503 fault remote
            => back 2..89ms 503 fault throws=OwnedFailure:boom
              DynamoDB 3..9ms 400 error throttle aws op=Query table=scores
    ";
    assert_snapshot!(faults(text), @"back [back OwnedFailure:boom]");
    assert_snapshot!(errors(text), @"inferred scores AWS::DynamoDB::Table [DynamoDB]");
}

#[test]
fn a_flag_without_an_exception_blames_nobody() {
    assert_snapshot!(faults("front 0..1s 500 fault"), @"");
    assert_snapshot!(faults("front 0..1s fault\n  local 0..1ms fault"), @"");
    assert_snapshot!(faults("front 0..1s fault\n  call 0.. fault remote"), @"");
}

#[test]
fn a_status_without_a_flag_blames_nobody() {
    assert_snapshot!(faults("front 0..1s 500 throws=A"), @"");
}

#[test]
fn a_failed_root_is_blamed_down_to_the_deepest_exception() {
    assert_snapshot!(faults("
        front 0..1s fault throws=Outer
          local 0..1s fault
            > back 0..1s fault throws=Middle
              inner 0..1s fault throws=Inner:deep throws=Second
                flag_only 0..1ms fault
    "), @"client: front [front Outer:- / local / back (remote)] → back [back Middle:- / inner Inner:deep Second:-]");
}

#[test]
fn a_silent_callee_is_preferred_to_local_exceptions() {
    assert_snapshot!(faults("
        front 0..1s fault throws=Outer
          local 0..1ms fault throws=Local
          db 1..2ms fault remote throws=Refused
    "), @"client: front [front Outer:- / db (remote) Refused:-] → inferred db remote [db]");
}

#[test]
fn a_failed_call_below_something_sound_is_its_callee_alone() {
    assert_snapshot!(errors("front 0..1s\n  local 0..1s\n    S3 0..1s error aws op=GetObject bucket=b"), @"inferred b AWS::S3::Bucket [S3]");
}

#[test]
fn each_failure_that_no_failed_caller_explains_is_a_cause() {
    assert_snapshot!(faults("
        front 0..1s fault
          a 0..1ms fault remote
          > sound 1..9ms
            b 1..2ms fault remote
          ok 1..9ms remote
            => failed 2..3ms fault throws=C
    "), @"
    client: front [front / a (remote)] → inferred a remote [a]
    inferred b remote [b]
    failed [failed C:-]
    ");
}

#[test]
fn errors_and_faults_are_blamed_apart() {
    let text = "front 0..1s fault error throws=A\n  x 0..1s error remote";
    assert_snapshot!(faults(text), @"client: front [front A:-]");
    assert_snapshot!(errors(text), @"client: front [front A:- / x (remote)] → inferred x remote [x]");
}

#[test]
fn a_cause_that_refers_to_an_exception_leads_to_where_it_was_thrown() {
    assert_snapshot!(faults("
        front 0..1s fault rethrows=Boom
          first 0..1ms fault throws=Other
          second 1..9ms
            third 2..3ms throws=Boom:there
    "), @"client: front [front / second / third Boom:there]");
    assert_snapshot!(faults("
        front 0..1s fault rethrows=Refused
          S3 2..3ms fault aws op=GetObject bucket=b throws=Refused:there
    "), @"client: front [front / S3 (remote) Refused:there] → inferred b AWS::S3::Bucket [S3]");
}

#[test]
fn a_cause_may_refer_to_another_service_or_back() {
    assert_snapshot!(faults("
        front 0..1s
          a 0..1ms
            => failed 0..1ms fault rethrows=Boom
          > other 0..1ms
            work 0..1ms throws=Boom
    "), @"failed [failed] → other [other / work Boom:-]");
    assert_snapshot!(faults("front 0..1s fault throws=Boom\n  a 0..1ms fault rethrows=Boom"), @"client: front [front Boom:-]");
}
