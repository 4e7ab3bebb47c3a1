//! What is in a release tarball.

/// The top folder: the name of the repository that a release is made from.
pub const TOP: &str = "edge-manageability-framework";

/// The file whose first line is the version.
pub const VERSION: &str = "VERSION";

/// The file whose first line is the commit that the release was made from. It
/// is made with the tarball, and in no checkout.
pub const COMMIT_ID: &str = "COMMIT_ID";

/// The folders that Argo CD reads, in byte order, which both variants have.
/// Names from the public Edge Manageability Framework.
pub const FOLDERS: [&str; 6] = [
    "argocd",
    "bootstrap",
    "orch-configs/clusters",
    "orch-configs/profiles",
    "orch-configs/templates",
    "tools",
];

/// The folder of [`FOLDERS`] that a path is in.
pub fn folder_of(path: &str) -> Option<&'static str> {
    FOLDERS.into_iter().find(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// The folders without a file, among files with these paths.
pub fn missing<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<&'static str> {
    let mut missing = FOLDERS.to_vec();
    for path in paths {
        missing.retain(|folder| folder_of(path) != Some(folder));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_in_one_folder_or_none() {
        assert_eq!(folder_of("orch-configs/profiles/a/b.yaml"), Some("orch-configs/profiles"));
        for path in ["orch-configs/a.yaml", "tools", "toolshed/a", "x/tools/a", "VERSION"] {
            assert_eq!(folder_of(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let paths = ["argocd/a", "bootstrap/a", "orch-configs/clusters/a", "tools/a"];
        assert_eq!(missing(paths), ["orch-configs/profiles", "orch-configs/templates"]);
    }

    #[test]
    fn the_files_that_are_made_come_before_the_folders() {
        assert!([COMMIT_ID, VERSION].iter().chain(&FOLDERS).is_sorted());
    }
}
