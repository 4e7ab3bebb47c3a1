//! The stage that makes the samples, once their stand-ins run.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cluster::{Cluster, Resource};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{METALLB, NAMESPACES};
use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::failure::Failure;
use crate::ownership::{MANAGER, Owner};
use crate::platform::ask;
use crate::samples::{Sample, addresses, is_sample};
use crate::stage::{Progress, Stage, State};
use crate::stand_in::{Role, StandInStatus};

/// Its name.
pub const SAMPLES: &str = "samples";

/// How long the samples may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_mins(4);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// How long one connection may take.
const CONNECT: Duration = Duration::from_secs(1);

/// Services that lead to stand-ins. They go with the cluster.
pub struct SamplesStage {
    /// What stands in.
    pub roles: Vec<Role>,
}

/// How far a sample is.
enum Progressed {
    /// A service that is no sample has its name.
    Real,
    /// It does not exist, or leads elsewhere.
    Missing,
    /// It has no address that takes connections.
    Waiting(String),
    /// Clients reach it there.
    Reached(IpAddr),
}

impl SamplesStage {
    /// The sample of each role whose stand-in runs.
    fn samples(&self, cx: &Context) -> anyhow::Result<Vec<(&Role, Sample)>> {
        let (profile, labels) = (cx.profile()?, Owner::of(cx).labels());
        let mut samples = Vec::new();
        for role in &self.roles {
            let status: Option<Status<StandInStatus>> = Daemon::new(cx, &role.name).status()?;
            let status = status.with_context(|| format!("the stand-in `{}` has ended", role.name))?;
            let sample = Sample::new(profile, role, &status.service.listeners, &labels);
            samples.push((role, sample.with_context(|| format!("`{}` has no port", role.service))?));
        }
        Ok(samples)
    }
}

impl Stage for SamplesStage {
    fn name(&self) -> &str {
        SAMPLES
    }

    fn needs(&self) -> Vec<&str> {
        let fixed = [METALLB, NAMESPACES];
        fixed.into_iter().chain(self.roles.iter().map(|role| role.name.as_str())).collect()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let samples = self.samples(cx)?;
        ask(cx, "the samples", async |cluster| {
            let mut told = Vec::new();
            for (role, sample) in &samples {
                match progress(&cluster, sample).await? {
                    Progressed::Reached(address) => told.push(format!("{} {address}", role.name)),
                    Progressed::Real => told.push(format!("{} is real", role.name)),
                    Progressed::Missing => return Ok(State::Down(format!("making {}", role.service))),
                    Progressed::Waiting(why) => {
                        return Ok(State::Down(format!("{}: {why}", role.service)));
                    }
                }
            }
            Ok(State::Up(told.join(", ")))
        })
    }

    fn plan(&self, _: &Context) -> anyhow::Result<Vec<String>> {
        let step = |role: &Role| format!("apply service `{}` that leads to a stand-in", role.service);
        Ok(self.roles.iter().map(step).collect())
    }

    fn make(&self, cx: &Context, said: &Progress<'_>) -> anyhow::Result<String> {
        let samples = self.samples(cx)?;
        let deadline = cx.deadline.or(PATIENCE);
        ask(cx, "the samples", async |cluster| {
            let mut told = Vec::new();
            for (_, sample) in &samples {
                if let Progressed::Real = progress(&cluster, sample).await? {
                    continue;
                }
                cluster.apply(MANAGER, &sample.service).await?;
                cluster.apply(MANAGER, &sample.endpoints).await?;
            }
            for (role, sample) in &samples {
                told.push(reached(&cluster, role, sample, said, deadline).await?);
            }
            Ok(told.join(", "))
        })
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}

/// Returns when clients reach the sample: what to say of it then.
async fn reached(
    cluster: &Cluster,
    role: &Role,
    sample: &Sample,
    said: &Progress<'_>,
    deadline: Instant,
) -> anyhow::Result<String> {
    let mut waits = String::new();
    loop {
        match progress(cluster, sample).await? {
            Progressed::Reached(address) => return Ok(format!("{} {address}", role.name)),
            Progressed::Real => return Ok(format!("{} is real", role.name)),
            Progressed::Missing => anyhow::bail!("somebody changed `{}`", role.service),
            Progressed::Waiting(why) if why == waits => {}
            Progressed::Waiting(why) => {
                said.say(&format!("{}: {why}", role.service));
                waits = why;
            }
        }
        if Instant::now() + PAUSE >= deadline {
            let message = format!("the time was up while waiting for the sample `{}`: {waits}", role.service);
            let help = "look with `cargo xtask metallb status`; give it more time with `--timeout`";
            return Err(Failure::timed_out(message).help(help).into());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks how far a sample is.
async fn progress(cluster: &Cluster, sample: &Sample) -> anyhow::Result<Progressed> {
    let metadata = |object: &serde_json::Value| {
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        (text("namespace"), text("name"))
    };
    let (namespace, name) = metadata(&sample.service);
    let Some(service) = cluster.get(&Resource::SERVICE, Some(&namespace), &name).await? else {
        return Ok(Progressed::Missing);
    };
    if !is_sample(&service) {
        return Ok(Progressed::Real);
    }
    let (_, slice) = metadata(&sample.endpoints);
    let endpoints = cluster.get(&Resource::ENDPOINT_SLICE, Some(&namespace), &slice).await?;
    let leads = |object: &serde_json::Value| {
        object["endpoints"][0]["addresses"] == sample.endpoints["endpoints"][0]["addresses"]
            && ports(object) == ports(&sample.endpoints)
    };
    if ports(&service["spec"]) != ports(&sample.service["spec"]) || !endpoints.as_ref().is_some_and(leads) {
        return Ok(Progressed::Missing);
    }
    let Some(&address) = addresses(&service).first() else {
        return Ok(Progressed::Waiting("its load balancer has no address yet".to_owned()));
    };
    for port in ports(&service["spec"]) {
        let at = SocketAddr::new(address, port);
        let connected = timeout(CONNECT, TcpStream::connect(at)).await;
        if !matches!(connected, Ok(Ok(_))) {
            return Ok(Progressed::Waiting(format!("nothing takes connections at {at} yet")));
        }
    }
    Ok(Progressed::Reached(address))
}

fn ports(object: &serde_json::Value) -> Vec<u16> {
    let ports = object["ports"].as_array().into_iter().flatten();
    ports.filter_map(|port| port["port"].as_u64()?.try_into().ok()).collect()
}
