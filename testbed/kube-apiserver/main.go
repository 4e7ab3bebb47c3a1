// kube-apiserver is the API server of Kubernetes as it is, for tests: nothing
// of it is published in a form that the Go toolchain alone could install.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
