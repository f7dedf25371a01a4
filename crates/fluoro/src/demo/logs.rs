//! Where the demo's log lines go: standard output, or a file that does not grow for ever.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The size past which a file is put aside and begun anew; so there are at most two of it.
const BYTES_MAX: u64 = 64 << 20;

/// Where log lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Logs {
    /// To standard output.
    Out,
    /// Behind what is in a file.
    File(PathBuf),
}

impl FromStr for Logs {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Self::Out } else { Self::File(text.into()) })
    }
}

impl Logs {
    /// Opens it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match self {
            Self::Out => Box::new(io::stdout()),
            Self::File(path) => Box::new(Paper::open(path, BYTES_MAX)?),
        })
    }
}

/// A file that is put aside, under its name with `.1` behind it, when it is full.
struct Paper {
    path: PathBuf,
    file: File,
    /// What is in the file.
    bytes: u64,
    bytes_max: u64,
}

impl Paper {
    fn open(path: &Path, bytes_max: u64) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, bytes, bytes_max })
    }

    fn begin_anew(&mut self) -> io::Result<()> {
        let mut aside = self.path.clone().into_os_string();
        aside.push(".1");
        fs::rename(&self.path, aside)?;
        *self = Self::open(&self.path, self.bytes_max)?;
        Ok(())
    }
}

impl Write for Paper {
    /// Writes a line, which is never divided between two files.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes >= self.bytes_max {
            self.begin_anew()?;
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_put_aside_and_what_was_there_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("demo.log");
        fs::write(&path, "old\n").expect("a folder to write");
        let mut paper = Paper::open(&path, 8).expect("a file");
        for line in ["one\n", "two\n", "three\n", "four\n"] {
            paper.write_all(line.as_bytes()).expect("a disk");
        }
        let read = |name| fs::read_to_string(folder.path().join(name)).expect(name);
        assert_eq!(
            (read("demo.log").as_str(), read("demo.log.1").as_str()),
            ("four\n", "two\nthree\n")
        );
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }

    #[test]
    fn a_dash_is_standard_output() {
        assert_eq!("-".parse(), Ok(Logs::Out));
        assert_eq!("-x".parse(), Ok(Logs::File("-x".into())));
    }
}
