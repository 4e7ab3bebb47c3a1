//! The command line itself: help, usage errors, output.

mod support;

use support::Checkout;

#[test]
fn version() {
    Checkout::new().xtask(["version"]).run().exits(0).stdout("xtask 0.1.0\n").stderr("");
}

#[test]
fn a_closed_standard_output_is_no_error() {
    Checkout::new().xtask(["list"]).run_unread().exits(0).stderr("");
}
