// kind-node is what a node of the test bed has where a real one has systemd,
// kubeadm, kubectl, a kubelet and a container runtime, so that the real kind
// makes a cluster with a real API in seconds, without any image of a registry.
//
// Real are etcd, kube-apiserver with its authorisation and audit log, and
// MetalLB's controller, which runs as the service account of its pod. Standing
// in are:
//
//   - init: systemd. It runs etcd, kube-apiserver and the stand-ins.
//   - kubeadm, kubectl: what kind calls of them.
//   - stand-ins: kubelet (nodes and pods report that they are ready; but for
//     MetalLB's controller nothing runs in a pod), scheduler, the controllers
//     of Deployments, ReplicaSets, DaemonSets and namespaces, the garbage
//     collector, and, on the control plane, MetalLB's speaker with kube-proxy:
//     addresses of load balancers are added to the node's interface, and
//     connections to them go to the endpoints.
//
// One binary, by several names.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	var err error
	switch name := filepath.Base(os.Args[0]); name {
	case "init":
		os.Exit(runInit())
	case "kubeadm":
		err = kubeadm(os.Args[1:])
	case "kubectl":
		err = kubectl(os.Args[1:])
	case "stand-ins":
		err = runStandIns()
	default:
		err = fmt.Errorf("no part goes by the name %q", name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
