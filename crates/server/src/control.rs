//! What operators set: loaded before anything is answered, and changed only once the change is
//! durable.
//!
//! Each kind of setting is one document of the store's folder `control`. Its value is replaced as a
//! whole: a change is made on a copy, written, and only then seen by anyone. So a change that
//! cannot be written has no effect, and readers never wait for the disk.

use std::error::Error as _;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use store::documents::{self, CONTROL_FOLDER};
use store::{Dir, Documents};
use thiserror::Error;
use tracing::error;
use wire::Micros;
use wire::api::{self, ErrorCode};

use crate::console::bookmarks::Bookmarks;
use crate::console::layout::Layouts;
use crate::groups::Groups;
use crate::insights::Insights;
use crate::policies::Policies;
use crate::sampling::{Rules, Sampling};
use crate::settings::Settings;
use crate::{Config, GraphRollup};

/// Why the settings could not be loaded.
#[derive(Debug, Error)]
pub enum Error {
    /// The documents could not be read.
    #[error("read the settings")]
    Documents(#[from] documents::Error),
    /// A document is whole, and does not say what it should.
    #[error("read the settings in {path}: {problem}; start the program that wrote it")]
    Unreadable {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
}

/// The settings of a server, loaded.
pub struct Control {
    documents: Arc<Documents>,
    pub(crate) groups: Arc<Groups>,
    pub(crate) insights: Arc<Insights>,
    pub(crate) sampling_rules: Kept<Rules>,
    pub(crate) policies: Policies,
    pub(crate) settings: Settings,
    pub(crate) bookmarks: Bookmarks,
    pub(crate) layouts: Layouts,
}

impl Control {
    /// Loads the settings in `dir`, whether or not the directory is claimed yet.
    ///
    /// `history_age` is how long after a change of a group's filter the filter before it is still
    /// known; for ever when `None`. Traces should not be kept longer.
    ///
    /// # Errors
    /// When a document cannot be read, or does not say what it should.
    pub fn open(
        config: &Config,
        dir: Arc<dyn Dir>,
        history_age: Option<Micros>,
    ) -> Result<Self, Error> {
        let documents = Arc::new(Documents::open(dir, CONTROL_FOLDER)?);
        let groups = Groups::open(documents.clone(), config.arn("group/"), history_age)?;
        let insights = Arc::new(Insights::open(documents.clone(), &groups));
        let prefix = config.arn("sampling-rule/");
        let sampling_rules = Sampling::load_rules(documents.clone(), prefix)?;
        let policies = Policies::open(documents.clone(), config.account_id.clone())?;
        let settings = Settings::open(documents.clone())?;
        let bookmarks = Bookmarks::open(documents.clone())?;
        let layouts = Layouts::open(documents.clone())?;
        Ok(Self {
            documents,
            groups: Arc::new(groups),
            insights,
            sampling_rules,
            policies,
            settings,
            bookmarks,
            layouts,
        })
    }

    /// Makes sure that the settings are still those that were loaded; to be called once the
    /// directory is claimed.
    ///
    /// # Errors
    /// When another process has changed them since.
    pub fn check_newest(&self) -> Result<(), Error> {
        Ok(self.documents.check_newest()?)
    }

    /// Returns what folds the graphs of this server.
    pub fn rollup(&self) -> GraphRollup {
        GraphRollup::new(Arc::clone(&self.groups))
    }
}

/// A kind of setting.
pub(crate) trait Setting: Clone {
    /// The name of its document.
    const DOCUMENT: &'static str;

    /// Returns the document.
    fn encode(&self) -> Vec<u8>;
}

/// A setting that is kept.
pub(crate) struct Kept<T> {
    documents: Arc<Documents>,
    value: RwLock<Arc<T>>,
    /// Held from reading the value to replacing it.
    changing: Mutex<()>,
}

impl<T: Setting> Kept<T> {
    /// Loads the setting; `load` makes one of the document, or of none.
    pub(crate) fn open<P: ToString>(
        documents: Arc<Documents>,
        load: impl FnOnce(Option<&[u8]>) -> Result<T, P>,
    ) -> Result<Self, Error> {
        let bytes = documents.read(T::DOCUMENT);
        let value = load(bytes.as_deref()).map_err(|problem| Error::Unreadable {
            path: documents.path(T::DOCUMENT).display().to_string(),
            problem: problem.to_string(),
        })?;
        Ok(Self { documents, value: RwLock::new(Arc::new(value)), changing: Mutex::default() })
    }

    /// Returns the value as it is now.
    pub(crate) fn now(&self) -> Arc<T> {
        Arc::clone(&self.value.read())
    }

    /// Shows `look` the value while no change is on its way.
    pub(crate) fn settled<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        let _turn = self.changing.lock();
        look(&self.now())
    }

    /// Makes a change; it is durable on return. Waits for the disk.
    ///
    /// # Errors
    /// What `change` answers, and `ServiceUnavailable` when the change cannot be written. The value
    /// is then what it was.
    pub(crate) fn change<R>(
        &self,
        change: impl FnOnce(&mut T) -> Result<R, api::Error>,
    ) -> Result<R, api::Error> {
        let _turn = self.changing.lock();
        let mut value = T::clone(&self.now());
        let answer = change(&mut value)?;
        self.documents.write(T::DOCUMENT, &value.encode()).map_err(|error| not_durable(&error))?;
        *self.value.write() = Arc::new(value);
        Ok(answer)
    }
}

/// Says why a change was not kept, to the log; and that it was not, to the caller.
fn not_durable(error: &documents::Error) -> api::Error {
    let reason = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    error!(reason, "a change of the settings was not made");
    api::Error::new(ErrorCode::ServiceUnavailable, "The change could not be made durable")
}

#[cfg(test)]
mod tests;
