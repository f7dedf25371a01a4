//! Looking into a data directory from outside: what is there, whether it is as it was written, and
//! all of it for another program.
//!
//! Nothing is written and no lock is taken, so a server may have the directory open meanwhile. What
//! it changes in between is noticed: a block that it has removed is gone and not damaged, and a log
//! that it has sealed is read anew. Whatever cannot be read is a [`Flaw`] and not an error: the rest
//! is looked at all the same.

mod block;
mod export;
mod log;
mod settings;
mod tables;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::block::Blocks;
use crate::dir::Dir;
use crate::error::Error;
use crate::manifest::{self, BlockId, Entry, Manifest, Opened, Orphan, State};
use crate::view::View;

pub use block::{BlockChecked, BlockDetail, Column, Part};
pub use export::{Exported, Wanted};
pub use log::{LogChecked, LogFile};
pub use settings::SettingsChecked;
pub use tables::{LogTables, Put};

/// What open files of blocks may take in memory.
const OPEN_BYTES_MAX: u64 = 64 << 20;

/// A data directory as it was found at one moment.
pub struct Examination {
    dir: Arc<dyn Dir>,
    state: Arc<State>,
    opened: Opened,
    problem: Option<manifest::Error>,
    blocks: Arc<Blocks>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The file, or the folder.
    pub path: PathBuf,
    /// Where in the file; `None` when the whole of it is meant.
    pub offset: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub advice: Advice,
}

/// What to do about a flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The block is lost as far as it is damaged, unless there is a copy of its folder.
    RestoreBlock,
    /// The file is to be had back from a copy; or the server goes on without the damaged part.
    RestoreLog,
    /// The file is to be had back from a copy: nothing works without.
    RestoreManifest,
    /// The file is to be had back from a copy; or the version before it counts.
    RestoreSettings,
    /// Another version of the program wrote it.
    OtherVersion,
    /// The system cannot read it.
    LookAtDisk,
    /// Somebody is changing the directory.
    Repeat,
}

impl Advice {
    /// Returns the advice as a sentence for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::RestoreBlock => {
                "put the block's folder back from a copy of the data directory; until then queries \
                 answer without what cannot be read"
            }
            Self::RestoreLog => {
                "put the file back from a copy, or start the server with --wal-skip-corrupt to go \
                 on without what the damaged part held"
            }
            Self::RestoreManifest => "put the file back from a copy of the data directory",
            Self::RestoreSettings => {
                "put the file back from a copy of the data directory, or remove it to go on with \
                 the version before it"
            }
            Self::OtherVersion => "use the program that wrote it",
            Self::LookAtDisk => "look at the disk and at the permissions of the file",
            Self::Repeat => "a server is changing the directory; do it again",
        }
    }
}

impl Examination {
    /// Looks at a directory. A manifest that cannot be read is a [problem](Self::problem), and
    /// then no block is known.
    pub fn open(dir: Arc<dyn Dir>) -> Self {
        let blocks = Blocks::new(Arc::clone(&dir), OPEN_BYTES_MAX);
        let (state, opened, problem) = match manifest(&dir) {
            Ok(manifest) => (manifest.snapshot(), manifest.opened().clone(), None),
            Err(problem) => (Arc::default(), Opened::default(), Some(problem)),
        };
        Self { dir, state, opened, problem, blocks }
    }

    /// Returns what the manifest says.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns how the manifest was found.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Returns why the manifest cannot be read.
    pub fn problem(&self) -> Option<&manifest::Error> {
        self.problem.as_ref()
    }

    /// Returns what is wrong with the manifest's files. Records torn at the end are no flaw: they
    /// were never acknowledged.
    pub fn manifest_flaws(&self) -> Vec<Flaw> {
        let checkpoint = |sequence: &manifest::Sequence| Flaw {
            path: self.dir.path(&crate::names::checkpoint(sequence.0)),
            offset: None,
            what: "the checkpoint is damaged; an older one was read instead".to_owned(),
            advice: Advice::RestoreManifest,
        };
        let damaged = self.opened.damaged_checkpoints.iter().map(checkpoint);
        damaged.chain(self.problem.as_ref().map(|problem| self.manifest_flaw(problem))).collect()
    }

    fn manifest_flaw(&self, problem: &manifest::Error) -> Flaw {
        use manifest::Error;
        let (path, advice) = match problem {
            Error::Damaged { path, damage } => {
                let (path, what) = (path.clone(), damage.to_string());
                return Flaw { path, offset: None, what, advice: Advice::RestoreManifest };
            }
            Error::Missing { path } => {
                let what = "the file is gone, and later ones build on it".to_owned();
                let path = path.clone();
                return Flaw { path, offset: None, what, advice: Advice::RestoreManifest };
            }
            Error::VersionUnknown { path, .. } => (path.clone(), Advice::OtherVersion),
            Error::Read { path, .. } | Error::List { path, .. } | Error::Sync { path, .. } => {
                (path.clone(), Advice::LookAtDisk)
            }
            _ => (self.dir.path("manifest"), Advice::LookAtDisk),
        };
        Flaw { path, offset: None, what: chain(problem), advice }
    }

    /// Returns what lies in the directory and nothing names. While a server runs these may be
    /// blocks in the making; without a manifest all blocks are among them.
    ///
    /// # Errors
    /// [`Error::Manifest`] when a folder cannot be listed.
    pub fn orphans(&self) -> Result<Vec<Orphan>, Error> {
        Ok(manifest::orphans(self.dir.as_ref(), &self.state)?)
    }

    /// Returns how many traces of each block are void: deleted, or whole in a newer block. Blocks
    /// without are left out, and one whose index cannot be read counts as empty.
    pub fn void_traces(&self) -> BTreeMap<BlockId, u64> {
        let view = View::of(Arc::clone(&self.state), &View::default(), &self.blocks);
        let void = view.blocks().filter_map(|one| Some((one.block.entry.id, one.void.clone()?)));
        void.map(|(id, void)| (id, void.count as u64)).collect()
    }

    /// Whether the manifest names the block no more: a server has compacted or removed it.
    fn is_gone(&self, entry: &Entry) -> bool {
        manifest(&self.dir).is_ok_and(|manifest| manifest.snapshot().block(entry.id).is_none())
    }
}

fn manifest(dir: &Arc<dyn Dir>) -> Result<Manifest, manifest::Error> {
    Manifest::open(Arc::clone(dir), manifest::Options::default())
}

/// Returns an error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
