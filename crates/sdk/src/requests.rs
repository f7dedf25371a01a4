//! A middleware for clients of reqwest: each call has a subsegment of the current segment, as with
//! [`ClientLayer`].
//!
//! ```
//! use fluoro_sdk::client::ClientLayer;
//! use fluoro_sdk::requests::CallMiddleware;
//!
//! let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
//!     .with(CallMiddleware::new(ClientLayer::new()))
//!     .build();
//! ```

use std::pin::Pin;

use http::{Extensions, Uri};
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::client::{self, ClientLayer};
use crate::entity::Entity;
use crate::over_http;

/// Gives each call a subsegment.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallMiddleware {
    layer: ClientLayer,
}

impl CallMiddleware {
    /// Returns a middleware that does what `layer` would.
    pub fn new(layer: ClientLayer) -> Self {
        Self { layer }
    }

    fn begin(self, request: &mut Request) -> Entity {
        let method = request.method().clone();
        // A URL with a host is a URI, too, but for characters that no server is asked for.
        let uri = request.url().as_str().parse::<Uri>().unwrap_or_default();
        self.layer.begin(method.as_str(), &uri, request.headers_mut())
    }
}

/// Records how a call was answered.
fn end(entity: &Entity, answer: &Result<Response>) {
    match answer {
        Ok(answer) => {
            let length = over_http::length_of(answer.headers());
            entity.http_response(answer.status().as_u16(), length);
        }
        Err(cause) => client::fail::<reqwest_middleware::Error>(entity, cause),
    }
}

impl Middleware for CallMiddleware {
    fn handle<'s, 'e, 'n, 'f>(
        &'s self,
        mut request: Request,
        extensions: &'e mut Extensions,
        next: Next<'n>,
    ) -> Pin<Box<dyn Future<Output = Result<Response>> + Send + 'f>>
    where
        Self: 'f,
        's: 'f,
        'e: 'f,
        'n: 'f,
    {
        let entity = self.begin(&mut request);
        Box::pin(async move {
            let answer = next.run(request, extensions).await;
            end(&entity, &answer);
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::testing::FakeDaemon;
    use crate::{FutureExt, Recorder, Sampling};

    /// Answers one call with the trace header that it brought.
    fn echo() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a call");
            let lines = BufReader::new(&stream).lines().map_while(std::result::Result::ok);
            let mut lines = lines.take_while(|line| !line.is_empty());
            let header = lines.find_map(|line| {
                line.to_lowercase().strip_prefix("x-amzn-trace-id: ").map(str::to_owned)
            });
            let body = header.unwrap_or_default();
            let length = body.len();
            write!(stream, "HTTP/1.1 404 X\r\nContent-Length: {length}\r\n\r\n{body}")
                .expect("an answer");
        });
        format!("http://{address}/path?secret=1")
    }

    #[test]
    fn calls_become_subsegments_and_bring_the_header() {
        let daemon = FakeDaemon::start().expect("free ports");
        let mut config = daemon.config("shop");
        config.sampling = Sampling::Always;
        let recorder = Recorder::new(config).expect("a recorder");
        let segment = recorder.begin();
        let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
            .with(CallMiddleware::default())
            .build();
        let (url, context) = (echo(), segment.context());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let header = runtime.block_on(
            async {
                let answer = client.get(&url).send().await.expect("an answer");
                assert!(client.get("http://127.0.0.1:1/").send().await.is_err());
                answer.text().await.expect("a body")
            }
            .in_context(context),
        );
        drop(segment);
        let document = &daemon.wait_for(1)[0];
        let document = wire::Segment::parse(document).expect("a good document");
        let [answered, failed] = &*document.subsegments else { panic!("{document:?}") };
        assert!(header.contains(&format!("parent={};sampled=1", answered.id)), "{header}");
        let http = wire::json::encode(answered.http.as_ref().expect("a section"));
        assert!(http.contains("/path\"") && http.contains("404"), "{http}");
        assert_eq!((answered.error, failed.fault), (Some(true), Some(true)));
    }
}
