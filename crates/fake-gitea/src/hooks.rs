//! Hooks, which git runs itself.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

/// The variable that names the refs that the pusher may not change, between
/// blanks.
pub const PROTECTED: &str = "FAKE_GITEA_PROTECTED";
/// The variable that says why the pusher may change none, if so.
pub const DENIED: &str = "FAKE_GITEA_DENIED";
/// What a test put before the refs change, in the folder of the hooks.
pub const OF_TEST: &str = "pre-receive.test";

/// Refuses what Gitea's hook does, in its words; then comes the test's.
pub const PRE_RECEIVE: &str = r#"#!/bin/sh
updates=$(cat)
refuse() {
    printf '\nerror:\nerror: %s\nerror:\n' "$1" >&2
    exit 1
}
[ -z "$FAKE_GITEA_DENIED" ] || refuse "$FAKE_GITEA_DENIED"
if [ -n "$FAKE_GITEA_PROTECTED" ]; then
    printf '%s\n' "$updates" | while read -r old new ref; do
        case " $FAKE_GITEA_PROTECTED " in
        *" $ref "*) refuse "Not allowed to push to protected branch ${ref#refs/heads/}" ;;
        esac
    done || exit 1
fi
[ ! -e hooks/pre-receive.test ] || printf '%s\n' "$updates" | hooks/pre-receive.test
"#;

/// Writes a script that can be run. It has its name only once it is whole, for
/// a push may be running.
pub fn install(path: &Path, script: &str) -> io::Result<()> {
    let partial = path.with_extension("partial");
    fs::write(&partial, script)?;
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o755))?;
    fs::rename(&partial, path)
}
