//! `profile use`.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use crate::context::{ChoiceSource, Context, ProfileChoice};
use crate::failure::Failure;
use crate::profile::Profile;
use crate::replace::replace;
use crate::report::{Answer, Page, Style};

/// Remember a profile as the one to work on
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Profile to remember
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Serialize)]
struct Used {
    profile: String,
    outcome: Outcome,
    file: PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Remembered,
    Already,
}

impl Args {
    /// Refuses a profile that does not exist or is not valid.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let profile = Profile::load(cx.root(), &self.name, &[])?.name;
        let file = ProfileChoice::file(&cx.environment);
        let content = format!("{profile}\n");
        let already = fs::read_to_string(&file).is_ok_and(|remembered| remembered == content);
        if matches!(cx.choice.source, ChoiceSource::Environment) && cx.choice.name != profile {
            let chosen = &cx.choice.name;
            cx.reporter
                .warn(&format!("`XTASK_PROFILE` is set to `{chosen}` and wins over what is remembered"));
        }
        if cx.dry_run {
            let step = if already { "leave" } else { "write" };
            return cx.reporter.would(&format!("{step} `{profile}` in `{}`", file.display()));
        }
        if !already {
            let folder = cx.state_root();
            fs::create_dir_all(&folder).with_context(|| {
                Failure::missing(format!("cannot create `{}`", folder.display()))
                    .help("make the workspace writable, or name the profile with `--profile`")
            })?;
            replace(&file, content.as_bytes())?;
        }
        let outcome = if already { Outcome::Already } else { Outcome::Remembered };
        cx.reporter.answer("profile use", &Used { profile, outcome, file })
    }
}

impl Answer for Used {
    fn write(&self, page: &mut Page) {
        let profile = &self.profile;
        page.styled(
            Style::Good,
            match self.outcome {
                Outcome::Remembered => format!("profile `{profile}` is remembered"),
                Outcome::Already => format!("profile `{profile}` was remembered already"),
            },
        );
    }
}
