package main

import (
	"fmt"
	"time"
)

// Time between two looks at what no change of an object tells of.
const lookAgain = 250 * time.Millisecond

// cluster is what the stand-ins know of it.
type cluster struct {
	api *client

	nodes, namespaces, pods, services, slices, advertisements *store
	deployments, replicaSets, daemonSets                      *store
}

// runStandIns does what the stand-ins do, again whenever an object changes.
func runStandIns() error {
	it, err := loadNode()
	if err != nil {
		return err
	}
	api, err := it.api()
	if err != nil {
		return err
	}
	for !api.ready() {
		time.Sleep(lookAgain)
	}
	changed := make(chan struct{}, 1)
	kubelet := newKubelet(it, api, changed)
	steps := []func() error{kubelet.reconcile}
	stores := []*store{kubelet.pods}
	if it.ControlPlane {
		seen := follow(api, changed)
		stores = append(stores, seen.stores()...)
		balancer := newBalancer()
		steps = append(steps,
			seen.watchNodes, seen.schedule, seen.runDeployments, seen.runReplicaSets, seen.runDaemonSets,
			seen.collectGarbage, seen.finishNamespaces,
			func() error { return balancer.reconcile(seen) },
		)
	}
	for ; ; wait(changed) {
		for _, store := range stores {
			for !store.isSynced() {
				time.Sleep(10 * time.Millisecond)
			}
		}
		for _, step := range steps {
			if err := step(); err != nil {
				fmt.Println(err)
			}
		}
	}
}

func wait(changed <-chan struct{}) {
	select {
	case <-changed:
		time.Sleep(20 * time.Millisecond) // for what changes with it
	case <-time.After(lookAgain):
	}
}

func follow(api *client, changed chan<- struct{}) *cluster {
	at := func(path string) *store { return newStore(api, path, changed) }
	return &cluster{
		api:            api,
		nodes:          at("/api/v1/nodes"),
		namespaces:     at("/api/v1/namespaces"),
		pods:           at("/api/v1/pods"),
		services:       at("/api/v1/services"),
		slices:         at("/apis/discovery.k8s.io/v1/endpointslices"),
		advertisements: at("/apis/metallb.io/v1beta1/l2advertisements"),
		deployments:    at("/apis/apps/v1/deployments"),
		replicaSets:    at("/apis/apps/v1/replicasets"),
		daemonSets:     at("/apis/apps/v1/daemonsets"),
	}
}

func (c *cluster) stores() []*store {
	return []*store{
		c.nodes, c.namespaces, c.pods, c.services, c.slices, c.advertisements,
		c.deployments, c.replicaSets, c.daemonSets,
	}
}
