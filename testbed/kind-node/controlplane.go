package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	tokensFile = "/etc/kubernetes/tokens.csv"
	clientURL  = "http://127.0.0.1:2379"
	peerURL    = "http://127.0.0.1:2380"
)

// prepareControlPlane returns the arguments of etcd and kube-apiserver, for the
// addresses that the node has now: Docker may give it others at each start.
func prepareControlPlane(it *node) (etcd, server []string, err error) {
	own, err := waitForAddress()
	if err != nil {
		return nil, nil, err
	}
	services, err := netip.ParsePrefix(strings.Split(it.ServiceSubnet, ",")[0])
	if err != nil {
		return nil, nil, err
	}
	advertised := own[0]
	if index := slices.IndexFunc(own, func(address netip.Addr) bool {
		return address.Is4() == services.Addr().Is4()
	}); index >= 0 {
		advertised = own[index]
	}
	if err := ensureServerCertificate(certified(it, own, services.Addr().Next())); err != nil {
		return nil, nil, err
	}
	for _, volume := range it.Volumes {
		if err := show(volume); err != nil {
			return nil, nil, err
		}
	}
	return etcdArgs(it), apiServerArgs(it, advertised), nil
}

func waitForAddress() ([]netip.Addr, error) {
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		own, _, err := addresses()
		if len(own) > 0 {
			return own, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s has no address: %v", interfaceName, err)
		}
	}
}

// certified returns what the API server's certificate is for.
func certified(it *node, own []netip.Addr, service netip.Addr) (names []string, addresses []netip.Addr) {
	names = []string{
		it.Name, "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc.cluster.local",
	}
	addresses = append(own, service)
	for _, name := range it.CertSANs {
		if address, err := netip.ParseAddr(name); err == nil {
			addresses = append(addresses, address)
		} else {
			names = append(names, name)
		}
	}
	return names, addresses
}

// show makes a folder of the node seen where the API server's pod would see it.
func show(it volume) error {
	if it.HostPath == it.MountPath {
		return os.MkdirAll(it.HostPath, 0o755)
	}
	if _, err := os.Lstat(it.MountPath); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(it.MountPath), 0o755); err != nil {
		return err
	}
	return os.Symlink(it.HostPath, it.MountPath)
}

func etcdArgs(it *node) []string {
	return with(it.EtcdArgs,
		"--name="+it.Name, "--data-dir=/var/lib/etcd", "--unsafe-no-fsync",
		"--listen-client-urls="+clientURL, "--advertise-client-urls="+clientURL,
		"--listen-peer-urls="+peerURL, "--initial-advertise-peer-urls="+peerURL,
		"--initial-cluster="+it.Name+"="+peerURL,
	)
}

func apiServerArgs(it *node, advertised netip.Addr) []string {
	unspecified := netip.IPv4Unspecified()
	if advertised.Is6() {
		unspecified = netip.IPv6Unspecified()
	}
	return with(it.APIServerArgs,
		"--etcd-servers="+clientURL, "--secure-port=6443",
		"--bind-address="+unspecified.String(), "--advertise-address="+advertised.String(),
		"--tls-cert-file="+serverCertificate, "--tls-private-key-file="+serverKey,
		"--client-ca-file="+authorityCertificate, "--token-auth-file="+tokensFile,
		"--authorization-mode=Node,RBAC", "--allow-privileged=true",
		"--service-account-key-file="+accountPublicKey, "--service-account-signing-key-file="+accountKey,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-cluster-ip-range="+it.ServiceSubnet,
		// Nobody here makes the account `default` of each namespace.
		"--disable-admission-plugins=ServiceAccount",
	)
}

// with adds the arguments of the configuration; the last of two counts.
func with(extra map[string]string, args ...string) []string {
	for name, value := range extra {
		args = append(args, "--"+name+"="+value)
	}
	return args
}
