//! The graph with stages that only remember what was done to them.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::{Graph, Progress, Stage, State};
use crate::context::Context;
use crate::report::Outcome;

/// Long enough for a thread to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct World {
    up: Mutex<Vec<String>>,
    changed: Condvar,
}

struct Fake {
    name: &'static str,
    needs: Vec<&'static str>,
    world: Arc<World>,
    /// Is not done before this other stage has begun.
    meets: Option<&'static str>,
    fails: bool,
}

impl World {
    fn stage(self: &Arc<Self>, name: &'static str, needs: &[&'static str]) -> Fake {
        Fake { name, needs: needs.to_vec(), world: Arc::clone(self), meets: None, fails: false }
    }

    fn names(&self) -> Vec<String> {
        self.up.lock().unwrap().clone()
    }
}

impl Stage for Fake {
    fn name(&self) -> &str {
        self.name
    }

    fn needs(&self) -> Vec<&str> {
        self.needs.clone()
    }

    fn check(&self, _: &Context) -> anyhow::Result<State> {
        let up = self.world.names().iter().any(|name| name == self.name);
        Ok(if up { State::Up("up".to_owned()) } else { State::Down("down".to_owned()) })
    }

    fn plan(&self, _: &Context) -> anyhow::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn make(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        anyhow::ensure!(!self.fails, "it fails");
        let mut up = self.world.up.lock().unwrap();
        up.push(self.name.to_owned());
        self.world.changed.notify_all();
        if let Some(other) = self.meets {
            let alone = |up: &mut Vec<String>| !up.iter().any(|name| name == other);
            let waited = self.world.changed.wait_timeout_while(up, PATIENCE, alone).unwrap().1;
            anyhow::ensure!(!waited.timed_out(), "`{other}` did not run side by side");
        }
        Ok("made".to_owned())
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        let mut up = self.world.up.lock().unwrap();
        let position = up.iter().position(|name| name == self.name);
        Ok(position.map(|position| up.remove(position)))
    }
}

fn graph(stages: impl IntoIterator<Item = Fake>) -> anyhow::Result<Graph> {
    Graph::new(stages.into_iter().map(|stage| Box::new(stage) as Box<dyn Stage>).collect())
}

fn outcomes(run: &super::Run) -> Vec<(&str, Outcome)> {
    let mut outcomes: Vec<_> = run.stages.iter().map(|stage| (stage.name.as_str(), stage.outcome)).collect();
    outcomes.sort_by_key(|(name, _)| *name);
    outcomes
}

#[test]
fn comes_up_in_order_and_only_once() {
    let (cx, world) = (Context::for_tests(), Arc::new(World::default()));
    let stages = [world.stage("c", &["b"]), world.stage("b", &["a"]), world.stage("a", &[])];
    let graph = graph(stages).unwrap();
    let run = graph.up(&cx);
    assert_eq!(world.names(), ["a", "b", "c"]);
    assert_eq!(outcomes(&run), [("a", Outcome::Done), ("b", Outcome::Done), ("c", Outcome::Done)]);
    let again = graph.up(&cx);
    assert_eq!(outcomes(&again), [("a", Outcome::Already), ("b", Outcome::Already), ("c", Outcome::Already)]);
}

#[test]
fn goes_down_backwards() {
    let (cx, world) = (Context::for_tests(), Arc::new(World::default()));
    let graph =
        graph([world.stage("a", &[]), world.stage("b", &["a"]), world.stage("c", &["a", "b"])]).unwrap();
    graph.up(&cx);
    let run = graph.down(&cx);
    let order: Vec<_> = run.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(order, ["c", "b", "a"]);
    assert!(world.names().is_empty());
    let again = graph.down(&cx);
    assert!(again.stages.iter().all(|stage| stage.outcome == Outcome::Already));
}

#[test]
fn independent_stages_run_side_by_side() {
    let (cx, world) = (Context::for_tests(), Arc::new(World::default()));
    let one = Fake { meets: Some("two"), ..world.stage("one", &[]) };
    let two = Fake { meets: Some("one"), ..world.stage("two", &[]) };
    let run = graph([one, two]).unwrap().up(&cx);
    assert_eq!(outcomes(&run), [("one", Outcome::Done), ("two", Outcome::Done)]);
}

#[test]
fn a_failure_stops_what_needs_it_alone() {
    let (cx, world) = (Context::for_tests(), Arc::new(World::default()));
    let bad = Fake { fails: true, ..world.stage("bad", &[]) };
    let stages =
        [bad, world.stage("after", &["bad"]), world.stage("last", &["after"]), world.stage("other", &[])];
    let run = graph(stages).unwrap().up(&cx);
    let expected = [
        ("after", Outcome::Skipped),
        ("bad", Outcome::Failed),
        ("last", Outcome::Skipped),
        ("other", Outcome::Done),
    ];
    assert_eq!(outcomes(&run), expected);
    assert_eq!(run.error.unwrap().to_string(), "it fails");
}

#[test]
fn refuses_circles_and_unknown_needs() {
    let world = Arc::new(World::default());
    let circle = graph([world.stage("a", &["b"]), world.stage("b", &["a"])]);
    assert_eq!(
        circle.unwrap_err().to_string(),
        "the stages a, b need a stage that does not exist, or each other"
    );
    assert!(graph([world.stage("a", &["x"])]).is_err());
}
