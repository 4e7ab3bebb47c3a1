package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"slices"
)

// Which pool an address is from, as MetalLB's controller notes it.
const poolAnnotation = "metallb.io/ip-allocated-from-pool"

// balancer stands in for MetalLB's speaker and for kube-proxy.
type balancer struct {
	listeners map[netip.AddrPort]*listener
}

func newBalancer() *balancer { return &balancer{map[netip.AddrPort]*listener{}} }

// reconcile has this node answer for the addresses of all load balancers that
// are announced, and lead connections to those of their ports that have an
// endpoint. Other ports refuse.
func (b *balancer) reconcile(seen *cluster) error {
	var wanted []netip.Addr
	ports := map[netip.AddrPort][]string{}
	for _, service := range seen.services.all() {
		if text(service, "spec", "type") != "LoadBalancer" || !seen.isAnnounced(service) {
			continue
		}
		for _, ingress := range objects(service, "status", "loadBalancer", "ingress") {
			address, err := netip.ParseAddr(text(ingress, "ip"))
			if err != nil {
				continue // a name
			}
			wanted = append(wanted, address)
			for _, port := range objects(service, "spec", "ports") {
				if text(port, "protocol") == "TCP" {
					at := netip.AddrPortFrom(address, uint16(number(port, 0, "port")))
					ports[at] = seen.endpoints(service, text(port, "name"), address)
				}
			}
		}
	}
	return errors.Join(hold(wanted), b.listen(ports))
}

// isAnnounced tells whether the pool that a service's address is from has an
// L2Advertisement. An address that somebody else has written has no pool.
func (c *cluster) isAnnounced(service object) bool {
	pool := text(service, "metadata", "annotations", poolAnnotation)
	if pool == "" {
		return true
	}
	return slices.ContainsFunc(c.advertisements.all(), func(it object) bool {
		pools := texts(it, "spec", "ipAddressPools")
		every := len(pools) == 0 && len(objects(it, "spec", "ipAddressPoolSelectors")) == 0
		return every || slices.Contains(pools, pool)
	})
}

// endpoints returns where connections to a port of a service go.
func (c *cluster) endpoints(service object, port string, address netip.Addr) []string {
	family := "IPv4"
	if address.Is6() {
		family = "IPv6"
	}
	var found []string
	for _, slice := range c.slices.all() {
		of := text(slice, "metadata", "labels", "kubernetes.io/service-name")
		if namespace(slice) != namespace(service) || of != name(service) || text(slice, "addressType") != family {
			continue
		}
		for _, to := range objects(slice, "ports") {
			if text(to, "name") != port {
				continue
			}
			for _, endpoint := range objects(slice, "endpoints") {
				if field(endpoint, "conditions", "ready") == false {
					continue
				}
				host := texts(endpoint, "addresses")[0]
				found = append(found, net.JoinHostPort(host, fmt.Sprint(number(to, 0, "port"))))
			}
		}
	}
	return found
}

// hold adds addresses to the node's interface, and removes those that are no
// longer wanted.
func hold(wanted []netip.Addr) error {
	_, held, err := addresses()
	for _, address := range wanted {
		if slices.Contains(held, address) {
			continue
		}
		err = errors.Join(err, busybox("ip", "address", "add", prefix(address), "dev", interfaceName))
		held = append(held, address)
		if address.Is4() {
			// The neighbours may know it at another node's.
			go busybox("arping", "-U", "-c", "1", "-I", interfaceName, address.String())
		}
	}
	for _, address := range held {
		if !slices.Contains(wanted, address) {
			err = errors.Join(err, busybox("ip", "address", "del", prefix(address), "dev", interfaceName))
		}
	}
	return err
}

func prefix(address netip.Addr) string { return netip.PrefixFrom(address, address.BitLen()).String() }

func busybox(args ...string) error {
	output, err := exec.Command("/bin/busybox", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%v: %w: %s", args, err, output)
	}
	return nil
}

// listen has a listener for each port with endpoints.
func (b *balancer) listen(ports map[netip.AddrPort][]string) error {
	for at, it := range b.listeners {
		if len(ports[at]) == 0 {
			it.close()
			delete(b.listeners, at)
		}
	}
	var err error
	for at, endpoints := range ports {
		if len(endpoints) == 0 {
			continue
		}
		if b.listeners[at] == nil {
			it, failed := newListener(at)
			if failed != nil {
				err = errors.Join(err, failed)
				continue
			}
			b.listeners[at] = it
		}
		b.listeners[at].lead(endpoints)
	}
	return err
}
