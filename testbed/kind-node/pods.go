package main

import (
	"fmt"
	"net/http"
	"time"
)

// run brings a pod of this node to where it has to be.
func (k *kubelet) run(pod object) error {
	path := "/api/v1/namespaces/" + namespace(pod) + "/pods/" + name(pod)
	if ending(pod) {
		return k.api.remove(path)
	}
	since, known := k.since[uid(pod)]
	if !known {
		since = time.Now()
		k.since[uid(pod)] = since
		// It was ready before this node was started again.
		if text(pod, "status", "phase") == "Running" {
			return k.reportPod(path, pod, state{restarts: restarts(pod) + 1})
		}
	}
	if !k.isReady() || time.Since(since) < moment {
		return nil
	}
	if hasFault(faultUnreadyPods) && text(pod, "metadata", "labels", "k8s-app") == "kube-dns" {
		return k.crash(path, pod)
	}
	if !isController(pod) {
		return k.reportPod(path, pod, state{ready: true, restarts: restarts(pod)})
	}
	it := k.processes[uid(pod)]
	if it == nil {
		it = newProcess(k.api, pod)
		k.processes[uid(pod)] = it
	}
	now := it.look()
	now.restarts = max(now.restarts, restarts(pod))
	return k.reportPod(path, pod, now)
}

// state is that of a pod's containers.
type state struct {
	ready    bool
	restarts int
	// Why they wait, if they do.
	waiting, message string
}

func restarts(pod object) int {
	for _, it := range objects(pod, "status", "containerStatuses") {
		return number(it, 0, "restartCount")
	}
	return 0
}

func (k *kubelet) reportPod(path string, pod object, now state) error {
	var containers []object
	for _, it := range objects(pod, "spec", "containers") {
		status := object{
			"name": text(it, "name"), "image": text(it, "image"), "imageID": text(it, "image"),
			"ready": now.ready, "restartCount": now.restarts, "started": now.waiting == "",
			"state": object{"running": object{}},
		}
		if now.waiting != "" {
			status["state"] = object{"waiting": object{"reason": now.waiting, "message": now.message}}
		}
		containers = append(containers, status)
	}
	one := func(kind string, is bool) object { return object{"type": kind, "status": condition(is)} }
	ready, containersReady := one("Ready", now.ready), one("ContainersReady", now.ready)
	if !now.ready {
		reason := fmt.Sprintf("containers with unready status: [%s]", containers[0]["name"])
		for _, it := range []object{ready, containersReady} {
			it["reason"], it["message"] = "ContainersNotReady", reason
		}
	}
	return k.api.report(path, pod, object{
		"phase":             "Running",
		"conditions":        []object{one("Initialized", true), ready, containersReady, one("PodScheduled", true)},
		"containerStatuses": containers,
	})
}

// crash reports containers that end again and again, and an event that says so.
func (k *kubelet) crash(path string, pod object) error {
	container := text(objects(pod, "spec", "containers")[0], "name")
	message := fmt.Sprintf("Back-off restarting failed container %s in pod %s_%s(%s)",
		container, name(pod), namespace(pod), uid(pod))
	err := k.reportPod(path, pod, state{restarts: 3, waiting: "CrashLoopBackOff",
		message: "back-off 40s restarting failed container=" + container})
	if err != nil {
		return err
	}
	if restarts(pod) == 3 { // the event is there
		return nil
	}
	now := time.Now().UTC().Format(time.RFC3339)
	_, err = k.api.call(http.MethodPost, "/api/v1/namespaces/"+namespace(pod)+"/events", object{
		"apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "BackOff", "message": message,
		"metadata": object{"generateName": name(pod) + "."},
		"involvedObject": object{
			"apiVersion": "v1", "kind": "Pod", "namespace": namespace(pod), "name": name(pod), "uid": uid(pod),
		},
		"count": 3, "firstTimestamp": now, "lastTimestamp": now,
		"source": object{"component": "kubelet", "host": k.node.Name},
	})
	return err
}
