//! Seedings that are killed.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use super::bed::Bed;
use super::seeder::Seeder;

/// Size of the release, in KiB. Nothing makes it smaller.
const SIZE: usize = 3 << 10;
/// How many moments: a call to the real one takes longer.
const MOMENTS: (u64, u64) = (50, 10);

pub fn a_seeding_killed_at_any_moment_leaves_the_branch_whole(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    seeder.token(&["write:repository"]);
    let seed = "seed --tarball large.tar --token-file token --format json";
    seeder.large_archive("large.tar", SIZE, 0);
    let start = Instant::now();
    seeder.run(seed).exits(0);
    let whole = start.elapsed();
    let mut moments = Moments(start.elapsed().subsec_nanos().into());
    let (mut broken_off, mut done) = (0, 0);
    let count = if bed.fake().is_some() { MOMENTS.0 } else { MOMENTS.1 };
    for number in 1..=count {
        seeder.large_archive("large.tar", SIZE, number);
        let before = seeder.head("main").unwrap();
        let mut call = seeder.call(seed).spawn();
        let moment = whole.mul_f64(moments.next());
        kill_after(&mut call, moment);
        let after = seeder.head("main").unwrap();
        let again = seeder.run(seed).exits(0).json();
        let told = format!("moment {number}: killed after {moment:?} of {whole:?}: {again}");
        // What is on the server may be on its way still.
        let is_complete = again["committed"] == false;
        assert!(after == before || again["head"] == *after, "{told}");
        assert!(is_complete || again["parent"] == *before, "{told}");
        *(if is_complete { &mut done } else { &mut broken_off }) += 1;
        seeder.run("verify --tarball large.tar --token-file token").exits(0);
    }
    // Each of the releases once, above the two from before.
    let history = seeder.history();
    assert_eq!(history.len() as u64, count + 2, "{broken_off} broken off, {done} complete");
    assert!(broken_off > 0, "all {done} were complete");
}

/// Not earlier, and not if it has ended by itself.
fn kill_after(call: &mut Child, moment: Duration) {
    thread::sleep(moment);
    call.kill().unwrap();
    call.wait().unwrap();
}

/// Shares of a whole, in no order that one would think of.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX)
    }
}
