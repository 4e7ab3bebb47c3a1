package main

import "os"

// What goes wrong in this node: its image says so.
const (
	faultSilent      = "silent"
	faultKubeadmInit = "kubeadm-init"
	faultSlowInit    = "slow-init"
	faultNoAdminConf = "no-admin-conf"
	faultTaint       = "taint"
	faultCNI         = "cni"
	faultStorage     = "storage"
	faultJoin        = "join"
	faultEmptyReady  = "empty-ready"
	faultNeverReady  = "never-ready"
	faultUnreadyPods = "unready-pods"
	faultAPIDead     = "api-dead"
)

// hasFault tells whether name is what goes wrong here.
func hasFault(name string) bool {
	return os.Getenv("XTASK_TESTBED_FAULT") == name
}
