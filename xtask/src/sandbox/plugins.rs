//! The sources of Traefik's plug-ins, where a profile says that it has them.

use std::path::Path;

use crate::profile::Plugins;

/// What Traefik reads first of a plug-in.
const MANIFEST: &str = ".traefik.yml";

/// Says which plug-ins are not among the sources, below `root` if relative.
pub fn missing(plugins: &Plugins, root: &Path) -> Vec<String> {
    let Some(sources) = &plugins.sources else { return Vec::new() };
    let absent = |module: &str| {
        let manifest = root.join(sources.as_str()).join(module).join(MANIFEST);
        let message = || {
            format!(
                "`sandbox.plugins.sources`: `{}` is not a file; the plug-in's sources go there",
                manifest.display()
            )
        };
        (!manifest.is_file()).then(message)
    };
    plugins.both().into_iter().filter_map(|(_, plugin)| absent(plugin.module.as_str())).collect()
}
