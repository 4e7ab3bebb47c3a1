package main

import (
	"errors"
	"net/http"
	"slices"
	"time"
)

const (
	notReadyTaint = "node.kubernetes.io/not-ready"
	// How long a node may be silent.
	silence = 50 * time.Second
)

// watchNodes keeps pods from nodes that are not ready, and says which of them
// nobody hears of any more.
func (c *cluster) watchNodes() error {
	var err error
	for _, it := range c.nodes.all() {
		path := "/api/v1/nodes/" + name(it)
		conditions := objects(it, "status", "conditions")
		index := slices.IndexFunc(conditions, func(it object) bool { return text(it, "type") == "Ready" })
		if index < 0 {
			continue
		}
		ready := conditions[index]
		heard, failed := time.Parse(time.RFC3339, text(ready, "lastHeartbeatTime"))
		if failed == nil && time.Since(heard) > silence && ready["status"] != "Unknown" {
			ready["status"], ready["reason"] = "Unknown", "NodeStatusUnknown"
			ready["message"] = "Kubelet stopped posting node status."
			_, failed := c.api.call(http.MethodPatch, path+"/status", object{"status": object{"conditions": conditions}})
			err = errors.Join(err, failed)
		}
		if taints, differ := taintsOf(it, ready["status"] == "True"); differ {
			err = errors.Join(err, c.api.patchUnchanged(path, it, object{"spec": object{"taints": taints}}))
		}
	}
	return err
}

// taintsOf returns the taints that a node should have, and whether it has others.
func taintsOf(it object, ready bool) (taints []object, differ bool) {
	taints = objects(it, "spec", "taints")
	index := slices.IndexFunc(taints, func(taint object) bool { return text(taint, "key") == notReadyTaint })
	switch tainted := index >= 0; {
	case ready && tainted:
		return slices.Delete(taints, index, index+1), true
	case !ready && !tainted:
		return append(taints, object{"key": notReadyTaint, "effect": "NoSchedule"}), true
	default:
		return taints, false
	}
}
