//! The kubeconfig of a cluster of ours, by itself and in the user's own.
