//! The service's own limits and texts, the times of changes, and rules that come back.

use serde_json::{Value, json};
use wire::api::sampling::UpdateSamplingRuleRequest;

use super::*;

const PREFIX: &str = "arn:aws:xray:us-east-1:000000000000:sampling-rule/";

fn rules() -> Rules {
    Rules::new(PREFIX.to_owned())
}

fn at(micros: u64) -> Micros {
    Micros(1_790_000_000_000_000 + micros)
}

fn request(members: Value) -> CreateSamplingRuleRequest {
    let mut rule = json!({"ResourceARN": "*", "Priority": 1, "FixedRate": 0.5,
        "ReservoirSize": 0, "ServiceName": "*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "*", "Version": 1});
    for (key, value) in members.as_object().expect("members") {
        rule[key] = value.clone();
    }
    let body = json!({"SamplingRule": rule, "Tags": [{"Key": "k", "Value": "v"}]}).to_string();
    CreateSamplingRuleRequest::parse(body.as_bytes()).expect("within the model")
}

fn create(rules: &mut Rules, members: Value) -> Result<RuleRecord<'static>, Error> {
    rules.create(request(members), at(0))
}

fn update(rules: &mut Rules, members: Value) -> Result<RuleRecord<'static>, Error> {
    let body = json!({"SamplingRuleUpdate": members}).to_string();
    let request = UpdateSamplingRuleRequest::parse(body.as_bytes()).expect("within the model");
    rules.update(request.sampling_rule_update, at(2_000_000))
}

fn selector(name: Option<&str>, arn: Option<&str>) -> RuleSelector {
    RuleSelector { rule_name: name.map(str::to_owned), rule_arn: arn.map(str::to_owned) }
}

/// Returns what went wrong, in one line.
fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.expect_err("it is refused").to_string()
}

#[test]
fn a_rule_is_made_by_name_or_by_arn() {
    let mut rules = rules();
    let by_name = create(&mut rules, json!({"RuleName": "a"})).expect("by name");
    assert_eq!(by_name.sampling_rule.rule_arn, format!("{PREFIX}a"));
    let by_arn = create(&mut rules, json!({"RuleARN": format!("{PREFIX}b/c")})).expect("by ARN");
    assert_eq!(by_arn.sampling_rule.rule_name, "b/c");
}

#[test]
fn what_cannot_be_made_is_refused_with_a_reason() {
    let mut rules = rules();
    create(&mut rules, json!({"RuleName": "a"})).expect("the first");
    let boost = |rate, minutes| json!({"MaxRate": rate, "CooldownWindowMinutes": minutes});
    for (members, text) in [
        (
            json!({"RuleName": "b", "RuleARN": format!("{PREFIX}b")}),
            "Request cannot contain both sampling rule name and sampling rule ARN",
        ),
        (json!({}), "Request must contain either sampling rule name or sampling rule ARN"),
        (
            json!({"RuleARN": "arn:aws:xray:eu-west-1:1:sampling-rule/b"}),
            "Sampling rule does not exist",
        ),
        (json!({"RuleARN": PREFIX}), "Sampling rule does not exist"),
        (json!({"RuleARN": format!("{PREFIX}{}", "x".repeat(33))}), "Sampling rule does not exist"),
        (json!({"RuleName": "a"}), "Sampling rule already exists"),
        (json!({"RuleName": "Default"}), "Sampling rule already exists"),
        (json!({"RuleName": "b", "Version": 2}), "Sampling rule version must be 1"),
        (
            json!({"RuleName": "b", "SamplingRateBoost": boost(0.1, 0)}),
            "Invalid sampling rate boost for sampling rule",
        ),
    ] {
        let refusal = refusal(create(&mut rules, members));
        assert_eq!(refusal, format!("InvalidRequestException: {text}"));
    }
    assert_eq!(rules.records().len(), 2);
    create(&mut rules, json!({"RuleName": "b", "SamplingRateBoost": boost(0.0, 1)}))
        .expect("a boost to nothing is legal");
}

#[test]
fn there_are_twenty_five_rules_beside_the_default() {
    let mut rules = rules();
    for number in 0..SAMPLING_RULES_MAX {
        create(&mut rules, json!({"RuleName": number.to_string()})).expect("one of 25");
    }
    let text = refusal(create(&mut rules, json!({"RuleName": "one more"})));
    assert_eq!(text, "RuleLimitExceededException: Sampling rule limit exceeded for this account");
    rules.delete(&selector(Some("7"), None), at(0)).expect("it is there");
    create(&mut rules, json!({"RuleName": "one more"})).expect("there is room again");
}

#[test]
fn an_update_that_names_nothing_still_counts_as_one() {
    let mut rules = rules();
    let before = create(&mut rules, json!({"RuleName": "a"})).expect("a rule");
    let after = update(&mut rules, json!({"RuleName": "a"})).expect("an update");
    let modified_at = Seconds(1_790_000_002.0);
    assert_eq!(after, RuleRecord { modified_at, ..before });
    assert_eq!(rules.last_modification(), modified_at);
    let arn = format!("{PREFIX}a");
    let after = update(&mut rules, json!({"RuleARN": arn, "Priority": 7})).expect("by ARN");
    assert_eq!(after.sampling_rule.priority, 7);
}

#[test]
fn bad_updates_change_nothing() {
    let mut rules = rules();
    create(&mut rules, json!({"RuleName": "a"})).expect("a rule");
    let before = rules.records();
    let boost = json!({"MaxRate": 0.1, "CooldownWindowMinutes": 0});
    let usable = json!({"MaxRate": 0.1, "CooldownWindowMinutes": 1});
    let invalid = "Invalid update request for sampling rule";
    for (members, text) in [
        (json!({"RuleName": "b"}), "Sampling rule does not exist"),
        (json!({}), "Request must contain either sampling rule name or sampling rule ARN"),
        (
            json!({"RuleName": "a", "RuleARN": "x"}),
            "Request cannot contain both sampling rule name and sampling rule ARN",
        ),
        (json!({"RuleName": "a", "Priority": 0}), invalid),
        (json!({"RuleName": "a", "Priority": 10_000}), invalid),
        (json!({"RuleName": "a", "FixedRate": 1.5}), invalid),
        (json!({"RuleName": "a", "ReservoirSize": -1}), invalid),
        (json!({"RuleName": "a", "SamplingRateBoost": boost}), invalid),
        (json!({"RuleName": "Default", "Host": "example.com"}), invalid),
        (json!({"RuleName": "Default", "Priority": 1}), invalid),
        (json!({"RuleName": "Default", "FixedRate": -0.5}), invalid),
        (json!({"RuleName": "Default", "Attributes": {"a": "b"}}), invalid),
        (json!({"RuleName": "Default", "SamplingRateBoost": usable}), invalid),
    ] {
        let refusal = refusal(update(&mut rules, members));
        assert_eq!(refusal, format!("InvalidRequestException: {text}"));
    }
    assert_eq!(rules.records(), before);
}

#[test]
fn the_default_rule_changes_in_its_numbers_and_stays() {
    let mut rules = rules();
    let members = json!({"RuleName": "Default", "FixedRate": 0.5, "ReservoirSize": 9,
        "Priority": 10_000, "Host": "*", "Attributes": {}});
    let record = update(&mut rules, members).expect("two numbers, and what it has anyway");
    assert_eq!((record.sampling_rule.fixed_rate, record.sampling_rule.reservoir_size), (0.5, 9));
    assert_eq!((record.created_at, record.modified_at), (Seconds(0.0), Seconds(1_790_000_002.0)));
    let refusal = refusal(rules.delete(&selector(Some("Default"), None), at(0)));
    assert_eq!(refusal, "InvalidRequestException: Default sampling rule cannot be deleted");
}

#[test]
fn a_deleted_rule_is_returned_once() {
    let mut rules = rules();
    let made = create(&mut rules, json!({"RuleName": "a"})).expect("a rule");
    let arn = format!("{PREFIX}a");
    assert_eq!(rules.delete(&selector(None, Some(&arn)), at(0)), Ok(made));
    let refusal = refusal(rules.delete(&selector(Some("a"), None), at(0)));
    assert_eq!(refusal, "InvalidRequestException: Sampling rule does not exist");
}

#[test]
fn rules_are_listed_by_priority_and_then_by_name() {
    let mut rules = rules();
    for (name, priority) in [("a", 9), ("c", 5), ("b", 5)] {
        create(&mut rules, json!({"RuleName": name, "Priority": priority})).expect("a rule");
    }
    let records = rules.records();
    let names: Vec<_> = records.iter().map(|record| &*record.sampling_rule.rule_name).collect();
    assert_eq!(names, ["b", "c", "a", "Default"]);
}

#[test]
fn the_last_modification_is_never_before_a_fetch_in_the_same_second() {
    let mut rules = rules();
    assert_eq!(rules.last_modification(), Seconds(0.0));
    for (micros, secs) in
        [(0, 0.0), (1, 1.0), (999_999, 1.0), (500_000, 1.0), (2_000_001, 3.0), (0, 3.0)]
    {
        rules.create(request(json!({"RuleName": "a"})), at(micros)).expect("a rule");
        assert_eq!(rules.last_modification(), Seconds(1_790_000_000.0 + secs), "{micros}");
        rules.by_name.remove("a");
    }
    rules.create(request(json!({"RuleName": "a"})), at(4_000_000)).expect("a rule");
    rules.delete(&selector(Some("a"), None), at(5_000_000)).expect("it is there");
    assert_eq!(rules.last_modification(), Seconds(1_790_000_005.0));
}

#[test]
fn saved_rules_come_back_under_the_arns_of_their_new_place() {
    let mut rules = rules();
    create(&mut rules, json!({"RuleName": "a", "Attributes": {"x": "y"}})).expect("a rule");
    update(&mut rules, json!({"RuleName": "Default", "FixedRate": 0.3})).expect("an update");
    let load = |prefix: &str| {
        Rules::load(Some(&rules.encode()), prefix.to_owned()).expect("our own bytes")
    };
    let same = load(PREFIX);
    assert_eq!(same.records(), rules.records());
    assert_eq!(same.last_modification(), rules.last_modification());
    assert_eq!(same.by_name["a"].tags, BTreeMap::from([("k".to_owned(), "v".to_owned())]));
    let elsewhere = load("arn:x/");
    let arns: Vec<_> = elsewhere.records().into_iter().map(|r| r.sampling_rule.rule_arn).collect();
    assert_eq!(arns, ["arn:x/a", "arn:x/Default"]);
}

#[test]
fn bytes_that_are_no_rules_are_refused() {
    let load = |bytes: &[u8]| Rules::load(Some(bytes), PREFIX.to_owned());
    for bytes in [&b""[..], b"{", b"{}", b"\xff"] {
        assert!(matches!(load(bytes), Err(LoadError::Unreadable(_))));
    }
    let mut rules = rules();
    create(&mut rules, json!({"RuleName": "a"})).expect("a rule");
    let mut many = self::rules();
    let stored = rules.by_name["a"].clone();
    for number in 0..=SAMPLING_RULES_MAX {
        let mut stored = stored.clone();
        stored.record.sampling_rule.rule_name = number.to_string().into();
        many.by_name.insert(number.to_string(), stored);
    }
    assert!(matches!(load(&many.encode()), Err(LoadError::TooMany { count: 26 })));
    let mut rules = load(&StoredRules::default().encode()).expect("no rules are legal");
    assert_eq!(rules.records(), self::rules().records(), "the default rule is always there");
    create(&mut rules, json!({"RuleName": "a"})).expect("ARNs still work");
}
