//! What is to be seen on a terminal, or by nobody.

use std::collections::BTreeSet;

use crate::fixture::Platform;

#[test]
fn a_narrow_terminal_gets_narrow_lines() {
    let platform = Platform::new();
    for args in [vec!["up"], vec!["status"], vec!["router", "status"], vec!["router", "check"]] {
        let ran = platform.xtask(args.clone()).run_in_terminal(40).exits(0);
        // A word is not folded, such as a path, and neither is a command to be copied.
        let whole = |line: &str| {
            let copied = line.starts_with("log: ") || line.starts_with("try: ");
            copied || !line.trim().contains(' ')
        };
        let wide = |line: &&str| line.chars().count() > 40 && !whole(line);
        assert_eq!(ran.text().lines().find(wide), None, "{args:?}");
    }
}

/// What moves while a stage runs is gone when it has ended, whoever else wrote.
#[test]
fn nothing_that_moved_is_left_on_a_terminal() {
    let platform = Platform::new();
    for (columns, verb) in [(200, "up"), (200, "down"), (60, "up"), (60, "down")] {
        let (lines, status) = platform.xtask([verb]).run_on_screen(columns);
        assert_eq!(status, Some(0), "{lines:#?}");
        let ended: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("✓ ")).collect();
        let ended: BTreeSet<_> = ended.iter().map(|line| line.split(' ').next().unwrap()).collect();
        let stages = "argo boots certificates clone gitea orchestrator router routes seed tarball";
        assert!(ended.into_iter().eq(stages.split(' ')), "{verb}: {lines:#?}");
        let is_spinner = |line: &&String| line.starts_with(|it| ('\u{2800}'..='\u{28ff}').contains(&it));
        assert_eq!(lines.iter().find(is_spinner), None, "{verb}: {lines:#?}");
    }
}

#[test]
fn a_terminal_that_hangs_up_is_no_error() {
    let platform = Platform::new();
    let (up, terminal) = platform.xtask(["up"]).spawn_until_it_moves();
    drop(terminal);
    let ended = up.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stdout));
    assert_eq!(platform.json(["status"])["state"], "up");
}

#[test]
fn output_that_nobody_reads_is_no_error() {
    let platform = Platform::new();
    for args in [vec!["up", "-q"], vec!["status"], vec!["router", "check"], vec!["down", "-q"]] {
        platform.xtask(args).run_unread().exits(0).stderr("");
    }
}
