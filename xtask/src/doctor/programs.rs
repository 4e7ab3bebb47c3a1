//! Foreign programs, and whether their versions will do.

use std::path::{Path, PathBuf};

use super::facts::PATIENCE;
use super::{Check, Seen, Verb, has_kind, is_traefik};
use crate::process::Program;
use crate::profile::{ForgeEngine, Version, Versions};

/// Those that are known to work; proposed where they are in the profile's range.
const KIND_VERSION: &str = "0.33.0";
const HELM_VERSION: &str = "3.19.0";

pub(super) const GIT: Check = Check {
    name: "git",
    why: "it keeps the repositories that releases are seeded to",
    applies: |cx| {
        let gitea = cx.profile().ok().and_then(|profile| profile.gitea.as_ref());
        gitea.is_some_and(|gitea| gitea.engine == ForgeEngine::Bare)
    },
    verbs: &[Verb::Up],
    look: |_| {
        let git = Tool { name: "git", ask: &["--version"] };
        let seen = look_for(&git);
        Ok(decide(&seen, None, "install it with `sudo apt-get install git`"))
    },
};
pub(super) const DOCKER: Check = Check {
    name: "docker client",
    why: "kind works by it",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: |_| Ok(decide(&look_for(&DOCKER_CLIENT), None, "install it with `sudo apt-get install docker.io`")),
};
pub(super) const COMPOSE: Check = Check {
    name: "compose",
    why: "it makes and removes the router's container",
    applies: |cx| has_kind(cx) && is_traefik(cx),
    verbs: &[Verb::Router, Verb::Up],
    look: |_| Ok(compose()),
};
pub(super) const KIND: Check = Check {
    name: "kind",
    why: "it makes the cluster",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: |facts| {
        let versions = facts.cx.profile()?.kind()?.versions;
        let version = proposed(versions, KIND_VERSION);
        let install = format!(
            "install it with `go install sigs.k8s.io/kind@v{version}`, or take it from \
                               https://github.com/kubernetes-sigs/kind/releases/tag/v{version}"
        );
        Ok(decide(&look_for(&Tool { name: "kind", ask: &["version"] }), Some(versions), &install))
    },
};
pub(super) const HELM: Check = Check {
    name: "helm",
    why: "it installs MetalLB",
    applies: |cx| cx.profile().is_ok_and(|profile| profile.metallb.is_some()),
    verbs: &[Verb::Metallb, Verb::Up],
    look: |facts| {
        let versions = facts.cx.profile()?.metallb()?.helm;
        let version = proposed(versions, HELM_VERSION);
        let install = format!(
            "install it with `go install helm.sh/helm/v3/cmd/helm@v{version}`, or take it \
                               from https://github.com/helm/helm/releases/tag/v{version}"
        );
        let helm = Tool { name: "helm", ask: &["version", "--short"] };
        Ok(decide(&look_for(&helm), Some(versions), &install))
    },
};
pub(super) const KUBECTL: Check = Check {
    name: "kubectl",
    why: "people look into the cluster by it; this program does not need it",
    applies: has_kind,
    verbs: &[],
    look: |_| {
        let seen = look_for(&Tool { name: "kubectl", ask: &["version", "--client"] });
        let install = "see https://kubernetes.io/docs/tasks/tools, or use the node's: \
                       `docker exec -it NODE kubectl`";
        Ok(advice(decide(&seen, None, install)))
    },
};

const DOCKER_CLIENT: Tool = Tool { name: "docker", ask: &["--version"] };

/// A program that tells its version.
struct Tool {
    name: &'static str,
    ask: &'static [&'static str],
}

/// What came of looking for a program.
#[derive(Clone, Debug)]
enum Found {
    /// It is in none of the folders of `PATH`.
    Absent(&'static str),
    /// It is there, and does not tell.
    Dumb(PathBuf, String),
    /// It is there, and says this of itself.
    Told(PathBuf, String),
}

fn look_for(tool: &Tool) -> Found {
    let Ok(path) = which::which(tool.name) else { return Found::Absent(tool.name) };
    match Program::new(&path).args(tool.ask).quietly(PATIENCE) {
        Ok(said) => Found::Told(path, said),
        Err(error) => Found::Dumb(path, format!("{error:#}")),
    }
}

/// The plug-in of Docker's client, else the program.
fn compose() -> Seen {
    let plugin = Program::new("docker").args(["compose", "version"]).quietly(PATIENCE);
    if let Some(version) = plugin.ok().as_deref().and_then(version_in) {
        return Seen::good(format!("`docker compose` {version}"));
    }
    let program = look_for(&Tool { name: "docker-compose", ask: &["version"] });
    decide(&program, None, "install it with `sudo apt-get install docker-compose`")
}

/// What is proposed: the one that is known to work, unless the profile wants another.
fn proposed(versions: Versions, known: &str) -> Version {
    Version::parse(known).filter(|version| versions.contains(*version)).unwrap_or(versions.from)
}

fn decide(found: &Found, versions: Option<Versions>, install: &str) -> Seen {
    let named = |path: &Path| format!("`{}`", path.display());
    match found {
        Found::Absent(name) => Seen::missing(format!("`{name}` is in no folder of PATH"), install),
        Found::Dumb(path, why) => Seen::unknown(format!("{} does not tell its version: {why}", named(path))),
        Found::Told(path, said) => match (version_in(said), versions) {
            (None, None) => Seen::good(named(path)),
            (None, Some(_)) => {
                Seen::unknown(format!("{} tells no version, but `{}`", named(path), first_line(said)))
            }
            (Some(version), Some(versions)) if !versions.contains(version) => {
                Seen::missing(format!("{} is {version}; {versions}, is needed", named(path)), install)
            }
            (Some(version), _) => Seen::good(format!("{} {version}", named(path))),
        },
    }
}

/// What is missing is only missed.
fn advice(seen: Seen) -> Seen {
    match (seen.state, &seen.mend) {
        (super::State::Missing, Some(mend)) => Seen::warning(seen.found.clone(), mend.clone()),
        _ => seen,
    }
}

/// The first version in what a program says of itself.
fn version_in(said: &str) -> Option<Version> {
    let words = said.split_whitespace().map(|word| word.trim_end_matches(','));
    words.filter(|word| word.contains('.')).find_map(Version::parse)
}

fn first_line(said: &str) -> String {
    crate::printable::printable(said.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn versions() -> Versions {
        Versions { from: Version::parse("0.27").unwrap(), before: Version::parse("0.40").unwrap() }
    }

    #[test]
    fn programs_say_their_version_in_their_own_way() {
        for (said, expected) in [
            ("kind v0.33.0 go1.26.8 linux/amd64", "0.33.0"),
            ("v3.19.0+g1a2b3c4", "3.19.0"),
            ("v3.19", "3.19.0"),
            ("Docker version 28.2.2, build e6534b4", "28.2.2"),
            ("docker-compose version 1.29.2, build unknown", "1.29.2"),
            ("Docker Compose version v2.26.1-4", "2.26.1"),
            ("Client Version: v1.33.4\nKustomize Version: v5.6.0", "1.33.4"),
        ] {
            assert_eq!(version_in(said).map(|it| it.to_string()).as_deref(), Some(expected), "{said}");
        }
        assert_eq!(version_in("it works, 3 of 4"), None);
    }

    #[test]
    fn absent_old_new_and_dumb() {
        let told = |said: &str| Found::Told("/bin/kind".into(), said.into());
        let told_of = |found: &Found| {
            let seen = decide(found, Some(versions()), "install it");
            (seen.state, seen.found, seen.mend)
        };
        let install = || Some("install it".to_owned());
        let absent = told_of(&Found::Absent("kind"));
        assert_eq!(absent, (State::Missing, "`kind` is in no folder of PATH".into(), install()));
        let old = "`/bin/kind` is 0.26.9; 0.27.0 or newer, before 0.40.0, is needed";
        assert_eq!(told_of(&told("kind v0.26.9")), (State::Missing, old.into(), install()));
        assert_eq!(told_of(&told("kind v0.40.0")).0, State::Missing);
        assert_eq!(told_of(&told("kind v0.27.0")), (State::Good, "`/bin/kind` 0.27.0".into(), None));
        let odd = "`/bin/kind` tells no version, but `hello`";
        assert_eq!(told_of(&told("hello\nworld")), (State::Unknown, odd.into(), None));
        assert_eq!(told_of(&Found::Dumb("/bin/kind".into(), "it hangs".into())).0, State::Unknown);
    }

    #[test]
    fn what_is_proposed_is_in_the_range() {
        assert_eq!(proposed(versions(), "0.33.0").to_string(), "0.33.0");
        assert_eq!(proposed(versions(), "0.41.0").to_string(), "0.27.0");
    }

    #[test]
    fn kubectl_is_advice_alone() {
        assert_eq!(advice(decide(&Found::Absent("kubectl"), None, "get it")).state, State::Warning);
    }
}
