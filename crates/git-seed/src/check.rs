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
use crate::root::Root;
use crate::scan::Rules;
use crate::trees;

/// What the checks found besides that all is well.
pub(crate) struct Checked {
    pub bytes: u64,
    pub tree: ObjectId,
    pub warnings: Vec<String>,
}

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
    root: Root<'_>,
    name: &str,
    rules: &Rules,
    watch: Watch<'_>,
) -> Result<Checked, Fault> {
    watch.check(name)?;
    overlaps::check(&found.files, &mut found.folders, root)?;
    links::join(&mut found.files, &found.hard_links, root)?;
    let bytes = found.files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    total(bytes, &rules.limits, name)?;
    let index = Index::new(&found.files);
    for (at, _) in &found.links {
        watch.check(name)?;
        links::check(&index, &found.links, *at, root)?;
    }
    let warnings = twins::check(&index, rules.strict, root)?;
    let tree = trees::root(&found.files).ok_or_else(|| Fault::Empty { name: name.to_owned() })?;
    Ok(Checked { bytes, tree, warnings })
}
