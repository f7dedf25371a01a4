//! Where documents are sent, as a person writes it.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, Scheme};

/// A server that speaks the X-Ray API: `http://host:port` or `https://host`, with or without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    /// Invariant: a path without a slash at its end.
    path: String,
}

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointProblem {
    /// Not a URL with a host.
    #[error("this is not a URL such as http://traces.example:2080")]
    NotAUrl,
    /// A URL of another kind than `http` and `https`.
    #[error("an endpoint begins with http:// or https://")]
    NotHttp,
    /// A URL with something behind the path.
    #[error("the URL of an endpoint has no query")]
    HasQuery,
}

impl FromStr for Endpoint {
    type Err = EndpointProblem;
    fn from_str(text: &str) -> Result<Self, EndpointProblem> {
        let parts = text.parse::<Uri>().map_err(|_| EndpointProblem::NotAUrl)?.into_parts();
        let scheme = parts.scheme.ok_or(EndpointProblem::NotAUrl)?;
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(EndpointProblem::NotHttp);
        }
        let authority = parts.authority.ok_or(EndpointProblem::NotAUrl)?;
        let path = parts.path_and_query.ok_or(EndpointProblem::NotAUrl)?;
        if path.query().is_some() {
            return Err(EndpointProblem::HasQuery);
        }
        Ok(Self { scheme, authority, path: path.path().trim_end_matches('/').to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_with_a_host_and_no_query() {
        for (text, shown) in [
            ("http://127.0.0.1:2080", "http://127.0.0.1:2080"),
            ("https://traces.example/", "https://traces.example"),
            ("http://[::1]:2080/a/b/", "http://[::1]:2080/a/b"),
        ] {
            assert_eq!(text.parse::<Endpoint>().expect(text).to_string(), shown);
        }
        for (text, problem) in [
            ("", EndpointProblem::NotAUrl),
            ("traces.example:2080", EndpointProblem::NotAUrl),
            ("/path", EndpointProblem::NotAUrl),
            ("ftp://traces.example/", EndpointProblem::NotHttp),
            ("http://traces.example/?a=b", EndpointProblem::HasQuery),
        ] {
            assert_eq!(text.parse::<Endpoint>().expect_err(text), problem, "{text}");
        }
    }
}
