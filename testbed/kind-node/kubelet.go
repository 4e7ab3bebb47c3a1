package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"time"
)

const (
	// How long a node, and a pod, takes until it is ready.
	moment = 400 * time.Millisecond
	// Time between two reports of a node.
	heartbeat = 10 * time.Second
)

// kubernetesVersion is set when this is built.
var kubernetesVersion = "v0.0.0"

// kubelet stands in for a node's own: it registers the node and reports that
// the pods bound to it run.
type kubelet struct {
	node *node
	api  *client
	pods *store

	started    time.Time
	registered bool
	reported   time.Time
	// By the pods' unique ids: since when each is known, and what runs for it.
	since     map[string]time.Time
	processes map[string]*process
}

func newKubelet(it *node, api *client, changed chan<- struct{}) *kubelet {
	return &kubelet{
		node: it, api: api,
		pods:    newStore(api, "/api/v1/pods?fieldSelector=spec.nodeName="+it.Name, changed),
		started: time.Now(), since: map[string]time.Time{}, processes: map[string]*process{},
	}
}

func (k *kubelet) reconcile() error {
	if !k.registered {
		if err := k.register(); err != nil {
			return err
		}
		k.registered = true
	}
	err := k.reportNode()
	alive := map[string]bool{}
	for _, pod := range k.pods.all() {
		alive[uid(pod)] = true
		err = errors.Join(err, k.run(pod))
	}
	for id, it := range k.processes {
		if !alive[id] {
			it.end()
			delete(k.processes, id)
		}
	}
	maps.DeleteFunc(k.since, func(id string, _ time.Time) bool { return !alive[id] })
	return err
}

// register creates the node, and on the control plane the pods that a kubelet
// has from files; they are the services of init.
func (k *kubelet) register() error {
	labels := object{
		"kubernetes.io/hostname": k.node.Name, "kubernetes.io/os": "linux", "kubernetes.io/arch": runtime.GOARCH,
	}
	for key, value := range k.node.Labels {
		labels[key] = value
	}
	err := k.api.create("/api/v1/nodes", object{
		"apiVersion": "v1", "kind": "Node", "metadata": object{"name": k.node.Name, "labels": labels},
		"spec": object{"providerID": k.node.ProviderID},
	})
	if err != nil || !k.node.ControlPlane {
		return err
	}
	for _, component := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		labels := object{"component": component, "tier": "control-plane"}
		containers := []object{{"name": component, "image": "registry.k8s.io/" + component + ":test-bed"}}
		err = errors.Join(err, k.api.create("/api/v1/namespaces/kube-system/pods", object{
			"apiVersion": "v1", "kind": "Pod",
			"metadata": object{"name": component + "-" + k.node.Name, "labels": labels},
			"spec":     object{"nodeName": k.node.Name, "hostNetwork": true, "containers": containers},
		}))
	}
	return err
}

// isReady tells whether the node is, some time after each start.
func (k *kubelet) isReady() bool {
	return !hasFault(faultNeverReady) && time.Since(k.started) > moment
}

func (k *kubelet) reportNode() error {
	ready := k.isReady()
	if time.Since(k.reported) < heartbeat && ready == (k.reported.Sub(k.started) > moment) {
		return nil
	}
	now := time.Now()
	status, err := k.nodeStatus(ready, now)
	if err != nil {
		return err
	}
	path := "/api/v1/nodes/" + k.node.Name + "/status"
	if _, err := k.api.call(http.MethodPatch, path, object{"status": status}); err != nil {
		k.registered = !hasStatus(err, http.StatusNotFound)
		return err
	}
	k.reported = now
	return nil
}

func (k *kubelet) nodeStatus(ready bool, now time.Time) (object, error) {
	own, _, err := addresses()
	if err != nil {
		return nil, err
	}
	var reached []object
	for _, first := range k.node.Addresses {
		same := func(it netip.Addr) bool { return it.Is4() == first.Is4() }
		index := slices.IndexFunc(own, same)
		if index < 0 {
			return nil, fmt.Errorf("%s has no address like %s", interfaceName, first)
		}
		address := own[index]
		reached = append(reached, object{"type": "InternalIP", "address": address.String()})
	}
	capacity := object{"cpu": runtime.NumCPU(), "memory": "8Gi", "pods": k.node.MaxPods}
	stamp := now.UTC().Format(time.RFC3339)
	condition := func(kind string, is bool, reason, message string) object {
		return object{
			"type": kind, "status": condition(is), "reason": reason, "message": message,
			"lastHeartbeatTime": stamp, "lastTransitionTime": k.started.UTC().Format(time.RFC3339),
		}
	}
	last := condition("Ready", true, "KubeletReady", "the stand-in for kubelet is posting ready status")
	if !ready {
		last = condition("Ready", false, "KubeletNotReady", "container runtime network not ready: "+
			"NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: "+
			"cni plugin not initialized")
	}
	return object{
		"addresses": append(reached, object{"type": "Hostname", "address": k.node.Name}),
		"capacity":  capacity, "allocatable": capacity,
		// kind asks for the last condition.
		"conditions": []object{
			condition("MemoryPressure", false, "KubeletHasSufficientMemory", ""),
			condition("DiskPressure", false, "KubeletHasNoDiskPressure", ""),
			condition("PIDPressure", false, "KubeletHasSufficientPID", ""),
			last,
		},
		"nodeInfo": object{
			"kubeletVersion": kubernetesVersion, "containerRuntimeVersion": "stand-in://0",
			"osImage": "test bed", "operatingSystem": "linux", "architecture": runtime.GOARCH,
		},
	}, nil
}

func condition(is bool) string {
	if is {
		return "True"
	}
	return "False"
}
