//! What a repository has, by name.

use serde::Deserialize;
use ureq::http::StatusCode;
use ureq::http::header::LINK;

use super::client::Registry;
use super::{answer, lead, link};
use crate::failure::Failure;

/// Tags asked for at once; a registry may give fewer.
const PAGE: usize = 500;
/// Pages, at most: one that goes on for ever is not followed.
const MAX_PAGES: usize = 200;
/// Largest page, in bytes.
const MAX_PAGE: u64 = 4 << 20;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl Registry {
    /// The tags of `repository`, as the registry has them.
    pub fn tags(&self, repository: &str) -> anyhow::Result<Vec<String>> {
        let what = format!("the list of `{repository}`");
        let mut path = format!("/v2/{repository}/tags/list?n={PAGE}");
        let mut tags = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut response = self.get(repository, &path, &[])?;
            if response.status() == StatusCode::NOT_FOUND {
                return Err(answer::no_repository(self.host(), repository, &mut response).into());
            }
            let header = response.headers().get(LINK).and_then(|link| link.to_str().ok());
            let next = header.and_then(link::next).map(str::to_owned);
            let page: Page =
                serde_json::from_slice(&self.read(&what, response, MAX_PAGE)?).map_err(|_| {
                    Failure::failed(format!("{what} is no list of tags"))
                        .help("check that it is an OCI registry")
                })?;
            tags.extend(page.tags.unwrap_or_default());
            let Some(next) = next else { return Ok(tags) };
            path = self.path_of(&path, &next)?;
        }
        Err(Failure::failed(format!("{what} has more than {MAX_PAGES} pages")).into())
    }

    /// The path of the next page, which is at the registry itself.
    fn path_of(&self, from: &str, next: &str) -> anyhow::Result<String> {
        let uri = lead::follow(&self.place.uri(from)?, next).filter(|uri| self.place.is_at(uri));
        let path = uri.and_then(|uri| Some(uri.path_and_query()?.to_string()));
        path.ok_or_else(|| {
            Failure::failed(format!("`{}` has the next page of a list elsewhere", self.host())).into()
        })
    }
}
