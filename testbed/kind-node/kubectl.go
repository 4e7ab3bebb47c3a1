package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// kubectl does what kind asks it to do. It has credentials of its own, whatever
// file it is told: a node may lack admin.conf on purpose.
func kubectl(args []string) error {
	api, err := adminClient()
	if err != nil {
		return err
	}
	args = slices.DeleteFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--kubeconfig=") })
	switch line := strings.Join(args, " "); {
	case strings.HasPrefix(line, "taint nodes --all "):
		if hasFault(faultTaint) {
			return errors.New("the server was unable to return a response in time")
		}
		return eachNode(api, func(it object) object { return untaint(it, args[3:]) })
	case strings.HasPrefix(line, "label nodes --all "):
		return eachNode(api, func(object) object { return unlabel(args[3:]) })
	case line == "create -f -":
		if hasFault(faultCNI) {
			return errors.New("error when creating \"STDIN\": the server is currently unable to handle the request")
		}
		return createAll(api)
	case line == "apply -f -":
		if hasFault(faultStorage) {
			return errors.New("error when applying \"STDIN\": the server is currently unable to handle the request")
		}
		return createAll(api)
	case strings.HasPrefix(line, "get nodes ") && strings.Contains(line, "conditions[-1:].status"):
		return printReady(api, args[2:])
	default:
		return fmt.Errorf("the stand-in for kubectl knows no `%s`", line)
	}
}

// eachNode patches all nodes, again where somebody else has changed them meanwhile.
func eachNode(api *client, patch func(object) object) error {
	nodes, err := api.call(http.MethodGet, "/api/v1/nodes", nil)
	if err != nil {
		return err
	}
	for _, it := range objects(nodes, "items") {
		err := api.patchUnchanged("/api/v1/nodes/"+name(it), it, patch(it))
		if hasStatus(err, http.StatusConflict) {
			return eachNode(api, patch)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// untaint makes the patch that removes the taints of these keys: `key-`.
func untaint(it object, keys []string) object {
	left := slices.DeleteFunc(objects(it, "spec", "taints"), func(taint object) bool {
		return slices.Contains(keys, text(taint, "key")+"-")
	})
	return object{"spec": object{"taints": left}}
}

// unlabel makes the patch that removes these labels: `key-`.
func unlabel(keys []string) object {
	labels := object{}
	for _, key := range keys {
		labels[strings.TrimSuffix(key, "-")] = nil
	}
	return object{"metadata": object{"labels": labels}}
}

// printReady prints the last condition of each node, in quotes as it was asked.
func printReady(api *client, args []string) error {
	if hasFault(faultEmptyReady) {
		return nil
	}
	query := ""
	for _, arg := range args {
		if selector, found := strings.CutPrefix(arg, "--selector="); found {
			query = "?labelSelector=" + selector
		}
	}
	nodes, err := api.call(http.MethodGet, "/api/v1/nodes"+query, nil)
	if err != nil {
		return err
	}
	var states []string
	for _, it := range objects(nodes, "items") {
		if conditions := objects(it, "status", "conditions"); len(conditions) > 0 {
			states = append(states, text(conditions[len(conditions)-1], "status"))
		}
	}
	fmt.Printf("'%s'\n", strings.Join(states, " "))
	return nil
}

// createAll creates the objects of standard input.
func createAll(api *client) error {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	for _, document := range strings.Split(string(input), "\n---\n") {
		var it object
		if err := yaml.Unmarshal([]byte(document), &it); err != nil {
			return err
		}
		if err := createManifest(api, it); err != nil {
			return err
		}
	}
	return nil
}

// Where objects of these kinds are created.
var collections = map[string]string{
	"apps/v1 DaemonSet":              "/apis/apps/v1/namespaces/%s/daemonsets",
	"apps/v1 Deployment":             "/apis/apps/v1/namespaces/%s/deployments",
	"v1 Namespace":                   "/api/v1/namespaces",
	"storage.k8s.io/v1 StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
}

func createManifest(api *client, it object) error {
	kind := text(it, "apiVersion") + " " + text(it, "kind")
	path, known := collections[kind]
	if !known {
		return fmt.Errorf("the stand-in for kubectl creates no %s", kind)
	}
	if namespace(it) != "" {
		path = fmt.Sprintf(path, namespace(it))
	}
	return api.create(path, it)
}
