//! Tags: `TagResource`, `UntagResource`, `ListTagsForResource`, and the tags of new resources.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Error;
use super::reader::{Reader, read};
use crate::limits::REQUEST_TAGS_MAX;

/// How long the ARN of a resource with tags may be.
const RESOURCE_ARN_CHARS: RangeInclusive<usize> = 1..=1011;

/// How long a tag's key may be.
const KEY_CHARS: RangeInclusive<usize> = 1..=128;

/// How long a tag's value may be.
const VALUE_CHARS: RangeInclusive<usize> = 0..=256;

/// A word that somebody has put on a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// What the word is about.
    pub key: String,
    /// The word.
    pub value: String,
}

impl Tag {
    fn read(reader: &mut Reader<'_, '_>) -> Result<Self, Error> {
        let key = reader.text("Key", KEY_CHARS)?;
        let value = reader.text("Value", VALUE_CHARS)?;
        Ok(Self { key: reader.require("Key", key), value: reader.require("Value", value) })
    }
}

/// Reads the tags in a request.
pub(super) fn read_list(reader: &mut Reader<'_, '_>) -> Result<Option<Vec<Tag>>, Error> {
    reader.structures("Tags", REQUEST_TAGS_MAX, Tag::read)
}

/// The request of `TagResource`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagResourceRequest {
    /// The resource.
    pub resource_arn: String,
    /// What is put on it.
    pub tags: Vec<Tag>,
}

impl TagResourceRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: TagResource, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let resource_arn = resource_arn(reader)?;
            let tags = read_list(reader)?;
            Ok(Self { resource_arn, tags: reader.require("Tags", tags) })
        })
    }
}

/// The request of `UntagResource`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UntagResourceRequest {
    /// The resource.
    pub resource_arn: String,
    /// The keys of the tags that are taken off it.
    pub tag_keys: Vec<String>,
}

impl UntagResourceRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: UntagResource, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let resource_arn = resource_arn(reader)?;
            let keys = reader.texts_at_most("TagKeys", REQUEST_TAGS_MAX, KEY_CHARS)?;
            Ok(Self { resource_arn, tag_keys: reader.require("TagKeys", keys) })
        })
    }
}

/// The request of `ListTagsForResource`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListTagsForResourceRequest {
    /// The resource.
    pub resource_arn: String,
    /// Not supported by the operation.
    pub next_token: Option<String>,
}

impl ListTagsForResourceRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `Serialization` and `Validation`, as AWS answers.
    ///
    /// Source: ListTagsForResource, API model.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        read(body, |reader| {
            let resource_arn = resource_arn(reader)?;
            Ok(Self { resource_arn, next_token: reader.any_text("NextToken")? })
        })
    }
}

fn resource_arn(reader: &mut Reader<'_, '_>) -> Result<String, Error> {
    let arn = reader.text("ResourceARN", RESOURCE_ARN_CHARS)?;
    Ok(reader.require("ResourceARN", arn))
}

/// The response of `ListTagsForResource`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsForResourceResponse<'a> {
    /// Always absent: everything is on one page.
    pub next_token: Option<String>,
    /// The tags, sorted by key.
    pub tags: Vec<TagShown<'a>>,
}

/// A tag as it is listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagShown<'a> {
    /// What the word is about.
    pub key: &'a str,
    /// The word.
    pub value: &'a str,
}
