//! What Gitea refuses of smart HTTP itself, before git is asked
//! (`routers/web/repo/githttp.go`).

use crate::{
    access::{Caller, Unknown},
    answer::Answer,
    forge::Forge,
    repository::Repository,
    request::Request,
    scope::Category,
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

/// What git may do.
#[derive(Debug)]
pub struct Admitted {
    /// Who pushes, if somebody does.
    pub pusher: Option<String>,
    pub may_write: bool,
    /// The branches that it may not change all the same.
    pub protected: Vec<String>,
}

/// Whether a request for `/OWNER/NAME.git/…` goes to git; if not, the answer.
pub fn check(
    forge: &Forge,
    caller: Result<Option<Caller>, Unknown>,
    request: &Request,
) -> Result<Admitted, Answer> {
    let wanted = Wanted::read(request)?;
    let caller = caller.map_err(|Unknown| Answer::text(401, "Failed to authenticate user\n"))?;
    if caller.as_ref().is_some_and(|caller| caller.must_change_password) {
        return Err(Answer::empty(303).header("location", "/user/settings/change_password"));
    }
    let repository = wanted.find(forge, request)?;
    wanted.check_caller(caller.as_ref(), repository)?;
    let repository = match repository {
        Some(repository) if wanted.is_push && repository.is_mirror => {
            return Err(Answer::text(403, "mirror repository is read-only"));
        }
        Some(repository) => repository,
        None if wanted.is_push => return Err(Answer::text(403, "Push to create is not enabled for users.")),
        None => return Err(absent()),
    };
    wanted.check_type(request)?;
    Ok(Admitted::new(repository, caller))
}

impl<'a> Wanted<'a> {
    fn read(request: &'a Request) -> Result<Self, Answer> {
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

    /// The repository, if there is one; 404 without its owner, 301 if it has
    /// another name by now, 403 if it is archived and this a push.
    fn find<'f>(&self, forge: &'f Forge, request: &Request) -> Result<Option<&'f Repository>, Answer> {
        if forge.user(self.owner).is_none() {
            return Err(not_found());
        }
        let Some(found) = forge.repository(self.owner, self.name) else {
            let Some(moved) = forge.moved(self.owner, self.name) else { return Ok(None) };
            let (old, new) =
                (format!("{}/{}.git", self.owner, self.name), format!("{}/{}", moved.owner, moved.name));
            return Err(Answer::empty(301).header("location", &request.target().replacen(&old, &new, 1)));
        };
        if self.is_push && found.is_archived {
            let message = "This repo is archived. You can view files and clone it, but cannot push or open \
                           issues/pull-requests.";
            return Err(Answer::text(403, message));
        }
        Ok(Some(found))
    }

    /// 401 for nobody, 403 for a token that is not for this, 404 for who has no
    /// right to see it. Who may see it may begin to push: a hook says the rest.
    fn check_caller(&self, caller: Option<&Caller>, repository: Option<&Repository>) -> Result<(), Answer> {
        if !self.is_push && repository.is_some_and(|repository| !repository.is_private) {
            return Ok(());
        }
        let Some(caller) = caller else {
            let challenge = "Basic realm=\"Gitea (Basic Auth)\"";
            return Err(Answer::text(401, "Unauthorized\n").header("www-authenticate", challenge));
        };
        // Gitea does not look at the scope of one in `Authorization: token`.
        if caller.is_basic && !caller.may(Category::Repository, self.is_push) {
            return Err(Answer::text(403, "Forbidden\n"));
        }
        let is_seen = repository.is_none_or(|repository| caller.sees(repository));
        if is_seen { Ok(()) } else { Err(absent()) }
    }

    fn check_type(&self, request: &Request) -> Result<(), Answer> {
        let expected = format!("application/x-{}-request", self.rest);
        let is_right = request.method == "GET" || request.header("content-type") == Some(&expected);
        if is_right { Ok(()) } else { Err(Answer::empty(400)) }
    }
}

impl Admitted {
    fn new(repository: &Repository, caller: Option<Caller>) -> Self {
        let refused = repository
            .protections
            .iter()
            .filter(|protection| !caller.as_ref().is_some_and(|caller| protection.allows(&caller.name)));
        Self {
            protected: refused.map(|protection| protection.rule.clone()).collect(),
            may_write: caller.as_ref().is_some_and(|caller| caller.owns(repository)),
            pusher: caller.map(|caller| caller.name),
        }
    }
}

fn not_found() -> Answer {
    Answer::text(404, "Not found.\n")
}

fn absent() -> Answer {
    Answer::text(404, "Repository not found")
}
