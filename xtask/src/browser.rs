//! The browser that the console's journeys run in: found, or installed where that can be done.

use std::path::{Path, PathBuf};

use crate::command::Line;
use crate::debian;

/// Where Debian and its kin put it, and other names it has.
const PROGRAMS: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/snap/bin/chromium",
];

/// The browser, and letters for the languages that it would otherwise draw as boxes.
const PACKAGES: [&str; 2] = ["chromium", "fonts-noto-cjk"];

/// The program Chromium.
pub(crate) struct Browser {
    /// Its path.
    pub(crate) program: PathBuf,
    /// The commands that install it, when it is not there.
    pub(crate) install: Vec<Line>,
}

impl Browser {
    /// Finds the browser that `CHROMIUM` names, else an installed one, else says how it is installed.
    ///
    /// # Errors
    /// What has to be installed by hand, on a machine where we cannot do it.
    pub(crate) fn find() -> Result<Self, String> {
        let named = std::env::var_os("CHROMIUM").filter(|value| !value.is_empty());
        if let Some(program) = named.map(PathBuf::from) {
            return Ok(Self { program, install: Vec::new() });
        }
        if let Some(program) = PROGRAMS.map(Path::new).into_iter().find(|path| path.exists()) {
            return Ok(Self { program: program.to_owned(), install: Vec::new() });
        }
        if !debian::may_install() {
            return Err(format!(
                "the console's journeys need Chromium: install the packages {} (Debian's names), \
                 or name a browser in CHROMIUM",
                PACKAGES.join(" and ")
            ));
        }
        Ok(Self { program: PathBuf::from(PROGRAMS[0]), install: debian::install(&PACKAGES) })
    }
}
