//! One buffer per thread that everything is read into, so that connections
//! need none of their own.

use std::cell::RefCell;

/// Size in bytes: a whole `ClientHello`, and the largest TLS record.
pub(crate) const SIZE: usize = 32 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; SIZE].into());
}

/// Lends the buffer; its contents are whatever was read last.
pub(crate) fn with<T>(use_it: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| use_it(scratch))
}
