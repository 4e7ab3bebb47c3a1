//! Accounts and their tokens.

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Counted from 1.
    pub id: u64,
    /// The login.
    pub name: String,
    /// As it was set; never answered.
    pub password: String,
    /// As it was given.
    pub email: String,
    /// Whether it is an administrator of the site.
    pub is_admin: bool,
    /// Whether all that the account may do with the API is to be refused.
    pub must_change_password: bool,
    /// Those that it has.
    pub tokens: Vec<Token>,
}

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Counted from 1 for all accounts.
    pub id: u64,
    /// Different from the account's others.
    pub name: String,
    /// 40 hexadecimal digits, told only when it is made.
    pub value: String,
    /// Such as `write:repository`; at least one.
    pub scopes: Vec<String>,
}

impl User {
    /// Whether this is its login, in capitals or not.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}
