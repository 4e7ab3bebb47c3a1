package main

import (
	"net"
	"net/netip"
)

// The interface in kind's network.
const interfaceName = "eth0"

// addresses returns those of the node itself, and those of load balancers, which
// are alone in their network.
func addresses() (own, balancers []netip.Addr, err error) {
	it, err := net.InterfaceByName(interfaceName)
	if err != nil {
		return nil, nil, err
	}
	found, err := it.Addrs()
	if err != nil {
		return nil, nil, err
	}
	for _, address := range found {
		prefix, err := netip.ParsePrefix(address.String())
		switch {
		case err != nil || prefix.Addr().IsLinkLocalUnicast():
		case prefix.IsSingleIP():
			balancers = append(balancers, prefix.Addr())
		default:
			own = append(own, prefix.Addr())
		}
	}
	return own, balancers, nil
}
