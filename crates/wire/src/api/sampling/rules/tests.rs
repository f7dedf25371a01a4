//! Each limit of the model, and the texts that name it.

use serde_json::{Value, json};

use super::*;
use crate::control::Stored;
use crate::sampling::{StoredRule, StoredRules};

fn rule() -> Value {
    json!({"RuleName": "r", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.5,
        "ReservoirSize": 0, "ServiceName": "*", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "*", "Version": 1})
}

/// Creates a rule with one member changed; returns what is wrong with it.
fn create(member: &str, value: Value) -> Option<String> {
    let mut rule = rule();
    rule[member] = value;
    let body = json!({"SamplingRule": rule}).to_string();
    let error = CreateSamplingRuleRequest::parse(body.as_bytes()).err()?;
    Some(error.to_string())
}

#[test]
fn a_new_rule_keeps_within_the_limits_of_the_model() {
    let text = |chars: usize| json!("ä".repeat(chars));
    let entries =
        |count: usize| Value::Object((0..count).map(|n| (format!("k{n}"), json!("v"))).collect());
    for (member, good, bad, at, constraint) in [
        ("RuleName", text(32), text(33), "ruleName", "length less than or equal to 32"),
        ("RuleName", text(1), text(0), "ruleName", "length greater than or equal to 1"),
        ("ResourceARN", text(500), text(501), "resourceARN", "length less than or equal to 500"),
        ("Priority", json!(1), json!(0), "priority", "value greater than or equal to 1"),
        ("Priority", json!(9999), json!(10_000), "priority", "value less than or equal to 9999"),
        ("FixedRate", json!(0), json!(-0.01), "fixedRate", "value greater than or equal to 0"),
        ("FixedRate", json!(1), json!(1.01), "fixedRate", "value less than or equal to 1"),
        ("ReservoirSize", json!(0), json!(-1), "reservoirSize", "value greater than or equal to 0"),
        ("ServiceName", text(64), text(65), "serviceName", "length less than or equal to 64"),
        ("ServiceType", text(64), text(65), "serviceType", "length less than or equal to 64"),
        ("Host", text(64), text(65), "host", "length less than or equal to 64"),
        ("HTTPMethod", text(10), text(11), "hTTPMethod", "length less than or equal to 10"),
        ("URLPath", text(128), text(129), "uRLPath", "length less than or equal to 128"),
        ("Version", json!(1), json!(0), "version", "value greater than or equal to 1"),
        ("Attributes", entries(5), entries(6), "attributes", "length less than or equal to 5"),
    ] {
        assert_eq!(create(member, good), None, "{member}");
        let error = create(member, bad).unwrap_or_else(|| panic!("{member} is not checked"));
        let end = format!(
            "'samplingRule.{at}' failed to satisfy constraint: Member must have {constraint}"
        );
        assert!(error.starts_with("ValidationException: 1 validation error"), "{error}");
        assert!(error.ends_with(&end), "{error}");
    }
}

#[test]
fn every_required_member_is_missed_by_name() {
    let body = r#"{"SamplingRule":{}}"#;
    let error = CreateSamplingRuleRequest::parse(body.as_bytes()).expect_err("nothing is there");
    insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @"
    ValidationException: 10 validation errors detected: Value null at 'samplingRule.resourceARN' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.priority' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.fixedRate' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.reservoirSize' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.serviceName' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.serviceType' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.host' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.hTTPMethod' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.uRLPath' failed to satisfy constraint: Member must not be null
    Value null at 'samplingRule.version' failed to satisfy constraint: Member must not be null
    ");
    let error = CreateSamplingRuleRequest::parse(b"{}").expect_err("nothing is there");
    assert!(error.to_string().contains("Value null at 'samplingRule'"), "{error}");
}

#[test]
fn attributes_boosts_and_tags_are_checked_inside() {
    for (member, value, text) in [
        ("Attributes", json!({"": "x"}), "Map keys must satisfy constraint"),
        ("Attributes", json!({"x": ""}), "Map values must satisfy constraint"),
        ("Attributes", json!([]), "START_ARRAY can not be converted to a Map"),
        ("Attributes", json!({"x": 1}), "NUMBER_VALUE can not be converted to a String"),
        ("SamplingRateBoost", json!({}), "'samplingRule.samplingRateBoost.maxRate'"),
        ("SamplingRateBoost", json!({"MaxRate": 2, "CooldownWindowMinutes": 1}), "Value '2.0' at"),
        ("SamplingRateBoost", json!({"MaxRate": 1, "CooldownWindowMinutes": -1}), "Value '-1' at"),
    ] {
        let error = create(member, value).expect("it is wrong");
        assert!(error.contains(text), "{error}");
    }
    let parse = |tags: Value| {
        let body = json!({"SamplingRule": rule(), "Tags": tags}).to_string();
        CreateSamplingRuleRequest::parse(body.as_bytes())
    };
    let request = parse(json!([{"Key": "team", "Value": ""}])).expect("a good tag");
    assert_eq!(request.tags, [Tag { key: "team".to_owned(), value: String::new() }]);
    let error = parse(json!([{"Key": "", "Value": "x"}])).expect_err("an empty key");
    assert!(error.to_string().contains("'tags.1.member.key'"), "{error}");
}

#[test]
fn an_update_changes_what_it_names_and_drops_the_boost() {
    let body = json!({"SamplingRule": rule()}).to_string();
    let request = CreateSamplingRuleRequest::parse(body.as_bytes()).expect("a good rule");
    let mut rule = request.sampling_rule.named("r".to_owned(), "arn".to_owned());
    rule.sampling_rate_boost = Some(RateBoost::default());
    let before = rule.clone();
    let update = |members: Value| {
        let body = json!({"SamplingRuleUpdate": members}).to_string();
        let request = UpdateSamplingRuleRequest::parse(body.as_bytes()).expect("a good update");
        request.sampling_rule_update
    };
    update(json!({"RuleName": "r"})).apply(&mut rule);
    assert_eq!(rule, Rule { sampling_rate_boost: None, ..before.clone() });
    update(json!({"FixedRate": 1, "Host": "h", "Attributes": {"a": "b"}})).apply(&mut rule);
    assert_eq!(
        rule,
        Rule {
            fixed_rate: 1.0,
            host: "h".into(),
            attributes: [("a".into(), "b".into())].into(),
            sampling_rate_boost: None,
            ..before
        }
    );
    for (members, is_within_bounds) in [
        (json!({"Priority": 9999, "FixedRate": 0, "ReservoirSize": 0}), true),
        (json!({"Priority": 0}), false),
        (json!({"Priority": 10_000}), false),
        (json!({"FixedRate": 1.1}), false),
        (json!({"ReservoirSize": -1}), false),
    ] {
        assert_eq!(update(members.clone()).is_within_bounds(), is_within_bounds, "{members}");
    }
}

#[test]
fn stored_rules_come_back_to_the_last_digit() {
    let body = json!({"SamplingRule": rule()}).to_string();
    let request = CreateSamplingRuleRequest::parse(body.as_bytes()).expect("a good rule");
    let mut rule = request.sampling_rule.named("r".to_owned(), "arn".to_owned());
    rule.fixed_rate = 0.1 + 0.2;
    let time = crate::Seconds(1_790_149_878.783_249);
    let with_boost = Rule { sampling_rate_boost: Some(RateBoost::default()), ..rule.clone() };
    let stored = |sampling_rule| StoredRule {
        record: RuleRecord { created_at: time, modified_at: time, sampling_rule },
        tags: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
    };
    let rules =
        StoredRules { last_rule_modification: time, rules: vec![stored(rule), stored(with_boost)] };
    assert_eq!(StoredRules::decode(&rules.encode()).expect("our own"), rules);
    assert!(StoredRules::decode(b"{}").is_err());
}
