//! The stage that proves the routes.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;

use super::ROUTER;
use crate::check::Check;
use crate::context::Context;
use crate::engine;
use crate::failure::Failure;
use crate::stage::{Progress, Stage, State};

/// The result of the stage, once it has run.
pub type LastCheck = Arc<Mutex<Option<Check>>>;

/// Proves that every host reaches its service; always looked at afresh.
pub struct RoutesStage {
    /// Where the result is left.
    pub last_check: LastCheck,
    /// Whether routes may be absent: what they lead to comes later.
    pub may_be_absent: bool,
}

impl Stage for RoutesStage {
    fn name(&self) -> &'static str {
        "routes"
    }

    fn needs(&self) -> Vec<&str> {
        vec![ROUTER]
    }

    fn check(&self, _: &Context) -> anyhow::Result<State> {
        Ok(State::Down("shaking hands for every host".to_owned()))
    }

    fn plan(&self, _: &Context) -> anyhow::Result<Vec<String>> {
        Ok(vec!["make a TLS handshake for every host through every listener".to_owned()])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        let serving = engine::of(cx)?.serving(cx)?.context("the router has ended")?;
        let check = Check::of(cx, &serving)?;
        let summary = check.summary();
        let proven = check.is_proven() || (self.may_be_absent && check.wrong == 0);
        *self.last_check.lock().unwrap_or_else(PoisonError::into_inner) = Some(check);
        if !proven {
            let failure = Failure::failed(summary);
            let help = "see which, and what was seen, with `cargo xtask router check`";
            let samples = "; samples are mended by `cargo xtask up --with-samples`";
            let samples = if self.may_be_absent { samples } else { "" };
            return Err(failure.help(format!("{help}{samples}")).into());
        }
        Ok(summary)
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}
