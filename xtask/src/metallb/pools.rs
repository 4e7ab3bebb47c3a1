//! Getting the pools into the cluster.

use std::time::{Duration, Instant};

use cluster::{Applied, Cluster, Error, Resource};
use serde_json::Value;
use tokio::time::{sleep, timeout_at};

use super::objects::{is_of_name, is_same, name};
use crate::discovery::failure;
use crate::failure::Failure;
use crate::ownership::{MANAGER, Owner};
use crate::profile::MetallbProfile;

/// Between two tries while `MetalLB` does not take its pools yet.
const PAUSE: Duration = Duration::from_millis(500);

/// What is to be done about the pools.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// In this order.
    pub delete: Vec<Value>,
    /// In this order, after that.
    pub apply: Vec<Value>,
}

impl Changes {
    /// What makes `found`, the objects of one namespace, what is `wanted`.
    /// Refuses to change what somebody else made.
    pub fn of(found: &[Value], wanted: &[Value], owner: &Owner) -> Result<Self, Failure> {
        let is_wanted = |object: &Value| wanted.iter().any(|it| is_of_name(it, object));
        if let Some(foreign) = found.iter().find(|object| is_wanted(object) && !owner.owns(object)) {
            return Err(refused(foreign));
        }
        let delete = found.iter().filter(|object| owner.owns(object) && !is_wanted(object));
        let delete = delete.cloned().collect();
        let has_rest = found.iter().any(is_rest);
        let is_there = |object: &Value| found.iter().any(|it| is_of_name(it, object) && is_same(it, object));
        let mut apply: Vec<Value> = wanted.iter().filter(|object| !is_there(object)).cloned().collect();
        // A service takes from the rest if its own pool is not there yet. Where the rest is there it may
        // have to give way first: no two pools may have the same address, ever.
        apply.sort_by_key(|object| {
            let rest = if has_rest { 0 } else { 3 };
            match object["spec"]["serviceAllocation"]["priority"].as_u64() {
                _ if is_rest(object) => (rest, 0),
                Some(priority) => (1, priority),
                None => (4, 0),
            }
        });
        Ok(Self { delete, apply })
    }

    /// Whether all is as it shall be.
    pub fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.apply.is_empty()
    }

    /// What `make` would do.
    pub fn plan(&self) -> Vec<String> {
        let deleted = self.delete.iter().map(|object| format!("delete {}", title(object)));
        let applied = self.apply.iter().map(|object| format!("apply {}{}", title(object), addresses(object)));
        deleted.chain(applied).collect()
    }

    /// Does it. What `MetalLB` does not take yet, since its webhook is only
    /// coming up, is tried again until `deadline`.
    pub async fn make(
        &self,
        cluster: &Cluster,
        deadline: Instant,
        say: &dyn Fn(&str),
    ) -> anyhow::Result<Vec<(String, Applied)>> {
        for object in &self.delete {
            let (kind, namespace) = (resource(object), object["metadata"]["namespace"].as_str());
            insist(&title(object), deadline, say, || cluster.delete(&kind, namespace, name(object))).await?;
        }
        let mut made = Vec::new();
        for object in &self.apply {
            let applied = insist(&title(object), deadline, say, || cluster.apply(MANAGER, object)).await?;
            made.push((name(object).to_owned(), applied));
        }
        Ok(made)
    }
}

/// Tries it until it is done, or can never be.
async fn insist<T, F: Future<Output = Result<T, Error>>>(
    what: &str,
    deadline: Instant,
    say: &dyn Fn(&str),
    attempt: impl Fn() -> F,
) -> anyhow::Result<T> {
    let mut told = None;
    loop {
        let error = match timeout_at(deadline.into(), attempt()).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) if error.is_transient() => error,
            Ok(Err(error)) => return Err(untaken(&error)),
            Err(_) => return Err(late(what, told.as_ref())),
        };
        if told.as_ref() != Some(&error) {
            say(&format!("waiting until MetalLB takes {what}: {error}"));
        }
        if Instant::now() + PAUSE >= deadline {
            return Err(late(what, Some(&error)));
        }
        told = Some(error);
        sleep(PAUSE).await;
    }
}

fn untaken(error: &Error) -> anyhow::Error {
    match error {
        Error::Conflict { .. } => Failure::refused(error.to_string()).help(error.help()).into(),
        _ => failure(error),
    }
}

fn late(what: &str, error: Option<&Error>) -> anyhow::Error {
    let failure = Failure::timed_out(format!("the time was up while waiting until MetalLB takes {what}"))
        .help("`cargo xtask metallb status` tells how it is; give it more time with `--timeout`");
    match error {
        Some(error) => anyhow::Error::new(error.clone()).context(failure),
        None => failure.into(),
    }
}

fn refused(object: &Value) -> Failure {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    let (kind, name) = (resource(object), name(object));
    Failure::refused(format!("{} is there, but is not ours", title(object))).help(format!(
        "if nobody needs it, delete it: `kubectl delete {}.{} {name} --namespace {namespace}`",
        kind.plural, kind.group
    ))
}

fn resource(object: &Value) -> Resource {
    if is_pool(object) { Resource::IP_ADDRESS_POOL } else { Resource::L2_ADVERTISEMENT }
}

fn is_pool(object: &Value) -> bool {
    object["kind"] == "IPAddressPool"
}

fn is_rest(object: &Value) -> bool {
    is_pool(object) && name(object) == MetallbProfile::REST
}

fn title(object: &Value) -> String {
    let what = if is_pool(object) { "pool" } else { "advertisement" };
    format!("{what} `{}`", name(object))
}

fn addresses(object: &Value) -> String {
    let key = if is_pool(object) { "addresses" } else { "ipAddressPools" };
    let texts = object["spec"][key].as_array().into_iter().flatten().filter_map(Value::as_str);
    format!(": {}", texts.collect::<Vec<_>>().join(", "))
}
