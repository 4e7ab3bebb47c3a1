//! The HTTP routers of a sandbox: names whose TLS ends at Traefik.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::answer::is_lost;

/// The router of Traefik's own API, which is on loopback.
const API: &str = "api";

/// HTTP routers by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct External(BTreeMap<String, ExternalRouter>);

/// An HTTP router; what its file says, and what Traefik thinks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalRouter {
    /// Host and path.
    #[serde(default)]
    pub rule: String,
    /// Traefik's word, `enabled` or `disabled`; none where it cannot be asked.
    #[serde(default)]
    pub status: Option<String>,
    /// What Traefik does not like about it.
    #[serde(default, rename(serialize = "errors", deserialize = "error"))]
    pub errors: Vec<String>,
}

impl External {
    /// Those that clients outside reach.
    pub fn new(mut routers: BTreeMap<String, ExternalRouter>) -> Self {
        routers.remove(API);
        Self(routers)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that Traefik does not serve, by name.
    pub fn lost(&self) -> impl Iterator<Item = (&String, &ExternalRouter)> {
        self.0.iter().filter(|(_, router)| router.is_lost())
    }

    /// Whether those in the file, `wanted`, are as they are there.
    pub(super) fn verdict(&self, wanted: &Self) -> Verdict {
        for (name, router) in &wanted.0 {
            let Some(served) = self.0.get(name).filter(|served| served.rule == router.rule) else {
                return Verdict::NotYet(format!("the rule {} is not in force", router.rule));
            };
            if served.is_lost() {
                let errors = served.errors.join("; ");
                return Verdict::Refused(format!(
                    "Traefik does not follow the rule {}: {errors}",
                    served.rule
                ));
            }
        }
        Verdict::InForce
    }
}

impl ExternalRouter {
    fn is_lost(&self) -> bool {
        is_lost(self.status.as_deref()) || !self.errors.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn external(rules: &[(&str, &str, &[&str])]) -> External {
        let router = |(name, rule, errors): &(&str, &str, &[&str])| {
            let errors = errors.iter().map(ToString::to_string).collect();
            ((*name).to_owned(), ExternalRouter { rule: (*rule).to_owned(), status: None, errors })
        };
        External::new(rules.iter().map(router).collect())
    }

    #[test]
    fn every_name_has_to_be_served_as_the_file_says() {
        let wanted = external(&[("api", "Path(`/api`)", &[]), ("a", "Host(`a`)", &[])]);
        assert_eq!(external(&[("a", "Host(`a`)", &[])]).verdict(&wanted), Verdict::InForce);
        let not_yet = |what: &str| Verdict::NotYet(what.to_owned());
        assert_eq!(external(&[]).verdict(&wanted), not_yet("the rule Host(`a`) is not in force"));
        let old = external(&[("a", "Host(`b`)", &[])]);
        assert_eq!(old.verdict(&wanted), not_yet("the rule Host(`a`) is not in force"));
        // Somebody else's, which need not even be well.
        let more = external(&[("a", "Host(`a`)", &[]), ("b", "Host(`b`)", &["no such plug-in"])]);
        assert_eq!(more.verdict(&wanted), Verdict::InForce);
        let lost = external(&[("a", "Host(`a`)", &["no such plug-in"])]);
        let refused = "Traefik does not follow the rule Host(`a`): no such plug-in";
        assert_eq!(lost.verdict(&wanted), Verdict::Refused(refused.to_owned()));
    }
}
