//! The web console: the files of `console/dist`, out of the program itself.
//!
//! Nothing is known here of what the files do. A build without them answers with a page that says
//! how to make them. A debug build reads them from the checkout, so that a new console needs no new
//! server.

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use rust_embed::{EmbeddedFile, RustEmbed};

/// Where the console begins.
const BASE: &str = "/console/";

/// Files whose names change with their content.
const HASHED: &str = "assets/";

/// The encodings that the build makes, the smaller first, with the endings of their files.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// What files may do, and the page, which may also use the styles of its nonce.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; \
     base-uri 'self'; form-action 'self'",
);

/// Where the page learns its nonce.
const NONCE_PLACE: &str = "<meta property=\"csp-nonce\" nonce=\"";

/// What a build without the console says.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Fluoro</title><body style=\"font:15px/1.6 system-ui;margin:12vh auto;max-width:34rem\">\
    <h1>The console is not in this build</h1>\
    <p>The API works all the same. To have the console, build it with Node.js 20 or newer and then \
    build the server again:</p>\
    <pre>cd console\nnpm ci --ignore-scripts\nnpm run build\ncd ..\ncargo build</pre>\
    <p><code>cargo xtask run</code> does both.</p>";

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
struct Dist;

/// Sends `/console` where the console is.
pub(crate) async fn redirect() -> Response {
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, BASE)]).into_response()
}

/// Answers with a file, or with the console's one page for every path that is no file.
pub(crate) async fn page(uri: Uri, headers: HeaderMap) -> Response {
    answer(uri.path().strip_prefix(BASE).unwrap_or(""), &headers, Dist::get)
}

/// Returns the answer for a path below [`BASE`], given how files are had.
fn answer(
    path: &str,
    headers: &HeaderMap,
    file: impl Fn(&str) -> Option<EmbeddedFile>,
) -> Response {
    let last = path.rsplit('/').next().unwrap_or("");
    let name = if last.contains('.') { path } else { "index.html" };
    let found = if name.split('/').any(|part| part.starts_with('.')) { None } else { file(name) };
    let mut response = match found {
        Some(plain) if name == "index.html" => return send_page(&plain),
        Some(plain) => send(name, plain, headers, file),
        None if name == "index.html" => {
            let content_type = [(CONTENT_TYPE, "text/html; charset=utf-8")];
            let mut response = (content_type, NOT_BUILT).into_response();
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            // Its styles are in the page.
            return response;
        }
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    };
    protect(&mut response, POLICY);
    response
}

fn protect(response: &mut Response, policy: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// Answers with the page, which is small, and new each time: the filter editor may bring styles of
/// its own, and shows by a nonce that they are its own.
fn send_page(page: &EmbeddedFile) -> Response {
    let mut random = [0; 16];
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::error!(%error, "there is no randomness for the console's page");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let nonce = hex(&random);
    let page = String::from_utf8_lossy(&page.data);
    let page = page.replacen(NONCE_PLACE, &format!("{NONCE_PLACE}{nonce}"), 1);
    let head = [(CONTENT_TYPE, content_type("index.html")), (CACHE_CONTROL, "no-store")];
    let mut response = (head, page).into_response();
    let policy = format!("{}; style-src 'self' 'nonce-{nonce}'", POLICY.to_str().unwrap_or(""));
    let policy = HeaderValue::try_from(policy).unwrap_or(POLICY);
    protect(&mut response, policy);
    response
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn send(
    name: &str,
    plain: EmbeddedFile,
    headers: &HeaderMap,
    file: impl Fn(&str) -> Option<EmbeddedFile>,
) -> Response {
    let tag = tag(&plain);
    let is_known =
        headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let cache = match name.starts_with(HASHED) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let common = [(CACHE_CONTROL, cache), (ETAG, &tag), (VARY, "accept-encoding")];
    if is_known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let common = (common, [(CONTENT_TYPE, content_type(name))]);
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    for (encoding, ending) in ENCODINGS {
        if accepts(accepted, encoding)
            && let Some(packed) = file(&format!("{name}{ending}"))
        {
            return (common, [(CONTENT_ENCODING, encoding)], packed.data).into_response();
        }
    }
    (common, plain.data).into_response()
}

/// Returns the tag of a file's content. Weak, for its encodings differ in bytes.
fn tag(file: &EmbeddedFile) -> String {
    format!("W/\"{}\"", hex(&file.metadata.sha256_hash()[..12]))
}

/// Returns whether the list names the encoding and does not refuse it with `q=0`.
fn accepts(list: &str, encoding: &str) -> bool {
    list.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        is_named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use rust_embed::Metadata;

    use super::*;

    fn dist(name: &str) -> Option<EmbeddedFile> {
        let data: &[u8] = match name {
            "index.html" => b"<page><meta property=\"csp-nonce\" nonce=\"\">",
            "assets/a-1.js" => b"plain",
            "assets/a-1.js.br" => b"br",
            "assets/a-1.js.gz" => b"gz",
            ".vite/manifest.json" => b"{}",
            _ => return None,
        };
        let mut hash = [0; 32];
        hash[0] = data[0];
        let metadata = Metadata::__rust_embed_new(hash, None, None);
        Some(EmbeddedFile { data: Cow::Borrowed(data), metadata })
    }

    /// Asks for a path with one header, and returns status, body and the headers that matter here.
    async fn ask(path: &str, name: http::HeaderName, value: &'static str) -> String {
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        let response = answer(path, &headers, dist);
        let status = response.status().as_u16();
        let shown = [CONTENT_TYPE, CONTENT_ENCODING, CACHE_CONTROL].map(|name| {
            response.headers().get(name).map_or("-", |value| value.to_str().unwrap()).to_owned()
        });
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        format!("{status} {} {}", String::from_utf8_lossy(&body), shown.join(" | "))
    }

    #[tokio::test]
    async fn every_path_that_is_no_file_is_the_page() {
        for path in ["", "index.html", "map", "traces/1-6b01dde6-8b3ded87ffc8d116ecf148e7"] {
            let line = ask(path, ACCEPT_ENCODING, "identity").await;
            assert!(line.starts_with("200 <page>"), "{path}: {line}");
            assert!(line.ends_with(" text/html; charset=utf-8 | - | no-store"), "{path}: {line}");
        }
        let line = ask("assets/b-2.js", ACCEPT_ENCODING, "identity").await;
        assert!(line.starts_with("404 there is no such file"), "{line}");
        let line = ask(".vite/manifest.json", ACCEPT_ENCODING, "identity").await;
        assert!(line.starts_with("404 "), "{line}");
    }

    #[tokio::test]
    async fn files_come_packed_when_the_browser_unpacks() {
        let type_ = "text/javascript; charset=utf-8";
        let cache = "public, max-age=31536000, immutable";
        for (accepted, body, encoding) in [
            ("gzip, deflate, br, zstd", "br", "br"),
            ("gzip;q=1.0, br;q=0", "gz", "gzip"),
            ("deflate", "plain", "-"),
        ] {
            let line = ask("assets/a-1.js", ACCEPT_ENCODING, accepted).await;
            assert_eq!(line, format!("200 {body} {type_} | {encoding} | {cache}"));
        }
    }

    #[tokio::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let line = ask("assets/a-1.js", IF_NONE_MATCH, "W/\"700000000000000000000000\"").await;
        assert!(line.starts_with("304  "), "{line}");
    }

    #[tokio::test]
    async fn each_page_has_a_nonce_of_its_own_which_the_policy_names() {
        let mut nonces = Vec::new();
        for _ in 0..2 {
            let response = answer("map", &HeaderMap::new(), dist);
            let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap();
            let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
            let (_, rest) = body.split_once("nonce=\"").unwrap();
            let nonce = rest.split('"').next().unwrap().to_owned();
            assert_eq!(nonce.len(), 32, "{body}");
            assert!(policy.ends_with(&format!("; style-src 'self' 'nonce-{nonce}'")), "{policy}");
            nonces.push(nonce);
        }
        assert_ne!(nonces[0], nonces[1]);
    }

    #[tokio::test]
    async fn a_build_without_files_says_how_to_make_them() {
        let response = answer("map", &HeaderMap::new(), |_| None);
        assert_eq!(response.status(), StatusCode::OK);
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("npm run build"));
    }
}
