use k8s_openapi::api::core::v1;

use super::*;

fn service(json: &str) -> Service {
    serde_json::from_str::<v1::Service>(json).unwrap().into()
}

fn with_ingress(ingress: &str) -> Service {
    service(&format!(
        r#"{{"spec": {{"type": "LoadBalancer", "clusterIP": "10.96.0.7",
             "ports": [{{"name": "https", "port": 443, "nodePort": 30443, "protocol": "TCP"}}, {{"port": 53, "protocol": "UDP"}}]}},
            "status": {{"loadBalancer": {{"ingress": [{ingress}]}}}}}}"#
    ))
}

fn backend(service: &Service, port: u16) -> Result<String, String> {
    let backend = service.backend(NonZeroU16::new(port).unwrap());
    backend.map(|backend| backend.to_string()).map_err(|why| why.to_string())
}

#[test]
fn tells_its_parts() {
    let service = with_ingress(r#"{"ip": "172.18.255.20"}"#);
    assert_eq!(service.service_type, ServiceType::LoadBalancer);
    assert_eq!(service.cluster_ip, Some("10.96.0.7".parse().unwrap()));
    let https = Port {
        name: Some("https".into()),
        port: NonZeroU16::new(443).unwrap(),
        node_port: NonZeroU16::new(30443),
        protocol: "TCP".into(),
    };
    assert_eq!(service.ports[0], https);
    assert_eq!(backend(&service, 443).as_deref(), Ok("172.18.255.20:443"));
}

#[test]
fn is_a_cluster_ip_service_unless_it_says_more() {
    let headless =
        service(r#"{"spec": {"clusterIP": "None", "ports": [{"port": 443}, {"port": 70000}, {"port": 0}]}}"#);
    assert_eq!(
        (headless.service_type, headless.cluster_ip, headless.ports.len()),
        (ServiceType::ClusterIP, None, 1)
    );
    assert_eq!(headless.ports[0].protocol, "TCP");
    assert_eq!(service("{}").ports, []);
}

#[test]
fn takes_the_lowest_ipv4_address() {
    let several = with_ingress(
        r#"{"ip": "fd00::1"}, {"ip": "10.0.0.20"}, {"ip": "10.0.0.3"}, {"ip": "10.0.0.3"}, {"ip": "::ffff:10.0.0.2"}"#,
    );
    let addresses: Vec<_> = several.addresses().iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["10.0.0.2", "10.0.0.3", "10.0.0.20", "fd00::1"]);
    assert_eq!(backend(&several, 443).as_deref(), Ok("10.0.0.2:443"));
    assert_eq!(
        backend(&with_ingress(r#"{"ip": "fd00::2"}, {"ip": "fd00::1"}"#), 443).as_deref(),
        Ok("[fd00::1]:443")
    );
}

#[test]
fn passes_over_what_cannot_be_dialled() {
    assert_eq!(
        backend(&with_ingress(r#"{"ip": "0.0.0.0"}, {"ip": "10.0.0.1"}"#), 443).as_deref(),
        Ok("10.0.0.1:443")
    );
    let error = backend(&with_ingress(r#"{"ip": "0.0.0.0"}"#), 443).unwrap_err();
    assert!(error.starts_with("the address of its load balancer cannot be used: `0.0.0.0` is"), "{error}");
}

#[test]
fn says_why_it_is_not_ready() {
    let error = |service: &Service, port| backend(service, port).unwrap_err();
    let cluster_ip = service(
        r#"{"spec": {"type": "ClusterIP"}, "status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}}"#,
    );
    assert_eq!(error(&cluster_ip, 443), "it is of type ClusterIP, not LoadBalancer");
    assert_eq!(
        error(&service(r#"{"spec": {"type": "NodePort"}}"#), 443),
        "it is of type NodePort, not LoadBalancer"
    );
    assert_eq!(error(&with_ingress(""), 443), "its load balancer has no address yet");
    assert_eq!(error(&with_ingress("{}"), 443), "its load balancer has no address yet");
    assert_eq!(error(&with_ingress(r#"{"ip": "10.0.0.1"}"#), 8443), "it has no port 8443");
    assert_eq!(error(&with_ingress(r#"{"ip": "10.0.0.1"}"#), 53), "it has no port 53");
    assert_eq!(
        error(&with_ingress(r#"{"hostname": "lb.example.com"}"#), 443),
        "the name `lb.example.com` of its load balancer cannot be resolved: it has not been looked up"
    );
}

#[test]
fn uses_the_addresses_of_a_name() {
    let mut named = with_ingress(r#"{"hostname": "lb.example.com"}"#);
    named.ingress = vec![Ingress::Host {
        name: "lb.example.com".into(),
        addresses: Ok(vec!["10.0.0.9".parse().unwrap()]),
    }];
    assert_eq!(backend(&named, 443).as_deref(), Ok("10.0.0.9:443"));
}
