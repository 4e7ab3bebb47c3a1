//! Brings stages up or down, side by side where their needs allow.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use serde::Serialize;

use super::{Graph, Progress, Stage, State};
use crate::context::Context;
use crate::doctor;
use crate::report::{Outcome, StageView};

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct Run {
    /// The stages in the order in which they ended.
    pub stages: Vec<StageRun>,
    /// For the whole run.
    pub seconds: f64,
    /// The first failure.
    #[serde(skip)]
    pub error: Option<anyhow::Error>,
}

/// What a run did with one stage.
#[derive(Debug, Serialize)]
pub struct StageRun {
    /// The stage.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What is there now, or why not.
    pub message: String,
    /// How long it took.
    pub seconds: f64,
}

/// Which way a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

type Ended = anyhow::Result<(Outcome, String)>;

impl Graph {
    /// Makes what is not up. A stage that fails keeps those that need it from
    /// being made; the others go on.
    pub fn up(&self, cx: &Context) -> Run {
        self.run(cx, Direction::Up)
    }

    /// Undoes all stages, each before those that it needs. A failure keeps
    /// what the stage needs in place.
    pub fn down(&self, cx: &Context) -> Run {
        self.run(cx, Direction::Down)
    }

    fn run(&self, cx: &Context, direction: Direction) -> Run {
        let began = Instant::now();
        let view = cx.reporter.stages(&self.names());
        let mut schedule = Schedule::new(self, direction);
        let mut run = Run { stages: Vec::new(), seconds: 0.0, error: None };
        let (sender, ended) = mpsc::channel();
        thread::scope(|scope| {
            loop {
                for position in schedule.startable(cx.interrupt.requested()) {
                    let (stage, sender, view) = (self.stages[position].as_ref(), sender.clone(), &view);
                    view.begin(stage.name());
                    scope.spawn(move || {
                        let began = Instant::now();
                        // A stage that panicked without a word would be waited for for ever.
                        let work = AssertUnwindSafe(|| work(stage, cx, direction, view));
                        let result = catch_unwind(work).unwrap_or_else(|_| Err(anyhow!("it panicked")));
                        // The receiver lives as long as this scope.
                        let _ = sender.send((position, result, began.elapsed()));
                    });
                }
                if schedule.idle() {
                    break;
                }
                let Ok((position, result, elapsed)) = ended.recv() else { break };
                schedule.end(position, result.is_ok());
                run.record(&view, self.stages[position].name(), result, elapsed);
            }
        });
        let why = if cx.interrupt.requested() { "interrupted" } else { "a stage before it failed" };
        for position in schedule.never_started() {
            let skipped = Ok((Outcome::Skipped, why.to_owned()));
            run.record(&view, self.stages[position].name(), skipped, Duration::ZERO);
        }
        run.seconds = began.elapsed().as_secs_f64();
        run
    }
}

fn work(stage: &dyn Stage, cx: &Context, direction: Direction, view: &StageView) -> Ended {
    let progress = Progress(Box::new(|message| view.progress(stage.name(), message)));
    if direction == Direction::Down {
        let undone = stage.undo(cx, &progress)?;
        return Ok(
            undone.map_or((Outcome::Already, "nothing to undo".to_owned()), |what| (Outcome::Done, what))
        );
    }
    match stage.check(cx)? {
        State::Up(what) => Ok((Outcome::Already, what)),
        State::Down(why) => {
            if let Some(verb) = stage.machine() {
                doctor::needed(cx, &verb.checks())?;
            }
            progress.say(&why);
            stage.make(cx, &progress).map(|what| (Outcome::Done, what))
        }
    }
}

impl Run {
    fn record(&mut self, view: &StageView, name: &str, result: Ended, elapsed: Duration) {
        let (outcome, message) = result.unwrap_or_else(|error| {
            let message = error.to_string();
            self.error.get_or_insert(error);
            (Outcome::Failed, message)
        });
        view.end(name, outcome, &message, elapsed);
        self.stages.push(StageRun {
            name: name.to_owned(),
            outcome,
            message,
            seconds: elapsed.as_secs_f64(),
        });
    }
}

/// Which stages can be started now.
struct Schedule {
    /// For each stage, those that must have ended well before it.
    before: Vec<Vec<usize>>,
    stages: Vec<Phase>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Running,
    Well,
    Failed,
}

impl Schedule {
    fn new(graph: &Graph, direction: Direction) -> Self {
        let positions = 0..graph.needs.len();
        let before = match direction {
            Direction::Up => graph.needs.clone(),
            Direction::Down => {
                let dependents =
                    |of: usize| positions.clone().filter(move |&it| graph.needs[it].contains(&of));
                positions.clone().map(|position| dependents(position).collect()).collect()
            }
        };
        Self { before, stages: vec![Phase::Waiting; positions.len()] }
    }

    /// Marks the stages that can start as running and returns them.
    fn startable(&mut self, interrupted: bool) -> Vec<usize> {
        let well = |&before: &usize| self.stages[before] == Phase::Well;
        let ready = |&position: &usize| {
            !interrupted && self.stages[position] == Phase::Waiting && self.before[position].iter().all(well)
        };
        let ready: Vec<usize> = (0..self.stages.len()).filter(ready).collect();
        for &position in &ready {
            self.stages[position] = Phase::Running;
        }
        ready
    }

    fn end(&mut self, position: usize, well: bool) {
        self.stages[position] = if well { Phase::Well } else { Phase::Failed };
    }

    fn idle(&self) -> bool {
        !self.stages.contains(&Phase::Running)
    }

    fn never_started(&self) -> Vec<usize> {
        (0..self.stages.len()).filter(|&it| self.stages[it] == Phase::Waiting).collect()
    }
}
