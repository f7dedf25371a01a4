//! Groups: for now `Default` alone, to which every trace belongs.

use wire::api::Error;
use wire::api::groups::{Group, InsightsConfiguration};

/// The name of the group of all traces.
const DEFAULT_NAME: &str = "Default";

/// The groups there are.
pub(crate) struct Groups {
    default_arn: String,
}

/// Which group a request means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    /// The one of this name.
    Name(String),
    /// The one of this ARN.
    Arn(String),
}

impl Selector {
    /// Reads the two members that may name a group; `None` when neither does.
    pub(crate) fn new(name: Option<String>, arn: Option<String>) -> Result<Option<Self>, Error> {
        match (name, arn) {
            (Some(_), Some(_)) => {
                Err(Error::invalid_request("Request cannot contain both group name and group ARN"))
            }
            (Some(name), None) => Ok(Some(Self::Name(name))),
            (None, Some(arn)) => Ok(Some(Self::Arn(arn))),
            (None, None) => Ok(None),
        }
    }
}

impl Groups {
    pub(crate) fn new(default_arn: String) -> Self {
        Self { default_arn }
    }

    /// Returns the group of all traces.
    pub(crate) fn default_group(&self) -> Group<'_> {
        Group {
            filter_expression: None,
            group_arn: &self.default_arn,
            group_name: DEFAULT_NAME,
            insights_configuration: InsightsConfiguration::default(),
        }
    }

    /// Returns the group that is meant; names are case-sensitive.
    pub(crate) fn find(&self, selector: &Selector) -> Option<Group<'_>> {
        let is_default = match selector {
            Selector::Name(name) => name == DEFAULT_NAME,
            Selector::Arn(arn) => *arn == self.default_arn,
        };
        is_default.then(|| self.default_group())
    }
}
