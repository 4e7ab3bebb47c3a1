//! The Git server, as this crate sees it.

use std::fmt;
use std::io::{self, Read};

/// One of the two services of Git's smart protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Takes a pack and moves references: `git-receive-pack`.
    ReceivePack,
    /// Gives objects: `git-upload-pack`, in protocol version 2.
    UploadPack,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReceivePack => "git-receive-pack",
            Self::UploadPack => "git-upload-pack",
        })
    }
}

/// A repository on a Git server: over HTTP, or a program of Git's run beside us.
///
/// Both calls are stateless, as over HTTP (gitprotocol-http(5)): what one
/// connection would keep is said again. Errors are told as [`io::Error`]s; an
/// implementation that knows the cause better puts a [`Cause`](crate::Cause)
/// into it, also of those that its readers return. Errors of the kinds that
/// mean a cut connection, like [`io::ErrorKind::ConnectionReset`], are a reason
/// to try again, others are not.
pub trait Remote: Send + Sync {
    /// What the user calls it; no secret is in there.
    fn name(&self) -> String;

    /// What the service says of itself first: the advertisement of references
    /// of [`Service::ReceivePack`] in protocol version 0, the capabilities of
    /// [`Service::UploadPack`] in version 2. Without the `# service=…` line
    /// and the flush packet after it, which HTTP alone has.
    fn advertisement(&self, service: Service) -> io::Result<Box<dyn Read + '_>>;

    /// Sends `body` to the service, and reads its answer. `body` is read while
    /// it is sent; if reading fails the request is broken off so that the
    /// server takes it as incomplete, and that error is returned.
    fn call<'a>(
        &'a self,
        service: Service,
        body: Box<dyn Read + Send + 'a>,
    ) -> io::Result<Box<dyn Read + 'a>>;
}
