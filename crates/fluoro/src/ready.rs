//! The ready file: tells programs where the doors are, once all of them are open.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// Writes the addresses as one JSON object; the file is there whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(path: &Path, doors: &[(&str, SocketAddr)]) -> io::Result<()> {
    let members: Vec<String> =
        doors.iter().map(|(name, address)| format!("\"{name}\":\"{address}\"")).collect();
    let text = format!("{{{},\"pid\":{}}}\n", members.join(","), std::process::id());
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_names_every_door() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ready.json");
        let address = "127.0.0.1:2080".parse().expect("an address");
        write(&path, &[("http", address), ("udp", address)]).expect("a folder to write");
        let text = fs::read_to_string(&path).expect("the file is there");
        let pid = std::process::id();
        let expected =
            format!("{{\"http\":\"127.0.0.1:2080\",\"udp\":\"127.0.0.1:2080\",\"pid\":{pid}}}\n");
        assert_eq!(text, expected);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
