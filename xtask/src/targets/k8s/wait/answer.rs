//! What `k8s wait` answers.

use serde::Serialize;

use crate::awaited::Object;
use crate::report::{Answer, Page, Style};

#[derive(Serialize)]
pub(super) struct Waited {
    pub ready: bool,
    pub seconds: f64,
    pub objects: Vec<Object>,
}

impl Answer for Waited {
    fn write(&self, page: &mut Page) {
        for object in &self.objects {
            let style = if object.ready { Style::Good } else { Style::Bad };
            page.folded(style, 0, object.headline());
            object.reasons().into_iter().for_each(|line| page.folded(Style::Plain, 2, line));
        }
        if self.ready {
            page.line(format!("ready after {:.2} s", self.seconds));
        }
    }
}
