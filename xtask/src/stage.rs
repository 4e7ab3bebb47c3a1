//! Stages: what a profile consists of, in the order of what each part needs.

mod run;
#[cfg(test)]
mod tests;

use std::fmt;

use anyhow::bail;

use crate::context::Context;
use crate::doctor::Verb;

pub use run::{Run, StageRun};

/// One part of a platform that can be checked, made and undone.
pub trait Stage: Send + Sync {
    /// Unique in its graph; lower-case letters, digits and `-`.
    fn name(&self) -> &str;

    /// The stages that must be up before this one is made.
    fn needs(&self) -> Vec<&str>;

    /// The verb whose checks of this machine are made before [`Stage::make`].
    fn machine(&self) -> Option<Verb> {
        None
    }

    /// Looks, and changes nothing.
    fn check(&self, cx: &Context) -> anyhow::Result<State>;

    /// What `make` would do, for `--dry-run`.
    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>>;

    /// Makes or mends it; says what is there now.
    fn make(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<String>;

    /// Takes it away; says what was removed, or nothing when there was nothing.
    fn undo(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<Option<String>>;
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be; the text says what is there.
    Up(String),
    /// Not there, or not as it should be; the text says why.
    Down(String),
}

/// A way for a stage to say what it does or waits for.
pub struct Progress<'a>(Box<dyn Fn(&str) + Send + Sync + 'a>);

impl Progress<'_> {
    /// Says it.
    pub fn say(&self, message: &str) {
        (self.0)(message);
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

/// Stages whose needs are all there and form no circle.
pub struct Graph {
    stages: Vec<Box<dyn Stage>>,
    /// For each stage, the positions of those it needs.
    needs: Vec<Vec<usize>>,
}

impl Graph {
    /// Checks the needs and puts the stages in an order in which each comes
    /// after what it needs.
    pub fn new(mut stages: Vec<Box<dyn Stage>>) -> anyhow::Result<Self> {
        let mut names: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
        names.sort_unstable();
        if let Some([double, _]) = names.array_windows().find(|[one, other]| one == other) {
            bail!("there are two stages `{double}`");
        }
        let mut ordered: Vec<Box<dyn Stage>> = Vec::new();
        while !stages.is_empty() {
            let met = |stage: &dyn Stage| {
                stage.needs().iter().all(|need| ordered.iter().any(|it| it.name() == *need))
            };
            let Some(next) = stages.iter().position(|stage| met(stage.as_ref())) else {
                let names: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
                bail!("the stages {} need a stage that does not exist, or each other", names.join(", "));
            };
            ordered.push(stages.remove(next));
        }
        let position = |name: &str| ordered.iter().position(|stage| stage.name() == name);
        let needs =
            ordered.iter().map(|stage| stage.needs().into_iter().filter_map(position).collect()).collect();
        Ok(Self { stages: ordered, needs })
    }

    /// The stages, each after those that it needs.
    pub fn stages(&self) -> impl DoubleEndedIterator<Item = &dyn Stage> {
        self.stages.iter().map(AsRef::as_ref)
    }

    fn names(&self) -> Vec<&str> {
        self.stages.iter().map(|stage| stage.name()).collect()
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
