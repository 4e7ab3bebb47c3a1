//! Which file of an artifact is the tarball.

use std::path::Path;

use crate::failure::Failure;
use crate::near::quoted;
use crate::printable::printable;
use crate::registry::Layer;

use super::name::{ReleaseName, SUFFIX};

/// The tarball among the files `all` of an artifact: the only one, or the one
/// with the name `wanted`. `what` is for people.
pub fn choose(what: &str, all: &[Layer], wanted: Option<&ReleaseName>) -> Result<Layer, Failure> {
    let title = |layer: &Layer| layer.title.as_deref().map(printable).unwrap_or_default();
    let names = |layers: &[Layer]| {
        let titles: Vec<String> = layers.iter().map(title).collect();
        quoted(titles.iter().map(String::as_str).take(10))
    };
    let mut tarballs: Vec<Layer> =
        all.iter().filter(|layer| title(layer).ends_with(SUFFIX)).cloned().collect();
    if tarballs.is_empty() {
        let message = format!("{what} holds no file `*{SUFFIX}`, but {} others: {}", all.len(), names(all));
        return Err(Failure::failed(message).help("check repository and version"));
    }
    if tarballs.len() > 1 {
        let wanted = wanted.map(ToString::to_string);
        let is_wanted = |layer: &Layer| wanted.as_deref() == Some(title(layer).as_str());
        let Some(position) = tarballs.iter().position(is_wanted) else {
            let message = format!("{what} holds several tarballs: {}", names(&tarballs));
            return Err(
                Failure::failed(message).help("choose one by the digest of its own manifest: `--digest`")
            );
        };
        tarballs.swap(0, position);
    }
    Ok(tarballs.swap_remove(0))
}

/// What the file is called here: as it says, if that is a release's name; as
/// it was asked for; by its digest.
pub fn file_name(layer: &Layer, wanted: Option<&ReleaseName>) -> String {
    let own = layer.title.as_deref().and_then(|title| ReleaseName::of(Path::new(title)));
    own.as_ref().or(wanted).map_or_else(|| format!("{}{SUFFIX}", layer.digest.hex()), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Variant;
    use crate::registry::Digest;

    const NAME: &str = "cloudFull_edge-manageability-framework_1.0.tgz";

    fn layer(title: Option<&str>) -> Layer {
        let digest = Digest::of(title.unwrap_or_default().as_bytes());
        Layer { digest, size: 1, title: title.map(str::to_owned) }
    }

    fn chosen(titles: &[&str]) -> Result<Layer, String> {
        let layers: Vec<_> = titles.iter().map(|title| layer(Some(title))).collect();
        let wanted = ReleaseName { variant: Variant::CloudFull, version: "1.0".into() };
        choose("`x`", &layers, Some(&wanted)).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_only_tarball_or_the_one_of_that_name() {
        assert_eq!(chosen(&["README.md", "a.tgz"]), Ok(layer(Some("a.tgz"))));
        assert_eq!(chosen(&["a.tgz", NAME]), Ok(layer(Some(NAME))));
        assert_eq!(chosen(&["a.tgz", "b.tgz"]), Err("`x` holds several tarballs: `a.tgz`, `b.tgz`".into()));
        assert_eq!(chosen(&["a", "b\x1b"]), Err("`x` holds no file `*.tgz`, but 2 others: `a`, `b `".into()));
    }

    #[test]
    fn no_title_leads_elsewhere() {
        assert_eq!(file_name(&layer(Some(&format!("../../{NAME}"))), None), NAME);
        for title in [None, Some("../../etc/passwd.tgz"), Some(".tgz"), Some("a/b.tgz")] {
            let layer = layer(title);
            assert_eq!(file_name(&layer, None), format!("{}.tgz", layer.digest.hex()));
        }
    }
}
