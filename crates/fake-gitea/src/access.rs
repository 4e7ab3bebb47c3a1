//! Who asks.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hyper::{HeaderMap, header::AUTHORIZATION};

use crate::{account::User, forge::Forge, repository::Repository, scope};

/// Who asks, once it is known.
#[derive(Clone, Debug)]
pub struct Caller {
    pub name: String,
    pub is_admin: bool,
    pub must_change_password: bool,
    /// Of the token that it came with; none for a password.
    scopes: Option<Vec<String>>,
    /// It came with `Authorization: Basic`, be it with a token in it.
    pub is_basic: bool,
}

/// The credentials are nobody's.
#[derive(Debug)]
pub struct Unknown;

impl Caller {
    fn new(user: &User, scopes: Option<&[String]>, is_basic: bool) -> Self {
        Self {
            name: user.name.clone(),
            is_admin: user.is_admin,
            must_change_password: user.must_change_password,
            scopes: scopes.map(<[_]>::to_vec),
            is_basic,
        }
    }

    /// Whether it is this user.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether it may read it.
    pub fn sees(&self, repository: &Repository) -> bool {
        !repository.is_private || self.owns(repository)
    }

    /// Whether it may do anything with it.
    pub fn owns(&self, repository: &Repository) -> bool {
        self.is_admin || self.is(&repository.owner)
    }

    /// Whether its token, if it came with one, is for this.
    pub fn may(&self, category: scope::Category, change: bool) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scope::allows(scopes, category, change))
    }
}

/// Reads `Authorization`: `token V`, `Bearer V`, or `Basic` with a password or
/// a token in place of one. Without it, nobody asks.
pub fn identify(forge: &Forge, headers: &HeaderMap) -> Result<Option<Caller>, Unknown> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let (scheme, rest) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(Unknown)?;
    match scheme.to_ascii_lowercase().as_str() {
        "token" | "bearer" => by_token(forge, rest.trim(), false).map(Some).ok_or(Unknown),
        "basic" => by_basic(forge, rest.trim()).map(Some).ok_or(Unknown),
        _ => Ok(None),
    }
}

fn by_token(forge: &Forge, value: &str, is_basic: bool) -> Option<Caller> {
    let (user, token) = forge.owner_of(value)?;
    Some(Caller::new(user, Some(&token.scopes), is_basic))
}

/// Gitea takes a token for the password of whatever name, and for the name
/// without a password (`services/auth/basic.go`).
fn by_basic(forge: &Forge, encoded: &str) -> Option<Caller> {
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    let token = if password.is_empty() || password == "x-oauth-basic" { name } else { password };
    by_token(forge, token, true).or_else(|| {
        let user = forge.user(name).filter(|user| user.password == password)?;
        Some(Caller::new(user, None, true))
    })
}
