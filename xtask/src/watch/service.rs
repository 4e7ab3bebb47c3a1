//! The daemon's side.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use cluster::{Cluster, Seen};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch::{Receiver, Sender, channel};

use super::WatchStatus;
use super::memory::Memory;
use crate::context::{Context, Launch};
use crate::daemon::{Log, Service, Verb};
use crate::discovery::{self, Discovered};
use crate::engine;

/// After this long without a right to look, the configuration is read anew: a
/// cluster that was made again has other certificates.
const REOPEN: Duration = Duration::from_secs(15);
/// How long a credentials plug-in may take.
const OPEN: Duration = Duration::from_secs(30);
/// How often a router that did not take its table is given it again.
const RETRY: Duration = Duration::from_secs(2);
/// How long the thread may take to end what it is about when it is told to stop.
const FINISH: Duration = Duration::from_secs(2);

/// Follows the cluster in a thread of its own.
pub struct WatchService {
    status: Arc<Mutex<WatchStatus>>,
    stop: Sender<bool>,
    /// Closed when the thread has ended.
    ended: Mutex<mpsc::Receiver<Infallible>>,
}

/// What the thread works with.
struct Follower {
    cx: Context,
    launch: Launch,
    log: Log,
    status: Arc<Mutex<WatchStatus>>,
}

impl Service for WatchService {
    type Config = Launch;

    fn start(cx: &Context, launch: Launch, log: &Log) -> anyhow::Result<Self> {
        let cx = cx.relaunching(&launch);
        // A profile that cannot be read is told to the one who starts us.
        cx.profile()?;
        let status = WatchStatus {
            launch: launch.clone(),
            changes: 0,
            changed: None,
            pending: Vec::new(),
            warnings: Vec::new(),
            trouble: None,
        };
        let status = Arc::new(Mutex::new(status));
        let ((stop, stopped), (ends, ended)) = (channel(false), mpsc::channel());
        let follower = Follower { cx, launch, log: log.clone(), status: Arc::clone(&status) };
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("cannot start an I/O runtime")?;
        thread::Builder::new()
            .name("watch".into())
            .spawn(move || {
                follower.run(&runtime, stopped);
                drop(ends);
            })
            .context("cannot start the watching thread")?;
        Ok(Self { status, stop, ended: Mutex::new(ended) })
    }

    fn status(&self) -> anyhow::Result<Value> {
        serde_json::to_value(&*lock(&self.status)).context("cannot write the status")
    }

    fn handle(&self, _: Verb) -> anyhow::Result<Value> {
        anyhow::bail!("a watch cannot do that")
    }

    fn stop(&self, _: Instant) {
        // It is gone already if nobody listens.
        let _ = self.stop.send(true);
        // Ended in the middle of a change, it would leave the lock of the table behind.
        let _ = lock(&self.ended).recv_timeout(FINISH);
    }
}

impl Follower {
    /// Until it is told to stop.
    fn run(mut self, runtime: &Runtime, mut stop: Receiver<bool>) {
        let mut memory = Memory::default();
        while !*stop.borrow() {
            let pause = match self.watch(runtime, &mut stop) {
                Ok(None) => return,
                Ok(Some(seen)) => self.follow(runtime, seen, &mut memory, &mut stop),
                Err(error) => {
                    self.trouble(Some(format!("{error:#}")));
                    REOPEN
                }
            };
            runtime
                .block_on(async { tokio::time::timeout(pause, stop.wait_for(|stop| *stop)).await.is_ok() });
        }
    }

    /// What is seen of the cluster from now on; `None` if it was told to stop.
    fn watch(&self, runtime: &Runtime, stop: &mut Receiver<bool>) -> anyhow::Result<Option<Receiver<Seen>>> {
        let profile = self.cx.profile()?;
        let wanted = discovery::wanted(profile, &profile.backends(&self.launch.backends)?);
        runtime.block_on(async {
            let opened = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(None),
                opened = tokio::time::timeout(OPEN, Cluster::open(self.cx.access())) => opened,
            };
            let opened = opened.context("the kubeconfig's credentials plug-in does not answer")?;
            Ok(Some(opened.map_err(|error| discovery::failure(&error))?.watch(&wanted)))
        })
    }

    /// Until it is told to stop, or the cluster was not to be asked for a
    /// while. Engines block, so nothing here runs on the runtime but the wait.
    fn follow(
        &mut self,
        runtime: &Runtime,
        mut seen: Receiver<Seen>,
        memory: &mut Memory,
        stop: &mut Receiver<bool>,
    ) -> Duration {
        let mut trouble_since: Option<Instant> = None;
        loop {
            let now = memory.recall(&seen.borrow_and_update());
            let settled = self.step(&now);
            trouble_since = now.trouble().and(trouble_since.or_else(|| Some(Instant::now())));
            let wait = if settled { REOPEN } else { RETRY };
            let changed = runtime.block_on(async {
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => None,
                    changed = tokio::time::timeout(wait, seen.changed()) => Some(changed),
                }
            });
            let troubled = || trouble_since.is_some_and(|since| since.elapsed() >= REOPEN);
            match changed {
                Some(Ok(Ok(()))) => {}
                Some(Err(_)) if !troubled() => {}
                // Told to stop, or nothing more will be seen.
                None | Some(Ok(Err(_)) | Err(_)) => return Duration::ZERO,
            }
        }
    }

    /// Gives the router what was seen; false if that is to be tried again.
    fn step(&mut self, seen: &Seen) -> bool {
        if !seen.is_complete() {
            return true;
        }
        let trouble = match self.apply(seen) {
            Ok(()) => seen.trouble().map(ToString::to_string),
            Err(error) => Some(format!("{error:#}")),
        };
        let settled = trouble.is_none() || seen.trouble().is_some();
        self.trouble(trouble);
        settled
    }

    fn apply(&mut self, seen: &Seen) -> anyhow::Result<()> {
        let cx = &self.cx;
        let profile = cx.profile()?;
        let engine = engine::of(cx)?;
        let given = &self.launch.backends;
        let before = engine.serving(cx)?.map(|serving| serving.table);
        let discovered = discovery::resolve(profile, seen, &profile.backends(given)?, before.as_ref())?;
        let Discovered { table, pending, warnings } =
            discovered.without_loops(cx, &engine.likely_listeners(cx)?, given)?;
        {
            let mut status = lock(&self.status);
            (status.pending, status.warnings) = (pending, warnings);
        }
        // Also when nothing has changed here: somebody may have changed the router.
        if engine::exclusively(cx, || engine.apply(cx, &table))? == engine::Change::Reloaded {
            let mut status = lock(&self.status);
            status.changes += 1;
            status.changed = Some(humantime::format_rfc3339_millis(SystemTime::now()).to_string());
            self.log.event(&json!({ "event": "changed", "absent": table.without_backend() }));
        }
        Ok(())
    }

    /// Tells of new trouble, or of its end.
    fn trouble(&self, trouble: Option<String>) {
        let mut status = lock(&self.status);
        if status.trouble != trouble {
            match &trouble {
                Some(trouble) => self.log.event(&json!({ "event": "trouble", "why": trouble })),
                None => self.log.event(&json!({ "event": "trouble_over" })),
            }
            status.trouble = trouble;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
