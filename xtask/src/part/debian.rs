//! The parts that are packages of Debian's.

use super::Part;

/// Commands of a node, in one static binary.
pub const BUSYBOX: Part = Part::debian("busybox", "in the nodes of kind's clusters", &["busybox-static"]);

/// A client that is not ours.
pub const CURL: Part = Part::debian("curl", "as a foreign client of the router", &["curl"]);

/// Makes a system of Debian's packages.
pub const DEBOOTSTRAP: Part =
    Part::debian("debootstrap", "for a Debian to install packages in", &["debootstrap"]);

/// Docker's client.
pub const DOCKER: Part = Part::debian("docker", "to run Traefik in a container", &["docker.io", "iptables"]);

/// Docker's daemon, where none answers.
pub const DOCKERD: Part =
    Part::debian("dockerd", "to run Traefik in a container", &["docker.io", "iptables"]);

/// Has images to be pulled.
pub const DOCKER_REGISTRY: Part =
    Part::debian("docker-registry", "to pull an image from", &["docker-registry"]);

/// Makes packages.
pub const DPKG_DEB: Part = Part::debian("dpkg-deb", "to make Debian packages", &["dpkg"]);

/// Where the API server keeps its objects.
pub const ETCD: Part = Part::debian("etcd", "by a real kube-apiserver", &["etcd-server"]);

/// A shell to complete in.
pub const FISH: Part = Part::debian("fish", "to try its completion", &["fish"]);

/// Compiles what Go cannot.
pub const GCC: Part = Part::debian("gcc", "to build Gitea", &["gcc", "libc6-dev"]);

/// A router to compare with.
pub const HAPROXY: Part = Part::debian("haproxy", "to compare the router with", &["haproxy"]);

/// Sets up the network of a namespace.
pub const IP: Part = Part::debian("ip", "to test faults of the network in namespaces", &["iproute2"]);

/// Knows Debian's Policy.
pub const LINTIAN: Part = Part::debian("lintian", "to check Debian packages", &["lintian"]);

/// A router to compare with.
pub const NGINX: Part =
    Part::debian("nginx", "to compare the router with", &["nginx", "libnginx-mod-stream"]);

/// A client that is not ours.
pub const OPENSSL: Part = Part::debian("openssl", "as a foreign client of the router", &["openssl"]);

/// Unpacks wheels.
pub(super) const PYTHON: Part =
    Part::debian("python3", "to fetch other parts with pip", &["python3", "python3-pip"]);

/// Knows what goes wrong in shell scripts.
pub const SHELLCHECK: Part = Part::debian("shellcheck", "to check the scripts of packages", &["shellcheck"]);

/// Takes out of a program what only a debugger reads.
pub const STRIP: Part = Part::debian("strip", "to make programs small", &["binutils"]);

/// Knows what systemd makes of a unit.
pub const SYSTEMD_ANALYZE: Part = Part::debian("systemd-analyze", "to check units of systemd", &["systemd"]);

/// Makes namespaces; `nsenter` and `setpriv` come with it.
pub const UNSHARE: Part =
    Part::debian("unshare", "to test faults of the machine in namespaces", &["util-linux"]);

/// A shell to complete in.
pub const ZSH: Part = Part::debian("zsh", "to try its completion", &["zsh"]);
