//! What is in the image: the program under the names of the original, its user, and little else.

use std::path::Path;

use super::roots;

/// The program.
pub(super) const PROGRAM: &str = "fluoro";
/// Where documents wait that cannot be delivered, for those who mount nothing there.
pub(super) const SPOOL: &str = "var/spool/fluoro";
/// The user that the original runs as.
pub(super) const USER: u32 = 10001;

const PASSWD: &str = "root:x:0:0:root:/:/none\nxray:x:10001:10001:xray:/:/none\n";
const GROUP: &str = "root:x:0:\nxray:x:10001:\n";
const CONFIG: &str = include_str!("../../../deploy/image/cfg.yaml");

/// One file, folder or link.
pub(super) struct Entry {
    /// Its path from the root, without a `/` in front.
    pub(super) path: String,
    /// Its permissions.
    pub(super) mode: u32,
    /// The number of its user and group.
    pub(super) owner: u32,
    /// What it is.
    pub(super) kind: Kind,
}

/// What an entry is.
pub(super) enum Kind {
    Folder,
    File(Vec<u8>),
    /// A symbolic link, relative to where it is.
    Link(&'static str),
}

/// Returns everything in the image, folders before what is in them.
pub(super) fn entries(program: Vec<u8>) -> Vec<Entry> {
    vec![
        folder("etc"),
        folder("etc/amazon"),
        folder("etc/amazon/xray"),
        file("etc/amazon/xray/cfg.yaml", 0o644, CONFIG.into()),
        file("etc/group", 0o644, GROUP.into()),
        file("etc/passwd", 0o644, PASSWD.into()),
        folder("etc/ssl"),
        folder("etc/ssl/certs"),
        file("etc/ssl/certs/ca-certificates.crt", 0o644, roots::pem().into()),
        file(PROGRAM, 0o755, program),
        Entry { mode: 0o1777, ..folder("tmp") },
        folder("usr"),
        folder("usr/bin"),
        link("usr/bin/fluoro", "../../fluoro"),
        link("usr/bin/xray", "../../fluoro"),
        folder("var"),
        folder("var/spool"),
        Entry { mode: 0o700, owner: USER, ..folder(SPOOL) },
        link("xray", PROGRAM),
    ]
}

fn folder(path: &str) -> Entry {
    Entry { path: path.to_owned(), mode: 0o755, owner: 0, kind: Kind::Folder }
}

fn file(path: &str, mode: u32, bytes: Vec<u8>) -> Entry {
    Entry { path: path.to_owned(), mode, owner: 0, kind: Kind::File(bytes) }
}

fn link(path: &str, target: &'static str) -> Entry {
    Entry { path: path.to_owned(), mode: 0o777, owner: 0, kind: Kind::Link(target) }
}

impl Entry {
    /// Returns how many bytes it has.
    pub(super) fn len(&self) -> usize {
        if let Kind::File(bytes) = &self.kind { bytes.len() } else { 0 }
    }

    /// Writes it below `folder` at `path`. Who owns it is said by the Containerfile.
    pub(super) fn write(&self, folder: &Path, path: &str) -> std::io::Result<()> {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match &self.kind {
            Kind::Folder => std::fs::create_dir_all(&path)?,
            Kind::File(bytes) => std::fs::write(&path, bytes)?,
            // The other architecture has made it.
            Kind::Link(_) if path.is_symlink() => return Ok(()),
            Kind::Link(target) => return symlink(target, &path),
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(self.mode))
    }
}
