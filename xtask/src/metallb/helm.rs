//! The program `helm`.

use std::env::join_paths;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::release::RELEASE;
use crate::context::Context;
use crate::failure::Failure;
use crate::ownership::Owner;
use crate::process::Program;
use crate::profile::{MetallbProfile, Version};

/// How long an installation may take when `--timeout` says nothing: the chart
/// is fetched, and the objects are made; nothing is waited for.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long a question may take.
const ASKING: Duration = Duration::from_secs(30);
/// Which part of Helm's words is told when it fails, in lines.
const TOLD: usize = 4;
const INSTALL: &str = "install it: `curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-3 \
                       | bash`";

/// The program `helm`.
#[derive(Clone, Debug)]
pub struct Helm {
    path: PathBuf,
}

/// What is installed.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    profile: &'a MetallbProfile,
    /// An archive or a folder in place of the repository's.
    local: Option<PathBuf>,
    /// Its version.
    pub version: Version,
}

impl Helm {
    /// The one in `PATH`.
    pub fn find(profile: &MetallbProfile) -> anyhow::Result<Self> {
        let path = which::which("helm").with_context(|| {
            let versions = &profile.helm;
            Failure::missing(format!("there is no `helm` in PATH; {versions} is needed")).help(INSTALL)
        })?;
        Ok(Self { path })
    }

    /// Fails unless it is of a version that the profile permits.
    pub fn check(&self, cx: &Context, profile: &MetallbProfile) -> anyhow::Result<()> {
        let (path, versions) = (&self.path, &profile.helm);
        let told = Program::new(path).args(["version", "--template", "{{.Version}}"]).patience(ASKING);
        let text = told.read(cx)?;
        let version = Version::parse(text.trim());
        if version.is_some_and(|version| versions.contains(version)) {
            return Ok(());
        }
        let (path, text) = (path.display(), text.trim());
        Err(Failure::missing(format!("`{path}` is of version `{text}`; {versions} is needed"))
            .help(format!("{INSTALL}, or put one that will do first in PATH"))
            .into())
    }

    /// The release as it is made, or changed, by one call.
    pub fn upgrade(&self, cx: &Context, chart: &Chart<'_>, owner: &Owner, context: Option<&str>) -> Program {
        let MetallbProfile { chart: name, repository, namespace, .. } = chart.profile;
        let program = Program::new(&self.path).args(["upgrade", "--install", RELEASE]);
        let version = chart.version.to_string();
        let program = match (&chart.local, repository.starts_with("oci://")) {
            (Some(local), _) => program.args([local]),
            (None, true) => program.args([&format!("{repository}/{name}"), "--version", &version]),
            (None, false) => program.args([name, "--repo", repository, "--version", &version]),
        };
        let program = program.args(["--namespace", namespace, "--create-namespace"]);
        let context = context.iter().flat_map(|context| ["--kube-context", context]);
        let set = settings(owner).into_iter().flat_map(|(flag, setting)| [flag.to_owned(), setting]);
        let files = cx.access().files.iter().filter(|file| file.exists());
        let files = join_paths(files).unwrap_or_default();
        let program = program.args(context).args(set).variable("KUBECONFIG", files);
        // The kubeconfig alone says which server, and who asks.
        let program =
            cx.environment.helm_variables.iter().fold(program, |program, name| program.variable(name, ""));
        // Releases are read where Helm keeps them by default.
        program.variable("HELM_DRIVER", "secret").patience(PATIENCE)
    }

    /// Runs it, and says shortly why it failed.
    pub fn run(&self, cx: &Context, program: &Program, chart: &Chart<'_>) -> anyhow::Result<()> {
        cx.reporter.command(&program.to_string());
        let (succeeded, said) = program.capture(cx)?;
        said.lines().for_each(|line| cx.reporter.detail(line));
        if succeeded {
            return Ok(());
        }
        let failure = Failure::failed(format!("helm could not install {chart}")).help(help(&said, chart));
        Err(anyhow::anyhow!(last_words(&said)).context(failure))
    }

    /// The chart to install: the profile's, or a local archive or folder.
    pub fn chart<'a>(
        &self,
        cx: &Context,
        profile: &'a MetallbProfile,
        local: Option<&Path>,
    ) -> anyhow::Result<Chart<'a>> {
        let Some(local) = local else {
            return Ok(Chart { profile, local: None, version: profile.version });
        };
        let shown = local.display();
        let local = std::fs::canonicalize(local)
            .with_context(|| Failure::usage(format!("there is no chart `{shown}`")).help("see `--chart`"))?;
        let (succeeded, said) =
            Program::new(&self.path).args(["show", "chart"]).args([&local]).patience(ASKING).capture(cx)?;
        let read = || serde_yaml_ng::from_str::<Value>(&said).ok();
        let version =
            succeeded.then(read).flatten().and_then(|chart| Version::parse(chart["version"].as_str()?));
        let version = version.with_context(|| {
            Failure::usage(format!("`{shown}` is not a chart: {}", last_words(&said)))
                .help("give an archive of `helm pull`, or a folder with a `Chart.yaml`")
        })?;
        Ok(Chart { profile, local: Some(local), version })
    }
}

impl std::fmt::Display for Chart<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.local {
            Some(local) => write!(f, "chart `{}` {}", local.display(), self.version),
            None => write!(f, "chart `{}` {}", self.profile.chart, self.version),
        }
    }
}

/// What is set in the chart: no routing daemon, which only BGP needs (the
/// second key is that of newer charts), and whose release it is. `global` is
/// what every chart takes and none has to know.
fn settings(owner: &Owner) -> [(&'static str, String); 4] {
    [
        ("--set", "speaker.frr.enabled=false".to_owned()),
        ("--set", "frrk8s.enabled=false".to_owned()),
        ("--set-string", format!("global.xtask.workspace={}", owner.workspace)),
        ("--set-string", format!("global.xtask.profile={}", owner.profile)),
    ]
}

/// The same as Helm writes it down.
pub fn values(owner: &Owner) -> Value {
    json!({
        "speaker": { "frr": { "enabled": false } },
        "frrk8s": { "enabled": false },
        "global": { "xtask": { "workspace": owner.workspace, "profile": owner.profile } },
    })
}

/// The end of what it says, where the reason stands.
fn last_words(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let begin = lines.iter().rposition(|line| line.starts_with("Error:"));
    let begin = begin.unwrap_or(lines.len().saturating_sub(TOLD));
    let told = lines[begin..].iter().take(TOLD).map(|line| line.trim().trim_start_matches("Error: "));
    told.collect::<Vec<_>>().join("; ")
}

fn help(said: &str, chart: &Chart<'_>) -> String {
    let fetching =
        ["not a valid chart repository", "failed to download", "failed to fetch", "dial tcp", "not found in"];
    if chart.local.is_none() && fetching.iter().any(|words| said.contains(words)) {
        let repository = &chart.profile.repository;
        return format!(
            "see whether `{repository}` can be reached, or give a chart that you have: `--chart FILE`"
        );
    }
    let namespace = &chart.profile.namespace;
    format!("`helm history {RELEASE} --namespace {namespace}` tells more; then run it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_told_without_what_is_said_before() {
        let said = "WARNING: this is old\n\nError: INSTALLATION FAILED: no room\nhelp: buy some\n";
        assert_eq!(last_words(said), "INSTALLATION FAILED: no room; help: buy some");
        assert_eq!(last_words("panic\n"), "panic");
        assert_eq!(last_words(""), "");
    }

    /// As `--set` sets them.
    #[test]
    fn the_values_are_the_settings() {
        let owner = Owner { workspace: "0000000000000001".into(), profile: "coder".into() };
        let mut values = json!({});
        for (flag, setting) in settings(&owner) {
            let (path, value) = setting.split_once('=').unwrap();
            let place = path.split('.').fold(&mut values, |value, key| &mut value[key]);
            *place = if flag == "--set" { value.parse().unwrap() } else { value.into() };
        }
        assert_eq!(values, super::values(&owner));
    }
}
