//! Rules at work on a few requests.

use proptest::prelude::*;

use super::*;

fn rule(
    name: &'static str,
    path: &'static str,
    reservoir_size: i32,
    fixed_rate: f64,
) -> Rule<'static> {
    Rule {
        rule_name: name.into(),
        url_path: path.into(),
        reservoir_size,
        fixed_rate,
        ..Rule::default_rule("")
    }
}

fn request(second: u64, service: &str, path: &str) -> Request {
    Request {
        second,
        service: service.to_owned(),
        path: path.to_owned(),
        method: "GET".to_owned(),
        ..Request::default()
    }
}

fn run(rules: &[Rule<'_>], requests: &[Request]) -> Outcome {
    let mut dry_run = DryRun::new(rules);
    requests.iter().for_each(|request| dry_run.meet(request));
    dry_run.outcome()
}

#[test]
fn the_reservoir_comes_first_in_every_second_and_then_the_rate() {
    let rules = [rule("api", "/api/*", 2, 0.5), rule("rest", "*", 0, 0.1)];
    let mut requests = vec![request(1, "web", "/api/a"); 6];
    requests.extend(vec![request(2, "web", "/api/a"); 1]);
    requests.extend(vec![request(1, "mail", "/send"); 10]);
    let outcome = run(&rules, &requests);
    assert_eq!(
        outcome.rules,
        [
            OfRule { matched: 7, kept: 2.0 + 4.0 * 0.5 + 1.0, shadowed_by: None },
            OfRule { matched: 10, kept: 1.0, shadowed_by: None },
        ]
    );
    assert_eq!(outcome.services["web"], OfService { requests: 7, kept: 5.0 });
    assert_eq!(outcome.services["mail"], OfService { requests: 10, kept: 1.0 });
}

#[test]
fn services_share_a_reservoir_by_their_requests() {
    let requests = [vec![request(1, "a", "/"); 3], vec![request(1, "b", "/"); 1]].concat();
    let outcome = run(&[rule("all", "*", 2, 0.0)], &requests);
    assert_eq!((outcome.services["a"].kept, outcome.services["b"].kept), (1.5, 0.5));
}

#[test]
fn a_rule_that_is_never_reached_is_found() {
    let rules = [
        rule("all of api", "/api/*", 1, 0.0),
        rule("one of api", "/api/orders/*", 1, 1.0),
        rule("orders anywhere", "*/orders/7", 1, 1.0),
        rule("other", "/other", 1, 1.0),
        rule("rest", "*", 1, 0.0),
    ];
    let outcome = run(&rules, &[request(1, "a", "/api/orders/7"), request(1, "a", "/x")]);
    let shadows: Vec<_> = outcome.rules.iter().map(|rule| rule.shadowed_by).collect();
    // The second by what is written, the third by what was seen.
    assert_eq!(shadows, [None, Some(0), Some(0), None, None]);
}

#[test]
fn every_part_of_a_rule_counts() {
    let met = Request {
        service_type: "AWS::ECS::Container".to_owned(),
        host: "shop.example.com".to_owned(),
        resource_arns: vec!["arn:aws:ecs:1".to_owned()],
        attributes: BTreeMap::from([("tier".to_owned(), "gold".to_owned())]),
        ..request(1, "shop", "/a")
    };
    let any = rule("any", "*", 0, 0.0);
    assert!(matches(&any, &met) && matches(&any, &Request::default()));
    let attributes = |value: &'static str| BTreeMap::from([("tier".into(), value.into())]);
    for (rule, is_met) in [
        (Rule { service_name: "SHOP".into(), ..any.clone() }, true),
        (Rule { service_name: "mail".into(), ..any.clone() }, false),
        (Rule { service_type: "AWS::ECS::*".into(), ..any.clone() }, true),
        (Rule { service_type: "AWS::Lambda".into(), ..any.clone() }, false),
        (Rule { host: "*.example.com".into(), ..any.clone() }, true),
        (Rule { host: "example.com".into(), ..any.clone() }, false),
        (Rule { http_method: "get".into(), ..any.clone() }, true),
        (Rule { http_method: "POST".into(), ..any.clone() }, false),
        (Rule { resource_arn: "arn:*".into(), ..any.clone() }, true),
        (Rule { resource_arn: "arn:aws:ec2*".into(), ..any.clone() }, false),
        (Rule { attributes: attributes("g*"), ..any.clone() }, true),
        (Rule { attributes: attributes("silver"), ..any.clone() }, false),
    ] {
        assert_eq!(matches(&rule, &met), is_met, "{rule:?}");
    }
    let gold = Rule { attributes: attributes("gold"), ..any.clone() };
    assert!(covers(&any, &gold) && !covers(&gold, &any));
}

#[test]
fn a_pattern_covers_another() {
    for (wide, pattern, expected) in [
        ("*", "", true),
        ("*", "a*b", true),
        ("/api/*", "/api/a*", true),
        ("/API/*", "/api/", true),
        ("/api/*", "/a*", false),
        ("?", "a", true),
        ("?", "?", true),
        ("?", "*", false),
        ("a?", "a*", false),
        ("a", "a", true),
        ("a", "b", false),
    ] {
        assert_eq!(covers_pattern(wide, pattern), expected, "{wide} over {pattern}");
    }
}

proptest! {
    #[test]
    fn what_is_like_the_pattern_is_like_one_that_covers_it(
        wide in "[*?ab]{0,5}", pattern in "[*?ab]{0,5}", text in "[abc]{0,6}",
    ) {
        if covers_pattern(&wide, &pattern) && glob::matches(&pattern, &text) {
            prop_assert!(glob::matches(&wide, &text), "{} over {} for {}", wide, pattern, text);
        }
    }
}
