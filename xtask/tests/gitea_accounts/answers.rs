//! Each answer that Gitea, or what is in its place, may give.

use fake_gitea::Fault;
use fake_kube::Fault as KubeFault;

use crate::bed::Bed;

fn json(code: u16, message: &str) -> Fault {
    let body = format!(r#"{{"message":"{message}"}}"#);
    Fault::status(code).header("content-type", "application/json").body(body)
}

#[test]
fn each_is_told_apart_with_what_to_do() {
    let bed = Bed::new();
    for (fault, exit, told) in [
        (json(400, "PasswordComplexity"), 1, "Gitea does not take it: PasswordComplexity"),
        (json(401, ""), 3, "Gitea does not accept the password of account `gitea_admin`"),
        (json(403, "user should be the site admin"), 3, "help: give the credentials of the administrator"),
        (json(403, "token does not have at least one of required scope(s)"), 3, "help: give a token"),
        (json(403, "You must change your password"), 3, "mends this for the profile's accounts"),
        (json(404, ""), 3, "it does not exist, or the password of account `gitea_admin` gives no right"),
        (json(409, "x"), 1, "there is one already: x"),
        (json(422, "name is reserved"), 1, "Gitea does not take it: name is reserved"),
        (json(423, ""), 1, "it is archived"),
        (json(429, "").header("retry-after", "7"), 3, "help: wait for 7 s and run this again"),
        (Fault::status(500), 3, "the server fails with status 500"),
        (Fault::page(502), 3, "the server fails with status 502"),
        (
            Fault::status(307).header("location", "https://elsewhere/"),
            1,
            "it has moved to `https://elsewhere/`",
        ),
        (Fault::page(200), 1, "something else than Gitea answers: status 200 with text/html"),
        (Fault::page(403), 1, "something else than Gitea answers: status 403 with text/html"),
        (json(418, ""), 1, "Gitea answers with status 418"),
    ] {
        bed.gitea.faults().push(fault.method("POST").path("/api/v1/admin/users"));
        let ran = bed.run("").exits(exit).stdout("");
        assert!(ran.errors().contains(told), "{told}: {}", ran.errors());
        assert!(
            ran.errors().contains("cause: cannot make account") || told.contains("something"),
            "{}",
            ran.errors()
        );
        assert!(ran.errors().contains("\nhelp: "), "{}", ran.errors());
        bed.gitea.faults().clear();
    }
}

#[test]
fn what_is_too_long_is_not_read() {
    let bed = Bed::new();
    let long = Fault::status(200).header("content-type", "application/json").body(vec![b' '; 2 << 20]);
    bed.gitea.faults().push(long.path("/api/v1/admin/users"));
    bed.run("").exits(3).stdout("");
}

#[test]
fn a_server_that_says_nothing_is_waited_for_until_the_time_is_up() {
    let bed = Bed::new();
    bed.gitea.faults().push(Fault::silence());
    bed.run("--timeout 2s").exits(4).stdout("").stderr(
        "error: the time was up while waiting for Gitea's answer\nhelp: give it more time with `--timeout`\n",
    );
}

#[test]
fn what_the_cluster_forbids_is_told() {
    let bed = Bed::new();
    bed.kube.faults().push(KubeFault::status(403).kind("Secret").name("argocd-gitea-credential"));
    let ran = bed.run("").exits(3).stdout("");
    let told = "not allowed to read Secret `orch-platform/argocd-gitea-credential`";
    assert!(ran.errors().contains(told), "{}", ran.errors());
    bed.kube.faults().clear();
    bed.kube.delete("Namespace", "", "orch-platform");
    let ran = bed.run("").exits(3).stdout("");
    assert!(ran.errors().contains("kubectl create namespace orch-platform"), "{}", ran.errors());
}
