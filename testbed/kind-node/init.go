package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// What kind waits for in the log of a container.
	bootedLine = "[  OK  ] Reached target multi-user.target - Multi-User System."
	// Asks systemd to end; image's STOPSIGNAL.
	signalHalt = syscall.Signal(37)
	// How a real node's container ends: Docker starts it again after a reboot
	// because this is not 0.
	haltStatus = 130
	// How long the services may take to end.
	grace = 3 * time.Second
)

// runInit is the first process of a node: it prints that the node has booted,
// runs the services once there is a cluster, and adopts orphans.
func runInit() int {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, signalHalt)
	if !hasFault(faultSilent) {
		fmt.Println(bootedLine)
	}
	services := newSupervisor()
	begin := func() {
		it, err := loadNode()
		if err == nil {
			err = services.begin(it)
		}
		if err != nil && !os.IsNotExist(err) {
			fmt.Println("cannot start the services:", err)
		}
	}
	begin()
	for received := range signals {
		switch received {
		case syscall.SIGCHLD:
			services.reap()
		case syscall.SIGHUP: // from kubeadm
			begin()
		default:
			fmt.Println("halting:", received)
			services.end()
			return haltStatus
		}
	}
	return 1
}

// requestServices has init start what kubeadm has prepared.
func requestServices() error { return syscall.Kill(1, syscall.SIGHUP) }

// watchForReader calls back once a file has been read, by whomever.
func watchForReader(path string, read func()) error {
	watch, err := syscall.InotifyInit()
	if err != nil {
		return err
	}
	if _, err := syscall.InotifyAddWatch(watch, path, syscall.IN_CLOSE_NOWRITE); err != nil {
		return err
	}
	go func() {
		buffer := make([]byte, 4096)
		if _, err := syscall.Read(watch, buffer); err == nil {
			read()
		}
	}()
	return nil
}
