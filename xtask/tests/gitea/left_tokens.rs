//! Tokens that calls leave which are killed.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::bed::Bed;
use super::seeder::Seeder;

pub fn what_a_killed_call_left_is_taken_back_a_day_later(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    let left = killed(&seeder);
    // `xtask-seed-WORKSPACE-SECONDS-TAG`
    let workspace = left.clone();
    let workspace = workspace.split('-').nth(2).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let name = |workspace: &str, age: u64| format!("xtask-seed-{workspace}-{}-x", now - age);
    let (day, hour) = (24 * 3600, 3600);
    let old = name(workspace, day + hour);
    let mut kept = vec![left, name(workspace, day - hour), name("0123456789abcdef", 2 * day)];
    // They are more than Gitea lists on a page, and the old one is the last.
    kept.extend((0..50).map(|number| format!("mine-{number}")));
    for name in [&old].into_iter().chain(&kept[1..]) {
        bed.token(&seeder.user, name, &["read:user"]);
    }
    seeder.archive("next.tar", &[("VERSION", "3.0.0\n")]);
    seeder.seeds("--tarball next.tar");
    let mut found = bed.tokens(&seeder.user);
    found.sort_unstable();
    kept.sort_unstable();
    assert_eq!(found, kept);
}

/// The token of a call that was killed while it had one.
fn killed(seeder: &Seeder<'_>) -> String {
    for seed in 0.. {
        seeder.large_archive("large.tar", 4 << 10, seed);
        let mut call = seeder.call("seed --tarball large.tar").spawn();
        while seeder.push_tokens().is_empty() && call.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(10));
        }
        call.kill().unwrap();
        call.wait().unwrap();
        if let Some(name) = seeder.push_tokens().pop() {
            return name;
        }
    }
    unreachable!("it is tried for ever")
}
