//! The embedded layer-4 router: TLS pass-through by SNI.
