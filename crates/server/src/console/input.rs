//! What an endpoint is asked: the parts of a request, read into types.

use axum::extract::Query;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde::de::DeserializeOwned;
use store::Watch;

use super::Error;
use crate::app::App;

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    /// What stands in the places of the path's braces.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// A request, and what is needed to answer it.
pub(crate) struct Ask<'a> {
    pub(crate) app: &'a App,
    pub(crate) input: &'a Input,
    /// Called off when nobody waits for the answer any more.
    pub(crate) watch: &'a Watch,
}

impl Input {
    /// Reads the body.
    ///
    /// # Errors
    /// When it is not the JSON that it should be.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body).map_err(|error| Error::invalid(error.to_string()))
    }

    /// Reads what stands behind the question mark.
    ///
    /// # Errors
    /// When it is not what it should be.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let read = Query::<T>::try_from_uri(&self.uri);
        read.map(|query| query.0).map_err(|error| Error::invalid(error.body_text()))
    }

    /// Returns what stands in place of `{name}` in the path.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(named, _)| named == name);
        found.map_or("", |(_, value)| value)
    }
}

impl Ask<'_> {
    /// Reads the request's body, as [`Input::body`].
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.input.body()
    }
}
