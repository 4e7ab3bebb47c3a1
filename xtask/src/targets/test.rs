//! `test`: everything that can be tested here, in one command.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use crate::context::Context;
use crate::part::{
    self, BUSYBOX, CARGO_DENY, COMPOSE_V1, COMPOSE_V2, CURL, DEBOOTSTRAP, DOCKER, DOCKER_REGISTRY, DOCKERD,
    DPKG_DEB, ETCD, FISH, GCC, GO, HAPROXY, IP, LINTIAN, NGINX, OPENSSL, Part, SHELLCHECK, STRIP,
    SYSTEMD_ANALYZE, TRAEFIK, UNSHARE, ZSH,
};
use crate::process::Program;
use crate::suite::{Suite, run_all};
use crate::targets::lint;
use crate::testbed::{ApiServer, Debian, Docker, Gitea, Kind, Testbed};

/// Run all tests and lints, with the foreign programs they need
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Also feed 10 million mutated hellos to the parser
    #[arg(long)]
    fuzz: bool,
    /// Only these suites
    #[arg(value_name = "SUITE", value_parser = names())]
    suites: Vec<String>,
}

/// Tests beside the lints.
struct Tests {
    name: &'static str,
    /// Arguments of `cargo test --locked --workspace`.
    args: &'static [&'static str],
    parts: &'static [&'static Part],
    variables: &'static [(&'static str, &'static str)],
    server: Option<Server>,
}

/// What runs beside tests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Api,
    Debian,
    Docker,
    Gitea,
    Kind,
}

/// A part with its path, or why it is missing.
type Found = (&'static Part, Result<PathBuf, String>);

/// Tests that need nothing but cargo.
const PLAIN: Tests =
    Tests { name: "tests", args: &["--no-fail-fast"], parts: &[], variables: &[], server: None };

/// All tests. Those that need foreign parts, or minutes, are marked `#[ignore]`,
/// so that a plain `cargo test --workspace` passes everywhere. The packages selected
/// are the same for all: other ones would have other features, and rebuild.
const TESTS: &[Tests] = &[
    PLAIN,
    Tests {
        name: "traefik",
        args: &["--test", "traefik", "--", "--ignored"],
        parts: &[&TRAEFIK, &GO],
        ..PLAIN
    },
    Tests {
        name: "clients",
        args: &["--test", "foreign_clients", "--", "--ignored"],
        parts: &[&OPENSSL, &CURL, &GO],
        ..PLAIN
    },
    Tests {
        name: "namespaces",
        args: &["--test", "namespaces", "--", "--ignored"],
        parts: &[&UNSHARE, &IP],
        ..PLAIN
    },
    Tests {
        name: "zsh",
        args: &["--test", "completions", "--", "--ignored", "zsh"],
        parts: &[&ZSH],
        ..PLAIN
    },
    Tests {
        name: "fish",
        args: &["--test", "completions", "--", "--ignored", "fish"],
        parts: &[&FISH],
        ..PLAIN
    },
    Tests {
        name: "bench",
        args: &["--test", "bench", "--", "--ignored"],
        parts: &[&DOCKER, &COMPOSE_V1, &HAPROXY, &NGINX, &TRAEFIK],
        server: Some(Server::Docker),
        ..PLAIN
    },
    Tests {
        name: "apiserver",
        args: &["--test", "api", "--", "--ignored"],
        parts: &[&ETCD],
        server: Some(Server::Api),
        ..PLAIN
    },
    Tests {
        name: "gitea",
        args: &["--test", "gitea", "--", "--ignored"],
        parts: &[&GO, &GCC],
        server: Some(Server::Gitea),
        ..PLAIN
    },
    Tests {
        name: "docker",
        args: &["--test", "docker", "--", "--ignored"],
        parts: &[&DOCKER, &DOCKER_REGISTRY, &COMPOSE_V1, &COMPOSE_V2, &TRAEFIK],
        server: Some(Server::Docker),
        ..PLAIN
    },
    Tests {
        name: "kind",
        args: &["--test", "kind", "--", "--ignored"],
        parts: &[&DOCKER, &BUSYBOX, &ETCD, &COMPOSE_V2, &DOCKERD, &UNSHARE, &IP, &TRAEFIK],
        server: Some(Server::Kind),
        ..PLAIN
    },
    Tests {
        name: "package",
        args: &["--test", "package", "--", "--ignored"],
        parts: &[&DEBOOTSTRAP, &DPKG_DEB, &LINTIAN, &SHELLCHECK, &STRIP, &SYSTEMD_ANALYZE],
        server: Some(Server::Debian),
        ..PLAIN
    },
    Tests {
        name: "registry",
        args: &["--test", "tarball", "--", "--ignored"],
        parts: &[&DOCKER_REGISTRY],
        ..PLAIN
    },
    Tests {
        name: "fuzz",
        args: &["--test", "fuzz"],
        // Mutated hellos; a run of the other suites feeds fewer.
        variables: &[("FUZZ_ITERATIONS", "10000000")],
        ..PLAIN
    },
];

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(lint::NAMES.into_iter().chain(TESTS.iter().map(|tests| tests.name)))
}

impl Args {
    /// Runs the suites; fails if one does.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let tests: Vec<&Tests> = TESTS.iter().filter(|tests| self.wants(tests.name)).collect();
        let mut parts: Vec<&'static Part> = tests.iter().flat_map(|tests| tests.parts(cx)).copied().collect();
        if self.wants("dependencies") {
            parts.push(&CARGO_DENY);
        }
        parts.sort_unstable_by_key(|part| part.name);
        parts.dedup_by_key(|part| part.name);
        let found = part::provide(cx, &parts)?;
        let found: Vec<_> = parts.into_iter().zip(found).collect();
        let deny = found.iter().find(|(part, _)| part.name == CARGO_DENY.name);
        let deny = deny.map_or_else(|| Err(CARGO_DENY.absence()), |(_, deny)| deny.clone());
        let mut suites = lint::checks(cx, &deny);
        suites.retain(|suite| self.wants(suite.name));
        for tests in tests {
            let named = self.suites.iter().any(|name| name == tests.name);
            suites.push(tests.suite(cx, &found, named)?);
        }
        run_all(cx, "test", &suites)
    }

    fn wants(&self, name: &str) -> bool {
        let all = self.suites.is_empty() && name != "fuzz";
        all || self.suites.iter().any(|wanted| wanted == name) || (self.fuzz && name == "fuzz")
    }
}

impl Tests {
    /// What runs beside them; a server that the user names takes its place.
    fn server(&self, cx: &Context) -> Option<Server> {
        self.server.filter(|server| match server {
            Server::Api => cx.environment.test_kubeconfig.is_none(),
            Server::Gitea => cx.environment.test_gitea.is_none(),
            Server::Debian | Server::Docker | Server::Kind => true,
        })
    }

    fn parts(&self, cx: &Context) -> &'static [&'static Part] {
        if self.server == self.server(cx) { self.parts } else { &[] }
    }

    fn suite(&self, cx: &Context, found: &[Found], named: bool) -> anyhow::Result<Suite> {
        let mut program =
            Program::new("cargo").args(["test", "--locked", "--workspace"]).args(self.args).dir(cx.root());
        for (name, value) in self.variables {
            program = program.variable(name, value);
        }
        let (mut paths, mut obstacles) = (Vec::new(), Vec::new());
        for part in self.parts(cx) {
            match found.iter().find(|(other, _)| other.name == part.name) {
                Some((_, Ok(path))) => {
                    program = program.variable(&part.variable(), path);
                    paths.push(path);
                }
                Some((_, Err(why))) => obstacles.push(why.clone()),
                None => obstacles.push(part.absence()),
            }
        }
        let testbed = match (self.server(cx), paths.as_slice()) {
            _ if !obstacles.is_empty() => None,
            (Some(Server::Api), [etcd]) => Some(ApiServer::prepare(cx, named, etcd)?),
            (Some(Server::Debian), [debootstrap, ..]) => Some(Debian::prepare(cx, debootstrap)?),
            (Some(Server::Docker), [docker, .., traefik]) => {
                Some(Docker::prepare(cx, docker, traefik)?.map(Testbed::Docker))
            }
            (Some(Server::Gitea), _) => Some(Gitea::prepare(cx, named)?),
            (Some(Server::Kind), [docker, busybox, etcd, .., traefik]) => {
                Some(Kind::prepare(cx, named, [docker, busybox, etcd, traefik])?)
            }
            _ => None,
        };
        let testbed = testbed.transpose().map_err(|why| obstacles.push(why)).ok().flatten();
        let obstacle = (!obstacles.is_empty()).then(|| obstacles.join("; "));
        Ok(Suite { name: self.name, program, obstacle, testbed })
    }
}
