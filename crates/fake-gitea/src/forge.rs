//! What Gitea keeps in its database.

use std::fmt::Write as _;

use rustls::crypto::ring::default_provider;

use crate::{
    account::{Token, User},
    repository::Repository,
};

/// Accounts and repositories.
#[derive(Debug, Default)]
pub struct Forge {
    pub users: Vec<User>,
    pub repositories: Vec<Repository>,
    /// Earlier names of repositories, with the id of each.
    moved: Vec<(String, String, u64)>,
    last_id: u64,
}

impl Forge {
    /// An id that nothing has yet.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.is(name))
    }

    pub fn user_mut(&mut self, name: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.is(name))
    }

    pub fn owner_of(&self, value: &str) -> Option<(&User, &Token)> {
        let mut users = self.users.iter();
        users.find_map(|user| Some((user, user.tokens.iter().find(|token| token.value == value)?)))
    }

    pub fn repository(&self, owner: &str, name: &str) -> Option<&Repository> {
        self.repositories.iter().find(|repository| repository.is(owner, name))
    }

    pub fn repository_mut(&mut self, owner: &str, name: &str) -> Option<&mut Repository> {
        self.repositories.iter_mut().find(|repository| repository.is(owner, name))
    }

    /// The repository that had this name, if none has it now.
    pub fn moved(&self, owner: &str, name: &str) -> Option<&Repository> {
        let had_it = |(of, was, _): &&(String, String, u64)| {
            of.eq_ignore_ascii_case(owner) && was.eq_ignore_ascii_case(name)
        };
        let (_, _, id) = self.moved.iter().rev().find(had_it)?;
        self.repositories.iter().find(|repository| repository.id == *id)
    }

    /// Notes that a repository is called otherwise from now on.
    pub fn rename(&mut self, owner: &str, name: &str, new: &str) {
        if let Some(repository) = self.repository_mut(owner, name) {
            let was = std::mem::replace(&mut repository.name, new.to_owned());
            let moved = (repository.owner.clone(), was, repository.id);
            self.moved.push(moved);
        }
    }

    pub fn add_user(&mut self, name: &str, password: &str, is_admin: bool) -> &mut User {
        let user = User {
            id: self.next_id(),
            name: name.to_owned(),
            password: password.to_owned(),
            email: format!("{name}@gitea.invalid"),
            is_admin,
            must_change_password: false,
            tokens: Vec::new(),
        };
        let position = self.users.len();
        self.users.push(user);
        &mut self.users[position]
    }

    /// Gives a user a token; none if there is no such user.
    pub fn add_token(&mut self, user: &str, name: &str, scopes: Vec<String>) -> Option<Token> {
        let token = Token { id: self.next_id(), name: name.to_owned(), value: random_value(), scopes };
        self.user_mut(user)?.tokens.push(token.clone());
        Some(token)
    }
}

/// As Gitea makes them: 20 random bytes.
#[expect(clippy::expect_used, reason = "a test without random numbers has nothing else to do")]
fn random_value() -> String {
    let mut bytes = [0; 20];
    default_provider().secure_random.fill(&mut bytes).expect("the operating system has random numbers");
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
