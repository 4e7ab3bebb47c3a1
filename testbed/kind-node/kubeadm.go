package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

const (
	adminConf = "/etc/kubernetes/admin.conf"
	// How long a control plane may take, as kubeadm has it.
	patience = 4 * time.Minute
	// How long a slow one takes at least.
	slowness = 10 * time.Minute

	roleLabel    = "node-role.kubernetes.io/control-plane"
	excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers"
)

// kubeadm does `init` and `join`.
func kubeadm(args []string) error {
	if len(args) == 0 {
		return errors.New("kubeadm: only init and join are there")
	}
	path := ""
	for index, arg := range args {
		if value, found := strings.CutPrefix(arg, "--config="); found {
			path = value
		} else if arg == "--config" && index+1 < len(args) {
			path = args[index+1]
		}
	}
	var err error
	switch args[0] {
	case "init":
		err = initialise(path)
	case "join":
		err = join(path)
	default:
		err = fmt.Errorf("kubeadm: only init and join are there, not %q", args[0])
	}
	if err != nil {
		return fmt.Errorf("%w\nTo see the stack trace of this error execute with --v=5 or higher", err)
	}
	return nil
}

func phase(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("error execution phase %s: %w", name, err)
}

func initialise(path string) error {
	it, err := readConfig(path, true)
	if err != nil {
		return phase("preflight", err)
	}
	fmt.Fprintln(os.Stderr, "[init] Using the stand-in for kubeadm of the test bed")
	if hasFault(faultKubeadmInit) {
		return phase("wait-control-plane", errors.New("timed out waiting for the condition"))
	}
	if hasFault(faultSlowInit) {
		time.Sleep(slowness)
	}
	fmt.Fprintln(os.Stderr, "[certs] Generating certificates and keys")
	if err := makeAuthority(); err != nil {
		return phase("certs", err)
	}
	tokens := it.Token + ",kubeadm,kubeadm,system:masters\n"
	if err := writeFile(tokensFile, []byte(tokens)); err != nil {
		return phase("certs", err)
	}
	if !hasFault(faultNoAdminConf) {
		if err := writeAdminConf(it); err != nil {
			return phase("kubeconfig", err)
		}
	}
	if err := start(it); err != nil {
		return phase("control-plane", err)
	}
	fmt.Fprintln(os.Stderr, "[wait-control-plane] Waiting for the API server")
	api, err := adminClient()
	if err != nil {
		return phase("wait-control-plane", err)
	}
	if err := waitFor(api.ready); err != nil {
		return phase("wait-control-plane", err)
	}
	if err := waitFor(func() bool { return markControlPlane(api, it.Name) == nil }); err != nil {
		return phase("mark-control-plane", err)
	}
	if err := createAddons(api); err != nil {
		return phase("addon", err)
	}
	fmt.Fprintln(os.Stderr, "\nYour Kubernetes control-plane has initialized successfully!")
	return nil
}

func join(path string) error {
	it, err := readConfig(path, false)
	if err != nil {
		return phase("preflight", err)
	}
	if hasFault(faultJoin) {
		return phase("kubelet-start", errors.New("timed out waiting for the condition"))
	}
	if err := start(it); err != nil {
		return phase("kubelet-start", err)
	}
	api, err := it.api()
	if err != nil {
		return phase("kubelet-start", err)
	}
	registered := func() bool {
		_, err := api.call(http.MethodGet, "/api/v1/nodes/"+it.Name, nil)
		return err == nil
	}
	if err := waitFor(registered); err != nil {
		return phase("kubelet-start", err)
	}
	fmt.Fprintln(os.Stderr, "This node has joined the cluster")
	return nil
}

func start(it *node) error {
	if err := it.save(); err != nil {
		return err
	}
	return requestServices()
}

func waitFor(condition func() bool) error {
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("timed out waiting for the condition")
		}
	}
	return nil
}

// writeAdminConf writes one cluster, user and context, as kind expects.
func writeAdminConf(it *node) error {
	read := func(path string) (string, error) {
		content, err := os.ReadFile(path)
		return base64.StdEncoding.EncodeToString(content), err
	}
	authority, err := read(authorityCertificate)
	certificate, err2 := read(adminCertificate)
	key, err3 := read(adminKey)
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	cluster := object{"server": "https://" + it.Endpoint, "certificate-authority-data": authority}
	user := object{"client-certificate-data": certificate, "client-key-data": key}
	context := object{"cluster": "kubernetes", "user": "kubernetes-admin"}
	content, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "preferences": object{},
		"clusters":        []object{{"name": "kubernetes", "cluster": cluster}},
		"users":           []object{{"name": "kubernetes-admin", "user": user}},
		"contexts":        []object{{"name": "kubernetes-admin@kubernetes", "context": context}},
		"current-context": "kubernetes-admin@kubernetes",
	})
	if err != nil {
		return err
	}
	return writeFile(adminConf, content)
}

// markControlPlane labels and taints the node, once it has been registered.
func markControlPlane(api *client, node string) error {
	path := "/api/v1/nodes/" + node
	it, err := api.call(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	taints := append(objects(it, "spec", "taints"), object{"key": roleLabel, "effect": "NoSchedule"})
	return api.patchUnchanged(path, it, object{
		"metadata": object{"labels": object{roleLabel: "", excludeLabel: ""}},
		"spec":     object{"taints": taints},
	})
}

// createAddons creates what kubeadm adds to each cluster.
func createAddons(api *client) error {
	workload := func(kind, name, label string, spec object) object {
		labels := object{"k8s-app": label}
		spec["selector"] = object{"matchLabels": labels}
		spec["template"] = object{
			"metadata": object{"labels": labels},
			"spec":     object{"containers": []object{{"name": name, "image": "registry.k8s.io/" + name + ":test-bed"}}},
		}
		metadata := object{"name": name, "namespace": "kube-system", "labels": labels}
		return object{"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}
	}
	return errors.Join(
		createManifest(api, workload("Deployment", "coredns", "kube-dns", object{"replicas": 2})),
		createManifest(api, workload("DaemonSet", "kube-proxy", "kube-proxy", object{})),
	)
}
