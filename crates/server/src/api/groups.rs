//! `GetGroups`, `GetGroup` and `GetEncryptionConfig`.

use bytes::Bytes;
use wire::api::Error;
use wire::api::groups::{
    EncryptionConfig, GetEncryptionConfigResponse, GetGroupRequest, GetGroupResponse,
    GetGroupsRequest, GetGroupsResponse, parse_no_members,
};
use wire::json;

use crate::app::App;
use crate::groups::Selector;

/// Returns every group.
///
/// Source: GetGroups, captured answers.
pub(crate) fn groups(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetGroupsRequest::parse(body)?;
    if request.next_token.is_some() {
        return Err(Error::invalid_request("Next Token not supported"));
    }
    let response = GetGroupsResponse { groups: vec![app.groups.default_group()], next_token: None };
    Ok(json::encode(&response).into())
}

/// Returns one group.
///
/// Source: GetGroup, captured answers.
pub(crate) fn group(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = GetGroupRequest::parse(body)?;
    let selector = Selector::new(request.group_name, request.group_arn)?.ok_or_else(|| {
        Error::invalid_request("Request must contain either group name or group ARN")
    })?;
    let group =
        app.groups.find(&selector).ok_or_else(|| Error::invalid_request("Group not found"))?;
    Ok(json::encode(&GetGroupResponse { group }).into())
}

/// Returns how stored traces are encrypted: not by this program.
pub(crate) fn encryption_config(_: &App, body: &[u8]) -> Result<Bytes, Error> {
    parse_no_members(body)?;
    let encryption_config =
        EncryptionConfig { key_id: None, status: "ACTIVE", encryption_type: "NONE" };
    Ok(json::encode(&GetEncryptionConfigResponse { encryption_config }).into())
}

#[cfg(test)]
mod tests;
