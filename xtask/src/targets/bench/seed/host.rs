//! Where the repositories are.

use std::ffi::OsString;

use super::repository::Repository;
use super::transport::Transport;
use super::way::Way;

/// What has a repository for each way.
pub trait Host {
    /// How clients come to it.
    fn transport(&self) -> Transport;

    /// The repository of a way, which need not exist.
    fn repository(&self, way: Way) -> Repository<'_>;
}

/// How a client comes to one of the repositories.
pub struct Access {
    /// What Git pushes to.
    pub address: OsString,
    /// Variables of the environment that Git needs for that.
    pub variables: Vec<(&'static str, OsString)>,
    /// What `gitea seed` is told.
    pub flags: Vec<(&'static str, OsString)>,
}
