//! Mutated hellos of real clients: the parser neither panics nor depends on
//! how the bytes are cut, and never disagrees with rustls about a hello that
//! rustls accepts.
//!
//! `FUZZ_ITERATIONS` sets how many are tried (default 200,000). The sequence
//! is always the same; a failure prints the bytes.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::thread;

use rustls::server::Acceptor;
use sni_router::hello::HelloError;
use support::{Known, parse};

const SEEDS: [&[u8]; 11] = [
    include_bytes!("../seeds/curl.bin"),
    include_bytes!("../seeds/curl-address.bin"),
    include_bytes!("../seeds/gnutls.bin"),
    include_bytes!("../seeds/go-post-quantum.bin"),
    include_bytes!("../seeds/openssl.bin"),
    include_bytes!("../seeds/openssl-fragmented.bin"),
    include_bytes!("../seeds/openssl-no-sni.bin"),
    include_bytes!("../seeds/openssl-tls10.bin"),
    include_bytes!("../seeds/openssl-tls12.bin"),
    include_bytes!("../seeds/python.bin"),
    include_bytes!("../seeds/rustls.bin"),
];
const DEFAULT_ITERATIONS: u64 = 200_000;
/// One of so many hellos is shown to rustls as well, which is much slower.
const ORACLE: u64 = 16;
const THREADS: u64 = 2;

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        // The values where lengths and types go wrong come more often.
        let [any, choice, ..] = self.next().to_le_bytes();
        [any, 0, 1, 0xff, 22, any, any, any][usize::from(choice % 8)]
    }
}

fn mutate(random: &mut Random, hello: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        if hello.is_empty() {
            return;
        }
        let at = random.below(hello.len());
        match random.below(8) {
            0 => hello[at] ^= 1 << random.below(8),
            1 => hello[at] = random.byte(),
            2 => hello[at] = hello[at].wrapping_add(1),
            3 => hello[at] = hello[at].wrapping_sub(1),
            4 => hello.insert(at, random.byte()),
            5 => drop(hello.remove(at)),
            6 => hello.truncate(at),
            _ => {
                let end = hello.len().min(at + 1 + random.below(40));
                let copy = hello[at..end].to_vec();
                let to = random.below(hello.len());
                hello.splice(to..to, copy);
            }
        }
    }
}

/// Cuts the message into other records, so that mutations hit their headers.
fn refragment(random: &mut Random, hello: &[u8]) -> Vec<u8> {
    let size = 1 + random.below(200);
    hello.get(5..).unwrap_or_default().chunks(size).flat_map(support::record).collect()
}

/// What rustls reads, if it accepts the hello.
fn oracle(hello: &[u8]) -> Option<Known> {
    let mut acceptor = Acceptor::default();
    let mut rest = hello;
    while !rest.is_empty() {
        acceptor.read_tls(&mut rest).ok()?;
        if let Some(accepted) = acceptor.accept().ok()? {
            let name = accepted.client_hello().server_name().map(str::to_ascii_lowercase);
            return Some(Known::Host(name.map(|name| name.trim_end_matches('.').to_owned())));
        }
    }
    None
}

/// Returns how often parser and rustls agreed on a name.
fn fuzz(seed: u64, iterations: u64) -> u64 {
    let mut random = Random(seed);
    let mut agreed = 0;
    for iteration in 0..iterations {
        let mut hello = SEEDS[random.below(SEEDS.len())].to_vec();
        if random.below(4) == 0 {
            hello = refragment(&mut random, &hello);
        }
        mutate(&mut random, &mut hello);
        let whole = parse([&hello]);
        let size = 1 + random.below(hello.len() + 1);
        assert_eq!(parse(hello.chunks(size)), whole, "cut into pieces of {size}: {hello:02x?}");
        if iteration % ORACLE == 0
            && let Some(known) = oracle(&hello)
        {
            match whole {
                // rustls takes the first name of a list and leaves the rest unread.
                Err(HelloError::UnknownNameType(_) | HelloError::DuplicateName) => {}
                _ => assert_eq!(whole, Ok(known), "rustls accepts: {hello:02x?}"),
            }
            agreed += 1;
        }
    }
    agreed
}

#[test]
fn mutated_hellos_do_no_harm() {
    #[expect(clippy::disallowed_methods, reason = "a test has no other way to take a number")]
    let setting = std::env::var("FUZZ_ITERATIONS");
    let iterations = setting.map_or(DEFAULT_ITERATIONS, |number| number.parse().unwrap());
    let share = iterations.div_ceil(THREADS);
    let threads: Vec<_> = (0..THREADS).map(|seed| thread::spawn(move || fuzz(seed, share))).collect();
    let agreed: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    // The comparison is worth nothing if rustls refuses nearly everything.
    assert!(agreed > iterations / ORACLE / 20, "rustls accepted {agreed} only");
}
