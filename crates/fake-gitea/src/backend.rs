//! Smart HTTP: what Gitea refuses itself, before git is asked
//! (`routers/web/repo/githttp.go`).

use hyper::http::request::Parts;

use crate::{
    access::{Caller, Unknown, identify},
    answer::Answer,
    cgi::{self, Call},
    forge::Forge,
    hooks,
    repository::Repository,
    request::Request,
    scope::Category,
    state::State,
    upload::Upload,
};

/// What a request wants.
struct Wanted<'a> {
    owner: &'a str,
    name: &'a str,
    /// Below the repository.
    rest: &'a str,
    /// Whether it is part of a push.
    is_push: bool,
}

/// Answers for `/OWNER/NAME.git/…`.
pub async fn respond(state: &State, head: &Parts, request: &Request, mut upload: Upload) -> Answer {
    let admitted = Wanted::read(request).and_then(|wanted| {
        let forge = state.forge();
        let caller = identify(&forge, &head.headers);
        wanted.admit(&forge, caller, request)
    });
    let variables = match admitted {
        Ok(variables) => variables,
        Err(refusal) => {
            upload.drain().await;
            return refusal;
        }
    };
    let call = Call {
        root: state.root.path(),
        path: request.path.to_lowercase(),
        request,
        variables,
        running: state.running.clone(),
    };
    match cgi::run(call, upload).await {
        Ok(answer) => answer,
        Err(error) => Answer::text(500, format!("`git http-backend` failed: {error}\n")),
    }
}

impl<'a> Wanted<'a> {
    fn read(request: &'a Request) -> Result<Self, Answer> {
        let not_found = || Answer::text(404, "Not found.\n");
        let (repository, rest) = request.path[1..].split_once(".git/").ok_or_else(not_found)?;
        let (owner, name) = repository.split_once('/').ok_or_else(not_found)?;
        let service = match (request.method.as_str(), rest) {
            ("GET", "info/refs") => request.parameter("service").unwrap_or_default(),
            ("POST", service @ ("git-upload-pack" | "git-receive-pack")) => service.to_owned(),
            (_, "info/refs" | "git-upload-pack" | "git-receive-pack") => return Err(Answer::empty(405)),
            _ => return Err(not_found()),
        };
        match service.as_str() {
            "git-upload-pack" => Ok(Self { owner, name, rest, is_push: false }),
            "git-receive-pack" => Ok(Self { owner, name, rest, is_push: true }),
            _ => Err(Answer::empty(400)),
        }
    }

    /// Variables for the hooks, or why it is refused.
    fn admit(
        &self,
        forge: &Forge,
        caller: Result<Option<Caller>, Unknown>,
        request: &Request,
    ) -> Result<Vec<(&'static str, String)>, Answer> {
        let repository = forge.repository(self.owner, self.name);
        if let Some(moved) = forge.moved(self.owner, self.name).filter(|_| repository.is_none()) {
            return Err(redirect(request, self, moved));
        }
        if self.is_push && repository.is_some_and(|repository| repository.is_archived) {
            let message = "This repo is archived. You can view files and clone it, but cannot push or open \
                           issues/pull-requests.";
            return Err(Answer::text(403, message));
        }
        let caller = caller.map_err(|Unknown| unauthorized())?;
        let is_open = !self.is_push && repository.is_some_and(|repository| !repository.is_private);
        match (&caller, repository) {
            (None, _) if !is_open => return Err(unauthorized()),
            (Some(caller), _) if !is_open && !caller.may(Category::Repository, self.is_push) => {
                return Err(Answer::text(403, "Forbidden\n"));
            }
            (_, None) if self.is_push => {
                return Err(Answer::text(403, "Push to create is not enabled for users."));
            }
            (Some(caller), Some(repository)) if !sees(caller, repository) => return Err(absent()),
            (_, None) => return Err(absent()),
            (_, Some(repository)) if self.is_push && repository.is_mirror => {
                return Err(Answer::text(403, "mirror repository is read-only"));
            }
            _ => (),
        }
        self.check_type(request)?;
        Ok(repository
            .zip(caller)
            .map(|(repository, caller)| for_hooks(repository, &caller))
            .unwrap_or_default())
    }

    fn check_type(&self, request: &Request) -> Result<(), Answer> {
        let expected = format!("application/x-{}-request", self.rest);
        let is_right = request.method == "GET" || request.header("content-type") == Some(&expected);
        if is_right { Ok(()) } else { Err(Answer::empty(400)) }
    }
}

fn unauthorized() -> Answer {
    Answer::text(401, "Unauthorized\n").header("www-authenticate", "Basic realm=\"Gitea\"")
}

fn absent() -> Answer {
    Answer::text(404, "Repository not found")
}

/// The same path in the repository's new name.
fn redirect(request: &Request, wanted: &Wanted<'_>, moved: &Repository) -> Answer {
    let (owner, name) = (wanted.owner, wanted.name);
    let new = format!("{}/{}", moved.owner, moved.name);
    Answer::empty(301).header("location", &request.target().replacen(&format!("{owner}/{name}"), &new, 1))
}

/// Whether it may read.
pub fn sees(caller: &Caller, repository: &Repository) -> bool {
    !repository.is_private || owns(caller, repository)
}

/// Whether it may do anything.
pub fn owns(caller: &Caller, repository: &Repository) -> bool {
    caller.is_admin || caller.is(&repository.owner)
}

/// What the caller may not do, for the hook to say: who may read may begin to
/// push.
fn for_hooks(repository: &Repository, caller: &Caller) -> Vec<(&'static str, String)> {
    let refused = repository.protections.iter().filter(|protection| !protection.allows(&caller.name));
    let refs: Vec<String> = refused.map(|protection| format!("refs/heads/{}", protection.rule)).collect();
    let mut variables = vec![("REMOTE_USER", caller.name.clone()), (hooks::PROTECTED, refs.join(" "))];
    if !owns(caller, repository) {
        variables.push((hooks::DENIED, "User permission denied for writing.".to_owned()));
    }
    variables
}
