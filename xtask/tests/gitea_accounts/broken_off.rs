//! Calls that are broken off at each of their requests: what they leave is
//! made up for by running them again, and no password is ever lost.

use fake_gitea::Fault as GiteaFault;
use fake_kube::{Fault as KubeFault, Verb};

use crate::bed::{ACCOUNTS, Bed};

/// Accounts and secrets that are all ours.
fn made() -> Bed {
    let bed = Bed::new();
    bed.kube.delete("Secret", "orch-platform", "admin-gitea-credential");
    bed.checkout.write("password", fake_gitea::ADMIN_PASSWORD);
    bed.run("--password-file password").exits(0);
    bed
}

/// Asserts that each account opens with a password that its secret holds.
#[track_caller]
fn nothing_is_lost(bed: &Bed) {
    for (account, secret) in ACCOUNTS {
        let (Some(user), Some(held)) = (bed.gitea.user(account), bed.held(secret)) else { continue };
        let known = ["password", "next"].map(|key| held[key].as_str().map(str::to_owned));
        assert!(
            known.contains(&Some(user.password.clone())),
            "the password of {account} is in no secret: {held}"
        );
    }
}

#[track_caller]
fn mends(bed: &Bed, at: &str) {
    nothing_is_lost(bed);
    bed.kube.faults().clear();
    bed.gitea.faults().clear();
    let ran = bed.run("");
    let ran = ran.exits(0);
    bed.fits();
    assert!(!ran.text().contains("left"), "after {at}: {}", ran.text());
}

#[test]
fn a_rotation_at_each_change_of_a_secret() {
    let bed = made();
    // Two for each account.
    for nth in 0..2 * ACCOUNTS.len() {
        for (name, fault) in [("refused", KubeFault::status(500)), ("cut", KubeFault::cut())] {
            bed.kube.faults().push(fault.verb(Verb::Patch).kind("Secret").after(nth).times(1));
            let ran = bed.run("--rotate").exits(3);
            assert!(ran.errors().contains("is not done; run this again"), "{}", ran.errors());
            mends(&bed, &format!("change {nth} of a secret, {name}"));
        }
    }
}

#[test]
fn a_rotation_at_each_change_of_an_account() {
    let bed = made();
    for (account, _) in ACCOUNTS {
        let path = format!("/api/v1/admin/users/{account}");
        for fault in [GiteaFault::status(502), GiteaFault::lost_answer(), GiteaFault::cut_request(0)] {
            bed.gitea.faults().push(fault.method("PATCH").path(&*path).times(1));
            bed.run("--rotate").exits(3);
            mends(&bed, &path);
        }
    }
}

#[test]
fn the_making_at_each_change() {
    for nth in 0..ACCOUNTS.len() - 1 {
        for fault in [KubeFault::status(500), KubeFault::cut()] {
            let bed = Bed::new();
            bed.kube.faults().push(fault.verb(Verb::Patch).kind("Secret").after(nth).times(1));
            bed.run("").exits(3);
            mends(&bed, "a change of a secret");
        }
    }
    for fault in [GiteaFault::status(502), GiteaFault::lost_answer(), GiteaFault::cut_request(0)] {
        let bed = Bed::new();
        bed.gitea.faults().push(fault.method("POST").path("/api/v1/admin/users").times(1));
        bed.run("").exits(3);
        mends(&bed, "the making of an account");
    }
}
