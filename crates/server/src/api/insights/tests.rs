//! Insights over the API: lists, single ones, events, graphs, and what is refused.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::insights::tests::Shop;

/// A shop in the fifth minute of an incident.
async fn shop() -> Shop {
    let mut shop = Shop::watched().await;
    shop.minutes(12, 0).await;
    shop.minutes(5, 8).await;
    shop
}

async fn id(shop: &Shop) -> Value {
    let found = shop.summaries(json!({"GroupName": "Default"})).await;
    found["InsightSummaries"][0]["InsightId"].clone()
}

/// Replaces what is made by chance.
fn anonymous(answer: &Value, id: &Value) -> String {
    answer.to_string().replace(id.as_str().expect("an id"), "ID")
}

#[tokio::test]
async fn an_insight_is_shown_in_a_list_and_alone() {
    let mut shop = shop().await;
    let id = id(&shop).await;
    let listed = shop.summaries(json!({"GroupName": "Default", "States": ["ACTIVE"]})).await;
    assert_snapshot!(anonymous(&listed, &id), @r#"{"InsightSummaries":[{"Categories":["FAULT"],"ClientRequestImpactStatistics":{"FaultCount":45,"OkCount":155,"TotalCount":200},"EndTime":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightId":"ID","LastUpdateTime":1790160360.0,"RootCauseServiceId":{"AccountId":null,"Name":"payments","Names":["payments"],"Type":"remote"},"RootCauseServiceRequestImpactStatistics":{"FaultCount":40,"OkCount":160,"TotalCount":200},"StartTime":1790160060.0,"State":"ACTIVE","Summary":"payments (remote) has faulted more often than expected for 5 minutes. 40 of 200 requests (20.0 %) to it faulted, and so did 45 of 200 requests (22.5 %) from clients to the group Default. Also affected: front and checkout.","TopAnomalousServices":[{"ServiceId":{"AccountId":null,"Name":"front","Names":["front"],"Type":null}},{"ServiceId":{"AccountId":null,"Name":"checkout","Names":["checkout"],"Type":null}},{"ServiceId":{"AccountId":null,"Name":"payments","Names":["payments"],"Type":"remote"}}]}],"NextToken":null}"#);
    let alone = shop.stand.ask("/Insight", json!({"InsightId": id})).await;
    assert_snapshot!(anonymous(&alone, &id), @r#"{"Insight":{"Categories":["FAULT"],"ClientRequestImpactStatistics":{"FaultCount":45,"OkCount":155,"TotalCount":200},"EndTime":null,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default","GroupName":"Default","InsightId":"ID","RootCauseServiceId":{"AccountId":null,"Name":"payments","Names":["payments"],"Type":"remote"},"RootCauseServiceRequestImpactStatistics":{"FaultCount":40,"OkCount":160,"TotalCount":200},"StartTime":1790160060.0,"State":"ACTIVE","Summary":"payments (remote) has faulted more often than expected for 5 minutes. 40 of 200 requests (20.0 %) to it faulted, and so did 45 of 200 requests (22.5 %) from clients to the group Default. Also affected: front and checkout.","TopAnomalousServices":[{"ServiceId":{"AccountId":null,"Name":"front","Names":["front"],"Type":null}},{"ServiceId":{"AccountId":null,"Name":"checkout","Names":["checkout"],"Type":null}},{"ServiceId":{"AccountId":null,"Name":"payments","Names":["payments"],"Type":"remote"}}]}}"#);
    let closed = json!({"GroupName": "Default", "States": ["CLOSED"]});
    assert_eq!(shop.summaries(closed.clone()).await["InsightSummaries"], json!([]));
    shop.minutes(10, 0).await;
    let alone = shop.stand.ask("/Insight", json!({"InsightId": id})).await;
    assert_snapshot!(alone["Insight"]["Summary"], @r#""payments (remote) faulted more often than expected for 5 minutes and has recovered. 40 of 200 requests (20.0 %) to it faulted, and so did 45 of 200 requests (22.5 %) from clients to the group Default. Also affected: front and checkout.""#);
    let listed = shop.summaries(closed).await;
    let (start, end) = (&alone["Insight"]["StartTime"], &alone["Insight"]["EndTime"]);
    assert_eq!(end.as_f64().unwrap() - start.as_f64().unwrap(), 300.0);
    assert_eq!(listed["InsightSummaries"][0]["EndTime"], *end);
}

#[tokio::test]
async fn a_window_finds_what_was_active_in_it() {
    let shop = shop().await;
    let id = id(&shop).await;
    let alone = shop.stand.ask("/Insight", json!({"InsightId": id})).await;
    let start = alone["Insight"]["StartTime"].as_f64().expect("a time");
    let count = async |from: f64, to: f64| {
        let window = json!({"GroupName": "Default", "StartTime": from, "EndTime": to});
        let found = shop.summaries(window).await;
        found["InsightSummaries"].as_array().map(Vec::len)
    };
    assert_eq!(count(start - 60.0, start - 1.0).await, Some(0));
    assert_eq!(count(start - 60.0, start).await, Some(1));
    assert_eq!(count(start + 100.0, start + 101.0).await, Some(1));
}

#[tokio::test]
async fn events_come_page_by_page_newest_first() {
    let mut shop = shop().await;
    shop.minutes(12, 8).await;
    shop.minutes(10, 0).await;
    let id = id(&shop).await;
    let all = shop.stand.ask("/InsightEvents", json!({"InsightId": id})).await;
    let summaries: Vec<&str> = all["InsightEvents"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event["Summary"].as_str())
        .collect();
    assert_snapshot!(summaries.join("\n"), @"
    payments (remote) has recovered. 136 of 680 requests (20.0 %) to it faulted, and so did 153 of 680 requests (22.5 %) from clients to the group Default. Also affected: front and checkout.
    The incident has grown. 112 of 560 requests (20.0 %) to it faulted, and so did 126 of 560 requests (22.5 %) from clients to the group Default. Also affected: front and checkout.
    The incident has grown. 56 of 280 requests (20.0 %) to it faulted, and so did 63 of 280 requests (22.5 %) from clients to the group Default. Also affected: front and checkout.
    payments (remote) faults more often than expected. 16 of 80 requests (20.0 %) to it faulted, and so did 18 of 80 requests (22.5 %) from clients to the group Default. Also affected: front and checkout.
    ");
    let (mut pages, mut token) = (Vec::new(), Value::Null);
    loop {
        let request = json!({"InsightId": id, "MaxResults": 1, "NextToken": token});
        let page = shop.stand.ask("/InsightEvents", request).await;
        pages.extend(page["InsightEvents"].as_array().expect("a list").clone());
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(Value::from(pages), all["InsightEvents"]);
}

#[tokio::test]
async fn a_list_comes_page_by_page() {
    let mut shop = shop().await;
    for _ in 0..2 {
        shop.minutes(10, 0).await;
        shop.minutes(3, 8).await;
    }
    let all = shop.summaries(json!({"GroupName": "Default"})).await;
    let all = all["InsightSummaries"].as_array().expect("a list").clone();
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted_by_key(|insight| -insight["StartTime"].as_f64().unwrap()));
    let (mut pages, mut token) = (Vec::new(), Value::Null);
    loop {
        let page = json!({"GroupName": "Default", "MaxResults": 1, "NextToken": token});
        let page = shop.summaries(page).await;
        pages.extend(page["InsightSummaries"].as_array().expect("a list").clone());
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(pages, all);
}

#[tokio::test]
async fn an_impact_graph_has_what_leads_to_the_root_cause() {
    let shop = shop().await;
    let id = id(&shop).await;
    let now = shop.now().seconds();
    let window = json!({"InsightId": id, "StartTime": now - 240.5, "EndTime": now - 30.0});
    let graph = shop.stand.ask("/InsightImpactGraph", window).await;
    assert_snapshot!(anonymous(&graph, &id), @r#"{"EndTime":1790160340.0,"InsightId":"ID","NextToken":null,"ServiceGraphEndTime":1790160360.0,"ServiceGraphStartTime":1790160120.0,"Services":[{"AccountId":null,"Edges":[{"ReferenceId":3}],"Name":"checkout","Names":["checkout"],"ReferenceId":0,"Type":null},{"AccountId":null,"Edges":[{"ReferenceId":0}],"Name":"front","Names":["front"],"ReferenceId":1,"Type":null},{"AccountId":null,"Edges":[{"ReferenceId":1}],"Name":"front","Names":["front"],"ReferenceId":2,"Type":"client"},{"AccountId":null,"Edges":[],"Name":"payments","Names":["payments"],"ReferenceId":3,"Type":"remote"}],"StartTime":1790160129.5}"#);
    let early = json!({"InsightId": id, "StartTime": now - 9e4, "EndTime": now - 9e4 + 60.0});
    let graph = shop.stand.ask("/InsightImpactGraph", early).await;
    assert_eq!(graph["Services"], json!([]));
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let shop = shop().await;
    let now = shop.now().seconds();
    let list = async |rest: Value| {
        let mut request = json!({"StartTime": now - 60.0, "EndTime": now});
        let members = rest.as_object().expect("members").clone();
        request.as_object_mut().expect("a request").extend(members);
        shop.stand.post("/InsightSummaries", &request.to_string()).await
    };
    assert_snapshot!(list(json!({})).await, @r#"400 InvalidRequestException {"Message":"Request must contain either group name or group ARN"}"#);
    assert_snapshot!(list(json!({"GroupName": "a", "GroupARN": "b"})).await, @r#"400 InvalidRequestException {"Message":"Request cannot contain both group name and group ARN"}"#);
    assert_snapshot!(list(json!({"GroupName": "a"})).await, @r#"400 InvalidRequestException {"Message":"Group not found"}"#);
    let group = "Default";
    assert_snapshot!(list(json!({"GroupName": group, "EndTime": now - 61.0})).await, @r#"400 InvalidRequestException {"Message":"End time cannot be earlier than start time"}"#);
    assert_snapshot!(list(json!({"GroupName": group, "StartTime": now - 31.0 * 86_400.0})).await, @r#"400 InvalidRequestException {"Message":"Start time cannot be more than 30 days old"}"#);
    assert!(
        list(json!({"GroupName": group, "StartTime": now - 30.0 * 86_400.0}))
            .await
            .starts_with("200")
    );
    assert_snapshot!(list(json!({"GroupName": group, "NextToken": "x"})).await, @r#"400 InvalidRequestException {"Message":"Invalid token x"}"#);

    let unknown = "01234567-89ab-4cde-8f01-23456789abcd";
    let one = json!({"InsightId": unknown}).to_string();
    assert_snapshot!(shop.stand.post("/Insight", &one).await, @r#"400 InvalidRequestException {"Message":"Insight not found"}"#);
    assert_snapshot!(shop.stand.post("/InsightEvents", &one).await, @r#"400 InvalidRequestException {"Message":"Insight not found"}"#);
    let id = id(&shop).await;
    let graph = async |from: f64, to: f64, token: Option<&str>| {
        let request =
            json!({"InsightId": id, "StartTime": from, "EndTime": to, "NextToken": token});
        shop.stand.post("/InsightImpactGraph", &request.to_string()).await
    };
    assert_snapshot!(graph(now, now - 1.0, None).await, @r#"400 InvalidRequestException {"Message":"End time cannot be earlier than start time"}"#);
    assert_snapshot!(graph(now - 21_601.0, now, None).await, @r#"400 InvalidRequestException {"Message":"Time range cannot be longer than 6 hours"}"#);
    assert_snapshot!(graph(now - 31.0 * 86_400.0, now - 31.0 * 86_400.0, None).await, @r#"400 InvalidRequestException {"Message":"Start time cannot be more than 30 days old"}"#);
    assert_snapshot!(graph(now - 1.0, now, Some("x")).await, @r#"400 InvalidRequestException {"Message":"NextToken is currently not supported"}"#);
    let other = json!({"InsightId": id, "NextToken": crate::http::token::encode(&[0; 24])});
    assert_snapshot!(shop.stand.post("/InsightEvents", &other.to_string()).await, @r#"400 InvalidRequestException {"Message":"Invalid token 000000000000000000000000000000000000000000000000e2ba14a5"}"#);
}
