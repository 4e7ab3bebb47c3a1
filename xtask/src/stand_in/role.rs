//! What stand-ins a profile needs.

use crate::profile::Profile;

/// A service that a stand-in takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Name of its daemon: that of the first route that leads to it.
    pub name: String,
    /// The service, such as `argocd/argocd-server`.
    pub service: String,
    /// The routes that lead to it, each to a port of its own.
    pub routes: Vec<String>,
}

/// The stand-ins that a profile's routes need: one for each service.
pub fn roles(profile: &Profile) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for route in &profile.routes {
        let Some(service) = route.services.first() else { continue };
        let service = format!("{}/{}", service.namespace, service.name);
        match roles.iter_mut().find(|it| it.service == service) {
            Some(known) => known.routes.push(route.name.clone()),
            None => {
                roles.push(Role { name: route.name.clone(), service, routes: vec![route.name.clone()] });
            }
        }
    }
    roles
}
