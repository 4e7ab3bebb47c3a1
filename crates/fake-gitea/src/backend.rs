//! Smart HTTP, by git's own `http-backend`.

use hyper::http::request::Parts;

use crate::{
    access::identify,
    admission::{self, Admitted},
    answer::Answer,
    cgi::{self, Call},
    hooks,
    request::Request,
    state::State,
    upload::Upload,
};

/// Answers for `/OWNER/NAME.git/…`.
pub async fn respond(state: &State, head: &Parts, request: &Request, mut upload: Upload) -> Answer {
    let admitted = {
        let forge = state.forge();
        let caller = identify(&forge, &head.headers);
        admission::check(&forge, caller, request)
    };
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(refusal) => {
            upload.drain().await;
            return refusal;
        }
    };
    let call = Call {
        root: state.root.path(),
        path: request.path.to_lowercase(),
        request,
        variables: variables(admitted),
        running: state.running.clone(),
    };
    match cgi::run(call, upload).await {
        Ok(answer) => answer,
        Err(error) => Answer::text(500, format!("`git http-backend` failed: {error}\n")),
    }
}

/// What the caller may not do, for the hook to say: who may read may begin to
/// push.
fn variables(admitted: Admitted) -> Vec<(&'static str, String)> {
    let refs: Vec<String> = admitted.protected.iter().map(|branch| format!("refs/heads/{branch}")).collect();
    let mut variables = vec![(hooks::PROTECTED, refs.join(" "))];
    if let Some(pusher) = admitted.pusher {
        variables.push(("REMOTE_USER", pusher));
    }
    if !admitted.may_write {
        variables.push((hooks::DENIED, "User permission denied for writing.".to_owned()));
    }
    variables
}
