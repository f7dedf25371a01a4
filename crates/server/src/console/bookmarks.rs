//! `views` and `links`: pages of the console under a name, and under a short key.
//!
//! What a page shows is all in its URL, so a view is a name for one. Both are kept like any other
//! setting.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use store::Documents;
use utoipa::ToSchema;
use wire::Micros;
use wire::api;
use wire::control::{Stored, StoredLink, StoredLinks, StoredView, StoredViews};

use super::{Answer, Answered, Ask, Error, error};
use crate::control::{self, Kept, Setting};

/// Views that there may be.
const VIEWS_MAX: usize = 500;

/// Links that are kept; one more takes the place of the oldest.
const LINKS_MAX: usize = 2_000;

/// The longest name of a view, in characters.
const NAME_CHARS_MAX: usize = 100;

/// The longest path, in bytes.
const PATH_BYTES_MAX: usize = 4_096;

/// Characters of a link's key.
const KEY_CHARS: usize = 8;

/// What keys and ids are made of: nothing that is easily taken for something else.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// The pages that were given a name or a key.
pub(crate) struct Bookmarks {
    views: Kept<StoredViews>,
    links: Kept<StoredLinks>,
}

impl Setting for StoredViews {
    const DOCUMENT: &'static str = "views";

    fn encode(&self) -> Vec<u8> {
        Stored::encode(self)
    }
}

impl Setting for StoredLinks {
    const DOCUMENT: &'static str = "links";

    fn encode(&self) -> Vec<u8> {
        Stored::encode(self)
    }
}

impl Bookmarks {
    /// Loads the views and the links.
    pub(crate) fn open(documents: Arc<Documents>) -> Result<Self, control::Error> {
        fn load<T: Stored + Default>(bytes: Option<&[u8]>) -> Result<T, wire::control::Unreadable> {
            bytes.map_or_else(|| Ok(T::default()), T::decode)
        }
        Ok(Self {
            views: Kept::open(documents.clone(), load)?,
            links: Kept::open(documents, load)?,
        })
    }
}

/// What a view is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewView {
    /// What it is called, at most 100 characters.
    name: String,
    /// The page, below `/console/`, with what it is asked.
    path: String,
}

/// A page under a name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    id: String,
    name: String,
    /// The page, below `/console/`, with what it is asked.
    path: String,
    /// When it was made. Units: microseconds since the epoch.
    created: u64,
    /// When it was last changed. Units: microseconds since the epoch.
    updated: u64,
}

/// All views, by name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Views {
    views: Vec<View>,
}

/// A page that is to have a short key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewLink {
    /// The page, below `/console/`, with what it is asked.
    path: String,
}

/// The key of a page: `/console/l/{key}` leads there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Link {
    key: String,
}

impl From<StoredView> for View {
    fn from(view: StoredView) -> Self {
        let StoredView { created_micros: created, id, name, path, updated_micros: updated } = view;
        Self { id, name, path, created, updated }
    }
}

/// Returns all views.
#[utoipa::path(get, path = "/console/api/views", operation_id = "views",
    responses((status = 200, body = Views)))]
pub(super) fn views(ask: &Ask<'_>) -> Answered {
    let mut views = ask.app.bookmarks.views.now().views.clone();
    views.sort_by_cached_key(|view| (view.name.to_lowercase(), view.created_micros));
    Ok(Answer::json(&Views { views: views.into_iter().map(View::from).collect() }))
}

/// Makes a view.
#[utoipa::path(post, path = "/console/api/views", operation_id = "createView",
    request_body = NewView,
    responses((status = 200, body = View), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn create_view(ask: &Ask<'_>) -> Answered {
    let NewView { name, path } = checked(ask.body()?)?;
    let Micros(now) = ask.app.clock.now();
    let view = ask.app.bookmarks.views.change(|views| {
        if views.views.len() >= VIEWS_MAX {
            return Err(api::Error::invalid_request("There cannot be more views"));
        }
        let id = unused(|id| views.views.iter().any(|view| view.id == id));
        let view = StoredView { created_micros: now, id, name, path, updated_micros: now };
        views.views.push(view.clone());
        Ok(view)
    })?;
    Ok(Answer::json(&View::from(view)))
}

/// Changes a view.
#[utoipa::path(put, path = "/console/api/views/{id}", operation_id = "updateView",
    params(("id" = String, Path)), request_body = NewView,
    responses((status = 200, body = View), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn update_view(ask: &Ask<'_>) -> Answered {
    let NewView { name, path } = checked(ask.body()?)?;
    let Micros(now) = ask.app.clock.now();
    let id = ask.input.parameter("id");
    let view = ask.app.bookmarks.views.change(|views| {
        let view = views.views.iter_mut().find(|view| view.id == id).ok_or_else(|| unknown(id))?;
        *view = StoredView { name, path, updated_micros: now, ..view.clone() };
        Ok(view.clone())
    })?;
    Ok(Answer::json(&View::from(view)))
}

/// Deletes a view.
#[utoipa::path(delete, path = "/console/api/views/{id}", operation_id = "deleteView",
    params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn delete_view(ask: &Ask<'_>) -> Answered {
    let id = ask.input.parameter("id");
    ask.app.bookmarks.views.change(|views| {
        let at = views.views.iter().position(|view| view.id == id).ok_or_else(|| unknown(id))?;
        views.views.remove(at);
        Ok(())
    })?;
    Ok(Answer::nothing())
}

/// Gives a page a key; always the same one, as long as it is kept.
#[utoipa::path(post, path = "/console/api/links", operation_id = "createLink",
    request_body = NewLink,
    responses((status = 200, body = Link), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn create_link(ask: &Ask<'_>) -> Answered {
    let NewLink { path } = ask.body()?;
    check_path(&path)?;
    let known = |links: &StoredLinks| {
        let link = links.links.iter().find(|link| link.path == path);
        link.map(|link| link.key.clone())
    };
    let links = &ask.app.bookmarks.links;
    if let Some(key) = known(&links.now()) {
        return Ok(Answer::json(&Link { key }));
    }
    let Micros(now) = ask.app.clock.now();
    let key = links.change(|links| {
        let key = unused(|key| links.links.iter().any(|link| link.key == key));
        let too_many = (links.links.len() + 1).saturating_sub(LINKS_MAX);
        links.links.drain(..too_many);
        links.links.push(StoredLink { created_micros: now, key: key.clone(), path: path.clone() });
        Ok(key)
    })?;
    Ok(Answer::json(&Link { key }))
}

/// Leads to the page that has this key.
#[utoipa::path(get, path = "/console/l/{key}", operation_id = "followLink",
    params(("key" = String, Path)),
    responses((status = 303), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn follow_link(ask: &Ask<'_>) -> Answered {
    let key = ask.input.parameter("key");
    let links = ask.app.bookmarks.links.now();
    let link = links.links.iter().find(|link| link.key == key);
    let link = link.ok_or_else(|| Error::not_found(format!("There is no link {key}")))?;
    let to = HeaderValue::from_str(&format!("/console/{}", link.path))
        .map_err(|_| Error::not_found(format!("There is no link {key}")))?;
    let answer = Answer { status: StatusCode::SEE_OTHER, ..Answer::nothing() };
    let answer = answer.with_header(LOCATION, to);
    Ok(answer.with_header(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

fn unknown(id: &str) -> api::Error {
    api::Error::new(api::ErrorCode::ResourceNotFound, format!("There is no view {id}"))
}

fn checked(view: NewView) -> Result<NewView, Error> {
    let name = view.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        let message = format!("A name has 1 to {NAME_CHARS_MAX} characters");
        return Err(Error::invalid(message).in_field("name"));
    }
    check_path(&view.path)?;
    Ok(NewView { name, ..view })
}

/// Refuses what is no page of the console: a browser is sent there.
fn check_path(path: &str) -> Result<(), Error> {
    let is_visible = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let page = path.split(['?', '#']).next().unwrap_or_default();
    let is_inside = !page.starts_with('/') && page.split('/').all(|part| part != "..");
    if !is_visible || !is_inside || path.len() > PATH_BYTES_MAX {
        let message = "A path leads to a page below /console/ and is written as in a URL";
        return Err(Error::invalid(message).in_field("path"));
    }
    Ok(())
}

/// Makes up a key that is not in use.
fn unused(is_used: impl Fn(&str) -> bool) -> String {
    loop {
        let character = |_| char::from(ALPHABET[fastrand::usize(..ALPHABET.len())]);
        let key: String = (0..KEY_CHARS).map(character).collect();
        if !is_used(&key) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests;
