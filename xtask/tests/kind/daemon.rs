//! A Docker of the test's own, which can be restarted as a machine's can.

use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;

use crate::bed;
use crate::docker;
use crate::wait;

/// Between two tries to remove its data.
const PAUSE: Duration = Duration::from_millis(20);
/// Runs the daemon again and again, in a network, mount and process namespace
/// that stays: its arguments are the daemon, its socket, and its data.
const SCRIPT: &str = r#"
trap 'exit 143' TERM
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs /run
while :; do
	"$1" --host "unix://$2/docker.sock" --data-root "$2/data" --pidfile "$2/pid" >>"$2/log" 2>&1 || :
done
"#;

/// A daemon that ends, with its containers, when this is dropped.
pub struct Daemon {
    namespace: Child,
    dir: TempDir,
}

impl Daemon {
    /// Starts it, gives it the images of the bed, and takes the thread of the
    /// test into its network, for there are the ports of its containers.
    #[track_caller]
    pub fn start() -> Self {
        assert!(rustix::process::geteuid().is_root(), "a Docker of the test's own needs root");
        let dir = tempfile::Builder::new().prefix("xtask-docker-").tempdir().unwrap();
        let dockerd = program("dockerd");
        let mut unshare = Command::new(program("unshare"));
        unshare.args(["--net", "--mount", "--propagation=slave", "--mount-proc", "--pid", "--fork"]);
        unshare.args(["--kill-child", "sh", "-c", SCRIPT, "sh"]).arg(dockerd).arg(dir.path());
        let namespace = unshare.stdin(Stdio::null()).spawn().unwrap();
        let daemon = Self { namespace, dir };
        daemon.wait();
        for image in [bed::image(), "traefik:v3.7.15".to_owned()] {
            daemon.load(&image);
        }
        let network = File::open(format!("/proc/{}/ns/net", daemon.namespace.id())).unwrap();
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
        daemon
    }

    /// Where it listens.
    pub fn host(&self) -> String {
        format!("unix://{}", self.dir.path().join("docker.sock").display())
    }

    /// What its client prints.
    #[track_caller]
    pub fn docker(&self, args: &[&str]) -> String {
        docker::docker(["--host", &self.host()].iter().chain(args))
    }

    /// Ends it in good order, as a machine's service manager does, and waits
    /// until it is there again.
    #[track_caller]
    pub fn restart(&self) {
        let before = self.pid();
        let id = Pid::from_raw(self.outer(&before).try_into().unwrap()).unwrap();
        kill_process(id, Signal::TERM).unwrap();
        wait::until("the daemon to be another", || {
            fs::read(self.dir.path().join("pid")).is_ok_and(|pid| pid != before)
        });
        self.wait();
    }

    fn wait(&self) {
        let is_there = || {
            let mut info = Command::new(docker::program());
            info.args(["--host", &self.host(), "info"]).stdout(Stdio::null()).stderr(Stdio::null());
            info.status().unwrap().success()
        };
        wait::until("a daemon that answers", is_there);
    }

    fn load(&self, image: &str) {
        let mut save = Command::new(docker::program());
        let mut save = save.args(["save", image]).stdout(Stdio::piped()).spawn().unwrap();
        let mut load = Command::new(docker::program());
        load.args(["--host", &self.host(), "load"]).stdin(save.stdout.take().unwrap()).stdout(Stdio::null());
        assert!(load.status().unwrap().success() && save.wait().unwrap().success(), "{image}");
    }

    /// Its process id, as it sees it.
    fn pid(&self) -> Vec<u8> {
        fs::read(self.dir.path().join("pid")).unwrap()
    }

    /// The same, as we see it: the child of its namespace's first process.
    fn outer(&self, inner: &[u8]) -> u32 {
        let inner = String::from_utf8_lossy(inner).trim().to_owned();
        let is_it = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
            ids.split_whitespace().last() == Some(&inner)
        };
        let children = |pid: u32| fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let first: u32 = children(self.namespace.id()).trim().parse().unwrap();
        children(first).split_whitespace().map(|pid| pid.parse().unwrap()).find(is_it).expect("it runs")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The kernel ends all that is in the namespace with its first process.
        let _ = self.namespace.kill();
        let _ = self.namespace.wait();
        // What ends with it lets go of its files a moment later.
        let deadline = Instant::now() + wait::NEVER;
        while fs::remove_dir_all(self.dir.path()).is_err() && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
    }
}

/// A program of the machine.
#[track_caller]
fn program(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|dir| dir.join(name))
        .find(|it| it.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is not there: a Docker of the test's own needs it, and root"))
}
