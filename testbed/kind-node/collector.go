package main

import (
	"errors"
	"net/http"
)

// collectGarbage removes what is controlled by something that is gone.
func (c *cluster) collectGarbage() error {
	alive := map[string]bool{}
	for _, store := range []*store{c.deployments, c.replicaSets, c.daemonSets} {
		for _, it := range store.all() {
			alive[uid(it)] = true
		}
	}
	orphan := func(it object) bool {
		by := owner(it)
		return by != nil && text(by, "apiVersion") == "apps/v1" && !alive[text(by, "uid")] && !ending(it)
	}
	var err error
	for _, it := range c.replicaSets.all() {
		if orphan(it) && text(owner(it), "kind") == "Deployment" {
			path := "/apis/apps/v1/namespaces/" + namespace(it) + "/replicasets/" + name(it)
			err = errors.Join(err, c.api.remove(path))
		}
	}
	for _, it := range c.pods.all() {
		if orphan(it) && text(owner(it), "kind") != "StatefulSet" {
			err = errors.Join(err, c.api.remove("/api/v1/namespaces/"+namespace(it)+"/pods/"+name(it)))
		}
	}
	return err
}

// finishNamespaces empties namespaces that are being deleted, and lets them go.
func (c *cluster) finishNamespaces() error {
	var err error
	for _, it := range c.namespaces.all() {
		if !ending(it) {
			continue
		}
		left, failed := c.empty(name(it))
		if err = errors.Join(err, failed); failed != nil || left > 0 {
			continue
		}
		_, failed = c.api.call(http.MethodPut, "/api/v1/namespaces/"+name(it)+"/finalize", object{
			"apiVersion": "v1", "kind": "Namespace",
			"metadata": object{"name": name(it)}, "spec": object{"finalizers": []any{}},
		})
		if !hasStatus(failed, http.StatusNotFound) && !hasStatus(failed, http.StatusConflict) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// empty deletes all that a namespace has, and counts what was there.
func (c *cluster) empty(namespace string) (int, error) {
	left := 0
	groups, err := c.groups()
	if err != nil {
		return 0, err
	}
	for _, group := range groups {
		resources, err := c.api.call(http.MethodGet, group, nil)
		if err != nil {
			return left, err
		}
		for _, it := range objects(resources, "resources") {
			if it["namespaced"] != true || !deletable(it) {
				continue
			}
			path := group + "/namespaces/" + namespace + "/" + text(it, "name")
			list, err := c.api.call(http.MethodGet, path, nil)
			if err != nil {
				return left, err
			}
			found := len(objects(list, "items"))
			if left += found; found == 0 {
				continue
			}
			if _, err := c.api.call(http.MethodDelete, path, object{"gracePeriodSeconds": 0}); err != nil {
				return left, err
			}
		}
	}
	return left, nil
}

// groups returns the paths of all groups of the API, each in one version.
func (c *cluster) groups() ([]string, error) {
	list, err := c.api.call(http.MethodGet, "/apis", nil)
	if err != nil {
		return nil, err
	}
	paths := []string{"/api/v1"}
	for _, it := range objects(list, "groups") {
		paths = append(paths, "/apis/"+text(it, "preferredVersion", "groupVersion"))
	}
	return paths, nil
}

func deletable(resource object) bool {
	verbs := map[string]bool{}
	for _, verb := range texts(resource, "verbs") {
		verbs[verb] = true
	}
	return verbs["list"] && verbs["deletecollection"]
}
