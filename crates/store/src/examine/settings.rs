//! What operators set, as it is found: whether each kept version of it is whole.

use super::{Advice, Examination, Flaw, chain};
use crate::documents::{self, CONTROL_FOLDER, Error};

/// What reading the documents of the folder `control` found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChecked {
    /// Versions of documents.
    pub file_count: u64,
    /// The bytes of those that are whole.
    pub bytes: u64,
    /// What is not as it was written.
    pub flaws: Vec<Flaw>,
}

impl Examination {
    /// Reads what operators have set, the versions that were replaced among it.
    pub fn check_settings(&self) -> SettingsChecked {
        let mut checked = SettingsChecked::default();
        let all = documents::read_all(self.dir.as_ref(), CONTROL_FOLDER);
        for one in all.unwrap_or_else(|error| vec![Err(error)]) {
            checked.file_count += 1;
            match one {
                Ok(bytes) => checked.bytes += bytes,
                Err(error) => checked.flaws.push(flaw(&error)),
            }
        }
        checked
    }
}

fn flaw(error: &Error) -> Flaw {
    let (path, what, advice) = match error {
        Error::Damaged { path, damage } => (path, damage.to_string(), Advice::RestoreSettings),
        Error::VersionUnknown { path, .. } => (path, chain(error), Advice::OtherVersion),
        Error::List { path, .. }
        | Error::Read { path, .. }
        | Error::Sync { path, .. }
        | Error::Publish { path, .. }
        | Error::Changed { path }
        | Error::TooLarge { path, .. } => (path, chain(error), Advice::LookAtDisk),
    };
    Flaw { path: path.clone(), offset: None, what, advice }
}
