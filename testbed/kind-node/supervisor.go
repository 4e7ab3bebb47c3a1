package main

import (
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

// How long a service that has ended is left alone.
const respawn = 500 * time.Millisecond

// supervisor runs the services of a node. Only it starts processes in init, for
// it has to know which of the ended ones are its own.
type supervisor struct {
	mutex   sync.Mutex
	running map[int]chan<- syscall.WaitStatus
	begun   bool
	halting bool
}

func newSupervisor() *supervisor {
	return &supervisor{running: map[int]chan<- syscall.WaitStatus{}}
}

// begin starts the services, once.
func (s *supervisor) begin(it *node) error {
	if s.begun {
		return nil
	}
	if it.ControlPlane {
		etcd, server, err := prepareControlPlane(it)
		if err != nil {
			return err
		}
		go s.keep("etcd", etcd)
		go s.keep("kube-apiserver", server)
	}
	go s.keep("stand-ins", nil)
	s.begun = true
	return nil
}

// keep runs a program again whenever it ends, until the node halts.
func (s *supervisor) keep(name string, args []string) {
	for {
		ended, err := s.start(name, args)
		if err != nil {
			fmt.Printf("%s cannot be started: %v\n", name, err)
			return
		}
		status := <-ended
		if s.isHalting() {
			return
		}
		fmt.Printf("%s ended with status %d, signal %d; its log is /var/log/%s.log\n",
			name, status.ExitStatus(), status.Signal(), name)
		if name == "kube-apiserver" && hasFault(faultAPIDead) {
			return
		}
		time.Sleep(respawn)
	}
}

// start starts a program of ours, with its output in a file.
func (s *supervisor) start(name string, args []string) (<-chan syscall.WaitStatus, error) {
	log, err := os.OpenFile("/var/log/"+name+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	path := "/usr/local/bin/" + name
	pid, err := syscall.ForkExec(path, append([]string{name}, args...), &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
	})
	if err != nil {
		return nil, err
	}
	ended := make(chan syscall.WaitStatus, 1)
	s.running[pid] = ended
	fmt.Printf("started %s\n", name)
	if name == "kube-apiserver" && hasFault(faultAPIDead) {
		err = watchForReader(adminConf, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	}
	return ended, err
}

// reap collects all that has ended.
func (s *supervisor) reap() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err != nil || pid <= 0 {
			return
		}
		if ended, ours := s.running[pid]; ours {
			ended <- status
			delete(s.running, pid)
		}
	}
}

func (s *supervisor) isHalting() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.halting
}

// end ends the services. The kernel ends what is left with the first process.
func (s *supervisor) end() {
	s.mutex.Lock()
	s.halting = true
	for pid := range s.running {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
	s.mutex.Unlock()
	for deadline := time.Now().Add(grace); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		s.reap()
		s.mutex.Lock()
		left := len(s.running)
		s.mutex.Unlock()
		if left == 0 {
			return
		}
	}
}
