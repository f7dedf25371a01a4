//! `map/layout/{key}`: where the nodes of a map stand, for everybody who looks at it.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use http::header::{ETAG, HeaderValue, IF_MATCH};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use store::Documents;
use tracing::error;
use utoipa::ToSchema;

use super::{Answer, Answered, Ask, Error, error as errors};
use crate::control;

/// Layouts that are kept.
const LAYOUTS_MAX: usize = 200;

/// Nodes of one layout.
const NODES_MAX: usize = 5_000;

/// Bytes of a key.
const KEY_BYTES_MAX: usize = 128;

/// Nothing is drawn farther away than this.
const PLACE_MAX: f64 = 1e7;

/// Where the nodes of one map stand.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct Layout {
    /// By `name~type`.
    nodes: BTreeMap<String, Place>,
    /// Grows with each change, and stands in the `ETag`; what a request says here is not read.
    #[serde(default)]
    #[schema(required = false)]
    version: u64,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Place {
    x: f64,
    y: f64,
    /// Whether somebody put it there.
    #[serde(default)]
    #[schema(required = false)]
    pinned: bool,
}

/// A layout as it is kept: one in each document, so that a change writes no other.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Slot {
    /// Empty when there is none here any more.
    key: String,
    layout: Layout,
}

/// The layouts there are.
pub(crate) struct Layouts {
    documents: Arc<Documents>,
    slots: Mutex<Vec<Arc<Slot>>>,
}

/// Returns the layout of this key.
#[utoipa::path(get, path = "/console/api/map/layout/{key}", operation_id = "layout",
    params(("key" = String, Path, description = "At most 128 letters, digits and `-_.~:,`.")),
    responses((status = 200, body = Layout), (status = "4XX", body = errors::Body<'_>)))]
pub(super) fn get(ask: &Ask<'_>) -> Answered {
    let key = key(ask)?;
    // That nobody saved one yet is nothing that a browser should tell of as an error: an empty one
    // of version 0, without an `ETag`.
    Ok(match ask.app.layouts.find(key) {
        Some(slot) => answer(&slot.layout),
        None => Answer::json(&Layout::default()),
    })
}

/// Replaces the layout of this key, or makes one; `If-Match` says which version is replaced.
#[utoipa::path(put, path = "/console/api/map/layout/{key}", operation_id = "putLayout",
    params(("key" = String, Path),
        ("If-Match" = Option<String>, Header, description = "Absent when there is none yet.")),
    request_body = Layout,
    responses((status = 200, body = Layout), (status = "4XX", body = errors::Body<'_>)))]
pub(super) fn put(ask: &Ask<'_>) -> Answered {
    let layout: Layout = ask.body()?;
    if layout.nodes.len() > NODES_MAX {
        let message = format!("A layout has at most {NODES_MAX} nodes");
        return Err(Error::invalid(message).in_field("nodes"));
    }
    let is_far = |place: &Place| ![place.x, place.y].iter().all(|at| at.abs() <= PLACE_MAX);
    if layout.nodes.values().any(is_far) {
        return Err(Error::invalid("A node stands too far away").in_field("nodes"));
    }
    let layout = ask.app.layouts.change(key(ask)?, if_match(ask), Some(layout.nodes))?;
    Ok(answer(&layout))
}

/// Removes the layout of this key.
#[utoipa::path(delete, path = "/console/api/map/layout/{key}", operation_id = "deleteLayout",
    params(("key" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "4XX", body = errors::Body<'_>)))]
pub(super) fn delete(ask: &Ask<'_>) -> Answered {
    let key = key(ask)?;
    let slot = ask.app.layouts.find(key);
    let slot = slot.ok_or_else(|| Error::not_found(format!("There is no layout {key}")))?;
    let version = if_match(ask).unwrap_or_else(|| tag(slot.layout.version));
    ask.app.layouts.change(key, Some(version), None)?;
    Ok(Answer::nothing())
}

fn key<'a>(ask: &'a Ask<'_>) -> Result<&'a str, Error> {
    let key = ask.input.parameter("key");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:,".contains(&byte);
    if key.is_empty() || key.len() > KEY_BYTES_MAX || !key.bytes().all(is_plain) {
        let message = format!("A key is at most {KEY_BYTES_MAX} letters, digits and -_.~:,");
        return Err(Error::invalid(message).in_field("key"));
    }
    Ok(key)
}

fn if_match(ask: &Ask<'_>) -> Option<String> {
    let value = ask.input.headers.get(IF_MATCH)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn tag(version: u64) -> String {
    format!("\"{version}\"")
}

fn answer(layout: &Layout) -> Answer {
    let tag = HeaderValue::from_str(&tag(layout.version)).expect("digits between quotes");
    Answer::json(layout).with_header(ETAG, tag)
}

impl Layouts {
    /// Loads the layouts.
    ///
    /// # Errors
    /// When a document does not say what it should.
    pub(crate) fn open(documents: Arc<Documents>) -> Result<Self, control::Error> {
        let mut slots = Vec::new();
        while let Some(bytes) = documents.read(&document(slots.len())) {
            let slot: Slot = serde_json::from_slice(&bytes).map_err(|problem| {
                let path = documents.path(&document(slots.len())).display().to_string();
                control::Error::Unreadable { path, problem: problem.to_string() }
            })?;
            slots.push(Arc::new(slot));
        }
        Ok(Self { documents, slots: Mutex::new(slots) })
    }

    fn find(&self, key: &str) -> Option<Arc<Slot>> {
        self.slots.lock().iter().find(|slot| slot.key == key).cloned()
    }

    /// Replaces or, without nodes, removes a layout; durable on return. Waits for the disk.
    fn change(
        &self,
        key: &str,
        if_match: Option<String>,
        nodes: Option<BTreeMap<String, Place>>,
    ) -> Result<Layout, Error> {
        let mut slots = self.slots.lock();
        let known = slots.iter().position(|slot| slot.key == key);
        let version = known.map(|at| tag(slots[at].layout.version));
        if version != if_match {
            let message = "Somebody changed the layout meanwhile";
            return Err(Error::new(StatusCode::PRECONDITION_FAILED, "VersionMismatch", message));
        }
        let free = || slots.iter().position(|slot| slot.key.is_empty()).unwrap_or(slots.len());
        let at = known.unwrap_or_else(free);
        if at >= LAYOUTS_MAX {
            let message = format!("There are {LAYOUTS_MAX} layouts, which is the most");
            return Err(Error::new(StatusCode::CONFLICT, "TooManyLayouts", message));
        }
        // No version comes twice, whatever was removed meanwhile.
        let version = slots.iter().map(|slot| slot.layout.version).max().unwrap_or(0) + 1;
        let key = if nodes.is_some() { key } else { "" }.to_owned();
        let slot = Slot { key, layout: Layout { nodes: nodes.unwrap_or_default(), version } };
        let bytes = serde_json::to_vec(&slot).expect("texts and finite numbers can be written");
        self.documents.write(&document(at), &bytes).map_err(|failure| {
            error!(%failure, "a layout was not changed");
            let message = "The change could not be made durable";
            Error::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
        })?;
        let layout = slot.layout.clone();
        match slots.get_mut(at) {
            Some(known) => *known = Arc::new(slot),
            None => slots.push(Arc::new(slot)),
        }
        Ok(layout)
    }
}

/// Returns the name of the document of a slot.
fn document(slot: usize) -> String {
    format!("layout{slot:03}")
}
