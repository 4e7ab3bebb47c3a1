//! What `k8s wait` shows meanwhile.

use std::time::Instant;

use cluster::{Awaited, Standing};

use crate::report::{Outcome, Reporter, StageView};

/// Shows how far each thing that is waited for is.
pub(super) struct View {
    stages: StageView,
    names: Vec<String>,
    /// Whether each was ready when it was shown last; `None`: it has not been shown.
    ready: Vec<Option<bool>>,
    begin: Instant,
}

impl View {
    /// Begins to wait.
    pub fn new(reporter: &Reporter, awaited: &[Awaited], begin: Instant) -> Self {
        let names: Vec<String> = awaited.iter().map(ToString::to_string).collect();
        let stages = reporter.stages(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for name in &names {
            stages.begin(name);
        }
        Self { stages, ready: vec![None; names.len()], names, begin }
    }

    /// Something has changed.
    pub fn show(&mut self, index: usize, standing: &Standing) {
        let (name, text) = (&self.names[index], standing.to_string());
        let before = self.ready[index].replace(standing.is_ready());
        match (before, standing.is_ready()) {
            (None, true) => self.stages.end(name, Outcome::Already, &text, self.begin.elapsed()),
            (Some(_), true) => self.stages.end(name, Outcome::Done, &text, self.begin.elapsed()),
            (Some(true), false) => {
                self.stages.begin(name);
                self.stages.changed(name, &text);
            }
            (_, false) => self.stages.changed(name, &text),
        }
    }

    /// All is ready, or the time is up.
    pub fn end(self, standings: &[Standing]) {
        for (name, standing) in self.names.iter().zip(standings).filter(|(_, it)| !it.is_ready()) {
            self.stages.end(name, Outcome::Failed, &standing.to_string(), self.begin.elapsed());
        }
    }
}
