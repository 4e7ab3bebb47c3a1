package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

const (
	controllerImage   = "quay.io/metallb/controller:"
	controllerProgram = "/usr/local/bin/metallb-controller"
	// Where it serves its metrics unless it is told otherwise.
	controllerPort = "7472"
	// How long a process that has ended is left alone.
	backOff = 2 * time.Second
	// How long a token of its account is good for, in seconds.
	tokenLife = 30 * 24 * 3600
)

// process is MetalLB's real controller, run in place of its pod's container
// with the arguments, the variables and the account that the pod has.
type process struct {
	api     *client
	pod     object
	command *exec.Cmd
	ended   chan error
	starts  int
	again   time.Time
	why     string
}

// isController tells whether a pod is MetalLB's controller.
func isController(pod object) bool {
	for _, it := range objects(pod, "spec", "containers") {
		if strings.HasPrefix(text(it, "image"), controllerImage) {
			return true
		}
	}
	return false
}

func newProcess(api *client, pod object) *process { return &process{api: api, pod: pod} }

// look starts it where it does not run, and tells how it is.
func (p *process) look() state {
	if p.command != nil {
		select {
		case err := <-p.ended:
			p.fail(fmt.Sprintf("the process has ended: %v", err))
		default:
			return state{ready: p.answers(), restarts: p.starts - 1}
		}
	}
	if time.Now().After(p.again) {
		if err := p.start(); err == nil {
			return state{restarts: p.starts - 1}
		} else {
			p.fail(err.Error())
		}
	}
	return state{restarts: max(p.starts-1, 0), waiting: "CrashLoopBackOff", message: p.why}
}

func (p *process) fail(why string) {
	fmt.Printf("%s: %s\n", name(p.pod), why)
	p.command, p.why, p.again = nil, why, time.Now().Add(backOff)
}

func (p *process) container() object {
	for _, it := range objects(p.pod, "spec", "containers") {
		if strings.HasPrefix(text(it, "image"), controllerImage) {
			return it
		}
	}
	return nil
}

func (p *process) start() error {
	kubeconfig, err := p.writeKubeconfig()
	if err != nil {
		return err
	}
	log, err := os.OpenFile("/var/log/metallb-controller.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := append(texts(p.container(), "args"),
		// Where it would know by its pod; and nobody here leads to a webhook.
		"-kubeconfig="+kubeconfig, "-namespace="+namespace(p.pod),
		"-webhook-mode=disabled", "-disable-cert-rotation")
	command := exec.Command(controllerProgram, args...)
	command.Stdout, command.Stderr = log, log
	for _, it := range objects(p.container(), "env") {
		command.Env = append(command.Env, text(it, "name")+"="+text(it, "value"))
	}
	if err := command.Start(); err != nil {
		return err
	}
	p.command, p.ended = command, make(chan error, 1)
	p.starts++
	go func(ended chan<- error) { ended <- command.Wait() }(p.ended)
	return nil
}

// writeKubeconfig gives it a token of its pod's account: what it may do is what
// the chart says.
func (p *process) writeKubeconfig() (string, error) {
	account := text(p.pod, "spec", "serviceAccountName")
	path := "/api/v1/namespaces/" + namespace(p.pod) + "/serviceaccounts/" + account + "/token"
	request, err := p.api.call(http.MethodPost, path, object{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
		"spec": object{"expirationSeconds": tokenLife},
	})
	if err != nil {
		return "", err
	}
	cluster := object{"server": p.api.server, "insecure-skip-tls-verify": true}
	content, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": "it",
		"clusters": []object{{"name": "it", "cluster": cluster}},
		"users":    []object{{"name": "it", "user": object{"token": text(request, "status", "token")}}},
		"contexts": []object{{"name": "it", "context": object{"cluster": "it", "user": "it"}}},
	})
	if err != nil {
		return "", err
	}
	file := "/run/" + uid(p.pod) + ".kubeconfig"
	return file, writeFile(file, content)
}

// answers tells whether it serves its metrics, as its readiness probe asks.
func (p *process) answers() bool {
	port := controllerPort
	for _, arg := range texts(p.container(), "args") {
		if value, found := strings.CutPrefix(strings.TrimLeft(arg, "-"), "port="); found {
			port = value
		}
	}
	connection, err := net.DialTimeout("tcp", "localhost:"+port, time.Second)
	if err != nil {
		return false
	}
	connection.Close()
	return true
}

func (p *process) end() {
	if p.command != nil {
		_ = p.command.Process.Kill()
	}
}
