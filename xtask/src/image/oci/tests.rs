//! The archive, read back.

use std::collections::BTreeMap;

use super::super::tree::entries;
use super::*;

fn origin() -> Origin {
    Origin {
        version: "1.2.3".to_owned(),
        revision: "abc".to_owned(),
        created: "2001-09-09T01:46:40Z".to_owned(),
        epoch_secs: 1_000_000_000,
    }
}

fn both() -> Vec<u8> {
    let platform = |(arch, byte)| Platform { arch, entries: entries(vec![byte; 100]) };
    archive(&[("amd64", 1), ("arm64", 2)].map(platform), &origin())
}

/// Returns the files of an archive.
fn files(mut bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    while bytes[0] != 0 {
        let text = |start: usize, len: usize| {
            let field = &bytes[start..start + len];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(len);
            String::from_utf8(field[..end].to_vec()).expect("text")
        };
        let len = usize::from_str_radix(&text(124, 12), 8).expect("octal digits");
        files.insert(text(0, 100), bytes[512..512 + len].to_vec());
        bytes = &bytes[512 + len.next_multiple_of(512)..];
    }
    files
}

/// Returns the hashes that follow `mark` in a file.
fn hashes<'f>(file: &'f [u8], mark: &'f str) -> impl Iterator<Item = &'f str> {
    let text = std::str::from_utf8(file).expect("text");
    text.match_indices(mark).map(move |(start, _)| &text[start + mark.len()..][..64])
}

#[test]
fn every_blob_has_the_name_of_its_hash_and_the_size_that_is_told() {
    let files = files(&both());
    let mut told = vec!["index.json".to_owned()];
    let mut seen = 0;
    while let Some(path) = told.pop() {
        let file = &files[&path];
        for named in hashes(file, r#""digest":"sha256:"#) {
            let blob = format!("blobs/sha256/{named}");
            assert_eq!(hash(&files[&blob]), named);
            let size = format!(r#"{named}","size":{}"#, files[&blob].len());
            assert!(String::from_utf8_lossy(file).contains(&size), "{path} lacks {size}");
            seen += 1;
            if files[&blob].starts_with(b"{\"schemaVersion\"") {
                told.push(blob);
            }
        }
    }
    // The index, and of each image its manifest, its configuration and its layer.
    assert_eq!(seen, 1 + 2 * 3);
}

#[test]
fn an_older_engine_finds_the_first_image() {
    let files = files(&both());
    let manifest = &files["manifest.json"];
    let named: Vec<&str> = hashes(manifest, "blobs/sha256/").collect();
    assert_eq!(named.len(), 2);
    let config = String::from_utf8_lossy(&files[&format!("blobs/sha256/{}", named[0])]);
    assert!(config.contains(r#""architecture":"amd64""#), "{config}");
}

#[test]
fn the_image_is_run_as_that_of_the_original() {
    insta::assert_snapshot!(config("arm64", "0", &origin()).replace(",\"", ",\n\""), @r#"
    {"created":"2001-09-09T01:46:40Z",
    "architecture":"arm64",
    "os":"linux",
    "config":{"User":"10001:10001",
    "ExposedPorts":{"2000/tcp":{},
    "2000/udp":{}},
    "Env":["PATH=/usr/bin"],
    "Entrypoint":["/xray",
    "-t",
    "0.0.0.0:2000",
    "-b",
    "0.0.0.0:2000"],
    "Volumes":{"/var/spool/fluoro":{}},
    "WorkingDir":"/",
    "Labels":{"org.opencontainers.image.title":"Fluoro",
    "org.opencontainers.image.version":"1.2.3",
    "org.opencontainers.image.revision":"abc",
    "org.opencontainers.image.created":"2001-09-09T01:46:40Z",
    "org.opencontainers.image.licenses":"Apache-2.0"}},
    "rootfs":{"type":"layers",
    "diff_ids":["sha256:0"]},
    "history":[{"created":"2001-09-09T01:46:40Z",
    "created_by":"cargo xtask image"}]}
    "#);
}

#[test]
fn the_same_entries_make_the_same_bytes() {
    assert_eq!(both(), both());
}
