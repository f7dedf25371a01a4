//! Groups.

use bytes::Bytes;
use wire::api::Error;
use wire::api::groups::{
    CreateGroupRequest, GetGroupRequest, GetGroupResponse, GetGroupsRequest, GetGroupsResponse,
    UpdateGroupRequest,
};
use wire::json;

use crate::app::App;
use crate::groups::{self, Group, Selector};

/// Returns every group.
///
/// Source: GetGroups, captured answers.
pub(crate) fn groups(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetGroupsRequest::parse(body)?;
    if request.next_token.is_some() {
        return Err(Error::invalid_request("Next Token not supported"));
    }
    let groups = app.groups.all();
    let groups = groups.iter().map(Group::shown).collect();
    Ok(json::encode(&GetGroupsResponse { groups, next_token: None }).into())
}

/// Returns one group.
///
/// Source: GetGroup, captured answers.
pub(crate) fn group(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetGroupRequest::parse(body)?;
    let selector = Selector::required(request.group_name, request.group_arn)?;
    let group = app.groups.find(&selector).ok_or_else(groups::not_found)?;
    Ok(encoded(&group))
}

/// Makes a group.
///
/// Source: CreateGroup, API reference and captured answers.
pub(crate) fn create(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = CreateGroupRequest::parse(body)?;
    let group = app.groups.create(request, new_id(), app.clock.now())?;
    Ok(encoded(&group))
}

/// Changes a group.
///
/// Source: UpdateGroup, API reference and captured answers.
pub(crate) fn update(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = UpdateGroupRequest::parse(body)?;
    let group = app.groups.update(request, app.clock.now())?;
    Ok(encoded(&group))
}

/// Deletes a group.
///
/// Source: DeleteGroup, API reference and captured answers.
pub(crate) fn delete(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetGroupRequest::parse(body)?;
    let selector = Selector::required(request.group_name, request.group_arn)?;
    app.groups.delete(&selector, app.clock.now())?;
    Ok(Bytes::from_static(b"{}"))
}

fn encoded(group: &Group) -> Bytes {
    json::encode(&GetGroupResponse { group: group.shown() }).into()
}

/// Returns what the ARN of a new group ends with: 52 characters of base 32, as AWS has them.
fn new_id() -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    (0..52).map(|_| char::from(ALPHABET[fastrand::usize(..ALPHABET.len())])).collect()
}

#[cfg(test)]
mod tests;
