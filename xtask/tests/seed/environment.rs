//! What is set around the program, and what is missing there.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::bed::{Bed, executable};
use crate::fixture::files;

/// Where the program lies that the test's own `PATH` leads to.
fn found(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()).unwrap()
}

/// Fills the folder `bin` with a Git that runs `script` where `word` is among
/// its arguments.
fn replace_git(bin: &Path, word: &str, script: &str) {
    fs::create_dir(bin).unwrap();
    let real = found("git");
    let real = real.display();
    executable(
        &bin.join("git"),
        &format!("for word; do [ \"$word\" = '{word}' ] && {{ {script}; }}; done; exec {real} \"$@\""),
    );
    for name in ["sh", "sleep"] {
        symlink(found(name), bin.join(name)).unwrap();
    }
}

#[test]
fn without_git() {
    let bed = Bed::new();
    bed.release("1", &[("README.md", "one\n")]);
    fs::create_dir(bed.root().join("bin")).unwrap();
    let before = files::below(bed.root());
    let said = "error: `git` is not installed: it is in no folder of PATH\n\
                help: install `git`, or put it in PATH\n";
    let path = bed.root().join("bin");
    for args in [["gitea", "seed", "--tarball", "1.tgz"].as_slice(), &["gitea", "status"]] {
        let call = bed.platform.xtask(args.iter().copied()).env("PATH", &path);
        call.run().exits(3).stdout("").stderr(said);
    }
    let call = bed.platform.xtask(["tarball", "build", "--from", "."]).env("PATH", &path);
    call.run().exits(3).stdout("").stderr(said);
    let state = files::below(bed.root());
    assert!(state.keys().all(|path| before.contains_key(path) || !path.ends_with("HEAD")), "{state:#?}");
}

#[test]
fn git_goes_away() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    bed.seeded(&release);
    let path = bed.root().join("bin");
    fs::create_dir(&path).unwrap();
    for args in [["verify", "--tarball", &release], ["seed", "--tarball", &release]] {
        let ran = bed.platform.xtask(["gitea"].into_iter().chain(args)).env("PATH", &path).run().exits(3);
        let said = ran.errors();
        assert!(
            said.starts_with("error: `git` is not installed: it is in no folder of PATH\nhelp: "),
            "{said}"
        );
    }
}

#[test]
fn variables_of_git_change_nothing() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    let other = tempfile::tempdir().unwrap();
    crate::bed::succeeded(&crate::bed::run_git(other.path(), &["init", "-q"]));
    let untouched = files::below(other.path());
    let call = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"]
        .into_iter()
        .fold(bed.seed(&release), |call, name| call.env(name, other.path().join(".git")));
    let call = call.env("GIT_NAMESPACE", "elsewhere").env("GIT_QUARANTINE_PATH", other.path());
    let call = call.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "receive.denyCurrentBranch");
    let call =
        call.env("GIT_CONFIG_VALUE_0", "nonsense").env("GIT_TRACE", "1").env("GIT_CEILING_DIRECTORIES", "/");
    call.run().exits(0).stderr("");
    assert_eq!(files::below(other.path()), untouched);
    assert_eq!(bed.subjects(), ["Seed emf 1"]);
    assert_eq!(bed.git(&["for-each-ref", "--format=%(refname)"]), "refs/heads/main\n");
}

#[test]
fn the_users_configuration_changes_nothing() {
    let bed = Bed::new();
    let hooks = bed.root().join("hooks");
    fs::create_dir(&hooks).unwrap();
    executable(&hooks.join("pre-receive"), "exit 1");
    executable(&hooks.join("update"), "exit 1");
    let settings = format!(
        "[core]\n\thooksPath = {hooks}\n[url \"https://elsewhere.invalid/\"]\n\tinsteadOf = /\n\tinsteadOf = http://\n\
         [commit]\n\tgpgsign = true\n[receive]\n\tdenyUpdates = true\n\tcertNonceSeed = x\n[transfer]\n\thideRefs = refs\n\
         [init]\n\tdefaultBranch = other\n\ttemplateDir = {hooks}\n\tdefaultObjectFormat = sha256\n[http]\n\tproxy = http://127.0.0.1:1\n",
        hooks = hooks.display()
    );
    fs::write(bed.root().join(".gitconfig"), &settings).unwrap();
    fs::create_dir_all(bed.root().join(".config/git")).unwrap();
    fs::write(bed.root().join(".config/git/config"), &settings).unwrap();
    bed.seed(&bed.release("1", &[("README.md", "one\n")])).run().exits(0).stderr("");
    assert_eq!(bed.subjects(), ["Seed emf 1"]);
    bed.platform.xtask(["up", "-q"]).run().exits(0);
}

#[test]
fn a_proxy_is_not_asked_for_what_is_here() {
    let bed = Bed::new();
    let refused = "http://127.0.0.1:1";
    let names = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
    let call = names.into_iter().fold(bed.platform.xtask(["up", "-q"]), |call, name| call.env(name, refused));
    call.run().exits(0).stderr("");
}

#[test]
fn a_git_without_what_is_needed() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    let bin = bed.root().join("bin");
    // Such as a distribution has that splits Git into packages.
    replace_git(&bin, "receive-pack", "exit 1");
    let ran = bed.seed(&release).env("PATH", &bin).run();
    let ran = ran.exits(3).stdout("");
    let said = ran.errors();
    assert!(said.starts_with("error: `git receive-pack` ended without a word\nhelp: "), "{said}");
}

#[test]
fn a_folder_that_cannot_be_written() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    // A file lies where a folder belongs: that stops root, too.
    fs::create_dir_all(bed.platform.state("")).unwrap();
    fs::set_permissions(bed.platform.state(""), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(bed.platform.state("repositories"), "").unwrap();
    let ran = bed.seed(&release).run().exits(3).stdout("");
    assert!(ran.errors().starts_with("error: cannot create the state directory `"), "{}", ran.errors());
}

#[test]
fn a_git_that_may_not_be_run() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    bed.seeded(&release);
    let bin = bed.root().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("git"), "").unwrap();
    for args in [["verify", "--tarball", &release], ["seed", "--tarball", &release]] {
        let call = bed.platform.xtask(["gitea"].into_iter().chain(args)).env("PATH", &bin);
        call.run().exits(3).stdout("").stderr(
            "error: cannot start `git`\n\
             cause: Permission denied (os error 13)\n\
             help: make `git` executable, or put another one in front of it in PATH\n",
        );
    }
}

#[test]
fn a_git_that_fails_in_a_sound_repository() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    bed.seeded(&release);
    let bin = bed.root().join("bin");
    replace_git(&bin, "upload-pack", "echo 'fatal: Out of memory, malloc failed' >&2; exit 128");
    let repository = ".xtask/local/repositories/argocd/edge-manageability-framework.git";
    bed.platform.xtask(["gitea", "status"]).env("PATH", &bin).run().exits(3).stdout("").stderr(format!(
        "error: Git fails in `{repository}`: fatal: Out of memory, malloc failed\n\
         help: mend what it names; `git --git-dir {repository} fsck` tells whether the repository is sound\n"
    ));
}

#[test]
fn a_git_that_is_too_slow_is_not_taken_for_one_that_says_no() {
    for word in ["HEAD^{commit}", "HEAD:VERSION"] {
        let bed = Bed::new();
        let tree = bed.root().join("checkout");
        let identity = ["-c", "user.name=a", "-c", "user.email=a@localhost"];
        let commit = ["-C", "checkout", "commit", "--quiet", "--allow-empty", "--message=a"];
        for args in [["init", "--quiet", "checkout"].to_vec(), [&identity[..], &commit].concat()] {
            crate::bed::succeeded(&crate::bed::run_git(bed.root(), &args));
        }
        let bin = bed.root().join("bin");
        replace_git(&bin, word, "exec sleep 600");
        let args = ["tarball", "build", "--timeout", "2s", "--from", tree.to_str().unwrap()];
        let ran = bed.platform.xtask(args).env("PATH", &bin).run().exits(4).stdout("");
        assert!(!ran.errors().contains("no commit") && !ran.errors().contains("no file"), "{}", ran.errors());
    }
}
