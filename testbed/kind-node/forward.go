package main

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// How long a connection to an endpoint may take.
const dialing = 5 * time.Second

// listener forwards connections to endpoints, one after the other.
type listener struct {
	socket net.Listener

	mutex     sync.Mutex
	endpoints []string
	next      int
}

func newListener(at netip.AddrPort) (*listener, error) {
	socket, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, err
	}
	it := &listener{socket: socket}
	go it.accept()
	return it, nil
}

// close accepts no more; what is open goes on.
func (l *listener) close() { l.socket.Close() }

func (l *listener) lead(endpoints []string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.endpoints = endpoints
}

func (l *listener) choose() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.next++
	return l.endpoints[l.next%len(l.endpoints)]
}

func (l *listener) accept() {
	for {
		client, err := l.socket.Accept()
		if err != nil {
			return
		}
		go forward(client.(*net.TCPConn), l.choose())
	}
}

// forward copies in both directions until both have ended.
func forward(client *net.TCPConn, endpoint string) {
	defer client.Close()
	connection, err := net.DialTimeout("tcp", endpoint, dialing)
	if err != nil {
		_ = client.SetLinger(0) // it is reset
		return
	}
	server := connection.(*net.TCPConn)
	defer server.Close()
	ended := make(chan struct{})
	go func() {
		copyHalf(server, client)
		close(ended)
	}()
	copyHalf(client, server)
	<-ended
}

// copyHalf copies one direction, and passes its end on; a broken one breaks both.
func copyHalf(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		for _, it := range []*net.TCPConn{to, from} {
			_ = it.SetLinger(0)
			it.Close()
		}
		return
	}
	_ = to.CloseWrite()
}
