package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
)

const hashLabel = "pod-template-hash"

// digest makes a few letters of some values.
func digest(values ...any) string {
	hash := fnv.New32a()
	_ = json.NewEncoder(hash).Encode(values) // what comes from JSON can be written as JSON
	return fmt.Sprintf("%08x", hash.Sum32())
}

// schedule binds pods that nobody has given a node.
func (c *cluster) schedule() error {
	var err error
	for _, pod := range c.pods.all() {
		if text(pod, "spec", "nodeName") != "" || ending(pod) {
			continue
		}
		node := c.schedulable()
		if node == "" {
			return nil
		}
		path := "/api/v1/namespaces/" + namespace(pod) + "/pods/" + name(pod) + "/binding"
		err = errors.Join(err, c.api.create(path, object{
			"apiVersion": "v1", "kind": "Binding", "metadata": object{"name": name(pod)},
			"target": object{"apiVersion": "v1", "kind": "Node", "name": node},
		}))
	}
	return err
}

// schedulable returns the first node that takes pods.
func (c *cluster) schedulable() string {
	for _, it := range c.nodes.all() {
		if len(objects(it, "spec", "taints")) == 0 && it["spec"].(object)["unschedulable"] != true {
			return name(it)
		}
	}
	return ""
}

// ownedOf returns what the object with this id controls.
func ownedOf(in *store, id string) []object {
	var found []object
	for _, it := range in.all() {
		if text(owner(it), "uid") == id {
			found = append(found, it)
		}
	}
	return found
}

// runDeployments keeps one ReplicaSet for each, made of its template.
func (c *cluster) runDeployments() error {
	var err error
	for _, it := range c.deployments.all() {
		if !ending(it) {
			err = errors.Join(err, c.runDeployment(it))
		}
	}
	return err
}

func (c *cluster) runDeployment(it object) error {
	replicas := number(it, 1, "spec", "replicas")
	hash := digest(field(it, "spec", "template"))
	base := "/apis/apps/v1/namespaces/" + namespace(it)
	ready, total := 0, 0
	var current object
	var err error
	for _, set := range ownedOf(c.replicaSets, uid(it)) {
		if text(set, "metadata", "labels", hashLabel) != hash {
			err = errors.Join(err, c.api.remove(base+"/replicasets/"+name(set)))
			continue
		}
		current, ready = set, number(set, 0, "status", "readyReplicas")
		total = number(set, 0, "status", "replicas")
	}
	switch {
	case current == nil:
		err = errors.Join(err, c.api.create(base+"/replicasets", replicaSet(it, hash, replicas)))
	case number(current, 1, "spec", "replicas") != replicas:
		patch := object{"spec": object{"replicas": replicas}}
		_, failed := c.api.call(http.MethodPatch, base+"/replicasets/"+name(current), patch)
		err = errors.Join(err, failed)
	}
	available := object{"type": "Available", "status": condition(ready >= replicas), "reason": "MinimumReplicas"}
	progressing := object{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
	return errors.Join(err, c.api.report(base+"/deployments/"+name(it), it, object{
		"observedGeneration": field(it, "metadata", "generation"),
		"replicas":           total, "updatedReplicas": total, "readyReplicas": ready, "availableReplicas": ready,
		"unavailableReplicas": replicas - ready,
		"conditions":          []object{available, progressing},
	}))
}

// replicaSet makes that of a Deployment as it is now.
func replicaSet(it object, hash string, replicas int) object {
	template := decoded(field(it, "spec", "template")).(object)
	label := func(labels any) object {
		labelled := object{hashLabel: hash}
		if labels, ok := labels.(object); ok {
			maps.Copy(labelled, labels)
		}
		return labelled
	}
	metadata, _ := template["metadata"].(object)
	metadata["labels"] = label(metadata["labels"])
	return object{
		"apiVersion": "apps/v1", "kind": "ReplicaSet",
		"metadata": object{
			"name": name(it) + "-" + hash, "labels": metadata["labels"],
			"ownerReferences": ownedBy(it, "Deployment"),
		},
		"spec": object{
			"replicas": replicas, "template": template,
			"selector": object{"matchLabels": label(field(it, "spec", "selector", "matchLabels"))},
		},
	}
}

func (c *cluster) runReplicaSets() error {
	var err error
	for _, it := range c.replicaSets.all() {
		if !ending(it) {
			err = errors.Join(err, c.runReplicaSet(it))
		}
	}
	return err
}

func (c *cluster) runReplicaSet(it object) error {
	replicas := number(it, 1, "spec", "replicas")
	var wanted []object
	for index := range replicas {
		// The same names each time: nothing is made twice.
		wanted = append(wanted, podOf(it, "ReplicaSet", name(it)+"-"+digest(uid(it), index)[:5], ""))
	}
	ready, total, err := c.havePods(it, wanted)
	path := "/apis/apps/v1/namespaces/" + namespace(it) + "/replicasets/" + name(it)
	return errors.Join(err, c.api.report(path, it, object{
		"observedGeneration": field(it, "metadata", "generation"), "replicas": total,
		"fullyLabeledReplicas": total, "readyReplicas": ready, "availableReplicas": ready,
	}))
}

func (c *cluster) runDaemonSets() error {
	var err error
	for _, it := range c.daemonSets.all() {
		if !ending(it) {
			err = errors.Join(err, c.runDaemonSet(it))
		}
	}
	return err
}

// runDaemonSet has a pod on each node, whatever its taints: those of the test
// bed are for all nodes.
func (c *cluster) runDaemonSet(it object) error {
	hash := digest(field(it, "spec", "template"))
	var wanted []object
	for _, node := range c.nodes.all() {
		wanted = append(wanted, podOf(it, "DaemonSet", name(it)+"-"+digest(uid(it), hash, name(node))[:5], name(node)))
	}
	ready, total, err := c.havePods(it, wanted)
	path := "/apis/apps/v1/namespaces/" + namespace(it) + "/daemonsets/" + name(it)
	return errors.Join(err, c.api.report(path, it, object{
		"observedGeneration":     field(it, "metadata", "generation"),
		"desiredNumberScheduled": len(wanted), "currentNumberScheduled": total, "updatedNumberScheduled": total,
		"numberReady": ready, "numberAvailable": ready, "numberUnavailable": len(wanted) - ready,
		"numberMisscheduled": 0,
	}))
}

// podOf makes a pod of a controller's template.
func podOf(it object, kind, podName, node string) object {
	template := decoded(field(it, "spec", "template")).(object)
	spec, _ := template["spec"].(object)
	if node != "" {
		spec["nodeName"] = node
	}
	return object{
		"apiVersion": "v1", "kind": "Pod", "spec": spec,
		"metadata": object{
			"name": podName, "ownerReferences": ownedBy(it, kind),
			"labels":      field(template, "metadata", "labels"),
			"annotations": field(template, "metadata", "annotations"),
		},
	}
}

// havePods makes and removes pods of a controller; it counts those that are
// wanted, and those of them that are ready.
func (c *cluster) havePods(it object, wanted []object) (ready, total int, err error) {
	base := "/api/v1/namespaces/" + namespace(it) + "/pods"
	names := map[string]bool{}
	for _, pod := range wanted {
		names[name(pod)] = true
		if c.pods.get(namespace(it), name(pod)) == nil {
			err = errors.Join(err, c.api.create(base, pod))
		}
	}
	for _, pod := range ownedOf(c.pods, uid(it)) {
		switch {
		case !names[name(pod)] && !ending(pod):
			err = errors.Join(err, c.api.remove(base+"/"+name(pod)))
		case names[name(pod)]:
			total++
			if isPodReady(pod) {
				ready++
			}
		}
	}
	return ready, total, err
}

func isPodReady(pod object) bool {
	for _, it := range objects(pod, "status", "conditions") {
		if text(it, "type") == "Ready" {
			return text(it, "status") == "True" && !ending(pod)
		}
	}
	return false
}
