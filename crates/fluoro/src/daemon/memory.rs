//! The memory there is: the machine's, and what the container may use of it.

use std::fs;
use std::path::{Path, PathBuf};

use daemon::original::settings::Memory;

/// What a machine is taken to have that does not tell, such as one without `/proc`.
const HOST_BYTES: u64 = 4 << 30;

/// Returns what there is.
pub(super) fn read() -> Memory {
    Memory { host: host().unwrap_or(HOST_BYTES), container: container() }
}

fn host() -> Option<u64> {
    total(&fs::read_to_string("/proc/meminfo").ok()?)
}

/// Reads the total of `/proc/meminfo`, in bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// Returns the smallest bound of this process's control groups and those above them.
fn container() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    files(&groups).iter().filter_map(|file| bound(&fs::read_to_string(file).ok()?)).min()
}

/// Returns the files that may hold a bound, from `/proc/self/cgroup`: those of version 2 and 1, for
/// the group and all above it. Inside a container the group's own path may not be there.
fn files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let (root, name) = if controllers.is_empty() {
            ("/sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|name| name == "memory") {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        let own = Path::new(root).join(path.trim_start_matches('/'));
        let folders = own.ancestors().take_while(|folder| folder.starts_with(root));
        files.extend(folders.map(|folder| folder.join(name)));
    }
    files
}

/// Reads a bound; none is `max`, or in version 1 a number beyond any machine.
fn bound(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < 1 << 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_tells_in_kilobytes() {
        assert_eq!(total("MemTotal:       16384 kB\nMemFree: 1 kB\n"), Some(16 << 20));
        assert_eq!(total("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn bounds_of_both_versions_are_looked_for_up_to_the_root() {
        let shown = |groups| {
            let files = files(groups);
            files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            shown("0::/a/b\n"),
            [
                "/sys/fs/cgroup/a/b/memory.max",
                "/sys/fs/cgroup/a/memory.max",
                "/sys/fs/cgroup/memory.max"
            ]
        );
        assert_eq!(
            shown("5:cpu:/x\n4:hugetlb,memory:/\n"),
            ["/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        );
        assert_eq!(bound("67108864\n"), Some(64 << 20));
        assert_eq!(bound("max\n"), None);
        assert_eq!(bound("9223372036854771712\n"), None);
    }
}
