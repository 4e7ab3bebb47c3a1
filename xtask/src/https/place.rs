//! Where connections go.

use std::net::SocketAddr;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// One address for every name, or what the system's resolver tells.
#[derive(Debug)]
pub struct Place {
    fixed: Option<SocketAddr>,
    system: DefaultResolver,
}

impl Place {
    /// Connections go to `fixed`, if that is an address.
    pub fn new(fixed: Option<SocketAddr>) -> Self {
        Self { fixed, system: DefaultResolver::default() }
    }
}

impl Resolver for Place {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let Some(address) = self.fixed else { return self.system.resolve(uri, config, timeout) };
        let mut addresses = self.empty();
        addresses.push(address);
        Ok(addresses)
    }
}
