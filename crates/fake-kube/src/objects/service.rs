use serde_json::{Value, json};

use super::{json_object, push};

/// A Service being put together.
#[derive(Clone, Debug)]
pub struct Service(Value);

json_object!(Service);

/// A Service of type ClusterIP, without ports.
pub fn service(namespace: &str, name: &str) -> Service {
    Service(json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "namespace": namespace, "name": name },
        "spec": { "type": "ClusterIP", "clusterIP": "10.96.0.10", "selector": { "app": name } },
        "status": { "loadBalancer": {} },
    }))
}

impl Service {
    /// Of type LoadBalancer, with this address; called again, with another.
    #[must_use]
    pub fn load_balancer(self, address: &str) -> Self {
        self.ingress(json!({ "ip": address, "ipMode": "VIP" }))
    }

    /// Of type LoadBalancer, with this host name; called again, with another.
    #[must_use]
    pub fn ingress_host(self, host: &str) -> Self {
        self.ingress(json!({ "hostname": host }))
    }

    /// Of type LoadBalancer, which has no address yet.
    #[must_use]
    pub fn pending(self) -> Self {
        self.of_type("LoadBalancer")
    }

    /// Of type ClusterIP.
    #[must_use]
    pub fn cluster_ip(self) -> Self {
        self.of_type("ClusterIP")
    }

    /// Of type NodePort.
    #[must_use]
    pub fn node_port(self) -> Self {
        self.of_type("NodePort")
    }

    /// With one more port, named `port-NUMBER`, and its node port if it has
    /// one.
    #[must_use]
    pub fn port(mut self, number: u16, node_port: impl Into<Option<u16>>) -> Self {
        let mut port = json!({
            "name": format!("port-{number}"),
            "port": number,
            "targetPort": number,
            "protocol": "TCP",
        });
        if let Some(node_port) = node_port.into() {
            port["nodePort"] = json!(node_port);
        }
        push(&mut self.0["spec"]["ports"], port);
        self
    }

    fn ingress(self, ingress: Value) -> Self {
        let mut service = self.of_type("LoadBalancer");
        push(&mut service.0["status"]["loadBalancer"]["ingress"], ingress);
        service
    }

    fn of_type(mut self, name: &str) -> Self {
        self.0["spec"]["type"] = json!(name);
        self
    }
}
