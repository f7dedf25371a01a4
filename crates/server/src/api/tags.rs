//! Tags of groups and sampling rules.

use std::collections::BTreeMap;

use bytes::Bytes;
use wire::api::Error;
use wire::api::tags::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest, TagShown,
    UntagResourceRequest,
};
use wire::json;

use super::refuse_next_token;
use crate::app::App;
use crate::tags;

/// Returns the tags of a resource.
///
/// Source: ListTagsForResource, captured answers.
pub(crate) fn list(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = ListTagsForResourceRequest::parse(body)?;
    refuse_next_token(request.next_token.as_deref())?;
    let arn = &request.resource_arn;
    let tags = app.groups.tags(arn).or_else(|| app.sampling.tags(arn));
    let tags = tags.ok_or_else(|| Error::resource_not_found(arn))?;
    let shown = tags.iter().map(|(key, value)| TagShown { key, value }).collect();
    Ok(json::encode(&ListTagsForResourceResponse { next_token: None, tags: shown }).into())
}

/// Puts tags on a resource.
///
/// Source: TagResource, captured answers.
pub(crate) fn put(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = TagResourceRequest::parse(body)?;
    let tags = tags::checked(request.tags)?;
    let arn = &request.resource_arn;
    change(app, arn, |on| tags::put(on, tags, arn))
}

/// Takes tags off a resource; those that are not there make no difference.
///
/// Source: UntagResource, captured answers.
pub(crate) fn remove(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = UntagResourceRequest::parse(body)?;
    change(app, &request.resource_arn, |on| {
        on.retain(|key, _| !request.tag_keys.contains(key));
        Ok(())
    })
}

fn change(
    app: &App,
    arn: &str,
    change: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(), Error>,
) -> Result<Bytes, Error> {
    if app.groups.tags(arn).is_some() {
        app.groups.change_tags(arn, change)?;
    } else {
        app.sampling.change_tags(arn, change)?;
    }
    Ok(Bytes::from_static(b"{}"))
}

#[cfg(test)]
mod tests;
