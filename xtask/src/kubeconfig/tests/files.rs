//! The user's files: modes, links, locks, and several at once.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{KUBECTL, own};
use crate::context::Context;
use crate::failure::{Exit, exit_of};
use crate::kubeconfig::{Merged, keep, merge, take_out};
use crate::render::project;
use crate::state::id_of;

/// A workspace and a home, in a folder of their own.
struct Bed {
    folder: TempDir,
    cx: Context,
    name: String,
}

impl Bed {
    /// With a cluster whose API is at `port`.
    fn new(port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bed = Self::beside(folder, "workspace");
        keep(&bed.cx, &own(&bed.name, port)).unwrap();
        bed
    }

    fn beside(folder: TempDir, workspace: &str) -> Self {
        let mut cx = Context::for_tests();
        cx.environment.root = folder.path().join(workspace);
        cx.environment.kubeconfig = vec![folder.path().join("home/.kube/config")];
        cx.choice.name = "coder".to_owned();
        let name = format!("kind-{}", project("coder", id_of(cx.root())));
        Self { folder, cx, name }
    }

    fn file(&self) -> PathBuf {
        self.cx.environment.kubeconfig[0].clone()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn write(&self, text: &str) {
        fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        fs::write(self.file(), text).unwrap();
    }

    fn merge(&self) -> Merged {
        merge(&self.cx, &self.name).unwrap()
    }

    fn take_out(&self) -> bool {
        take_out(&self.cx, &self.name).unwrap()
    }

    /// Names of what is beside the user's file.
    fn beside_file(&self) -> Vec<String> {
        let entries = fs::read_dir(self.file().parent().unwrap()).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn state(&self) -> Vec<String> {
        let entries = fs::read_dir(self.cx.state_dir()).unwrap();
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_file_that_we_create_goes_with_our_context() {
    let bed = Bed::new(1);
    let merged = bed.merge();
    assert_eq!(merged, Merged { file: bed.file(), context: bed.name.clone(), changed: true });
    assert_eq!(mode(&bed.file()), 0o600);
    let config: serde_yaml_ng::Value = serde_yaml_ng::from_str(&bed.text()).unwrap();
    assert_eq!(config["current-context"], bed.name.as_str());
    assert!(!bed.merge().changed);
    assert_eq!(bed.beside_file(), ["config"]);
    assert!(bed.take_out());
    assert_eq!(bed.beside_file(), [""; 0]);
    assert!(!bed.take_out());
    assert_eq!(bed.state(), ["kubeconfig"]);
}

#[test]
fn a_file_that_we_created_stays_if_the_user_has_put_more_in() {
    let bed = Bed::new(1);
    bed.merge();
    let more = "clusters:\n- name: a\n  cluster: {server: \"https://a\"}\n";
    bed.write(&bed.text().replace("clusters:\n", more));
    assert!(bed.take_out());
    assert!(bed.text().contains(more) && bed.text().contains("current-context: \"\"\n"), "{}", bed.text());
    assert!(!bed.text().contains(&bed.name));
}

#[test]
fn a_file_of_the_user_keeps_its_mode_its_link_and_its_text() {
    let bed = Bed::new(1);
    let target = bed.folder.path().join("elsewhere");
    bed.write("");
    fs::remove_file(bed.file()).unwrap();
    fs::write(&target, KUBECTL).unwrap();
    fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
    symlink(&target, bed.file()).unwrap();
    assert!(bed.merge().changed);
    assert!(bed.file().is_symlink());
    assert_eq!(mode(&target), 0o640);
    assert!(bed.text().contains("current-context: a\n"));
    // Made again, at another port.
    keep(&bed.cx, &own(&bed.name, 2)).unwrap();
    assert!(bed.merge().changed);
    assert!(bed.text().contains("https://127.0.0.1:2\n") && !bed.text().contains("https://127.0.0.1:1\n"));
    assert!(bed.take_out());
    assert_eq!(fs::read_to_string(&target).unwrap(), KUBECTL);
    assert_eq!((mode(&target), bed.file().is_symlink()), (0o640, true));
    assert_eq!(bed.beside_file(), ["config"]);
}

#[test]
fn empty_lists_are_remembered_from_one_call_to_the_next() {
    let bed = Bed::new(1);
    let text = "clusters: [] # none\nkind: Config\nusers: null\n";
    bed.write(text);
    bed.merge();
    keep(&bed.cx, &own(&bed.name, 2)).unwrap();
    bed.merge();
    assert!(bed.take_out());
    assert_eq!(bed.text(), text);
}

#[test]
fn a_context_is_found_where_it_was_put() {
    let mut bed = Bed::new(1);
    bed.write(KUBECTL);
    bed.merge();
    // KUBECONFIG is another since, and in ill health.
    let (file, other) = (bed.file(), bed.folder.path().join("other"));
    fs::write(&other, "{").unwrap();
    bed.cx.environment.kubeconfig = vec![other.clone()];
    assert!(bed.take_out());
    assert_eq!(fs::read_to_string(file).unwrap(), KUBECTL);
    assert_eq!(fs::read_to_string(other).unwrap(), "{");
}

#[test]
fn of_several_files_the_one_is_taken_that_kubectl_would_take() {
    let mut bed = Bed::new(1);
    let [first, second, third] = ["first", "second", "third"].map(|name| bed.folder.path().join(name));
    bed.cx.environment.kubeconfig = vec![first.clone(), second.clone(), third.clone()];
    assert_eq!(bed.merge().file, third);
    assert!(bed.take_out());
    fs::write(&second, KUBECTL).unwrap();
    assert_eq!(bed.merge().file, second);
    // It stays where it is.
    fs::write(&first, KUBECTL).unwrap();
    assert_eq!((bed.merge().file, bed.merge().changed), (second.clone(), false));
    assert!(bed.take_out());
    assert_eq!(fs::read_to_string(second).unwrap(), KUBECTL);
    assert!(first.exists() && !third.exists());
}

#[test]
fn the_clusters_own_file_is_not_the_users() {
    let mut bed = Bed::new(1);
    bed.cx.environment.kubeconfig = vec![bed.cx.own_kubeconfig()];
    assert!(!bed.merge().changed);
    assert!(!bed.take_out());
    assert_eq!(fs::read_to_string(bed.cx.own_kubeconfig()).unwrap(), own(&bed.name, 1));
}

#[test]
fn what_cannot_be_read_is_told_and_left_alone() {
    let bed = Bed::new(1);
    for (text, told) in [
        ("users:\n- user: {token: s3cret\n", "is not one kubeconfig in YAML: see line "),
        ("clusters: []\n---\nclusters: []\n", "is not one kubeconfig in YAML"),
    ] {
        bed.write(text);
        let error = merge(&bed.cx, &bed.name).unwrap_err();
        assert_eq!(exit_of(&error), Exit::Missing);
        let error = format!("{error:#}");
        assert!(error.contains(told) && !error.contains("s3cret"), "{error}");
        assert_eq!(bed.text(), text);
        assert_eq!(bed.beside_file(), ["config"]);
    }
    fs::remove_file(bed.file()).unwrap();
    symlink("nowhere", bed.file()).unwrap();
    assert_eq!(exit_of(&merge(&bed.cx, &bed.name).unwrap_err()), Exit::Missing);
    assert!(bed.file().is_symlink());
}

#[test]
fn without_a_cluster_there_is_nothing_to_merge() {
    let bed = Bed::beside(tempfile::tempdir().unwrap(), "workspace");
    let error = merge(&bed.cx, &bed.name).unwrap_err();
    assert_eq!(exit_of(&error), Exit::Missing);
    assert!(error.to_string().starts_with("there is no kubeconfig of the cluster: "), "{error}");
    keep(&bed.cx, &own("kind-other", 1)).unwrap();
    let error = merge(&bed.cx, &bed.name).unwrap_err();
    assert!(error.to_string().ends_with(&format!("has no context `{}`", bed.name)), "{error}");
    assert!(!bed.file().exists());
}

#[test]
fn a_lock_that_stays_is_named() {
    let mut bed = Bed::new(1);
    bed.write(KUBECTL);
    let lock = bed.file().with_file_name("config.lock");
    fs::write(&lock, "").unwrap();
    bed.cx.deadline = crate::context::Deadline::at(Instant::now() + Duration::from_millis(50));
    let error = merge(&bed.cx, &bed.name).unwrap_err();
    assert_eq!(exit_of(&error), Exit::Missing);
    assert!(error.to_string().ends_with("config.lock`"), "{error}");
    assert!(lock.exists());
    assert_eq!(bed.text(), KUBECTL);
}

#[test]
fn merges_at_once_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".kube/config");
    let beds: Vec<Bed> = (1..=8)
        .map(|port| {
            let mut bed = Bed::new(port);
            bed.cx.environment.kubeconfig = vec![file.clone()];
            bed
        })
        .collect();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, KUBECTL).unwrap();
    let at_once = |work: &(dyn Fn(&Bed) + Sync)| {
        std::thread::scope(|scope| beds.iter().for_each(|bed| drop(scope.spawn(move || work(bed)))));
    };
    at_once(&|bed| assert!(bed.merge().changed));
    let text = fs::read_to_string(&file).unwrap();
    assert!(beds.iter().all(|bed| text.contains(&bed.name)), "{text}");
    at_once(&|bed| assert!(bed.take_out()));
    assert_eq!(fs::read_to_string(&file).unwrap(), KUBECTL);
}
