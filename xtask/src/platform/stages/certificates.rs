//! The stage that makes the certificates of the stand-ins.

use std::sync::Arc;

use crate::context::Context;
use crate::stage::{Progress, Stage, State};
use crate::stand_in::certificates::{self, Certificates};
use crate::state::StateDir;

/// Its name.
pub const CERTIFICATES: &str = "certificates";

/// The identities of the stand-ins.
pub struct CertificatesStage(pub Arc<Certificates>);

impl CertificatesStage {
    fn describe(cx: &Context) -> String {
        format!("signed by `{}`", cx.shown(&certificates::authority(&StateDir::of(cx))))
    }
}

impl Stage for CertificatesStage {
    fn name(&self) -> &str {
        CERTIFICATES
    }

    fn needs(&self) -> Vec<&str> {
        Vec::new()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        Ok(match self.0.fingerprint() {
            Some(_) => State::Up(Self::describe(cx)),
            None => State::Down("making an authority and a certificate for each route".to_owned()),
        })
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let authority = certificates::authority(&StateDir::of(cx));
        Ok(vec![format!("write `{}` and a certificate and key for each route", cx.shown(&authority))])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        self.0.make()?;
        Ok(Self::describe(cx))
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(self.0.remove()?.then(|| "removed".to_owned()))
    }
}
