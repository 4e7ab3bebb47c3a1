//! What no package is made of.

use std::fs;

use crate::made::{name, tarball};
use crate::support::Checkout;

fn checkout(version: &str) -> Checkout {
    let checkout = Checkout::new();
    fs::write(checkout.root().join(name(version)), tarball(version)).unwrap();
    checkout
}

#[test]
fn a_machine_without_dpkg_is_told_what_to_install() {
    let checkout = checkout("1.0.0");
    fs::create_dir(checkout.root().join("empty")).unwrap();
    checkout
        .xtask(["gitea", "package", "--tarball", &name("1.0.0")])
        .env("PATH", checkout.root().join("empty"))
        .run()
        .exits(3)
        .stdout("")
        .stderr(
            "error: `dpkg-deb` is missing, needed to make Debian packages: `apt-get install dpkg`\n\
             help: install it: `apt-get install dpkg`\n",
        );
}

#[test]
fn another_version_than_the_tarballs_is_refused() {
    let checkout = checkout("1.0.0");
    checkout
        .xtask(["gitea", "package", "--version", "1.0.1", "--tarball", &name("1.0.0")])
        .run()
        .exits(1)
        .stdout("")
        .stderr(
            "error: `onpremFull_edge-manageability-framework_1.0.0.tgz` holds version `1.0.0`, not `1.0.1`\n\
             help: name the version that it holds, or another tarball\n",
        );
}

#[test]
fn a_profile_without_a_package_is_refused() {
    let checkout = checkout("1.0.0");
    let call = || checkout.xtask(["gitea", "package", "--tarball", &name("1.0.0")]);
    let said = "error: there is no package for profile `coder`: it seeds `onprem`\n\
                help: choose that: `--profile onprem`\n";
    call().env("XTASK_PROFILE", "coder").run().exits(2).stdout("").stderr(said);
    checkout.xtask(["profile", "use", "coder"]).run().exits(0);
    call().run().exits(2).stdout("").stderr(said);
}

#[test]
fn another_variant_than_the_profiles_is_refused() {
    let checkout = checkout("1.0.0");
    let cloud = name("1.0.0").replace("onpremFull", "cloudFull");
    let refused = |file: &str| {
        let call = checkout.xtask(["--profile", "onprem", "gitea", "package", "--tarball", file]);
        call.run().exits(1).stdout("").stderr(format!(
            "error: `{file}` is of the variant `cloudFull`, but the package seeds `onpremFull`\n\
             help: give the tarball of `onpremFull`, or leave `--tarball` out to fetch that\n"
        ));
    };
    fs::copy(checkout.root().join(name("1.0.0")), checkout.root().join(&cloud)).unwrap();
    refused(&cloud);
    // A file of another name has its manifest beside it, if that is its own.
    fs::rename(checkout.root().join(&cloud), checkout.root().join("r.tgz")).unwrap();
    let sha256 = &checkout.xtask(["tarball", "verify", "r.tgz", "--format=json"]).run().json()["sha256"];
    let manifest = serde_json::json!({
        "schema": 1, "name": cloud, "variant": "cloudFull", "version": "1.0.0", "commit": "c",
        "sha256": sha256, "size": 1, "tree": "t", "file_count": 0, "files": [],
    });
    checkout.write("r.tgz.manifest.json", &manifest.to_string());
    refused("r.tgz");
}

#[test]
fn another_variant_is_refused_before_it_is_fetched() {
    let checkout = Checkout::new();
    // Nobody listens there.
    let words =
        "gitea package --version 1.0.0 --variant cloudFull --registry 127.0.0.1:1 --registry-plain-http";
    checkout.xtask(words.split(' ')).run().exits(2).stdout("").stderr(
        "error: the package seeds the variant `onpremFull`, not `cloudFull`\nhelp: leave `--variant` out\n",
    );
}

#[test]
fn what_seeding_refuses_is_not_packed() {
    let checkout = Checkout::new();
    fs::write(checkout.root().join("r.tgz"), &tarball("1.0.0")[..300]).unwrap();
    let ran = checkout.xtask(["gitea", "package", "--tarball", "r.tgz"]).run().exits(1).stdout("");
    assert!(ran.errors().starts_with("error: `r.tgz` is truncated"), "{}", ran.errors());
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
#[ignore = "needs `dpkg-deb`: `cargo xtask test package`"]
fn a_version_that_is_none_of_debians_is_refused() {
    let checkout = checkout("main-1");
    let ran = checkout.xtask(["gitea", "package", "--tarball", &name("main-1")]).run().exits(1).stdout("");
    ran.stderr(
        "error: release `main-1` cannot be a package: `main-1` does not begin with a digit, as versions \
         of packages do\n\
         help: give the release a version such as `2026.1.0`\n",
    );
}

#[test]
#[ignore = "needs `dpkg-deb`: `cargo xtask test package`"]
fn the_folder_for_it_is_made() {
    let checkout = checkout("1.0.0");
    let args = ["gitea", "package", "--output", "a/b", "--tarball", &name("1.0.0")];
    let ran = checkout.xtask(args).run().exits(0).stderr("packing release 1.0.0 and this program\n");
    assert!(ran.text().starts_with("a/b/xtask-gitea-seed_1.0.0_"), "{}", ran.text());
    assert_eq!(fs::read_dir(checkout.root().join("a/b")).unwrap().count(), 1);
}

#[test]
#[ignore = "needs `dpkg-deb`: `cargo xtask test package`"]
fn a_dry_run_writes_nothing() {
    let checkout = checkout("1.0.0");
    let ran = checkout.xtask(["--dry-run", "gitea", "package", "--tarball", &name("1.0.0")]).run().exits(0);
    ran.stdout("would write `./xtask-gitea-seed_1.0.0_[..].deb` with release 1.0.0\n").stderr("");
    let files = fs::read_dir(checkout.root()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(files.into_iter().all(|name| !name.to_str().unwrap().contains("seed_")));
}
