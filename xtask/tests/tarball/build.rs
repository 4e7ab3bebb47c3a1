//! `tarball build`, of what is committed.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::repository::{DATE, FILES, NAME, Repository, run};

fn listed(repository: &Repository, name: &str) -> String {
    run(Command::new("tar").args(["--utc", "--full-time", "-tvzf"]).arg(repository.out(name)))
}

#[test]
fn the_tarball_has_the_files_of_a_release_and_nothing_of_this_machine() {
    let repository = Repository::new();
    let ran = repository.build("").run().exits(0);
    let head = repository.head();
    let text = ran.text();
    assert!(
        text.starts_with(&format!("out/{NAME}: built\nversion 3.1.0 of commit {head}: 9 files, ")),
        "{text}"
    );
    let listed = listed(&repository, NAME);
    let entry = |mode: &str, size: usize, path: &str| {
        format!("{mode} 0/0 {size:>15} 2025-06-15 15:06:40 edge-manageability-framework/{path}\n")
    };
    let mut expected = entry("-rw-r--r--", 41, "COMMIT_ID");
    for (path, text) in FILES {
        expected += &match path {
            "tools/list" => entry("lrwxrwxrwx", 0, "tools/list -> a.yaml"),
            "tools/run.sh" => entry("-rwxr-xr-x", text.len(), path),
            _ => entry("-rw-r--r--", text.len(), path),
        };
    }
    assert_eq!(listed, expected, "{DATE}");
    // As they are in the repository, whatever is made of them in the work tree.
    let content = |path: &str| {
        let path = format!("edge-manageability-framework/{path}");
        run(Command::new("tar").arg("-xOzf").arg(repository.out(NAME)).arg(path))
    };
    assert_eq!(content("COMMIT_ID"), format!("{head}\n"));
    assert_eq!(content("tools/run.sh"), repository.git(&["show", "HEAD:tools/run.sh"]));
}

#[test]
fn what_lies_beside_it_tells_what_is_in_it() {
    let repository = Repository::new();
    let built = repository.build("--variant onpremFull --format json").run().exits(0).json();
    let name = "onpremFull_edge-manageability-framework_3.1.0.tgz";
    assert_eq!(
        (&built["name"], &built["outcome"], &built["files"]),
        (&json!(name), &json!("built"), &json!(9))
    );
    let out = repository.checkout.root().join("out");
    run(Command::new("sha256sum").args(["--check", "--strict", &format!("{name}.sha256")]).current_dir(&out));
    let manifest = fs::read_to_string(out.join(format!("{name}.manifest.json"))).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for key in ["sha256", "size", "commit", "version", "tree"] {
        assert_eq!(manifest[key], built[key], "{key}");
    }
    assert_eq!((&manifest["schema"], &manifest["variant"]), (&json!(1), &json!("onpremFull")));
    let files = manifest["files"].as_array().unwrap();
    assert_eq!((files.len(), &manifest["file_count"]), (9, &json!(9)));
    for file in files.iter().filter(|file| file["path"] != "COMMIT_ID") {
        let (path, blob) = (file["path"].as_str().unwrap(), file["blob"].as_str().unwrap());
        let line = repository.git(&["ls-tree", "HEAD", path]);
        assert_eq!(line, format!("{} blob {blob}\t{path}\n", file["mode"].as_str().unwrap()));
    }
}

#[test]
fn it_is_the_same_wherever_it_is_made() {
    let (one, other) = (Repository::new(), Repository::new());
    one.build("").run().exits(0);
    // Line ends, file modes and times of a work tree are not those of the repository.
    other.git(&["config", "core.autocrlf", "true"]);
    other.git(&["rm", "--quiet", "--cached", "-r", "."]);
    other.git(&["reset", "--quiet", "--hard"]);
    other.git(&["repack", "-adq"]);
    other.build("").env("TZ", "Asia/Tokyo").env("LC_ALL", "C").after("umask 077").run().exits(0);
    assert_eq!(fs::read(one.out(NAME)).unwrap(), fs::read(other.out(NAME)).unwrap());
    // A clone of it, too; and again.
    let built = one.build("--format json").run().exits(0).json();
    assert_eq!(built["outcome"], "already");
    one.write("README.md", "another commit\n");
    one.commit();
    assert_eq!(one.build("--format json").run().exits(0).json()["outcome"], "replaced");
}

#[test]
fn long_and_foreign_names_are_told_in_full() {
    let repository = Repository::new();
    let long = format!("tools/{}/{}/{}", "d".repeat(90), "e".repeat(90), "f".repeat(120));
    repository.write(&long, "x");
    repository.write("argocd/ü.yaml", "x");
    std::os::unix::fs::symlink(long.trim_start_matches("tools/"), repository.path("tools/to-long")).unwrap();
    repository.commit();
    repository.build("").run().exits(0);
    let listed = listed(&repository, NAME);
    assert!(listed.contains(&format!("/{long}\n")), "{listed}");
    assert!(
        listed.contains(&format!("tools/to-long -> {}\n", long.trim_start_matches("tools/"))),
        "{listed}"
    );
    let python =
        "import sys, tarfile\nfor entry in tarfile.open(sys.argv[1]): print(entry.name, entry.linkname)";
    let read = run(Command::new("python3").args(["-c", python]).arg(repository.out(NAME)));
    assert!(read.contains(&format!("edge-manageability-framework/{long} \n")), "{read}");
    assert!(read.contains("edge-manageability-framework/argocd/ü.yaml \n"), "{read}");
}

#[test]
fn a_checkout_is_found_from_within_and_a_dry_run_writes_nothing() {
    let repository = Repository::new();
    let words = ["tarball", "build", "--dry-run", "--output", "../out"];
    let ran = repository.checkout.xtask(words).dir(&repository.path("tools")).run();
    let head = repository.head();
    ran.exits(0).stderr("").stdout(format!("would write `../out/{NAME}` of commit {head}\n"));
    assert!(!repository.path("out").exists() && !repository.out("").exists());
}

#[test]
fn what_is_no_release_is_told() {
    let repository = Repository::new();
    let refused = |why: &str| {
        let ran = repository.build("").run().exits(1).stdout("");
        assert!(ran.errors().contains(why), "{why}: {}", ran.errors());
        let left = fs::read_dir(repository.out("")).map(Iterator::count).unwrap_or_default();
        assert_eq!(left, 0, "{why}");
    };
    repository.git(&["rm", "--quiet", "-r", "bootstrap", "tools"]);
    repository.commit();
    refused("error: there are no files in `bootstrap`, `tools`, which a release has\n");
    repository.git(&["reset", "--quiet", "--hard", "HEAD^"]);
    for version in ["", "../1.0\n", "1 0\n", "\u{1b}[31m1\n"] {
        repository.write("VERSION", version);
        repository.commit();
        refused("error: the first line of `VERSION` is not a version: `");
    }
    repository.git(&["rm", "--quiet", "VERSION"]);
    repository.commit();
    refused("error: there is no file `VERSION` in `");
    let ran = repository.checkout.xtask(["tarball", "build"]).run().exits(1).stdout("");
    assert!(ran.errors().starts_with("error: `.` is not in a Git checkout\n"), "{}", ran.errors());
    let ran = repository.checkout.xtask(["tarball", "build", "--from", "nowhere"]).run().exits(1).stdout("");
    ran.stderr("error: there is no folder `nowhere`\nhelp: name a checkout with `--from`\n");
}

#[test]
fn details_are_told_to_those_who_ask() {
    let repository = Repository::new();
    let said = repository.build("-v").run().exits(0).errors().to_owned();
    let wanted =
        ["$ GIT_OPTIONAL_LOCKS=0", "ls-tree", "cat-file --batch", "packing 7 files", "as `gitea seed` would"];
    assert!(wanted.iter().all(|word| said.contains(word)), "{said}");
    repository.build("").run().exits(0).stderr("");
}

#[test]
fn what_could_not_be_seeded_is_not_built() {
    for (target, why) in [("/etc/passwd", "absolute"), ("../../outside", "out of the tree")] {
        let repository = Repository::new();
        std::os::unix::fs::symlink(target, repository.path("tools/out")).unwrap();
        repository.commit();
        let ran = repository.build("").run().exits(1).stdout("");
        let errors = ran.errors();
        assert!(errors.contains("error: what was made could not be seeded, so it was removed\n"), "{errors}");
        assert!(errors.contains("/tools/out` is refused: ") && errors.contains(why), "{errors}");
        assert_eq!(fs::read_dir(repository.out("")).unwrap().count(), 0);
    }
    let repository = Repository::new();
    let module = format!("160000,{},tools/module", repository.head());
    repository.git(&["update-index", "--add", "--cacheinfo", &module]);
    repository.git(&["commit", "--quiet", "--message=module"]);
    let ran = repository.build("").run().exits(1).stdout("");
    assert!(ran.errors().contains("error: `tools/module` is a submodule"), "{}", ran.errors());
}

#[test]
fn pointers_of_git_lfs_are_told() {
    let repository = Repository::new();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n";
    repository.write("tools/large.bin", pointer);
    repository.commit();
    let ran = repository.build("").run().exits(0);
    assert!(ran.errors().contains("warning: `tools/large.bin` is a pointer of Git LFS"), "{}", ran.errors());
}

#[test]
fn limits_hold() {
    let repository = Repository::new();
    // Nothing that its compression would make suspicious.
    let numbers: Vec<String> = (0..150_000).map(|number| (number * 7919).to_string()).collect();
    let numbers = numbers.join("\n");
    assert!(numbers.len() > 1 << 20);
    repository.write("tools/large", &numbers);
    repository.commit();
    let ran = repository.build("--max-file-mib 1").run().exits(1).stdout("");
    assert!(ran.errors().contains("could not be seeded"), "{}", ran.errors());
    repository.build("").run().exits(0);
}

#[test]
fn a_lost_object_is_told() {
    let repository = Repository::new();
    let id = repository.git(&["rev-parse", "HEAD:tools/run.sh"]);
    let (folder, file) = id.trim().split_at(2);
    fs::remove_file(repository.path(&format!(".git/objects/{folder}/{file}"))).unwrap();
    let ran = repository.build("").run().exits(1).stdout("");
    assert!(
        ran.errors().contains(&format!("cause: Git has no content for the blob `{}`", id.trim())),
        "{}",
        ran.errors()
    );
}
