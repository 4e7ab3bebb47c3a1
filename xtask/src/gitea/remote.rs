//! A repository on Gitea, as Git's own requests reach it.

use std::io::{self, Read};
use std::sync::OnceLock;

use anyhow::Context as _;
use git_seed::{Credentials, HttpRemote, Service};
use ureq::Agent;

use crate::release::carried;

/// What there is to push with, once there is something to push.
type PushWith<'a> = Box<dyn Fn() -> anyhow::Result<Credentials> + Send + Sync + 'a>;

/// A repository that is read by one's own credentials. Others are asked for
/// when a pack is to be sent, and not before.
pub struct Remote<'a> {
    agent: Agent,
    address: String,
    reading: HttpRemote,
    pushing: OnceLock<HttpRemote>,
    push_with: PushWith<'a>,
}

impl<'a> Remote<'a> {
    /// The repository at `address`, to which the agent knows the way.
    pub fn new(
        agent: Agent,
        address: String,
        read_with: Credentials,
        push_with: PushWith<'a>,
    ) -> anyhow::Result<Self> {
        let reading = remote(&agent, &address, read_with)?;
        Ok(Self { agent, address, reading, pushing: OnceLock::new(), push_with })
    }

    fn pushing(&self) -> anyhow::Result<&HttpRemote> {
        if let Some(pushing) = self.pushing.get() {
            return Ok(pushing);
        }
        let pushing = remote(&self.agent, &self.address, (self.push_with)()?)?;
        Ok(self.pushing.get_or_init(|| pushing))
    }
}

fn remote(agent: &Agent, address: &str, credentials: Credentials) -> anyhow::Result<HttpRemote> {
    HttpRemote::new(agent.clone(), address, Some(credentials)).context("cannot use Gitea's address")
}

impl git_seed::Remote for Remote<'_> {
    fn name(&self) -> String {
        self.reading.name()
    }

    fn advertisement(&self, service: Service) -> io::Result<Box<dyn Read + '_>> {
        self.reading.advertisement(service)
    }

    fn call<'a>(
        &'a self,
        service: Service,
        body: Box<dyn Read + Send + 'a>,
    ) -> io::Result<Box<dyn Read + 'a>> {
        match service {
            Service::UploadPack => self.reading.call(service, body),
            Service::ReceivePack => self.pushing().map_err(carried)?.call(service, body),
        }
    }
}
