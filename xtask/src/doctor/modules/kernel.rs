//! Which modules the running kernel has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The running kernel.
#[derive(Debug)]
pub(super) struct Kernel {
    /// As `uname -r` tells it.
    pub(super) release: String,
    /// What is loaded or built in, as far as can be seen.
    pub(super) present: BTreeSet<String>,
    /// What else it can load; `None` where its modules are not at hand, so
    /// that nothing can be said of those that are not seen.
    pub(super) loadable: Option<BTreeSet<String>>,
}

/// Whether a kernel has a module; the best is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Has {
    /// It has not.
    Not,
    /// It has it built in, or not at all.
    Untold,
    /// It can be loaded.
    Loadable,
    /// It is in use, or can be.
    Present,
}

impl Kernel {
    /// Looks at the running one; the error says why that cannot be done.
    pub(super) fn read() -> Result<Self, String> {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease");
        let release = release.map_err(|error| format!("`/proc` does not tell of the kernel: {error}"))?;
        let release = release.trim().to_owned();
        let folder = Path::new("/lib/modules").join(&release);
        let listed = |file: &str| fs::read_to_string(folder.join(file)).ok().map(|text| of_paths(&text));
        let (builtin, loadable) = (listed("modules.builtin"), listed("modules.dep"));
        let mut present = builtin.clone().unwrap_or_default();
        present.extend(loaded());
        // Both lists, or nothing can be ruled out.
        Ok(Self { release, present, loadable: builtin.and(loadable) })
    }

    /// Whether it has the module `name`.
    pub(super) fn has(&self, name: &str) -> Has {
        match &self.loadable {
            _ if self.present.contains(name) => Has::Present,
            None => Has::Untold,
            Some(loadable) if loadable.contains(name) => Has::Loadable,
            Some(_) => Has::Not,
        }
    }
}

/// Names of the modules in a list of their files: `kernel/fs/a/b.ko.xz: …`.
fn of_paths(text: &str) -> BTreeSet<String> {
    let file =
        |line: &str| Some(line.split(':').next()?.rsplit('/').next()?.split_once(".ko")?.0.replace('-', "_"));
    text.lines().filter_map(file).collect()
}

/// What is in use. Of what is built in, some tell only by what they do: file
/// systems, and matches and targets of the packet filter.
fn loaded() -> BTreeSet<String> {
    let lines = |path: &str, name: fn(&str) -> Option<String>| {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().filter_map(name).collect::<Vec<_>>()
    };
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let file_system = |line: &str| line.split_whitespace().last().map(str::to_owned);
    let extension = |line: &str| Some(format!("xt_{line}"));
    let target = |line: &str| match line {
        "SNAT" | "DNAT" => Some("xt_nat".to_owned()),
        _ => Some(format!("xt_{line}")),
    };
    let mut names: BTreeSet<String> = lines("/proc/modules", first).into_iter().collect();
    names.extend(lines("/proc/filesystems", file_system));
    names.extend(lines("/proc/net/ip_tables_matches", extension));
    let targets = lines("/proc/net/ip_tables_targets", target);
    if !targets.is_empty() {
        names.insert("ip_tables".to_owned());
    }
    if targets.iter().any(|name| name == "xt_nat") {
        names.insert("nf_nat".to_owned());
    }
    names.extend(targets);
    let modules = fs::read_dir("/sys/module").into_iter().flatten().flatten();
    names.extend(modules.filter_map(|entry| entry.file_name().into_string().ok()));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_files() {
        let text = "kernel/net/netfilter/xt_nat.ko.xz: kernel/net/netfilter/nf_nat.ko.xz\n\
                    kernel/fs/overlayfs/overlay.ko:\nkernel/lib/crc-t10dif.ko\n";
        let names: Vec<String> = of_paths(text).into_iter().collect();
        assert_eq!(names, ["crc_t10dif", "overlay", "xt_nat"]);
    }
}
