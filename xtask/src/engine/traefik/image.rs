//! The image: whether it is there, and pulling it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptions;
use futures_util::StreamExt as _;

use crate::context::Context;
use crate::docker::{Docker, PATIENCE, is_absent};
use crate::failure::Failure;

/// How long a pull may take, when `--timeout` says nothing.
const PULL: Duration = Duration::from_mins(15);
/// How often progress is told.
const TELL: Duration = Duration::from_secs(2);

/// Whether Docker has it.
pub fn is_there(cx: &Context, docker: &Docker, image: &str) -> anyhow::Result<bool> {
    docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        match client.inspect_image(image).await {
            Ok(_) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(error).with_context(|| format!("Docker does not tell of image `{image}`")),
        }
    })
}

/// Pulls it, and says how far it is.
pub fn pull(cx: &Context, docker: &Docker, image: &str) -> anyhow::Result<()> {
    cx.reporter.note(&format!("pulling image `{image}`"));
    docker.ask(cx, cx.deadline.or(PULL), "the image to be pulled", async |client: Client| {
        let mut progress = Progress::default();
        // A digest or a tag is part of the name that the profile gives.
        let options = CreateImageOptions { from_image: Some(image.to_owned()), ..Default::default() };
        let mut pulled = client.create_image(Some(options), None, None);
        let mut told = Instant::now();
        while let Some(step) = pulled.next().await {
            let refused = || {
                Failure::missing(format!("cannot pull image `{image}`"))
                    .help(format!("pull it by hand, with your credentials: `docker pull {image}`"))
            };
            progress.note(step.with_context(refused)?);
            if told.elapsed() >= TELL {
                cx.reporter.note(&format!("pulling image `{image}`: {}", progress.describe()));
                told = Instant::now();
            }
        }
        Ok(())
    })
}

/// Bytes of each layer: those that are here, and all.
#[derive(Default)]
struct Progress(HashMap<String, (u64, u64)>);

impl Progress {
    fn note(&mut self, step: CreateImageInfo) {
        let bytes = step.progress_detail.unwrap_or_default();
        // Unpacking counts the same bytes again.
        if step.status.as_deref() == Some("Downloading")
            && let (Some(layer), Some(current), Some(total)) = (step.id, bytes.current, bytes.total)
        {
            let bytes = |count: i64| u64::try_from(count).unwrap_or_default();
            self.0.insert(layer, (bytes(current), bytes(total)));
        }
    }

    fn describe(&self) -> String {
        let mebibytes = |bytes: u64| bytes >> 20;
        let (here, all) = self.0.values().fold((0, 0), |sum, layer| (sum.0 + layer.0, sum.1 + layer.1));
        format!("{} of {} MiB", mebibytes(here), mebibytes(all))
    }
}
