//! `test`: everything that can be tested here, in one command.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use crate::context::Context;
use crate::part::{
    self, CARGO_DENY, CURL, FISH, GO, HAPROXY, IP, NGINX, OPENSSL, Part, TRAEFIK, UNSHARE, ZSH,
};
use crate::process::Program;
use crate::suite::{Suite, run_all};
use crate::targets::lint;

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
}

/// A part with its path, or why it is missing.
type Found = (&'static Part, Result<PathBuf, String>);

/// All tests. Those that need foreign parts are marked `#[ignore]`, so that
/// a plain `cargo test --workspace` passes everywhere. The packages selected
/// are the same for all: other ones would have other features, and rebuild.
const TESTS: &[Tests] = &[
    Tests { name: "tests", args: &["--no-fail-fast"], parts: &[], variables: &[] },
    Tests {
        name: "traefik",
        args: &["--test", "traefik", "--", "--ignored"],
        parts: &[&TRAEFIK, &GO],
        variables: &[],
    },
    Tests {
        name: "clients",
        args: &["--test", "foreign_clients", "--", "--ignored"],
        parts: &[&OPENSSL, &CURL, &GO],
        variables: &[],
    },
    Tests {
        name: "namespaces",
        args: &["--test", "namespaces", "--", "--ignored"],
        parts: &[&UNSHARE, &IP],
        variables: &[],
    },
    Tests {
        name: "zsh",
        args: &["--test", "completions", "--", "--ignored", "zsh"],
        parts: &[&ZSH],
        variables: &[],
    },
    Tests {
        name: "fish",
        args: &["--test", "completions", "--", "--ignored", "fish"],
        parts: &[&FISH],
        variables: &[],
    },
    Tests {
        name: "bench",
        args: &["--test", "bench", "--", "--ignored"],
        parts: &[&HAPROXY, &NGINX, &TRAEFIK],
        variables: &[],
    },
    Tests {
        name: "fuzz",
        args: &["--test", "fuzz"],
        parts: &[],
        // Mutated hellos; a run of the other suites feeds fewer.
        variables: &[("FUZZ_ITERATIONS", "10000000")],
    },
];

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(lint::NAMES.into_iter().chain(TESTS.iter().map(|tests| tests.name)))
}

impl Args {
    /// Runs the suites; fails if one does.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let tests: Vec<&Tests> = TESTS.iter().filter(|tests| self.wants(tests.name)).collect();
        let mut parts: Vec<&'static Part> = tests.iter().flat_map(|tests| tests.parts).copied().collect();
        if self.wants("dependencies") {
            parts.push(&CARGO_DENY);
        }
        let found = part::provide(cx, &parts)?;
        let found: Vec<_> = parts.into_iter().zip(found).collect();
        let deny = found.iter().find(|(part, _)| part.name == CARGO_DENY.name);
        let deny = deny.map_or_else(|| Err(CARGO_DENY.absence()), |(_, deny)| deny.clone());
        let mut suites = lint::checks(cx, &deny);
        suites.retain(|suite| self.wants(suite.name));
        suites.extend(tests.into_iter().map(|tests| tests.suite(cx, &found)));
        run_all(cx, "test", &suites)
    }

    fn wants(&self, name: &str) -> bool {
        let all = self.suites.is_empty() && name != "fuzz";
        all || self.suites.iter().any(|wanted| wanted == name) || (self.fuzz && name == "fuzz")
    }
}

impl Tests {
    fn suite(&self, cx: &Context, found: &[Found]) -> Suite {
        let mut program =
            Program::new("cargo").args(["test", "--locked", "--workspace"]).args(self.args).dir(cx.root());
        for (name, value) in self.variables {
            program = program.variable(name, value);
        }
        let mut obstacles = Vec::new();
        for (part, path) in
            found.iter().filter(|(part, _)| self.parts.iter().any(|own| own.name == part.name))
        {
            match path {
                Ok(path) => program = program.variable(&part.variable(), path),
                Err(why) => obstacles.push(why.as_str()),
            }
        }
        let obstacle = (!obstacles.is_empty()).then(|| obstacles.join("; "));
        Suite { name: self.name, program, obstacle }
    }
}
