//! `image`: the program in an image of its own, without a container engine.
//!
//! The program is linked statically for Linux, for both architectures on any machine, by Zig's
//! linker. What goes into the image is one list of entries: written as an archive that engines and
//! registries take ([`oci`]), and as a folder for who rather builds from `deploy/image/Containerfile`.

use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::command::{Line, root};
use crate::run::build_console;
use crate::say::{say, step};

use elf::is_static;
use oci::{Origin, Platform};
use tree::Entry;

mod elf;
mod oci;
mod roots;
mod tar;
mod tree;

/// Compiles and links for other machines. Zig brings the linker and the C library.
const TOOLS: [&str; 2] = ["cargo-zigbuild==0.24.0", "ziglang==0.17.1"];

/// What images are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arch {
    Amd64,
    Arm64,
}

impl Arch {
    const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// Returns its name in images.
    fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// Returns what rustc calls it, with a C library that is linked into the program.
    fn target(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64-unknown-linux-musl",
            Self::Arm64 => "aarch64-unknown-linux-musl",
        }
    }
}

/// Builds the program for the architectures that were asked for, and one image of them.
pub(crate) fn image(own: &[String], passed_on: &[String]) -> Result<(), String> {
    let archs = read(own, passed_on)?;
    let cache = Cache::open();
    for arch in &archs {
        std_for(*arch)?;
    }
    let tools = tools(&cache)?;
    build_console()?;
    let mut platforms = Vec::new();
    for arch in archs {
        let program = build(&cache, &tools, arch)?;
        platforms.push(Platform { arch: arch.name(), entries: tree::entries(program) });
    }
    let folder = root().join("target/image");
    let failed = |what: &Path| format!("failed to write {}", what.display());
    let context = folder.join("context");
    write_context(&context, &platforms)
        .map_err(|cause| format!("{}: {cause}", failed(&context)))?;

    let origin = origin()?;
    let archive = folder.join(format!("fluoro-{}.tar", origin.version));
    let bytes = oci::archive(&platforms, &origin);
    std::fs::write(&archive, &bytes).map_err(|cause| format!("{}: {cause}", failed(&archive)))?;
    greet(&archive, bytes.len(), &platforms, &origin);
    Ok(())
}

/// Reads the names of architectures; without any, all are meant.
fn read(own: &[String], passed_on: &[String]) -> Result<Vec<Arch>, String> {
    if !passed_on.is_empty() {
        return Err("image takes architectures and nothing else".to_owned());
    }
    if own.is_empty() {
        return Ok(Arch::ALL.to_vec());
    }
    let named = |word: &String| {
        let found = Arch::ALL.into_iter().find(|arch| arch.name() == word);
        found.ok_or_else(|| format!("there is no image for `{word}`; there are amd64 and arm64"))
    };
    own.iter().map(named).collect()
}

/// Sees to it that rustc has the standard library of an architecture.
fn std_for(arch: Arch) -> Result<(), String> {
    let target = arch.target();
    let print = Line::new("rustc", "--print target-libdir --target").args([target]);
    let is_there = |folder: String| {
        let mut files = std::fs::read_dir(folder.trim()).into_iter().flatten().flatten();
        files.any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    };
    if print.output().is_some_and(is_there) {
        return Ok(());
    }
    let add = Line::new("rustup", "target add").args([target]);
    step("standard library", &add);
    add.run().map_err(|cause| {
        format!("{cause}\nRust has no standard library for {target} here, and it is needed for the image of {}", arch.name())
    })
}

/// Returns the folder of programs in which [`TOOLS`] are, installing them first where needed.
fn tools(cache: &Cache) -> Result<PathBuf, String> {
    let folder = cache.tools.join(TOOLS.join("-").replace("==", "-"));
    let programs = folder.join("bin");
    let marker = folder.join(".complete");
    if marker.exists() {
        return Ok(programs);
    }
    let venv = Line::new("python3", "-m venv --clear").args([&folder]);
    let pip = Line::new(programs.join("pip"), "install --no-input --quiet --no-deps").args(TOOLS);
    for line in [venv, pip] {
        step("linker", &line);
        line.run()?;
    }
    std::fs::write(&marker, "")
        .map_err(|cause| format!("failed to write {}: {cause}", marker.display()))?;
    Ok(programs)
}

/// Builds the program for one architecture and returns its bytes.
fn build(cache: &Cache, tools: &Path, arch: Arch) -> Result<Vec<u8>, String> {
    let line = Line::new(tools.join("cargo-zigbuild"), "zigbuild --profile image")
        .args(["--package", "fluoro", "--bin", "fluoro", "--target", arch.target()])
        .env("CARGO_TARGET_DIR", &cache.target)
        .env("CARGO_ZIGBUILD_PYTHON_PATH", tools.join("python"));
    step(arch.name(), &line);
    line.run()?;
    let program = cache.target.join(arch.target()).join("image/fluoro");
    let bytes = std::fs::read(&program)
        .map_err(|cause| format!("failed to read {}: {cause}", program.display()))?;
    if is_static(&bytes) {
        Ok(bytes)
    } else {
        // In an image without files it would not even start.
        Err(format!("{} wants libraries of the machine it runs on", program.display()))
    }
}

/// Says which commit this is, so that the same program makes the same image.
fn origin() -> Result<Origin, String> {
    let git = |args| {
        let text = Line::new("git", args).output();
        text.map(|text| text.trim().to_owned()).ok_or("git does not know this checkout")
    };
    let epoch_secs = git("log -1 --format=%ct")?;
    let is_changed = !git("status --porcelain")?.is_empty();
    let revision = git("rev-parse HEAD")? + if is_changed { "-changed" } else { "" };
    Ok(Origin {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision,
        created: git("log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ")?,
        epoch_secs: epoch_secs.parse().map_err(|_| format!("git said {epoch_secs}"))?,
    })
}

/// Writes what the Containerfile copies: the entries that all architectures have, and beside them
/// the program for each and the folder that has another owner.
fn write_context(folder: &Path, platforms: &[Platform]) -> std::io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder.join("spool"))?;
    for Platform { arch, entries } in platforms {
        for entry in entries {
            match entry.path.as_str() {
                tree::PROGRAM => entry.write(folder, &format!("fluoro-{arch}"))?,
                tree::SPOOL => {}
                path => entry.write(&folder.join("root"), path)?,
            }
        }
    }
    std::fs::copy(root().join("deploy/image/Containerfile"), folder.join("Containerfile"))?;
    Ok(())
}

/// Says what there is now and what to do with it.
fn greet(archive: &Path, bytes: usize, platforms: &[Platform], origin: &Origin) {
    for Platform { arch, entries } in platforms {
        let program = entries.iter().map(Entry::len).max().unwrap_or(0);
        say(format_args!("fluoro for {arch}: {:.1} MB", program as f64 / 1e6));
    }
    let (archive, version) = (archive.display(), &origin.version);
    say(format_args!(
        "\nimage: {archive} ({:.1} MB)\n\n  docker load --input {archive}\n  \
         skopeo copy --all oci-archive:{archive}:{version} docker://REGISTRY/fluoro:{version}",
        bytes as f64 / 1e6
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_are_named_as_in_images() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(read(&[], &[]), Ok(Arch::ALL.to_vec()));
        assert_eq!(read(&words("arm64"), &[]), Ok(vec![Arch::Arm64]));
        let problem = read(&words("aarch64"), &[]).unwrap_err();
        assert!(problem.contains("aarch64") && problem.contains("amd64 and arm64"), "{problem}");
    }
}
