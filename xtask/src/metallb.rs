//! MetalLB: what gives services of type `LoadBalancer` their addresses.

pub mod addresses;
