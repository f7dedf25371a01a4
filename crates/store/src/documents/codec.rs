//! The bytes of one file, as `docs/format/control.md` describes them: JSON with a checksum in it.
//!
//! The envelope has one spelling, so that it is read byte by byte and not as JSON.

use super::DOCUMENT_BYTES_MAX;

/// The version that is written, and the newest that is read.
pub(super) const VERSION: u32 = 1;

/// The largest file: a document, and room for what is around it.
pub(super) const FILE_BYTES_MAX: u64 = (DOCUMENT_BYTES_MAX + 1024) as u64;

const CRC: &str = r#"{"crc32":""#;
const VERSION_MEMBER: &str = r#"","version":"#;
const END: &str = "}\n";

/// Returns the file of one version of a document.
pub(super) fn encode(name: &str, number: u64, state: &[u8]) -> Vec<u8> {
    let mut checked = format!("{VERSION_MEMBER}{VERSION}{}", middle(name, number)).into_bytes();
    checked.extend_from_slice(state);
    checked.extend_from_slice(END.as_bytes());
    let mut file = format!("{CRC}{:08x}", crc32fast::hash(&checked)).into_bytes();
    file.append(&mut checked);
    file
}

/// What stands between the version and the state.
fn middle(name: &str, number: u64) -> String {
    format!(r#","document":"{name}","number":{number},"state":"#)
}

/// A file whose checksum was right.
pub(super) struct Checked<'a> {
    pub(super) version: u32,
    /// What stands behind the version.
    rest: &'a [u8],
}

impl<'a> Checked<'a> {
    /// Reads a whole file; `None` when it is cut short, too long or fails its checksum.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let (digits, checked) = file.strip_prefix(CRC.as_bytes())?.split_first_chunk::<8>()?;
        if format!("{:08x}", crc32fast::hash(checked)).as_bytes() != digits {
            return None;
        }
        let rest = checked.strip_prefix(VERSION_MEMBER.as_bytes())?;
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (version, rest) = rest.split_at(length);
        let version = str::from_utf8(version).ok()?.parse().ok()?;
        Some(Self { version, rest })
    }

    /// Returns the state, if this is that version of that document.
    pub(super) fn state(&self, name: &str, number: u64) -> Option<&'a [u8]> {
        let rest = self.rest.strip_prefix(middle(name, number).as_bytes())?;
        rest.strip_suffix(END.as_bytes())
    }
}
