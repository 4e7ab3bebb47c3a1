//! Where links lead.

use crate::fault::Fault;
use crate::index::Index;
use crate::refusal::Refusal;
use crate::release::{File, Mode};
use crate::root::Root;
use crate::shown::shown;

/// Links that are followed one after another, as in Linux.
const FOLLOWED: usize = 40;

/// Gives each hard link mode, size and id of the file that it is a link to,
/// which came before it.
pub(super) fn join(
    files: &mut [File],
    hard_links: &[(usize, Box<str>)],
    root: Root<'_>,
) -> Result<(), Fault> {
    if hard_links.is_empty() {
        return Ok(());
    }
    let index = Index::new(files);
    let targets: Vec<_> = hard_links.iter().map(|(_, target)| index.find(target)).collect();
    for ((at, target), found) in hard_links.iter().zip(targets) {
        let refuse =
            |refusal: fn(String) -> Refusal| root.refuse(&files[*at].path, refusal(root.shown(target)));
        let from = found.filter(|from| from < at).ok_or_else(|| refuse(Refusal::UnseenTarget))?;
        if files[from].mode == Mode::Link {
            return Err(refuse(Refusal::TargetNoFile));
        }
        let File { mode, size, id, .. } = files[from];
        files[*at] = File { mode, size, id, path: std::mem::take(&mut files[*at].path) };
    }
    Ok(())
}

/// Fails if the symbolic link at `at` leads out of the tree, maybe through other
/// links. What it leads to need not be there.
pub(super) fn check(
    index: &Index<'_>,
    links: &[(usize, Box<str>)],
    at: usize,
    root: Root<'_>,
) -> Result<(), Fault> {
    let target = |at| links.binary_search_by_key(&at, |(at, _)| *at).ok().map(|found| &*links[found].1);
    let path = &index.file(at).path;
    let own = target(at).unwrap_or_default();
    let refuse = |refusal: fn(String) -> Refusal| root.refuse(path, refusal(shown(own.as_bytes())));

    let mut place: String = folder(path).to_owned();
    // Parts that are still to be walked, the next one last.
    let mut parts: Vec<&str> = own.rsplit('/').collect();
    let mut followed = 1;
    while let Some(part) = parts.pop() {
        match part {
            "" | "." => continue,
            ".." if place.is_empty() => return Err(refuse(Refusal::LeavesTree)),
            ".." => {
                place.truncate(folder(&place).len());
                continue;
            }
            part => join_part(&mut place, part),
        }
        if let Some(next) = index.find(&place).and_then(target) {
            followed += 1;
            if followed > FOLLOWED {
                return Err(refuse(Refusal::Circle));
            }
            place.truncate(folder(&place).len());
            parts.extend(next.rsplit('/'));
        }
    }
    Ok(())
}

/// The folder that `path` lies in; empty for the root.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn join_part(place: &mut String, part: &str) {
    if !place.is_empty() {
        place.push('/');
    }
    place.push_str(part);
}
