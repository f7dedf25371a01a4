//! AWS's library over our HTTP client: what it asks for takes the same roots, proxies and
//! connections as documents do.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use reqwest::{Method, Url};
use std::time::Duration;

/// How long an answer may take when the library does not say.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest answer that is read; credentials take a hundredth of it.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// The HTTP client, as the library wants it.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    client: reqwest::Client,
    timeout: Duration,
}

impl Transport {
    /// Returns the client, which has its own connections and rules.
    pub(super) fn new(client: reqwest::Client) -> Self {
        Self { client, timeout: ANSWER_TIMEOUT }
    }
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connect = settings.connect_timeout().unwrap_or_default();
        let timeout = settings.read_timeout().map_or(self.timeout, |read| connect + read);
        SharedHttpConnector::new(Self { client: self.client.clone(), timeout })
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { client, timeout } = self.clone();
        HttpConnectorFuture::new(async move {
            let mut request = translate(&request)?;
            *request.timeout_mut() = Some(timeout);
            let answer = client.execute(request).await.map_err(of_client)?;
            read(answer).await
        })
    }
}

fn translate(request: &HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let method = Method::from_bytes(request.method().as_bytes());
    let method = method.map_err(|error| ConnectorError::user(error.into()))?;
    let url = Url::parse(request.uri()).map_err(|error| ConnectorError::user(error.into()))?;
    let mut translated = reqwest::Request::new(method, url);
    for (name, value) in request.headers() {
        let name = http::HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|error| ConnectorError::user(error.into()))?;
        let value = http::HeaderValue::from_str(value);
        let value = value.map_err(|error| ConnectorError::user(error.into()))?;
        translated.headers_mut().append(name, value);
    }
    let body = request.body().bytes();
    let body = body.ok_or_else(|| ConnectorError::user("a body that comes in pieces".into()))?;
    if !body.is_empty() {
        *translated.body_mut() = Some(body.to_vec().into());
    }
    Ok(translated)
}

async fn read(mut answer: reqwest::Response) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(answer.status().as_u16());
    let status = status.map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(of_client)? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(ConnectorError::other("an answer that is too large".into(), None));
        }
        body.extend_from_slice(&piece);
    }
    let mut read = Response::new(status, SdkBody::from(body));
    for (name, value) in answer.headers() {
        // What is not text does not concern the library.
        if let Ok(value) = value.to_str() {
            read.headers_mut().append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(read)
}

fn of_client(error: reqwest::Error) -> ConnectorError {
    // The query of a URL may hold what nobody should read.
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}
