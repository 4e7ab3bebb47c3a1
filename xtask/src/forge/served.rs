//! What is served of the repositories, and to whom it is not.

use std::path::{Path, PathBuf};

use hyper::{Method, Request, StatusCode};

use crate::profile::RepositoryRef;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// The repository with this folder, by Git's `http-backend`: what it calls this.
    Repository(PathBuf, &'static str),
    /// Who we are.
    Root,
    /// Nothing: with what to say instead.
    Nothing(StatusCode, &'static str),
}

/// Reading by the smart protocol; nothing else.
pub(super) fn served<B>(request: &Request<B>, repositories: &Path) -> Served {
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    let not_found = Served::Nothing(StatusCode::NOT_FOUND, "there is no such repository");
    if path == "/" {
        return Served::Root;
    }
    if path.ends_with("/git-receive-pack") || query.contains("service=git-receive-pack") {
        let told = "this server is for reading; `cargo xtask gitea seed` commits a release";
        return Served::Nothing(StatusCode::FORBIDDEN, told);
    }
    let reads =
        [(Method::GET, "/info/refs", "service=git-upload-pack"), (Method::POST, "/git-upload-pack", "")];
    let read = reads.iter().find_map(|(method, end, asked)| {
        let asked = request.method() == method && query == *asked;
        Some((path.strip_suffix(end).filter(|_| asked)?.strip_prefix('/')?, *end))
    });
    let Some((repository, service)) = read else { return not_found };
    let name = repository.strip_suffix(".git").unwrap_or(repository);
    let Ok(RepositoryRef { owner, name }) = RepositoryRef::parse(name) else { return not_found };
    let folder = repositories.join(owner).join(format!("{name}.git"));
    if folder.join("HEAD").is_file() { Served::Repository(folder, service) } else { not_found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_reading_a_repository_is_served() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("argocd/emf.git");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        let ask = |line: &str| {
            let (method, uri) = line.split_once(' ').unwrap();
            served(&Request::builder().method(method).uri(uri).body(()).unwrap(), dir.path())
        };
        for (line, service) in [
            ("GET /argocd/emf.git/info/refs?service=git-upload-pack", "/info/refs"),
            ("GET /argocd/emf/info/refs?service=git-upload-pack", "/info/refs"),
            ("POST /argocd/emf.git/git-upload-pack", "/git-upload-pack"),
        ] {
            assert_eq!(ask(line), Served::Repository(folder.clone(), service), "{line}");
        }
        for line in [
            "GET /argocd/emf.git/info/refs?service=git-receive-pack",
            "POST /argocd/emf.git/git-receive-pack",
            "GET /argocd/emf.git/info/refs?service=git-upload-pack&service=git-receive-pack",
        ] {
            assert!(matches!(ask(line), Served::Nothing(StatusCode::FORBIDDEN, _)), "{line}");
        }
        for line in [
            "GET /argocd/emf.git/HEAD",
            "GET /argocd/emf.git/info/refs",
            "GET /argocd/emf.git/objects/info/packs",
            "DELETE /argocd/emf.git/git-upload-pack",
            "POST /argocd/../argocd/emf.git/git-upload-pack",
            "POST /argocd/%2e%2e/git-upload-pack",
            "POST /../../etc/git-upload-pack",
            "POST /argocd/other.git/git-upload-pack",
        ] {
            assert!(matches!(ask(line), Served::Nothing(StatusCode::NOT_FOUND, _)), "{line}");
        }
    }
}
