//! Starts that are cut short.

use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::docker::Image;
use crate::router::{Compose, Router};
use crate::wait;

/// A Traefik that runs and never serves what it was given.
fn silent(name: &str) -> Image {
    let config = "entryPoints: {nowhere: {address: \"127.0.0.1:0\"}}\n";
    Image::build(name, "CMD [\"--configFile=/config.yml\"]", config)
}

pub fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Interrupts a start when what it has said so far, or what there is, `is_time`.
fn interrupt(router: &Router, image: &Image, is_time: impl Fn(&str) -> bool) {
    let mut start = router.start(&["--image", image.name()]).spawn();
    let said = Arc::new(Mutex::new(String::new()));
    let (lines, heard) = (BufReader::new(start.stderr.take().unwrap()).lines(), Arc::clone(&said));
    let listener = thread::spawn(move || {
        lines.for_each(|line| *heard.lock().unwrap() += &(line.unwrap() + "\n"));
    });
    wait::until("the time to interrupt", || is_time(&said.lock().unwrap()));
    send(&start, Signal::INT);
    let status = start.wait().unwrap();
    listener.join().unwrap();
    let said = said.lock().unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("error: interrupted; nothing is left running\n"), "{said}");
    assert_eq!(router.containers(), [""; 0]);
}

pub fn ctrl_c_leaves_nothing(compose: Compose) {
    let (router, image) = (Router::new(compose), silent(&format!("silent-{compose:?}").to_lowercase()));
    interrupt(&router, &image, |_| !router.containers().is_empty());
}

pub fn ctrl_c_at_once_leaves_nothing(compose: Compose) {
    let (router, image) = (Router::new(compose), silent(&format!("brief-{compose:?}").to_lowercase()));
    interrupt(&router, &image, |said| said.contains("up --detach"));
}

pub fn a_deadline_leaves_nothing(compose: Compose) {
    let (router, image) = (Router::new(compose), silent(&format!("late-{compose:?}").to_lowercase()));
    let ran = router.start(&["--image", image.name(), "--timeout", "15s"]).run().exits(4).stdout("");
    let said = ran.errors();
    assert!(
        said.contains("error: the time was up while waiting for Traefik: Traefik's API does not"),
        "{said}"
    );
    assert_eq!(router.containers(), [""; 0]);
}
