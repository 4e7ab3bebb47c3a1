//! A Kubernetes API for `bench router-start`, told what to do line by line.
//!
//! It prints `{"address":…,"kubeconfig":…}`, then reads one of these a line
//! and prints an empty line once it is in force:
//!
//! - `latency MILLISECONDS`: from now on each answer begins so much later;
//! - `apply OBJECT`: creates or replaces an object, in JSON, and tells watches.
//!
//! It ends with its input. An example, because it needs more crates than the
//! load generator does and none of them in release mode.
#![expect(clippy::disallowed_methods, reason = "a program of its own: standard output is how it answers")]

use std::io::{self, BufRead as _, Write as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fake_kube::{FakeKube, Fault, Options};
use rustix::process::{Signal, set_parent_process_death_signal};
use serde_json::{Value, json};

fn main() -> Result<()> {
    // Without its caller there is nobody to answer.
    set_parent_process_death_signal(Some(Signal::TERM))?;
    let kube = FakeKube::start_with(Options::default()).context("no port of 127.0.0.1 is free")?;
    let address = kube.url().trim_start_matches("http://");
    answer(&json!({ "address": address, "kubeconfig": kube.kubeconfig() }).to_string())?;
    for line in io::stdin().lock().lines() {
        obey(&kube, &line?)?;
        answer("")?;
    }
    Ok(())
}

fn obey(kube: &FakeKube, line: &str) -> Result<()> {
    match line.split_once(' ') {
        Some(("latency", milliseconds)) => {
            let latency = milliseconds.parse().map(Duration::from_millis);
            kube.faults().clear();
            kube.faults().push(Fault::latency(latency.with_context(|| format!("in `{line}`"))?));
        }
        Some(("apply", object)) => {
            let object: Value = serde_json::from_str(object).with_context(|| format!("in `{line}`"))?;
            kube.apply(&object);
        }
        _ => bail!("`{line}` is neither `latency MILLISECONDS` nor `apply OBJECT`"),
    }
    Ok(())
}

fn answer(line: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}
