#!/bin/sh
# A Docker daemon that nothing outlives: run by unshare(1) in a network, mount
# and process namespace of its own.
#
#	dockerd.sh DOCKERD SOCKET DATA
set -eu
# The first process of a namespace is ended by no signal that it does not expect.
trap 'exit 143' TERM

# Tests reach host networks of containers by loopback.
ip link set lo up
# Its state, and its containerd's, away from those of another daemon.
mount -t tmpfs -o mode=755 tmpfs /run
exec "$1" --host "unix://$2" --data-root "$3"
