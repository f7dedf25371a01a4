//! A page for each library that services are made of: the lines that it takes, and what is in the trace
//! then. Nothing here is code to call.
//!
//! Every page needs the same first line, `Recorder::new(Config::from_env("name")?)?`: one recorder for
//! the program, which is cheap to clone.

/// # axum: a segment for each request
///
/// Feature `axum`.
///
/// ```
/// use axum::{Router, routing::get};
/// use fluoro_sdk::{Config, Recorder, middleware::ServerLayer};
///
/// # fn main() -> Result<(), fluoro_sdk::Error> {
/// let recorder = Recorder::new(Config::from_env("shop")?)?;
/// let app: Router = Router::new()
///     .route("/orders/{id}", get(|| async { "an order" }))
///     .layer(ServerLayer::new(&recorder));
/// # drop(app.into_make_service_with_connect_info::<std::net::SocketAddr>());
/// # Ok(())
/// # }
/// ```
///
/// Serve it with `app.into_make_service_with_connect_info::<SocketAddr>()`, so that the peer is known.
/// Each request is a segment with its method, URL without query, status and peer; the route's template
/// is the annotation `route`; 4xx, 429 and 5xx are error, throttle and fault. The answer says the trace.
/// In a handler, [`subsegment`](crate::subsegment) begins a subsegment.
#[cfg(feature = "axum")]
pub mod axum {}

/// # tower and hyper: layers for any server and any client
///
/// Feature `tower`.
///
/// ```
/// use fluoro_sdk::{Config, Recorder, client::ClientLayer, middleware::ServerLayer};
/// use http::{Request, Response};
/// use tower::{Layer, service_fn};
///
/// # fn main() -> Result<(), fluoro_sdk::Error> {
/// let recorder = Recorder::new(Config::from_env("shop")?)?;
/// let answer = |_: Request<String>| async { Ok::<_, std::io::Error>(Response::new("hello")) };
/// let server = ServerLayer::new(&recorder).layer(service_fn(answer));
/// let client = ClientLayer::new().layer(service_fn(answer)); // Such as hyper's client.
/// # let _ = (server, client);
/// # Ok(())
/// # }
/// ```
///
/// The server's layer is that of [`axum`](crate::middleware), without routes unless
/// [`with_route`](crate::middleware::ServerLayer::with_route) tells them. A call through the client's
/// layer is a subsegment of the current segment, named after the host, and brings `X-Amzn-Trace-Id`
/// along; [`with_traceparent`](crate::client::ClientLayer::with_traceparent) adds W3C's header. The
/// example `hyper` is a whole program.
#[cfg(feature = "tower")]
pub mod tower {}

/// # reqwest: a subsegment for each call
///
/// Feature `reqwest`; the client is that of `reqwest-middleware`.
///
/// ```
/// use fluoro_sdk::requests::CallMiddleware;
///
/// let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
///     .with(CallMiddleware::default())
///     .build();
/// # drop(client);
/// ```
///
/// Each call is a subsegment of the current segment with its method, URL without query and status, and
/// brings the trace header along. One that is not answered is a fault with the reason.
#[cfg(feature = "reqwest")]
pub mod reqwest {}

/// # AWS SDK: a subsegment for each call
///
/// Feature `aws`.
///
/// ```
/// # fn client(config: &aws_types::SdkConfig) -> aws_sdk_xray::Client {
/// let config = aws_sdk_xray::config::Builder::from(config)
///     .interceptor(fluoro_sdk::aws::CallInterceptor::new())
///     .build();
/// aws_sdk_xray::Client::from_conf(config)
/// # }
/// ```
///
/// The same for the client of any service. Each call is a subsegment named after the service with
/// operation, region, request id, retries and the table, queue, bucket, topic or function; the trace
/// header goes along. Throttled calls are throttles, and errors are exceptions by their own names.
#[cfg(feature = "aws")]
pub mod aws {}

/// # tracing: spans are subsegments
///
/// Feature `tracing`.
///
/// ```
/// use fluoro_sdk::{Config, Recorder, layer::SpanLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # fn main() -> Result<(), fluoro_sdk::Error> {
/// let recorder = Recorder::new(Config::from_env("shop")?)?;
/// let subscriber = tracing_subscriber::registry().with(SpanLayer::new(&recorder));
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info_span!("charge", xray.annotation.tier = "gold").in_scope(|| "work");
/// });
/// # Ok(())
/// # }
/// ```
///
/// A span below a segment is a subsegment, one without is a segment of its own. An event of the level
/// `ERROR` makes its span a fault; an error among its fields is an exception with its causes. Which
/// field becomes what is in the table of [`layer`](crate::layer).
#[cfg(feature = "tracing")]
pub mod tracing {}

/// # sqlx: queries are subsegments
///
/// Feature `tracing`: sqlx tells `tracing` of each query, and nothing else is needed.
///
/// ```
/// use fluoro_sdk::{Config, Recorder, layer::SpanLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # fn main() -> Result<(), fluoro_sdk::Error> {
/// let mut config = Config::from_env("shop")?;
/// config.collect_sql_queries = true; // Or AWS_XRAY_COLLECT_SQL_QUERIES=true.
/// let layer = SpanLayer::new(&Recorder::new(config)?).naming_queries("orders@db.internal");
/// let subscriber = tracing_subscriber::registry().with(layer);
/// # drop(subscriber);
/// # Ok(())
/// # }
/// ```
///
/// Each query is a subsegment of the current segment, as long as the query took, with the rows that it
/// returned or changed, and with its text if that is asked for; values that are bound are never in it.
/// sqlx emits at the level `DEBUG`: a filter of the subscriber must let `sqlx::query=debug` through.
#[cfg(feature = "tracing")]
pub mod sqlx {}

/// # Lambda: subsegments of the invocation
///
/// No feature.
///
/// ```
/// use fluoro_sdk::{Config, FutureExt, Recorder};
///
/// # async fn handle() -> Result<(), fluoro_sdk::Error> {
/// let recorder = Recorder::new(Config::from_env("resize")?)?; // Once, before the first invocation.
/// let invocation = recorder.begin_current_invocation();
/// async { fluoro_sdk::subsegment("load").annotate("width", 640) }.in_entity(invocation).await;
/// # Ok(())
/// # }
/// ```
///
/// The function's segment is the platform's. What is begun goes below it, and each subsegment is sent
/// as soon as it ends, since the function may stand still after its answer. Where a runtime serves
/// several invocations at once, give the header of each to
/// [`begin_invocation`](crate::Recorder::begin_invocation).
pub mod lambda {}

/// # OpenTelemetry: both worlds in one trace
///
/// Feature `opentelemetry`.
///
/// ```
/// use fluoro_sdk::otel::{XrayIdGenerator, XrayPropagator};
///
/// let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
///     .with_id_generator(XrayIdGenerator::new())
///     .build();
/// opentelemetry::global::set_text_map_propagator(XrayPropagator::new());
/// # drop(provider);
/// ```
///
/// Spans then have ids that X-Ray takes, and calls bring `X-Amzn-Trace-Id` along. A sampler by the rules
/// of X-Ray, and how a segment and a span of one program go below each other, is in
/// [`otel`](crate::otel).
#[cfg(feature = "opentelemetry")]
pub mod opentelemetry {}

/// # Tests of an application: a daemon that keeps what it is sent
///
/// No feature.
///
/// ```
/// use fluoro_sdk::{Recorder, Sampling, testing::FakeDaemon};
///
/// # fn main() -> Result<(), fluoro_sdk::Error> {
/// let daemon = FakeDaemon::start()?;
/// let mut config = daemon.config("shop");
/// config.sampling = Sampling::Always;
/// let recorder = Recorder::new(config)?;
/// recorder.begin().annotate("cart_size", 3);
/// assert!(daemon.wait_for(1)[0].contains(r#""annotations":{"cart_size":3}"#));
/// # Ok(())
/// # }
/// ```
///
/// Ids and times are the test's own with [`SeededRandom`](crate::SeededRandom) and
/// [`ManualClock`](crate::ManualClock) in the settings. The daemon also answers sampling calls as the
/// test says, see [`testing`](crate::testing).
pub mod testing {}
