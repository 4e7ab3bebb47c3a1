//! Profiles whose entrance is no router.

use fake_kube::objects::service;

use crate::coder::Coder;

#[test]
fn onprem_lists_what_metallb_gave() {
    let coder = Coder::new();
    coder.kube.apply(&service("argocd", "argocd-server").load_balancer("10.1.0.20").port(443, 32443));
    coder.kube.apply(&service("orch-gateway", "traefik").pending().port(443, 30443).port(4433, None));
    let onprem =
        |args: &[&'static str]| coder.platform.xtask(args.iter().copied().chain(["--profile", "onprem"]));
    onprem(&["router", "status"]).run().exits(0).stderr("").stdout(
        "there is no router: the entrance is MetalLB, which gives each service an address of its own\n\
         ROUTE         SERVICE                                            ADDRESS\n\
         argo          argocd/argocd-server:443                           10.1.0.20\n\
         gitea         gitea/gitea-http:443                               the service does not exist\n\
         orchestrator  orch-gateway/traefik:443                           its load balancer has no address yet\n\
         boots         orch-boots/ingress-haproxy-kubernetes-ingress:443  the service does not exist\n\
         edge          orch-gateway/traefik:4433                          its load balancer has no address yet\n",
    );
    let hosts = onprem(&["gen", "hosts"]).run().exits(0);
    assert_eq!(hosts.text(), "10.1.0.20 argo.cluster.onprem argocd.cluster.onprem\n");
    assert!(hosts.errors().contains("the names of route `gitea` are left out"), "{}", hosts.errors());
    onprem(&["router", "start"]).run().exits(2).stdout("").stderr(
        "error: profile `onprem` has no router: its entrance is MetalLB, which gives each service an address \
         of its own\n\
         help: see its addresses with `cargo xtask router status --profile onprem`, or choose a profile that has \
         a router: `--profile local` or `--profile coder`\n",
    );
}

#[test]
fn aws_lists_the_names_of_its_load_balancers() {
    let coder = Coder::new();
    let host = "k8s-argo-1234.elb.eu-west-1.amazonaws.invalid";
    coder.kube.apply(&service("argocd", "argocd-server").ingress_host(host).port(443, None));
    coder.kube.apply(&service("orch-gateway", "traefik").cluster_ip().port(443, None).port(4433, None));
    let aws = |args: &[&'static str]| coder.platform.xtask(args.iter().copied().chain(["--profile", "aws"]));
    let shown = aws(&["router", "status"]).run().exits(0);
    assert!(shown.text().contains(host), "{}", shown.text());
    assert!(shown.text().contains("made of AWS load balancers (NLB and ALB)\n"), "{}", shown.text());
    let answer = aws(&["router", "status", "--format", "json"]).run().exits(0).json();
    assert_eq!((&answer["entrance"], &answer["routes"][0]["addresses"][0]), (&"aws".into(), &host.into()));
    aws(&["gen", "hosts"]).run().exits(2).stdout("");
    aws(&["router", "stop"]).run().exits(2).stdout("");
}
