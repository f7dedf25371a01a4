//! A session with the AWS CLI, from an empty server to an empty server, as somebody has it who wants
//! to know whether this is X-Ray.

use fluoro_tests::program::epoch_secs;
use serde_json::{Value, json};

use crate::clients::{Running, cli_at};

/// What was typed and what came back, times and random texts taken out.
struct Session {
    server: Running,
    now: u64,
    transcript: String,
}

impl Session {
    /// Types `aws xray` and this.
    fn aws(&mut self, line: &str, texts: &[&str]) -> Value {
        let typed =
            texts.iter().fold(line.to_owned(), |line, text| line.replacen('…', &shown(text), 1));
        let mut texts = texts.iter().copied();
        let words: Vec<String> = line
            .split_whitespace()
            .map(|word| match word {
                "…" => texts.next().expect("a text for each …").to_owned(),
                "<from>" => (self.now - 300).to_string(),
                "<to>" => (self.now + 300).to_string(),
                word => word.to_owned(),
            })
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = cli_at(self.server.doors, &words);
        self.note(&typed, &answer);
        answer
    }

    fn note(&mut self, line: &str, answer: &Value) {
        let answer = serde_json::to_string_pretty(&lasting(answer)).expect("JSON");
        self.transcript.push_str(&format!("$ aws xray {line}\n{answer}\n\n"));
    }
}

/// Returns what somebody types, but for what is different each time or long.
fn shown(text: &str) -> String {
    let is_lasting = !text.starts_with("arn:") && !text.contains("\"start_time\"");
    if is_lasting { format!("'{text}'") } else { "…".to_owned() }
}

/// Returns a value without what is different each time.
fn lasting(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), lasting(value))).collect()
        }
        Value::Array(items) => items.iter().map(lasting).collect(),
        Value::String(text) => json!(lasting_text(text)),
        Value::Number(number) if number.as_f64() > Some(1e9) => json!("<time>"),
        value => value.clone(),
    }
}

fn lasting_text(text: &str) -> String {
    match text.rsplit_once('/') {
        Some((arn, random)) if arn.starts_with("arn:") && random.len() == 52 => {
            format!("{arn}/<random>")
        }
        _ => text.to_owned(),
    }
}

#[test]
fn a_session_with_the_aws_cli() {
    let now = epoch_secs();
    let mut session = Session { server: Running::start(), now, transcript: String::new() };
    let group = "create-group --group-name checkout --filter-expression … \
                 --insights-configuration InsightsEnabled=true --tags Key=team,Value=shop";
    let group = session.aws(group, &[r#"service("checkout")"#]);
    let arn = group["Group"]["GroupARN"].as_str().expect("an ARN").to_owned();
    session.aws("list-tags-for-resource --resource-arn …", &[&arn]);
    let rule = json!({"RuleName": "checkout", "ResourceARN": "*", "Priority": 10, "FixedRate": 0.5,
        "ReservoirSize": 5, "ServiceName": "checkout", "ServiceType": "*", "Host": "*",
        "HTTPMethod": "*", "URLPath": "*", "Version": 1});
    session.aws("create-sampling-rule --sampling-rule …", &[&rule.to_string()]);
    let (checkout, payments) = documents(now);
    session.aws("put-trace-segments --trace-segment-documents … …", &[&checkout, &payments]);
    let window = "--start-time <from> --end-time <to>";
    for expression in [r#"service("payments") { fault }"#, r#"annotation.plan = "free""#] {
        let summaries = format!("get-trace-summaries {window} --filter-expression …");
        session.aws(&summaries, &[expression]);
    }
    session.aws(&format!("get-service-graph {window} --group-name checkout"), &[]);
    let series =
        format!("get-time-series-service-statistics {window} --entity-selector-expression …");
    session.aws(&series, &[r#"edge("checkout", "payments")"#]);
    session.aws(&format!("get-insight-summaries {window} --group-name checkout"), &[]);
    session.aws("update-group --group-name checkout --filter-expression …", &["fault"]);
    session.aws("delete-sampling-rule --rule-name checkout", &[]);
    session.aws("delete-group --group-name checkout", &[]);
    session.aws("get-groups", &[]);
    insta::assert_snapshot!(session.transcript);
}

/// A trace of two services: the second one failed, the first one answers all the same.
fn documents(now: u64) -> (String, String) {
    let trace_id = "1-5f84c7a1-000000000000000000000001";
    let fault = json!({"response": {"status": 503}});
    let checkout = json!({"trace_id": trace_id, "id": "00000000000000a1", "name": "checkout",
        "start_time": now, "end_time": now as f64 + 0.5, "annotations": {"plan": "gold"},
        "http": {"request": {"method": "POST", "url": "https://shop.example/checkout"},
                 "response": {"status": 200}},
        "subsegments": [{"id": "00000000000000a2", "name": "payments", "namespace": "remote",
            "start_time": now as f64 + 0.125, "end_time": now as f64 + 0.375, "fault": true,
            "http": fault}]});
    let payments = json!({"trace_id": trace_id, "id": "00000000000000b1", "name": "payments",
        "parent_id": "00000000000000a2", "start_time": now as f64 + 0.125,
        "end_time": now as f64 + 0.375, "fault": true, "http": fault,
        "cause": {"exceptions": [{"id": "00000000000000e1", "type": "CardDeclined",
            "message": "the bank said no"}]}});
    (checkout.to_string(), payments.to_string())
}
