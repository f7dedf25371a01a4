//! Endpoints about traces and maps, over a small shop.

use serde_json::json;
use store::Seal;
use trace::fixture::{BASE, Fixture};
use wire::Micros;

use super::*;

/// Traces of the shop.
const COUNT: u32 = 40;

/// A shop of which a part is sealed, with the traces from ten seconds to ten seconds.
async fn shop() -> Stand {
    let stand = Stand::new();
    for number in 1..=COUNT {
        let status = match number {
            _ if number % 5 == 0 => "500 fault",
            _ if number % 7 == 0 => "404 error",
            _ if number % 11 == 0 => "429",
            _ => "200",
        };
        let thrown = match number {
            _ if number % 5 == 0 => "throws=Boom:declined",
            _ if number % 7 == 0 => "throws=Unknown:nothing",
            _ => "",
        };
        let path = if number % 3 == 0 { "cart".to_owned() } else { format!("orders/{number}") };
        let user = if number % 4 == 0 { String::new() } else { format!("user=u{}", number % 4) };
        let text = format!(
            "front 0..{}ms {status} method=GET url=http://shop.example/{path} agent=a/1 {user} \
             ip=192.0.2.{} zone=z{} instance=i-{} arn=arn:{} origin=AWS::EC2::Instance \
             @rank={} @tier=t{} @a.b=x @flag={}\n  > back 1..{}ms {status} {thrown}",
            10 * (1 + number % 9),
            number % 3,
            number % 2,
            number % 2,
            number % 2,
            number % 2,
            number % 4,
            number % 2 == 0,
            2 + number % 5,
        );
        let base = Micros(BASE.0 + u64::from(number) * 10_000_000);
        stand.put_fixture(&Fixture::numbered(number, base, &text)).await;
        if number == 15 || number == 30 {
            stand.store.seal(Seal::All).expect("sealed");
        }
    }
    stand
}

/// All of the shop.
fn scope(filter: &str) -> Value {
    json!({"from": BASE.0, "to": BASE.0 + 600_000_000, "filter": filter})
}

/// The scope with more members.
fn with(mut scope: Value, more: Value) -> Value {
    let members = more.as_object().expect("an object").clone();
    scope.as_object_mut().expect("an object").extend(members);
    scope
}

async fn search(stand: &Stand, body: &Value) -> (Vec<Value>, Value) {
    let mut lines = lines(stand, "traces/search", body).await;
    let end = lines.pop().expect("a last line");
    lines.retain(|line| line.get("progress").is_none());
    (lines.into_iter().map(|line| line["row"].clone()).collect(), end["end"].clone())
}

#[tokio::test]
async fn traces_come_sorted_page_by_page() {
    let stand = shop().await;
    for (by, member) in
        [("start", "start"), ("duration", "duration"), ("responseTime", "responseTime")]
    {
        for descending in [false, true] {
            let order = json!({"by": by, "descending": descending, "limit": 500});
            let (all, end) = search(&stand, &with(scope("!throttle"), order.clone())).await;
            assert_eq!((&end["cursor"], &end["exact"]), (&Value::Null, &true.into()));
            let times: Vec<u64> =
                all.iter().map(|row| row[member].as_u64().expect("a time")).collect();
            assert!(
                times.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }),
                "{times:?}"
            );
            let mut paged = Vec::new();
            let mut cursor = Value::Null;
            loop {
                let page = with(order.clone(), json!({"limit": 7, "after": cursor}));
                let (rows, end) = search(&stand, &with(scope("!throttle"), page)).await;
                assert_eq!(end["total"], all.len());
                paged.extend(rows);
                cursor = end["cursor"].clone();
                if cursor.is_null() {
                    break;
                }
            }
            assert_eq!(paged, all, "{by} {descending}");
        }
    }
    let (_, total) = get_count(&stand, "!throttle").await;
    assert_eq!(total, u64::from(COUNT) - 3);
}

async fn get_count(stand: &Stand, filter: &str) -> (Value, u64) {
    let count = post(stand, "traces/count", &scope(filter)).await;
    let total = count["total"].as_u64().expect("a number");
    (count, total)
}

#[tokio::test]
async fn a_cursor_is_of_its_order() {
    let stand = shop().await;
    let (_, end) = search(&stand, &with(scope(""), json!({"limit": 1}))).await;
    for (cursor, by) in [(end["cursor"].clone(), "duration"), (json!("00"), "start")] {
        let body = with(scope(""), json!({"after": cursor, "by": by}));
        let (status, answer) = refused(&stand, "traces/search", &body).await;
        assert_eq!((status, &answer["field"]), (400, &"after".into()), "{answer}");
    }
}

#[tokio::test]
async fn rows_say_what_the_list_shows() {
    let stand = shop().await;
    let body = with(scope("fault OR throttle"), json!({"limit": 3, "descending": true}));
    check_golden("search", &Value::from(lines(&stand, "traces/search", &body).await));
}

/// Every way of putting traces together.
const WAYS: [&str; 23] = [
    "url",
    "rawUrl",
    "method",
    "status",
    "clientIp",
    "userAgent",
    "user",
    "service",
    "entry",
    "edge",
    "cause",
    "exception",
    "faultPath",
    "errorPath",
    "slowPath",
    "zone",
    "instance",
    "arn",
    "annotation:rank",
    "annotation:tier",
    "annotation:a.b",
    "annotation:flag",
    "annotation:none",
];

#[tokio::test]
async fn a_groups_filter_picks_the_group() {
    let stand = shop().await;
    for by in WAYS {
        let body = with(scope("!throttle"), json!({"by": by}));
        let found = post(&stand, "traces/aggregate", &body).await;
        assert_eq!(found["total"]["traces"], COUNT - 3, "{by}");
        let groups = found["groups"].as_array().expect("a list");
        // Nothing in the shop waits for another for most of its time.
        let has_none = matches!(by, "annotation:none" | "slowPath");
        assert_eq!(groups.is_empty(), has_none, "{by}");
        for group in groups {
            let filter = group["filter"].as_str().expect("text");
            let (_, total) = get_count(&stand, &format!("!throttle AND {filter}")).await;
            assert_eq!(group["measures"]["traces"], total, "{by}: {filter}");
        }
    }
}

#[tokio::test]
async fn slow_traces_are_put_together_by_whom_they_waited_for() {
    let stand = Stand::new();
    stand.put_trace("front 0..10ms\n  > back 1..9ms\n    > depot 2..8ms").await;
    let found = post(&stand, "traces/aggregate", &with(scope(""), json!({"by": "slowPath"}))).await;
    let group = &found["groups"][0];
    assert_eq!(group["key"], "front → back → depot", "{found}");
    for (filter, total) in [(group["filter"].as_str().expect("text"), 1), ("error", 0)] {
        assert_eq!(get_count(&stand, filter).await.1, total, "{filter}");
    }
}

#[tokio::test]
async fn groups_are_searched_and_compared() {
    let stand = shop().await;
    let compare = json!({"from": BASE.0, "to": BASE.0 + 200_000_000});
    let more = json!({"by": "url", "compare": compare, "limit": 1});
    let found = post(&stand, "traces/aggregate", &with(scope(""), more)).await;
    check_golden("aggregate", &found);
    let more = json!({"by": "rawUrl", "search": "ORDERS/1", "limit": 3});
    let found = post(&stand, "traces/aggregate", &with(scope(""), more)).await;
    let keys: Vec<&str> = found["groups"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["key"].as_str().expect("text"))
        .collect();
    assert!(keys.iter().all(|key| key.contains("orders/1")), "{keys:?}");
    // Orders 1, 10, 11, 13, 14, 16, 17 and 19.
    assert_eq!((keys.len(), &found["others"]["groups"]), (3, &5.into()));
    let (status, answer) =
        refused(&stand, "traces/aggregate", &with(scope(""), json!({"by": "x"}))).await;
    assert_eq!((status, &answer["field"]), (400, &"by".into()), "{answer}");
}

#[tokio::test]
async fn a_series_has_every_step_and_every_trace() {
    let stand = shop().await;
    for (more, width, steps) in [
        (json!({}), 10_000_000_u64, 61),
        (json!({"width": 60_000_000}), 60_000_000, 11),
        (json!({"width": 1}), 5_000_000, 121),
    ] {
        let found = post(&stand, "traces/series", &with(scope("fault"), more)).await;
        assert_eq!(found["width"], width);
        let all = found["steps"].as_array().expect("a list");
        assert_eq!(all.len(), steps);
        let faults: u64 = all.iter().map(|step| step["fault"].as_u64().expect("a number")).sum();
        assert_eq!(faults, 8);
    }
    let narrow = json!({"from": BASE.0, "to": BASE.0 + 60_000_000, "width": 20_000_000});
    check_golden("series", &post(&stand, "traces/series", &narrow).await);
}

#[tokio::test]
async fn a_histogram_is_of_traces_nodes_or_edges() {
    let stand = shop().await;
    let (front, back) =
        (json!({"name": "front", "type": "AWS::EC2::Instance"}), json!({"name": "back"}));
    for (more, total, longest) in [
        (json!({}), 40, 90_000),
        (json!({"node": front}), 40, 90_000),
        (json!({"node": back}), 40, 5_000),
        (json!({"node": {"name": "back", "type": "x"}}), 0, 0),
        (json!({"edge": {"from": front, "to": back}}), 40, 5_000),
        (json!({"edge": {"from": {"name": "front", "type": "client"}, "to": front}}), 40, 90_000),
        (json!({"edge": {"from": back, "to": front}}), 0, 0),
    ] {
        let found = post(&stand, "histogram", &with(scope(""), more.clone())).await;
        assert_eq!((&found["total"], &found["exact"]), (&total.into(), &true.into()), "{more}");
        let buckets = found["buckets"].as_array().expect("a list");
        let sum = |name: &str| {
            buckets.iter().map(|one| one[name].as_u64().expect("a number")).sum::<u64>()
        };
        assert_eq!(sum("ok") + sum("error") + sum("throttle") + sum("fault"), total, "{more}");
        if total > 0 {
            assert_eq!((sum("fault"), sum("throttle"), sum("error")), (8, 3, 4), "{more}");
            assert_eq!(buckets[buckets.len() - 1]["to"], longest + 1, "{more}");
        }
    }
    check_golden(
        "histogram",
        &post(&stand, "histogram", &with(scope("fault"), json!({"node": back}))).await,
    );
}

#[tokio::test]
async fn the_map_without_a_filter_is_the_service_graph() {
    let stand = shop().await;
    let found = post(&stand, "map/graph", &scope("")).await;
    let seconds = |micros: u64| micros as f64 / 1e6;
    let body = json!({"StartTime": seconds(BASE.0), "EndTime": seconds(BASE.0 + 600_000_000)});
    let own = stand.ask("/ServiceGraph", body).await;
    assert_eq!(found["services"], own["Services"]);
    assert_eq!((&found["total"], &found["exact"]), (&COUNT.into(), &true.into()));
}

#[tokio::test]
async fn the_map_of_some_traces_counts_those() {
    let stand = shop().await;
    let found = post(&stand, "map/graph", &scope("fault")).await;
    assert_eq!((&found["traces"], &found["total"]), (&8.into(), &8.into()));
    for service in found["services"].as_array().expect("a list") {
        let statistics = &service["SummaryStatistics"];
        if !statistics.is_null() {
            assert_eq!(statistics["FaultStatistics"]["TotalCount"], 8, "{service}");
            assert_eq!(statistics["TotalCount"], 8, "{service}");
        }
    }
    check_golden("map-extra", &post(&stand, "map/extra", &scope("")).await);
}

#[tokio::test]
async fn nodes_belong_to_the_smallest_group_of_theirs_or_to_what_they_carry() {
    let stand = Stand::new();
    for (name, expression) in [
        ("everything", "ok OR !ok"),
        ("paid", r#"service("pay")"#),
        ("rarely", r#"service("mail")"#),
        ("unknown", r#"service("nobody")"#),
    ] {
        let body = json!({"GroupName": name, "FilterExpression": expression});
        stand.ask("/CreateGroup", body).await;
    }
    let traces = [
        "front 0..10ms @team=web @rank=1\n  > pay 1..5ms @team=money\n    bank 2..3ms remote",
        "front 0..10ms @team=web\n  > pay 1..5ms @team=money\n  > mail 6..8ms",
        "front 0..10ms @team=none @rank=1.5\n  > stock 1..5ms @team=goods\n    local 2..3ms @team=goods",
        "front 0..10ms\n  > stock 1..5ms @team=goods",
        "front 0..10ms\n  > stock 1..5ms @team=goods",
    ];
    for (number, text) in (1..).zip(traces) {
        stand.put_fixture(&Fixture::numbered(number, BASE, text)).await;
    }
    let labels = async |by: &str| {
        let found = post(&stand, "map/labels", &with(scope(""), json!({"by": by}))).await;
        let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
        let list = found["labels"].as_array().expect("a list").iter();
        let shown = list.filter(|one| one["type"] != "client");
        let shown = shown.map(|one| text(&one["name"]) + "=" + &text(&one["label"]));
        (shown.collect::<Vec<_>>().join(" "), found["exact"] == true)
    };
    for (by, expected) in [
        ("group", "bank=paid front=everything mail=rarely pay=paid stock=everything"),
        ("annotation:team", "front=web pay=money stock=goods"),
        ("annotation:rank", "front=1"),
        ("annotation:none", ""),
    ] {
        assert_eq!(labels(by).await, (expected.to_owned(), true), "{by}");
    }
    let body = with(scope(""), json!({"by": "weight"}));
    assert_eq!(refused(&stand, "map/labels", &body).await.1["field"], "by");
    check_golden(
        "map-labels",
        &post(&stand, "map/labels", &with(scope(""), json!({"by": "annotation:team"}))).await,
    );
}

#[tokio::test]
async fn a_typical_trace_went_well_and_is_of_the_same_url() {
    let stand = shop().await;
    let (rows, _) = search(&stand, &with(scope("fault"), json!({"limit": 500}))).await;
    for row in rows {
        let id = row["id"].as_str().expect("text");
        let (_, found) = get(&stand, &format!("traces/{id}/typical")).await;
        assert_eq!(found["by"], "url");
        let typical = found["id"].as_str().expect("there are some");
        let (all, _) =
            search(&stand, &with(scope("ok"), json!({"limit": 500, "by": "responseTime"}))).await;
        let is_cart = |row: &Value| row["url"].as_str().expect("text").ends_with("/cart");
        let like: Vec<&Value> = all.iter().filter(|one| is_cart(one) == is_cart(&row)).collect();
        assert_eq!(found["of"], like.len());
        let at = like.iter().position(|one| one["id"] == typical).expect("it is one of them");
        let median = like[like.len().div_ceil(2) - 1]["responseTime"].as_u64().expect("a time");
        assert_eq!(like[at]["responseTime"], median);
    }
    let (status, answer) = get(&stand, "traces/1-00000001-000000000000000000000000/typical").await;
    assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &"NotFound".into()));
}

#[tokio::test]
async fn a_layout_is_kept_and_not_overwritten_unseen() {
    let stand = shop().await;
    let path = "/console/api/map/layout/Default:auto";
    let place = |x: f64| json!({"nodes": {"front~": {"x": x, "y": 2.5, "pinned": true}}});
    let change = async |stand: &Stand, method: &str, tag: Option<&str>, body: &Value| {
        let mut request = Request::builder().method(method).uri(path).header("x-console", "1");
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        let (status, _) =
            ask(stand, request.body(Body::from(body.to_string())).expect("a request")).await;
        status.as_u16()
    };
    let none = (StatusCode::OK, json!({"nodes": {}, "version": 0}));
    assert_eq!(get(&stand, "map/layout/Default:auto").await, none);
    assert_eq!(change(&stand, "PUT", Some("\"1\""), &place(1.0)).await, 412);
    assert_eq!(change(&stand, "PUT", None, &place(1.0)).await, 200);
    assert_eq!(change(&stand, "PUT", None, &place(9.0)).await, 412);
    assert_eq!(change(&stand, "PUT", Some("\"1\""), &place(3.0)).await, 200);
    assert_eq!(change(&stand, "PUT", Some("\"1\""), &place(9.0)).await, 412);
    let stand = stand.restarted();
    let (_, found) = get(&stand, "map/layout/Default:auto").await;
    let expected = json!({"nodes": {"front~": {"x": 3.0, "y": 2.5, "pinned": true}}, "version": 2});
    assert_eq!(found, expected);
    assert_eq!(change(&stand, "DELETE", Some("\"1\""), &json!({})).await, 412);
    assert_eq!(change(&stand, "DELETE", Some("\"2\""), &json!({})).await, 204);
    assert_eq!(change(&stand, "PUT", Some("\"2\""), &place(1.0)).await, 412);
    let stand = stand.restarted();
    assert_eq!(change(&stand, "PUT", None, &place(1.0)).await, 200);
    let (_, found) = get(&stand, "map/layout/Default:auto").await;
    assert_eq!(found["version"], 4);
}

#[tokio::test]
async fn a_layout_has_its_bounds() {
    let stand = Stand::new();
    let many = |count: usize| {
        let nodes = (0..count).map(|at| (at.to_string(), json!({"x": 1, "y": 1})));
        json!({"nodes": nodes.collect::<serde_json::Map<String, Value>>()})
    };
    for (key, body, status) in [
        ("a", many(5_000), 200),
        ("b", many(5_001), 400),
        ("c", json!({"nodes": {"a": {"x": 1e8, "y": 1}}}), 400),
        ("%2F", many(1), 400),
        (&"k".repeat(129), many(1), 400),
    ] {
        let request =
            Request::put(format!("/console/api/map/layout/{key}")).header("x-console", "1");
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let (found, text) = ask(&stand, request).await;
        assert_eq!(found.as_u16(), status, "{key}: {text:.80}");
    }
}

#[tokio::test]
async fn an_analysis_compares_sets() {
    let stand = shop().await;
    let more = json!({
        "a": "fault", "b": "throttle", "differences": true,
        "tables": ["url", "status", "cause", "exception", "faultPath", "errorPath", "slowPath"],
    });
    let lines = lines(&stand, "analytics", &with(scope(""), more)).await;
    let lines: Vec<Value> =
        lines.into_iter().filter(|line| line.get("progress").is_none()).collect();
    let find = |name: &str| lines.iter().find_map(|line| line.get(name)).expect("a line");
    let sum = |list: &Value| {
        list.as_array()
            .expect("a list")
            .iter()
            .map(|one| one.as_u64().expect("a number"))
            .sum::<u64>()
    };
    for (name, total) in [("all", 40), ("a", 8), ("b", 3)] {
        assert_eq!(sum(&find("distribution")[name]), total);
        assert_eq!(sum(&find("activity")[name]), total);
    }
    let cells =
        |name: &str| find("heatmap")[name].as_array().expect("a list").iter().map(sum).sum::<u64>();
    assert_eq!((cells("all"), cells("a")), (40, 8));
    for table in lines.iter().filter_map(|line| line.get("table")) {
        let rows = table["rows"].as_array().expect("a list");
        for row in rows {
            let filter = row["filter"].as_str().expect("text");
            for (name, set) in [("all", ""), ("a", "AND fault"), ("b", "AND throttle")] {
                let (_, total) = get_count(&stand, &format!("{filter} {set}")).await;
                assert_eq!(row[name], total, "{row} {name}");
            }
        }
    }
    let keys: Vec<&Value> =
        find("differences").as_array().expect("a list").iter().map(|one| &one["key"]).collect();
    let path = "front~AWS::EC2::Instance → back";
    assert_eq!(keys, ["back", "Boom", path, "500", "200"]);
    check_golden("analytics", &Value::from(lines));
}

#[tokio::test]
async fn a_set_of_an_analysis_may_be_a_window_and_durations_may_be_measured() {
    let stand = shop().await;
    let window = |from: u64, to: u64| json!({"from": BASE.0 + from, "to": BASE.0 + to});
    let more = json!({
        "a": "fault", "aWindow": window(0, 100_000_000), "bWindow": window(100_000_001, 600_000_000),
        "measure": "duration",
    });
    let lines = lines(&stand, "analytics", &with(scope(""), more)).await;
    let sets = lines.iter().find_map(|line| line.get("sets")).expect("a line");
    assert_eq!((&sets["a"]["traces"], &sets["b"]["traces"]), (&2.into(), &30.into()), "{sets}");
    assert_eq!(sets["retrieved"]["max"], 90_000);
    let body = with(scope(""), json!({"aWindow": {"from": 2, "to": 1}}));
    assert_eq!(refused(&stand, "analytics", &body).await.0, 400);
}

#[tokio::test]
async fn an_analysis_without_a_second_set_says_so() {
    let stand = shop().await;
    let lines =
        lines(&stand, "analytics", &with(scope("fault"), json!({"tables": ["status"]}))).await;
    let sets = lines.iter().find_map(|line| line.get("sets")).expect("a line");
    assert_eq!((&sets["a"]["traces"], &sets["b"]), (&8.into(), &Value::Null));
    assert!(lines.iter().all(|line| line.get("differences").is_none()));
    let body = with(scope(""), json!({"a": "fault", "b": "no"}));
    let (status, answer) = refused(&stand, "analytics", &body).await;
    assert_eq!((status, &answer["field"]), (400, &"b".into()), "{answer}");
}
