//! Tar archives: just what an image needs, the same bytes for the same entries.
//!
//! Source: POSIX.1-1988, the ustar interchange format.

use super::tree::{Entry, Kind};

/// Archives are made of blocks of this size.
const BLOCK: usize = 512;

/// Returns an archive of these entries, all of them from the same second.
pub(super) fn archive<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    epoch_secs: u64,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let (kind, target, content): (_, _, &[u8]) = match &entry.kind {
            Kind::Folder => (b'5', "", &[]),
            Kind::File(content) => (b'0', "", content),
            Kind::Link(target) => (b'2', *target, &[]),
        };
        let is_folder = kind == b'5';
        let mut header = Header([0; BLOCK]);
        header.text(0, 100, &format!("{}{}", entry.path, if is_folder { "/" } else { "" }));
        header.number(100, 8, u64::from(entry.mode));
        header.number(108, 8, u64::from(entry.owner));
        header.number(116, 8, u64::from(entry.owner));
        header.number(124, 12, content.len() as u64);
        header.number(136, 12, epoch_secs);
        header.0[156] = kind;
        header.text(157, 100, target);
        header.text(257, 8, "ustar\x0000");
        header.seal();
        bytes.extend(header.0);
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    // Two empty blocks are the end.
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    bytes
}

/// The block before an entry's content.
struct Header([u8; BLOCK]);

impl Header {
    fn text(&mut self, start: usize, len: usize, text: &str) {
        assert!(text.len() <= len, "{text} is too long for an archive");
        self.0[start..start + text.len()].copy_from_slice(text.as_bytes());
    }

    /// Writes octal digits and a zero byte.
    fn number(&mut self, start: usize, len: usize, number: u64) {
        self.text(start, len - 1, &format!("{number:0width$o}", width = len - 1));
    }

    /// Writes the sum of all bytes, for which its own are spaces.
    fn seal(&mut self) {
        self.text(148, 8, "        ");
        let sum: u32 = self.0.iter().map(|byte| u32::from(*byte)).sum();
        self.text(148, 8, &format!("{sum:06o}\0 "));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::super::tree::entries;
    use super::*;

    #[test]
    fn what_tar_lists_is_what_was_put_in() {
        let bytes = archive(&entries(vec![7; 1000]), 1_000_000_000);
        let mut tar = Command::new("tar")
            .args(["--list", "--verbose", "--numeric-owner", "--utc", "--file=-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tar is installed");
        tar.stdin.take().expect("a pipe").write_all(&bytes).expect("tar reads");
        let output = tar.wait_with_output().expect("tar ends");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).expect("text");
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        for line in [
            "-rwxr-xr-x 0/0 1000 2001-09-09 01:46 fluoro",
            "lrwxrwxrwx 0/0 0 2001-09-09 01:46 xray -> fluoro",
            "lrwxrwxrwx 0/0 0 2001-09-09 01:46 usr/bin/xray -> ../../fluoro",
            "drwx------ 10001/10001 0 2001-09-09 01:46 var/spool/fluoro/",
            "drwxrwxrwt 0/0 0 2001-09-09 01:46 tmp/",
        ] {
            assert!(lines.iter().any(|listed| listed == line), "{line} is not in\n{text}");
        }
        assert_eq!(bytes, archive(&entries(vec![7; 1000]), 1_000_000_000));
    }
}
