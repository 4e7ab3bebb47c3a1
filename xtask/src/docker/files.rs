//! Files in a container, which need not run: through Docker's archives.

use std::io::Read as _;
use std::pin::pin;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::query_parameters::{DownloadFromContainerOptions, UploadToContainerOptions};
use futures_util::StreamExt as _;
use tar::{Archive, Builder, Header};

use super::is_absent;

/// Only the container's root may read a file that is put there.
const MODE: u32 = 0o600;

/// So much of an archive is read, in bytes: far beyond what this program writes.
const MAX: usize = 1024 * 1024;

/// The content of a file, or its beginning if that is longer than ours are;
/// `None` where there is none, or no such container.
pub async fn get(client: &Client, container: &str, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let options = DownloadFromContainerOptions { path: path.to_owned() };
    let mut chunks = pin!(client.download_from_container(container, Some(options)));
    let mut archive = Vec::new();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => archive.extend(chunk),
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => {
                let what = || format!("Docker does not tell what is in `{path}` of `{container}`");
                return Err(error).with_context(what);
            }
        }
        if archive.len() > MAX {
            break;
        }
    }
    let mut archive = Archive::new(archive.as_slice());
    let file = archive.entries()?.next().with_context(|| format!("Docker's archive of `{path}` is empty"))?;
    let mut content = Vec::new();
    file?.read_to_end(&mut content).with_context(|| format!("Docker's archive of `{path}` is damaged"))?;
    Ok(Some(content))
}

/// Puts files, by their names, into a folder of the container; those that are
/// there are replaced.
pub async fn put<N: AsRef<str>>(
    client: &Client,
    container: &str,
    folder: &str,
    files: impl IntoIterator<Item = (N, &[u8])>,
) -> anyhow::Result<()> {
    let mut archive = Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = Header::new_gnu();
        header.set_size(u64::try_from(content.len()).context("the file is too long")?);
        header.set_mode(MODE);
        archive.append_data(&mut header, name.as_ref(), content).context("cannot pack the files")?;
    }
    let archive = archive.into_inner().context("cannot pack the files")?;
    let options = UploadToContainerOptions { path: folder.to_owned(), ..Default::default() };
    let put = client.upload_to_container(container, Some(options), bollard::body_full(archive.into()));
    put.await.with_context(|| format!("Docker does not put files into `{folder}` of `{container}`"))
}
