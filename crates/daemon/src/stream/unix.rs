//! The Unix socket: a file that a dead process leaves behind, and a living one does not share.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};
use tracing::warn;

use super::Error;

/// Owner and group may connect. Unlike loopback, a file can say who may send; whoever wants
/// everybody to may say so of the file, and cannot be let down by our having done it.
const MODE: u32 = 0o660;

/// A bound socket and its file.
pub(super) struct UnixDoor {
    pub(super) listener: UnixListener,
    pub(super) file: SocketFile,
}

/// The socket's file, removed when this is dropped.
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and number, so that no other's file is removed.
    identity: (u64, u64),
}

impl UnixDoor {
    /// Binds the socket, in place of one that nobody listens on.
    pub(super) async fn bind(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Unix { path: path.to_owned(), source };
        let listener = match UnixListener::bind(path) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                remove_stale(path).await?;
                UnixListener::bind(path)
            }
            bound => bound,
        };
        let listener = listener.map_err(failed)?;
        let metadata = fs::symlink_metadata(path).map_err(failed)?;
        let identity = (metadata.dev(), metadata.ino());
        let file = SocketFile { path: path.to_owned(), identity };
        fs::set_permissions(path, Permissions::from_mode(MODE)).map_err(failed)?;
        Ok(Self { listener, file })
    }
}

/// Removes a socket that nobody listens on; leaves everything else as it is.
async fn remove_stale(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Unix { path: path.to_owned(), source };
    if !fs::symlink_metadata(path).map_err(failed)?.file_type().is_socket() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(failed)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Connected, or too busy to be.
        _ => Err(Error::UnixInUse { path: path.to_owned() }),
    }
}

impl SocketFile {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let Ok(metadata) = fs::symlink_metadata(&self.path) else { return };
        if (metadata.dev(), metadata.ino()) == self.identity
            && let Err(error) = fs::remove_file(&self.path)
        {
            warn!(%error, path = %self.path.display(), "the Unix socket is still there");
        }
    }
}
