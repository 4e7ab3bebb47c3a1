package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

// nodeFile has what kubeadm leaves for init and the stand-ins. A node that has
// it is part of a cluster.
const nodeFile = "/etc/kubernetes/node.json"

// node is what a node is to be.
type node struct {
	Name         string
	ControlPlane bool
	Labels       map[string]string
	ProviderID   string
	MaxPods      int
	// Its first addresses; it may have others of the same families later.
	Addresses []netip.Addr

	// Of the control plane.
	APIServerArgs map[string]string
	EtcdArgs      map[string]string
	CertSANs      []string
	ServiceSubnet string
	Endpoint      string
	// Folders of the node that the API server sees elsewhere.
	Volumes []volume

	// Where a worker finds the API server; the token is the control plane's, too.
	Server string
	Token  string
}

type volume struct{ HostPath, MountPath string }

// documents has the parts of kubeadm.conf that are honoured here.
type documents struct {
	Kind                 string
	ControlPlaneEndpoint string
	APIServer            struct {
		CertSANs     []string
		ExtraArgs    map[string]string
		ExtraVolumes []volume
	}
	Etcd struct {
		Local struct{ ExtraArgs map[string]string }
	}
	Networking       struct{ ServiceSubnet string }
	BootstrapTokens  []struct{ Token string }
	NodeRegistration struct{ KubeletExtraArgs map[string]string }
	Discovery        struct {
		BootstrapToken struct{ APIServerEndpoint, Token string }
	}
	MaxPods int
}

// readConfig reads kubeadm.conf, for the control plane or for a worker.
func readConfig(path string, controlPlane bool) (*node, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	hostname, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	it := &node{Name: hostname, ControlPlane: controlPlane, MaxPods: 110, Labels: map[string]string{}}
	for _, document := range strings.Split(string(content), "\n---\n") {
		var read documents
		if err := yaml.Unmarshal([]byte(document), &read); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		it.take(&read)
	}
	return it, nil
}

func (n *node) take(read *documents) {
	switch {
	case read.Kind == "ClusterConfiguration":
		n.APIServerArgs, n.EtcdArgs = read.APIServer.ExtraArgs, read.Etcd.Local.ExtraArgs
		n.CertSANs, n.Volumes = read.APIServer.CertSANs, read.APIServer.ExtraVolumes
		n.ServiceSubnet, n.Endpoint = read.Networking.ServiceSubnet, read.ControlPlaneEndpoint
	case read.Kind == "InitConfiguration" && n.ControlPlane:
		n.Token = read.BootstrapTokens[0].Token
		n.register(read.NodeRegistration.KubeletExtraArgs)
	case read.Kind == "JoinConfiguration" && !n.ControlPlane:
		n.Server, n.Token = read.Discovery.BootstrapToken.APIServerEndpoint, read.Discovery.BootstrapToken.Token
		n.register(read.NodeRegistration.KubeletExtraArgs)
	case read.Kind == "KubeletConfiguration" && read.MaxPods != 0:
		n.MaxPods = read.MaxPods
	}
}

func (n *node) register(kubelet map[string]string) {
	n.ProviderID = kubelet["provider-id"]
	for _, text := range strings.Split(kubelet["node-ip"], ",") {
		if address, err := netip.ParseAddr(text); err == nil {
			n.Addresses = append(n.Addresses, address)
		}
	}
	for _, label := range strings.Split(kubelet["node-labels"], ",") {
		if key, value, found := strings.Cut(label, "="); found {
			n.Labels[key] = value
		}
	}
}

func (n *node) save() error {
	content, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return writeFile(nodeFile, content)
}

// loadNode returns what kubeadm left, or an error when there is no cluster yet.
func loadNode() (*node, error) {
	content, err := os.ReadFile(nodeFile)
	if err != nil {
		return nil, err
	}
	var it node
	return &it, json.Unmarshal(content, &it)
}

// api is a client with this node's credentials.
func (n *node) api() (*client, error) {
	if n.ControlPlane {
		return adminClient()
	}
	return tokenClient(n.Server, n.Token), nil
}

// writeFile writes a whole file, for nobody but root.
func writeFile(path string, content []byte) error {
	partial := path + ".partial"
	if err := os.WriteFile(partial, content, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, path)
}
