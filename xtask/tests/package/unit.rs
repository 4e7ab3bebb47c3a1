//! The unit as it is installed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Where it is installed.
pub const UNIT: &str = "usr/lib/systemd/system/xtask-gitea-seed.service";

/// What of it matters for running it by hand.
pub struct Unit {
    /// `Environment=`.
    pub environment: BTreeMap<String, String>,
    /// `ExecStart=`, in order, each with its arguments.
    pub commands: Vec<Vec<String>>,
}

impl Unit {
    /// Reads the unit of the system under `root`.
    pub fn read(root: &Path) -> Self {
        let text = fs::read_to_string(root.join(UNIT)).unwrap();
        let values = |key: &str| {
            let key = format!("{key}=");
            text.lines()
                .filter_map(move |line| line.strip_prefix(&key).map(str::to_owned))
                .collect::<Vec<_>>()
        };
        // There is nothing quoted and nothing to expand.
        assert!(
            !text.lines().any(|line| line.starts_with('E') && line.contains(['"', '\'', '%', '$', '\\']))
        );
        let environment = values("Environment");
        let pair = |line: &String| line.split_once('=').map(|(name, value)| (name.into(), value.into()));
        let words = |line: &String| line.split_whitespace().map(str::to_owned).collect();
        Self {
            environment: environment.iter().filter_map(pair).collect(),
            commands: values("ExecStart").iter().map(words).collect(),
        }
    }
}
