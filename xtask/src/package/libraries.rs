//! Which packages of Debian's a program needs.

use anyhow::Context as _;

use crate::failure::Failure;

/// Shared libraries, by how their names begin, and the packages that they are in.
const PACKAGES: [(&str, &str); 8] = [
    ("ld-linux", LIBC),
    ("libc.so.6", LIBC),
    ("libdl.so.2", LIBC),
    ("libgcc_s.so.1", "libgcc-s1"),
    ("libm.so.6", LIBC),
    ("libpthread.so.0", LIBC),
    ("librt.so.1", LIBC),
    ("libutil.so.1", LIBC),
];
const LIBC: &str = "libc6";

/// The packages with the libraries of a program, by what `readelf --dynamic
/// --version-info` says of it: glibc at least in the version that its newest
/// symbol came with. Unlike with `dpkg-shlibdeps`, what is installed on this
/// machine makes no difference.
pub fn packages(readelf: &str) -> anyhow::Result<Vec<String>> {
    let mut packages = Vec::new();
    for library in readelf.lines().filter_map(needed) {
        let known = PACKAGES.iter().find(|(name, _)| library.starts_with(name));
        let (_, package) = known.with_context(|| {
            Failure::missing(format!("no package is known that has the library `{library}`"))
                .help("build the program without it")
        })?;
        packages.push(*package);
    }
    packages.sort_unstable();
    packages.dedup();
    let glibc = readelf.lines().filter_map(glibc).max();
    let versioned = |package: &str| match &glibc {
        Some(version) if package == LIBC => format!("{package} (>= {})", joined(version)),
        _ => package.to_owned(),
    };
    Ok(packages.into_iter().map(versioned).collect())
}

/// The library of a line such as `0x1 (NEEDED)  Shared library: [libc.so.6]`.
fn needed(line: &str) -> Option<&str> {
    let (_, name) = line.split_once("(NEEDED)")?;
    name.split_once('[')?.1.strip_suffix(']')
}

/// The version of a line such as `0x10:   Name: GLIBC_2.34  Flags: none  Version: 5`.
fn glibc(line: &str) -> Option<Vec<u32>> {
    let (_, version) = line.split_once("Name: GLIBC_")?;
    version.split_whitespace().next()?.split('.').map(|number| number.parse().ok()).collect()
}

fn joined(version: &[u32]) -> String {
    version.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
Dynamic section at offset 0x2bc0 contains 30 entries:
  Tag        Type                         Name/Value
 0x0000000000000001 (NEEDED)             Shared library: [libgcc_s.so.1]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [ld-linux-x86-64.so.2]
 0x000000000000000c (INIT)               0x1000
Version needs section '.gnu.version_r' contains 2 entries:
  000000: Version: 1  File: libgcc_s.so.1  Cnt: 1
  0x0010:   Name: GCC_3.0  Flags: none  Version: 5
  0x0030: Version: 1  File: libc.so.6  Cnt: 3
  0x0040:   Name: GLIBC_2.9  Flags: none  Version: 4
  0x0050:   Name: GLIBC_2.34  Flags: none  Version: 3
  0x0060:   Name: GLIBC_2.2.5  Flags: none  Version: 2
";

    #[test]
    fn the_newest_symbol_decides() {
        assert_eq!(packages(SAID).unwrap(), ["libc6 (>= 2.34)", "libgcc-s1"]);
    }

    #[test]
    fn a_static_program_needs_none() {
        assert_eq!(packages("There is no dynamic section in this file.\n").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_unknown_library_is_named() {
        let error = packages(" 0x1 (NEEDED)  Shared library: [libssl.so.3]\n").unwrap_err();
        assert!(error.to_string().contains("`libssl.so.3`"), "{error}");
    }
}
