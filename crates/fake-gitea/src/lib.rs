//! A Gitea with scripted faults, for tests.
//!
//! Its API answers with Gitea's codes; its repositories are bare ones in a
//! temporary folder, served by git's own `http-backend`, hooks and all. It goes
//! wrong when told to.
//!
//! ```
//! use fake_gitea::{ADMIN, FakeGitea, Fault};
//!
//! let gitea = FakeGitea::start();
//! gitea.add_repository(ADMIN, "infra");
//! let first = gitea.commit("gitea_admin/infra", "main", &[("a/b.txt", "hello\n")]);
//! assert_eq!(gitea.head("gitea_admin/infra", "main"), Some(first));
//!
//! let url = format!("{}/api/v1/repos/{ADMIN}/infra", gitea.url());
//! assert!(ureq::get(&url).call()?.body_mut().read_to_string()?.contains("\"empty\":false"));
//!
//! gitea.faults().push(Fault::status(503).path("/api/*").times(1));
//! assert!(matches!(ureq::get(&url).call(), Err(ureq::Error::StatusCode(503))));
//! assert!(ureq::get(&url).call().is_ok());
//! assert_eq!(gitea.requests().len(), 3);
//! # Ok::<(), ureq::Error>(())
//! ```

mod access;
mod account;
mod admission;
mod answer;
mod api;
mod backend;
mod certificate;
mod cgi;
mod fault;
mod forge;
mod git;
mod gitea;
mod hooks;
mod options;
mod repository;
mod request;
mod respond;
mod scope;
mod server;
mod state;
mod upload;

pub use account::{Token, User};
pub use certificate::Certificate;
pub use fault::{Fault, Faults};
pub use gitea::{ADMIN, ADMIN_PASSWORD, FakeGitea};
pub use options::Options;
pub use request::Request;
