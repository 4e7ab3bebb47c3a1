//! Connections to a port of a pod, by way of the API.

use k8s_openapi::api::core::v1;
use kube::Api;
use kube::api::Portforwarder;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, copy_bidirectional};
use tokio::time::timeout;

use crate::follow::ANSWER_LIMIT;
use crate::place::Place;
use crate::{Action, Cluster, Error, PodPort, Resource, refusal, text};

/// Longest text of a node that is shown, in characters.
const MAX_REASON: usize = 300;

/// A connection to a port of a pod. It ends when it is dropped.
pub struct Forward {
    stream: DuplexStream,
    forwarder: Portforwarder,
    port: u16,
    what: String,
    server: String,
}

impl Cluster {
    /// Connects to a port of a pod through the API server, as `kubectl
    /// port-forward` does. That the pod does not listen is known only when the
    /// connection [carries](Forward::carry) something. Fails when there is no
    /// answer within ten seconds.
    pub async fn forward(&self, to: &PodPort) -> Result<Forward, Error> {
        let pod = &to.pod;
        let kind = Resource::POD;
        let place = Place::of(&kind, Some(&pod.namespace), &pod.name)?;
        let api: Api<v1::Pod> = Api::namespaced(self.client().clone(), &pod.namespace);
        let port = to.port.get();
        let mut forwarder = timeout(ANSWER_LIMIT, api.portforward(&pod.name, &[port]))
            .await
            .map_err(|_| Error::silent(self.server(), ANSWER_LIMIT))?
            .map_err(|error| refusal::of(self.server(), Action::Forward, &place, &error))?;
        let stream = forwarder.take_stream(port).ok_or_else(|| place.invalid("it has no such port"))?;
        let (what, server) = (place.to_string(), self.server().to_owned());
        Ok(Forward { stream, forwarder, port, what, server })
    }
}

impl Forward {
    /// Carries what comes from one side to the other until either ends. Fails
    /// when the pod's node says that the port cannot be used.
    pub async fn carry(mut self, mut socket: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), Error> {
        let said = self.forwarder.take_error(self.port);
        // An end in the middle is an end all the same: both sides see it.
        let _ = copy_bidirectional(&mut socket, &mut self.stream).await;
        self.forwarder.abort();
        let Some(said) = said else { return Ok(()) };
        match said.await {
            None => Ok(()),
            Some(reason) => Err(Error::Refused {
                action: Action::Forward,
                server: self.server.clone(),
                what: self.what.clone(),
                reason: text::line(&reason, MAX_REASON),
            }),
        }
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        self.forwarder.abort();
    }
}
