//! Traffic comes in, time passes, and insights are there: after a restart, too.

use insta::assert_snapshot;
use serde_json::{Value, json};
use store::Options;
use store::dir::{Fault, FaultKind};
use trace::fixture::{BASE, Fixture};
use wire::{Clock, Micros};

use super::*;
use crate::Config;
use crate::testing::Stand;

/// A shop behind a simulated clock.
pub(crate) struct Shop {
    pub(crate) stand: Stand,
    trace_count: u32,
}

/// Requests in a minute.
const TRAFFIC: u32 = 40;

impl Shop {
    /// Returns a shop with the group `Default` watched, at the beginning of a minute.
    pub(crate) async fn watched() -> Self {
        let stand = Stand::with(Config::default(), Options::default());
        stand.clock.advance(MINUTE.0 - BASE.0 % MINUTE.0);
        let mut shop = Self { stand, trace_count: 0 };
        shop.set_watched("Default", true).await;
        // Nothing came before that.
        shop.tick();
        shop
    }

    pub(crate) async fn set_watched(&mut self, name: &str, is_watched: bool) {
        let configuration = json!({"InsightsEnabled": is_watched});
        let update = json!({"GroupName": name, "InsightsConfiguration": configuration});
        self.stand.ask("/UpdateGroup", update).await;
    }

    pub(crate) fn now(&self) -> Micros {
        self.stand.clock.now()
    }

    /// Lets a minute pass, in which `fault_count` requests fail because payments fails, and one
    /// because it is an ordinary minute.
    async fn pass(&mut self, fault_count: u32) {
        let begin = Micros(self.now().0 - self.now().0 % MINUTE.0);
        let mut texts = Vec::new();
        for number in 0..TRAFFIC {
            self.trace_count += 1;
            let status = if number < fault_count { "500" } else { "200" };
            let of_front = if number <= fault_count { "500" } else { "200" };
            let text = format!(
                "front 0..120ms {of_front}\n  > checkout 5..110ms {status}\n    payments 10..100ms {status} remote"
            );
            texts.extend(Fixture::numbered(self.trace_count, begin, &text).texts());
        }
        assert_eq!(self.stand.put(&texts).await, r#"200 {"UnprocessedTraceSegments":[]}"#);
        self.stand.clock.advance(begin.0 + MINUTE.0 + GRACE.0 - self.now().0);
    }

    /// Lets a minute pass and returns what happened.
    pub(crate) async fn minute(&mut self, fault_count: u32) -> Vec<String> {
        self.pass(fault_count).await;
        self.tick()
    }

    /// Returns what happened, for reading.
    pub(crate) fn tick(&self) -> Vec<String> {
        let app = self.stand.server.app();
        let notices = app.insights.tick(app, self.now());
        let shown = |Notice { group_name, insight, kind }: Notice| {
            format!("{kind:?} {} in {group_name}", insight.root.name)
        };
        notices.into_iter().map(shown).collect()
    }

    pub(crate) async fn minutes(&mut self, count: u32, fault_count: u32) -> Vec<String> {
        let mut notices = Vec::new();
        for _ in 0..count {
            notices.extend(self.minute(fault_count).await);
        }
        notices
    }

    pub(crate) async fn summaries(&self, rest: Value) -> Value {
        let now = self.now().seconds();
        let mut request = json!({"StartTime": now - 86_400.0, "EndTime": now});
        let members = rest.as_object().expect("members").clone();
        request.as_object_mut().expect("a request").extend(members);
        self.stand.ask("/InsightSummaries", request).await
    }

    pub(crate) fn restarted(self) -> Self {
        Self { stand: self.stand.restarted(), ..self }
    }
}

#[tokio::test]
async fn an_incident_is_found_and_ends() {
    let mut shop = Shop::watched().await;
    assert_eq!(shop.minutes(15, 0).await, [""; 0]);
    assert_eq!(shop.minute(8).await, [""; 0]);
    assert_eq!(shop.minute(8).await, ["Opened payments in Default"]);
    assert_eq!(shop.minutes(3, 8).await, [""; 0]);
    assert_eq!(shop.minutes(9, 0).await, [""; 0]);
    assert_eq!(shop.minute(0).await, ["Closed payments in Default"]);
    assert_eq!(shop.minutes(12, 0).await, [""; 0]);
}

#[tokio::test]
async fn a_restart_neither_loses_nor_repeats_anything() {
    let mut shop = Shop::watched().await;
    shop.minutes(12, 0).await;
    assert_eq!(shop.minutes(2, 8).await, ["Opened payments in Default"]);
    let before = shop.summaries(json!({"GroupName": "Default"})).await;
    let shop = shop.restarted();
    assert_eq!(shop.summaries(json!({"GroupName": "Default"})).await, before);
    assert_eq!(shop.tick(), [""; 0]);
    // It was away for some minutes; nothing came.
    shop.stand.clock.advance(4 * MINUTE.0);
    assert_eq!(shop.tick(), [""; 0]);
    shop.stand.clock.advance(6 * MINUTE.0);
    assert_eq!(shop.tick(), ["Closed payments in Default"]);
    let shop = shop.restarted();
    let after = shop.summaries(json!({"GroupName": "Default"})).await;
    assert_eq!(after["InsightSummaries"][0]["State"], "CLOSED");
    assert_eq!(
        after["InsightSummaries"][0]["InsightId"],
        before["InsightSummaries"][0]["InsightId"]
    );
}

#[tokio::test]
async fn minutes_before_a_group_was_watched_teach_and_open_nothing() {
    let mut shop = Shop::watched().await;
    shop.set_watched("Default", false).await;
    shop.minutes(12, 1).await;
    // An incident that is over; then one that goes on.
    shop.minutes(5, 16).await;
    shop.minutes(15, 1).await;
    shop.minutes(2, 16).await;
    shop.set_watched("Default", true).await;
    assert_eq!(shop.minute(16).await, ["Opened payments in Default"]);
    let found = shop.summaries(json!({"GroupName": "Default"})).await;
    assert_eq!(found["InsightSummaries"].as_array().map(Vec::len), Some(1));
    let started = found["InsightSummaries"][0]["StartTime"].as_f64().expect("a time");
    assert_eq!(shop.now().seconds() - 10.0 - started, 180.0);
    shop.set_watched("Default", false).await;
    assert_eq!(shop.tick(), ["Closed payments in Default"]);
    assert_eq!(shop.minute(16).await, [""; 0]);
}

#[tokio::test]
async fn a_deleted_group_takes_its_insights_along() {
    let mut shop = Shop::watched().await;
    let insights = json!({"InsightsEnabled": true});
    let group = json!({"GroupName": "shop", "FilterExpression": "fault = true OR ok", "InsightsConfiguration": insights});
    shop.stand.ask("/CreateGroup", group.clone()).await;
    let nobody = json!({"GroupName": "nobody", "FilterExpression": "service(\"nobody\")", "InsightsConfiguration": insights});
    shop.stand.ask("/CreateGroup", nobody).await;
    shop.minutes(12, 0).await;
    let mut notices = shop.minutes(2, 8).await;
    notices.sort();
    assert_eq!(notices, ["Opened payments in Default", "Opened payments in shop"]);
    let of_shop = json!({"GroupName": "shop"});
    let id = shop.summaries(of_shop.clone()).await["InsightSummaries"][0]["InsightId"].clone();
    let ask = async |shop: &Shop| {
        shop.stand.post("/Insight", &json!({"InsightId": id}).to_string()).await
    };
    assert!(ask(&shop).await.starts_with("200 "));
    shop.stand.ask("/DeleteGroup", of_shop.clone()).await;
    shop.tick();
    assert_snapshot!(ask(&shop).await, @r#"400 InvalidRequestException {"Message":"Insight not found"}"#);
    let shop = shop.restarted();
    shop.stand.ask("/CreateGroup", group).await;
    assert_eq!(shop.summaries(of_shop).await["InsightSummaries"], json!([]));
    assert!(ask(&shop).await.starts_with("400 "));
}

#[tokio::test]
async fn what_cannot_be_written_is_written_later() {
    let mut shop = Shop::watched().await;
    shop.minutes(12, 0).await;
    shop.minute(8).await;
    let metrics = |shop: &Shop| {
        let text = shop.stand.server.metrics().encode();
        let is_ours = |line: &&str| line.starts_with("fluoro_insight");
        text.lines().filter(is_ours).map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_snapshot!(metrics(&shop), @"
    fluoro_insights_active 0
    fluoro_insight_groups 1
    fluoro_insight_nodes 3
    fluoro_insight_minute_end_seconds 1790160120
    fluoro_insight_minutes_total 15
    fluoro_insight_keep_failures_total 0
    ");
    // The disk is full when an insight is to be kept.
    let full = Fault { call_index: 0, call_count: u64::MAX, kind: FaultKind::Enospc };
    shop.pass(8).await;
    shop.stand.dir.arm(full);
    assert_eq!(shop.tick(), ["Opened payments in Default"]);
    shop.stand.dir.disarm();
    assert_snapshot!(metrics(&shop), @"
    fluoro_insights_active 1
    fluoro_insight_groups 1
    fluoro_insight_nodes 3
    fluoro_insight_minute_end_seconds 1790160180
    fluoro_insight_minutes_total 16
    fluoro_insight_keep_failures_total 1
    ");
    assert_eq!(shop.tick(), [""; 0]);
    let shop = shop.restarted();
    let found = shop.summaries(json!({"GroupName": "Default"})).await;
    assert_eq!(found["InsightSummaries"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stop_the_watch() {
    let mut shop = Shop::watched().await;
    shop.minutes(12, 0).await;
    shop.minutes(2, 8).await;
    let (app, now) = (shop.stand.server.app(), shop.now());
    // It was an hour fast.
    let early = Micros(now.0 - 60 * MINUTE.0);
    let notices = app.insights.tick(app, early);
    let kinds: Vec<EventKind> = notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [EventKind::Closed]);
    let minute = app.insights.watchers.lock().values().next().and_then(|one| one.engine.minute());
    assert_eq!(minute, Some(store::minute(early) - 1));
    assert_eq!(app.insights.tick(app, Micros(early.0 + MINUTE.0)), []);
}
