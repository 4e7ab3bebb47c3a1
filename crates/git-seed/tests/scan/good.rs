//! Good archives.

use crate::support::git::Git;
use crate::support::tar::{archive, file, folder, link};
use crate::support::{gzip, scanned};

#[test]
fn a_release_has_the_tree_that_git_makes_of_its_files() {
    let git = Git::new();
    std::fs::create_dir(git.path().join("a")).unwrap();
    std::fs::write(git.path().join("a/b"), "one").unwrap();
    std::fs::write(git.path().join("a.txt"), "two").unwrap();
    std::os::unix::fs::symlink("a/b", git.path().join("link")).unwrap();
    let tar = archive(&[
        folder("top/"),
        folder("top/a/"),
        file("top/a/b", "one"),
        file("top/a.txt", "two"),
        link("top/link", "a/b"),
    ]);
    let release = scanned(&gzip(&tar)).unwrap();
    assert_eq!(release.tree.to_string(), git.tree());
    assert_eq!(release.top.as_deref(), Some("top"));
}
