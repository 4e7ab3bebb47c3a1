//! `tarball build`, with a Git that its user has told much.

use std::os::unix::fs::PermissionsExt as _;
use std::{env, fs};

use crate::repository::{Repository, git};

/// Signs, and takes every signature for good, as `gpg` would.
const GPG: &str = "#!/bin/sh
case \"$*\" in
*--verify*) echo 'gpg: Good signature' >&2; echo '[GNUPG:] GOODSIG x y' ;;
*)
    cat >/dev/null
    echo '[GNUPG:] SIG_CREATED ' >&2
    printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'
    ;;
esac
";

#[track_caller]
fn builds(repository: &Repository) -> String {
    let ran = repository.build("").run().exits(0).stderr("");
    assert!(ran.text().contains(&format!("version 3.1.0 of commit {}", repository.head())), "{}", ran.text());
    ran.text().to_owned()
}

/// A hook has them, and whoever works with two checkouts.
#[test]
fn variables_that_lead_git_elsewhere_do_not_count() {
    let (repository, other) = (Repository::new(), Repository::new());
    other.write("VERSION", "9.9.9\n");
    other.commit();
    let git = other.path(".git");
    let build = repository.build("").env("GIT_DIR", &git).env("GIT_WORK_TREE", other.path(""));
    let ran = build.env("GIT_INDEX_FILE", git.join("index")).run().exits(0);
    assert!(ran.text().contains(&format!("version 3.1.0 of commit {}", repository.head())), "{}", ran.text());
}

#[test]
fn signatures_that_are_shown_do_not_count() {
    let repository = Repository::new();
    let gpg = repository.checkout.root().join("gpg");
    fs::write(&gpg, GPG).unwrap();
    fs::set_permissions(&gpg, fs::Permissions::from_mode(0o755)).unwrap();
    for (key, value) in
        [("gpg.program", gpg.to_str().unwrap()), ("log.showSignature", "true"), ("color.ui", "always")]
    {
        repository.git(&["config", key, value]);
    }
    repository.git(&["commit", "--quiet", "--amend", "--gpg-sign", "--message=committer x <y> 1 +0000"]);
    assert!(repository.git(&["cat-file", "commit", "HEAD"]).contains("gpgsig"));
    builds(&repository);
}

/// They are of one repository, and no clone has them.
#[test]
fn replaced_objects_do_not_count() {
    let repository = Repository::new();
    let before = builds(&repository);
    repository.write("other", "other\n");
    let other = repository.git(&["hash-object", "-w", "other"]);
    fs::remove_file(repository.path("other")).unwrap();
    let blob = repository.git(&["rev-parse", "HEAD:orch-configs/profiles/p.yaml"]);
    repository.git(&["replace", blob.trim(), other.trim()]);
    let head = repository.head();
    repository.git(&["commit", "--quiet", "--allow-empty", "--message=other"]);
    let replacement = repository.head();
    repository.git(&["reset", "--quiet", "--hard", &head]);
    repository.write("orch-configs/profiles/p.yaml", "p: 1\n");
    repository.git(&["replace", &head, &replacement]);
    assert_eq!(builds(&repository), before.replace(": built\n", ": so already\n"));
}

/// Git is made to believe it: only root could give the checkout away.
#[test]
fn a_checkout_of_another_user_is_told_as_that() {
    let repository = Repository::new();
    let root = repository.checkout.root().to_str().unwrap();
    let path = env::var("PATH").unwrap();
    repository
        .checkout
        .write("bin/git", "#!/bin/sh\nPATH=${PATH#*:} GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git \"$@\"\n");
    let program = repository.checkout.root().join("bin/git");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let build = || repository.build("").env("PATH", format!("{root}/bin:{path}"));
    build().run().exits(5).stdout("").stderr(
        "error: the checkout `[ROOT]/emf` belongs to another user\n\
         cause: `git rev-parse --show-toplevel` failed: [..]\n\
         help: run this as that user, or trust what lies there: \
         `git config --global --add safe.directory [ROOT]/emf`\n",
    );
    git(&repository.path(""), &["config", "--file", &format!("{root}/.gitconfig"), "safe.directory", "*"]);
    build().run().exits(0);
}
