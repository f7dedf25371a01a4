//! The door as programs meet it.

use super::*;

const DOOR: &str = "127.0.0.1:2090";

#[test]
fn only_the_doors_own_pages_are_answered() {
    let address = DOOR.parse().expect("an address");
    for (host, origin, expected) in [
        (None, None, true),
        (Some(DOOR), None, true),
        (Some("localhost:2090"), Some("http://localhost:2090"), true),
        (Some(DOOR), Some("http://evil.example"), false),
        (Some(DOOR), Some("null"), false),
        (Some("evil.example:2090"), None, false),
        (Some("127.0.0.1:2091"), None, false),
    ] {
        assert_eq!(is_ours(address, host, origin), expected, "{host:?} {origin:?}");
    }
}

#[test]
fn times_are_written_as_people_say_them() {
    for (seconds, text) in [
        (0.2, "1s"),
        (59.0, "59s"),
        (60.0, "1m"),
        (580.0, "9m 40s"),
        (3600.0, "1h"),
        (5400.0, "1h 30m"),
    ] {
        assert_eq!(spoken(Duration::from_secs_f64(seconds)), text);
    }
}

/// A door to a board, and the board.
async fn door() -> (SocketAddr, Arc<World>, tokio::task::JoinHandle<()>) {
    let config = crate::Config {
        daemon: fluoro_sdk::DaemonAddress::default(),
        seed: 1,
        scene: crate::Scene::Pair,
        visits_per_second: 1.0,
        control: "127.0.0.1:0".parse().expect("an address"),
        clock: Arc::new(fluoro_sdk::ManualClock::default()),
        server: "http://127.0.0.1:0".to_owned(),
        day: None,
    };
    let world = crate::live_world(&config, &[], crate::logs::Logbook::default());
    let world = Arc::new(world.expect("a world"));
    let listener = TcpListener::bind(config.control).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    (address, world.clone(), tokio::spawn(serve(listener, address, world)))
}

#[tokio::test]
async fn what_is_told_is_done_and_said() {
    let (address, world, serving) = door().await;
    let tell = async |order| tell(address, &order).await.expect("an answer");
    let said = tell(Order::Break(Fault::Backend, Duration::from_secs(120))).await;
    insta::assert_snapshot!(said, @r#"
    broken for 2m: back-end refuses connections
    filter: service("front-end") AND fault
    "#);
    assert!(of(&world).board.has(Fault::Backend));
    let listed = tell(Order::List).await;
    assert!(listed.starts_with("backend        broken, "), "{listed}");
    assert_eq!(listed.lines().count(), Fault::ALL.len());
    assert_eq!(tell(Order::Fix(Some(Fault::Backend))).await, "fixed: backend\n");
    assert_eq!(tell(Order::Fix(Some(Fault::Backend))).await, "backend was not broken\n");
    tell(Order::Break(Fault::Errors, Duration::from_secs(1))).await;
    assert_eq!(tell(Order::Fix(None)).await, "fixed: errors\n");
    assert!(!of(&world).board.has(Fault::Errors));
    serving.abort();
}

#[tokio::test]
async fn other_programs_get_json_and_reasons() {
    let (address, _world, serving) = door().await;
    let ask = async |method: &str, path: &str| {
        let request =
            hyper::Request::builder().method(method).uri(format!("http://{address}{path}"));
        let request = request.body(Full::default()).expect("a request");
        Client::new().send(request).await.expect("an answer")
    };
    let listed = ask("GET", "/faults").await.body;
    assert!(listed.starts_with(r#"[{"name":"backend","what":"back-end refuses"#), "{listed}");
    assert!(listed.contains(r#""remaining_secs":null"#), "{listed}");
    for (method, path, status) in [
        ("POST", "/faults/nothing", 404),
        ("POST", "/faults/errors?for=0", 400),
        ("POST", "/faults/errors?for=x", 400),
        ("PUT", "/faults/errors", 404),
        ("POST", "/faults/errors", 200),
        ("DELETE", "/faults/all", 200),
        ("GET", "/", 200),
    ] {
        let answer = ask(method, path).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
    serving.abort();
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_demo() {
    // Bound and never listening, so that nobody else can have the port meanwhile.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let address = socket.local_addr().expect("an address");
    let gone = tell(address, &Order::List).await.expect_err("nobody is there");
    assert!(matches!(gone, Error::NoDemo { .. }), "{gone}");
}
