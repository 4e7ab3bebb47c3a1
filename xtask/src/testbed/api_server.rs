//! A real kube-apiserver with a real etcd. No controllers run beside it.

mod files;

use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::ready::{Question, is_ready};
use super::{Ready, Testbed, dir, wait_until};
use crate::context::Context;
use crate::part::{self, KUBE_APISERVER};
use crate::ports::free_address;
use crate::process::{Program, Running};
use files::Files;

/// The variable that names the kubeconfig to tests.
const KUBECONFIG: &str = "XTASK_TEST_KUBECONFIG";

/// The programs that it takes.
#[derive(Debug)]
pub struct ApiServer {
    etcd: PathBuf,
    server: PathBuf,
}

/// In the order in which they end.
struct Servers {
    _server: Running,
    _etcd: Running,
    _files: Files,
}

impl ApiServer {
    /// Builds the server if it is not there and may be built: with `CI=true`,
    /// with `--yes`, or when it was asked for by name. Else says why not.
    pub fn prepare(cx: &Context, named: bool, etcd: &Path) -> anyhow::Result<Result<Testbed, String>> {
        let may_build = named || cx.yes || cx.environment.ci;
        if !may_build && KUBE_APISERVER.find(cx).is_none() {
            return Ok(Err(format!(
                "`kube-apiserver` is not built, which takes minutes: `cargo xtask test apiserver` builds it, or \
                 name a cluster for tests in {KUBECONFIG}"
            )));
        }
        let server =
            part::provide(cx, &[&KUBE_APISERVER])?.into_iter().next().context("one was asked for")?;
        Ok(server.map(|server| Testbed::ApiServer(Self { etcd: etcd.to_owned(), server })))
    }

    pub(super) fn plan(&self, cx: &Context) -> anyhow::Result<()> {
        for program in [&self.etcd, &self.server] {
            cx.reporter.would(&format!("start `{}`", program.display()))?;
        }
        Ok(())
    }

    pub(super) fn start(&self, cx: &Context, program: Program) -> anyhow::Result<Ready> {
        let files = Files::new()?;
        let log = dir(cx).join("etcd.log");
        let etcd = self.etcd(&files).start(cx, &log)?;
        wait_until(cx, "etcd", (&etcd, &log), || {
            UnixStream::connect(files.path(files::ETCD_SOCKET)).is_ok()
        })?;
        let address = free_address()?;
        let log = dir(cx).join("kube-apiserver.log");
        let server = self.server(&files, address).start(cx, &log)?;
        wait_until(cx, "kube-apiserver", (&server, &log), || {
            let (authority, token) = (&files.certificate(), Some(files.token()));
            is_ready(&Question { address, authority, path: "/readyz", token }).unwrap_or(false)
        })?;
        let program = program.variable(KUBECONFIG, files.write_kubeconfig(address)?);
        Ok(Ready { program, _servers: Box::new(Servers { _server: server, _etcd: etcd, _files: files }) })
    }

    /// It takes sockets only by names that look like a host and a port, in the
    /// folder where it runs.
    fn etcd(&self, files: &Files) -> Program {
        let (client, peer) = (format!("unix://{}", files::ETCD_SOCKET), "unix://peer:0");
        Program::new(&self.etcd)
            .args(["--name=test", "--data-dir=etcd", "--unsafe-no-fsync"])
            .args([format!("--listen-client-urls={client}"), format!("--advertise-client-urls={client}")])
            .args([format!("--listen-peer-urls={peer}"), format!("--initial-advertise-peer-urls={peer}")])
            .args([format!("--initial-cluster=test={peer}")])
            .dir(files.dir())
    }

    fn server(&self, files: &Files, address: SocketAddr) -> Program {
        let file = |option: &str, name: &str| format!("--{option}={}", files.path(name).display());
        Program::new(&self.server)
            .args([format!("--etcd-servers=unix://{}", files.path(files::ETCD_SOCKET).display())])
            .args([format!("--bind-address={}", address.ip()), format!("--secure-port={}", address.port())])
            .args([format!("--advertise-address={}", address.ip()), "--endpoint-reconciler-type=none".into()])
            .args([file("cert-dir", files::CERTIFICATES), file("token-auth-file", files::TOKENS)])
            .args(["--anonymous-auth=false", "--authorization-mode=RBAC"])
            .args([file("service-account-signing-key-file", files::PRIVATE_KEY)])
            .args([file("service-account-key-file", files::PUBLIC_KEY)])
            .args(["--service-account-issuer=https://kubernetes.default.svc"])
            .args(["--service-cluster-ip-range=10.96.0.0/16", "--disable-admission-plugins=ServiceAccount"])
            .dir(files.dir())
    }
}
