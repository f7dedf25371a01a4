//! The archive of an image: an OCI layout in one file, which is also what `docker load` reads.
//!
//! An image is a layer (an archive of files), a configuration (who runs what) and a manifest that
//! names the two; an index names the images of all architectures. Each is a blob, named by its hash.
//! The same entries make the same bytes.
//!
//! Source: the OCI image format 1.1; the archive format of `docker save`.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::tar;
use super::tree::{Entry, Kind, SPOOL, USER};

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The image of one architecture.
pub(super) struct Platform {
    /// Its name in images.
    pub(super) arch: &'static str,
    /// What is in it.
    pub(super) entries: Vec<Entry>,
}

/// What was built.
pub(super) struct Origin {
    /// The program's version.
    pub(super) version: String,
    /// The commit.
    pub(super) revision: String,
    /// When the commit was made, as RFC 3339.
    pub(super) created: String,
    /// The same in seconds since the epoch.
    pub(super) epoch_secs: u64,
}

/// Returns the archive.
pub(super) fn archive(platforms: &[Platform], origin: &Origin) -> Vec<u8> {
    let mut blobs = Blobs::default();
    let images: Vec<Image> =
        platforms.iter().map(|platform| Image::add(&mut blobs, platform, origin)).collect();
    let manifests: Vec<String> = images.iter().map(|image| image.descriptor.clone()).collect();
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#,
        manifests.join(",")
    );
    let hash = blobs.add(index.clone().into_bytes());
    // Readers ask for the one that has the name; they find one for each architecture there.
    let top = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"{INDEX}","digest":"sha256:{hash}","size":{},"annotations":{{"org.opencontainers.image.ref.name":"{}"}}}}]}}"#,
        index.len(),
        origin.version
    );
    let files = [
        ("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#.to_owned()),
        ("index.json", top),
        // What older engines look for; they have one architecture.
        ("manifest.json", images.first().map(Image::for_docker).unwrap_or_default()),
    ];
    let files = files.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes()));
    let entries: Vec<Entry> = files
        .chain(blobs.0)
        .map(|(path, bytes)| Entry { path, mode: 0o644, owner: 0, kind: Kind::File(bytes) })
        .collect();
    tar::archive(&entries, origin.epoch_secs)
}

/// What was put into the archive of one image.
struct Image {
    /// How an index speaks of it.
    descriptor: String,
    config: String,
    layer: String,
    version: String,
}

impl Image {
    fn add(blobs: &mut Blobs, platform: &Platform, origin: &Origin) -> Self {
        let plain = tar::archive(&platform.entries, origin.epoch_secs);
        let packed = pack(&plain);
        let config = config(platform.arch, &hash(&plain), origin);
        let (config_len, layer_len) = (config.len(), packed.len());
        let (config, layer) = (blobs.add(config.into_bytes()), blobs.add(packed));
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"{CONFIG}","digest":"sha256:{config}","size":{config_len}}},"layers":[{{"mediaType":"{LAYER}","digest":"sha256:{layer}","size":{layer_len}}}],"annotations":{}}}"#,
            labels(origin)
        );
        let manifest_len = manifest.len();
        let manifest = blobs.add(manifest.into_bytes());
        let descriptor = format!(
            r#"{{"mediaType":"{MANIFEST}","digest":"sha256:{manifest}","size":{manifest_len},"platform":{{"architecture":"{}","os":"linux"}}}}"#,
            platform.arch
        );
        Self { descriptor, config, layer, version: origin.version.clone() }
    }

    fn for_docker(&self) -> String {
        let Self { config, layer, version, .. } = self;
        format!(
            r#"[{{"Config":"blobs/sha256/{config}","RepoTags":["fluoro:{version}"],"Layers":["blobs/sha256/{layer}"]}}]"#
        )
    }
}

/// Returns who runs what, in the words of the image that this one takes the place of.
fn config(arch: &str, layer: &str, origin: &Origin) -> String {
    let (created, labels) = (&origin.created, labels(origin));
    format!(
        r#"{{"created":"{created}","architecture":"{arch}","os":"linux","config":{{"User":"{USER}:{USER}","ExposedPorts":{{"2000/tcp":{{}},"2000/udp":{{}}}},"Env":["PATH=/usr/bin"],"Entrypoint":["/xray","-t","0.0.0.0:2000","-b","0.0.0.0:2000"],"Volumes":{{"/{SPOOL}":{{}}}},"WorkingDir":"/","Labels":{labels}}},"rootfs":{{"type":"layers","diff_ids":["sha256:{layer}"]}},"history":[{{"created":"{created}","created_by":"cargo xtask image"}}]}}"#
    )
}

fn labels(origin: &Origin) -> String {
    let Origin { version, revision, created, .. } = origin;
    format!(
        r#"{{"org.opencontainers.image.title":"Fluoro","org.opencontainers.image.version":"{version}","org.opencontainers.image.revision":"{revision}","org.opencontainers.image.created":"{created}","org.opencontainers.image.licenses":"{}"}}"#,
        env!("CARGO_PKG_LICENSE")
    )
}

/// Files of the archive by the names that their hashes give them.
#[derive(Default)]
struct Blobs(Vec<(String, Vec<u8>)>);

impl Blobs {
    /// Adds a blob and returns its hash. Two images may have one in common.
    fn add(&mut self, bytes: Vec<u8>) -> String {
        let hash = hash(&bytes);
        let path = format!("blobs/sha256/{hash}");
        if !self.0.iter().any(|(known, _)| *known == path) {
            self.0.push((path, bytes));
        }
        hash
    }
}

fn hash(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("a String takes everything");
    }
    text
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes everything")
}

#[cfg(test)]
mod tests;
