//! What can be said of a release only once all of it is known.

mod links;
mod overlaps;
mod twins;

use gix_hash::ObjectId;

use crate::collect::Found;
use crate::entry::Watch;
use crate::fault::Fault;
use crate::index::Index;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::scan::Rules;
use crate::trees;

/// What the checks found besides that all is well.
pub(crate) struct Checked {
    pub bytes: u64,
    pub tree: ObjectId,
    pub warnings: Vec<String>,
}

/// The refusal of the entry with a path under the root of the tree.
type Refused = (String, Refusal);

/// Fails if all files together are too large.
pub(crate) fn total(bytes: u64, limits: &Limits, name: &str) -> Result<(), Fault> {
    if bytes > limits.total {
        let what = format!("its files have more than {} bytes together", limits.total);
        return Err(Fault::limit(name, "total", what));
    }
    Ok(())
}

/// Checks entries against each other, gives hard links what they are links to,
/// and computes the root tree.
pub(crate) fn all(
    found: &mut Found,
    top: Option<&str>,
    name: &str,
    rules: &Rules,
    watch: Watch<'_>,
) -> Result<Checked, Fault> {
    let refuse = |(path, refusal): Refused| {
        let path = top.map_or_else(|| path.clone(), |top| format!("{top}/{path}"));
        Fault::entry(path.as_bytes(), refusal)
    };
    watch.check(name)?;
    overlaps::check(&found.files, &mut found.folders).map_err(refuse)?;
    links::join(&mut found.files, &found.hard_links).map_err(refuse)?;
    let bytes = found.files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    total(bytes, &rules.limits, name)?;
    let index = Index::new(&found.files);
    for (at, _) in &found.links {
        watch.check(name)?;
        links::check(&index, &found.links, *at).map_err(refuse)?;
    }
    let warnings = twins::check(&index, rules.strict).map_err(refuse)?;
    let tree = trees::root(&found.files).ok_or_else(|| Fault::Empty { name: name.to_owned() })?;
    Ok(Checked { bytes, tree, warnings })
}
