//! The commit that a release becomes, and what can be read back from it.

use gix_hash::{Kind as Hash, ObjectId};
use gix_object::commit::MessageRef;
use gix_object::{CommitRef, Kind};

use crate::Release;
use crate::cause::Cause;
use crate::head::{Head, ReleaseNote};
use crate::text::plain;

/// Always the same, so that the same release on the same parent is the same commit.
pub const AUTHOR: &str = "xtask <xtask@localhost>";
const VERSION: &str = "Release-Version";
/// The trailer with the SHA-256 of the release, `sha256:` and 64 hexadecimal digits.
pub const DIGEST_TRAILER: &str = "Release-Digest";
const SOURCE: &str = "Release-Source";

/// The commit of a release on top of `parent`, and its id.
pub(crate) fn of(release: &Release, parent: Option<&ObjectId>) -> Result<(ObjectId, Vec<u8>), Cause> {
    let seconds = release.date.max(0);
    let parent = parent.map_or(String::new(), |parent| format!("parent {parent}\n"));
    let message = message(release);
    let tree = release.tree;
    let who = format!("{AUTHOR} {seconds} +0000");
    let data = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{message}").into_bytes();
    let id = gix_object::compute_hash(Hash::Sha1, Kind::Commit, &data);
    id.map(|id| (id, data)).map_err(|error| Cause::protocol(error.to_string()))
}

fn message(release: &Release) -> String {
    let version = release.version.as_deref().map(word);
    let short = || release.digest.chars().take(12).collect();
    let name = version.clone().unwrap_or_else(short);
    let top = release.top.as_deref().map(word);
    let subject = top.as_ref().map_or_else(|| format!("Seed {name}"), |top| format!("Seed {top} {name}"));
    let source = release.commit_id.as_deref().map(word).or(top);
    let trailer =
        |key, value: Option<String>| value.map_or(String::new(), |value| format!("{key}: {value}\n"));
    let digest = Some(format!("sha256:{}", release.digest));
    [
        subject,
        "\n\n".to_owned(),
        trailer(VERSION, version),
        trailer(DIGEST_TRAILER, digest),
        trailer(SOURCE, source),
    ]
    .concat()
}

/// What an archive says, as a part of one line.
fn word(text: &str) -> String {
    plain(text).trim().chars().take(120).collect()
}

/// Reads a commit that came from a server.
pub(crate) fn parse(id: ObjectId, data: &[u8]) -> Result<Head, Cause> {
    let broken = |_| Cause::protocol(format!("a commit {id} that cannot be read"));
    let commit = CommitRef::from_bytes(data, Hash::Sha1).map_err(broken)?;
    let author = commit.author().map_err(broken)?;
    let author = format!("{} <{}>", author.name, author.email);
    let committer = commit.committer().map_err(broken)?;
    // Who amends or picks one of ours keeps its message, but is its committer.
    let is_ours = author == AUTHOR && format!("{} <{}>", committer.name, committer.email) == AUTHOR;
    Ok(Head {
        commit: id,
        tree: commit.tree(),
        author: plain(&author),
        date: commit.time().map_err(broken)?.seconds,
        message: commit.message.to_string(),
        release: if is_ours { note(commit.message()) } else { None },
    })
}

fn note(message: MessageRef<'_>) -> Option<ReleaseNote> {
    let body = message.body()?;
    let value = |key: &str| {
        let mut trailers = body.trailers();
        trailers.find(|trailer| trailer.token == key).map(|trailer| plain(&trailer.value.to_string()))
    };
    let digest = value(DIGEST_TRAILER)?.strip_prefix("sha256:")?.to_owned();
    Some(ReleaseNote { version: value(VERSION), digest, source: value(SOURCE) })
}
