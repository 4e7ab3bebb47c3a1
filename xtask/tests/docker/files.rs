//! The files of the container.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::router::{Compose, Router};

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn an_edited_file_is_kept() {
    let router = Router::new(Compose::V2);
    router.start(&[]).run().exits(0);
    router.call(&["router", "stop"]).run().exits(0);
    let path = router.file("docker-compose.yml");
    let before = router.checkout.read(&path);
    let edited = before.replace("restart: unless-stopped", "restart: always");
    assert_ne!(edited, before);
    router.checkout.write(&path, &edited);
    let ran = router.start(&[]).run().exits(0);
    let said = format!("warning: `{path}` was edited by hand; it is kept as `{path}.bak`\n");
    ran.stderr(format!("{said}$ [..] up --detach\n"));
    assert_eq!(router.checkout.read(&path), before);
    assert_eq!(router.checkout.read(&format!("{path}.bak")), edited);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_change_of_ours_is_no_edit() {
    let router = Router::new(Compose::V2);
    router.start(&[]).run().exits(0);
    let service = router.service("other");
    let ran = router.start_with(&[("argo", service.address)], &["--format", "json"]).run().exits(0);
    assert_eq!(ran.json()["change"], "reloaded");
    ran.stderr("");
    let dynamic = router.checkout.root().join(router.file("dynamic"));
    let names: Vec<_> = fs::read_dir(dynamic).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["routes.yml"]);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn everybody_can_read_them_whatever_the_umask() {
    let router = Router::new(Compose::V2);
    std::os::unix::fs::symlink("/bin/sh", router.checkout.root().join("bin/sh")).unwrap();
    router.start(&[]).after("umask 077").run().exits(0);
    for (name, mode) in [
        ("", 0o755),
        ("docker-compose.yml", 0o644),
        ("traefik.yml", 0o644),
        ("dynamic", 0o755),
        ("dynamic/routes.yml", 0o644),
    ] {
        let metadata = fs::metadata(router.checkout.root().join(router.file(name))).unwrap();
        assert_eq!(metadata.mode() & 0o777, mode, "{name}");
    }
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_folder_that_cannot_be_made_is_named() {
    let router = Router::new(Compose::V2);
    router.checkout.write("compose/coder", "in the way");
    router.start(&[]).run().exits(3).stdout("").stderr(
        "error: cannot create the folder `[ROOT]/compose/coder`\n\
         cause: not a directory\n\
         help: make the workspace writable and see that its disk is not full\n",
    );
    assert_eq!(router.containers(), [""; 0]);
}
