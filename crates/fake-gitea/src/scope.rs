//! What tokens are for.

/// What the API is divided into (`models/auth/access_token_scope.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Admin,
    Repository,
    User,
}

const CATEGORIES: [&str; 9] = [
    "activitypub",
    "admin",
    "issue",
    "misc",
    "notification",
    "organization",
    "package",
    "repository",
    "user",
];

impl Category {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Repository => "repository",
            Self::User => "user",
        }
    }
}

/// Whether there is such a scope.
pub fn is_scope(scope: &str) -> bool {
    let category = scope.strip_prefix("read:").or_else(|| scope.strip_prefix("write:"));
    scope == "all" || category.is_some_and(|category| CATEGORIES.contains(&category))
}

/// Whether `scopes` allow to read, or to change, what is of this category.
pub fn allows(scopes: &[String], category: Category, change: bool) -> bool {
    let name = category.name();
    scopes.iter().any(|scope| match scope.split_once(':') {
        None => scope == "all",
        Some(("write", of)) => of == name,
        Some((_, of)) => of == name && !change,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_write_means_to_read() {
        let scopes = ["write:repository".to_owned(), "read:user".to_owned()];
        let of = |category, change| allows(&scopes, category, change);
        assert!(of(Category::Repository, true) && of(Category::Repository, false));
        assert!(of(Category::User, false) && !of(Category::User, true));
        assert!(!of(Category::Admin, false));
        assert!(allows(&["all".to_owned()], Category::Admin, true));
    }

    #[test]
    fn only_known_scopes_are_scopes() {
        assert!(is_scope("all") && is_scope("write:repository") && is_scope("read:misc"));
        assert!(!is_scope("repository") && !is_scope("write:all") && !is_scope(""));
    }
}
