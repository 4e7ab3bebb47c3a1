//! `--backend ROUTE=ADDRESS[:PORT]`.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use routing::{Backend, BackendError};

use super::{Profile, RouteProfile};
use crate::failure::Failure;

impl Profile {
    /// Reads the arguments of `--backend`; the port is that of the route's
    /// first service, unless it is given.
    pub fn backends(&self, arguments: &[String]) -> anyhow::Result<BTreeMap<String, Backend>> {
        let mut backends = BTreeMap::new();
        for argument in arguments {
            let (name, backend) = self.backend(argument)?;
            if backends.insert(name.to_owned(), backend).is_some() {
                let message = format!("`--backend {argument}`: route `{name}` already has a backend");
                return Err(Failure::usage(message).help("give each route once").into());
            }
        }
        Ok(backends)
    }

    fn backend<'a>(&self, argument: &'a str) -> anyhow::Result<(&'a str, Backend)> {
        let refused = |why: String| {
            let help = "write `--backend ROUTE=ADDRESS[:PORT]`, such as `--backend argo=172.18.255.20`";
            Failure::usage(format!("`--backend {argument}`: {why}")).help(help)
        };
        let (name, address) = argument
            .split_once('=')
            .ok_or_else(|| refused("there is no `=` between route and address".into()))?;
        let route = self.route(name)?;
        let address = parse_address(address, route).map_err(|error| refused(error.to_string()))?;
        Ok((name, address))
    }
}

fn parse_address(text: &str, route: &RouteProfile) -> Result<Backend, BackendError> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    // Without brackets, an IPv6 address and a port run into each other.
    let alone = bare.map_or_else(|| text.parse().ok().filter(IpAddr::is_ipv4), |bare| bare.parse().ok());
    match (alone, route.services.first()) {
        (Some(ip), Some(service)) => Backend::new(SocketAddr::new(ip, service.port.get())),
        _ => text.parse(),
    }
}

#[cfg(test)]
mod tests {
    use crate::failure::{Exit, exit_of, help_of};
    use crate::profile::tests::load;

    fn backend(argument: &str) -> anyhow::Result<String> {
        let backends = load("coder", &[])?.backends(&[argument.to_owned()])?;
        let (name, backend) = backends.first_key_value().unwrap();
        Ok(format!("{name} {backend}"))
    }

    #[test]
    fn the_port_is_the_services_unless_given() {
        assert_eq!(backend("argo=172.18.255.20").unwrap(), "argo 172.18.255.20:443");
        assert_eq!(backend("edge=172.18.255.30").unwrap(), "edge 172.18.255.30:4433");
        assert_eq!(backend("argo=172.18.255.20:8443").unwrap(), "argo 172.18.255.20:8443");
        assert_eq!(backend("argo=[2001:db8::1]").unwrap(), "argo [2001:db8::1]:443");
        assert_eq!(backend("argo=[2001:db8::1]:8443").unwrap(), "argo [2001:db8::1]:8443");
    }

    #[test]
    fn refuses_what_cannot_be_dialled() {
        for (argument, why) in [
            ("argo=0.0.0.0", "`0.0.0.0` is the unspecified address"),
            ("argo=[::]", "`::` is the unspecified address"),
            ("argo=10.0.0.1:0", "port 0 cannot be dialled"),
            ("argo=2001:db8::1", "`2001:db8::1` is not an address and a port"),
            ("argo=10.0.0.1:65536", "`10.0.0.1:65536` is not an address and a port"),
            ("argo=host:443", "`host:443` is not an address and a port"),
            ("argo=", "`` is not an address and a port"),
            ("argo", "there is no `=`"),
        ] {
            let error = backend(argument).unwrap_err();
            let start = format!("`--backend {argument}`: {why}");
            assert!(error.to_string().starts_with(&start), "{error}");
            assert_eq!(exit_of(&error), Exit::Usage);
            assert!(help_of(&error).unwrap().contains("ROUTE=ADDRESS"));
        }
    }

    #[test]
    fn names_the_near_route() {
        let error = backend("arog=10.0.0.1").unwrap_err();
        assert_eq!(error.to_string(), "profile `coder` has no route `arog`; did you mean `argo`?");
        assert_eq!(exit_of(&error), Exit::Usage);
    }

    #[test]
    fn each_route_once() {
        let twice = ["argo=10.0.0.1", "argo=10.0.0.2"].map(str::to_owned);
        let error = load("coder", &[]).unwrap().backends(&twice).unwrap_err();
        assert!(error.to_string().contains("already has a backend"), "{error}");
    }
}
