//! Memory of a router, at start and for each idle connection.

use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::backend::Backends;
use crate::client_hello::Mode;
use crate::report::Memory;
use crate::resident::resident;
use crate::route::Route;
use crate::target::Target;

/// Time between two looks at the memory.
const PAUSE: Duration = Duration::from_millis(100);
/// Looks after which memory that still moves is taken as it is.
const LOOKS: usize = 20;

/// Measures the router of `target`; `None` if its process is not known.
pub(crate) fn memory(
    target: &Target,
    routes: &[Route],
    backends: &Backends,
    connections: usize,
) -> Result<Option<Memory>> {
    let Some(pid) = target.pid else { return Ok(None) };
    let start = settled(pid)?;
    let idle = routes
        .iter()
        .cycle()
        .take(connections)
        .map(|route| target.open(route, Mode::Idle))
        .collect::<Result<Vec<_>>>()?;
    let after = settled(pid)?;
    drop(idle);
    backends.release_idle();
    backends.wait_until_quiet()?;
    Ok(Some(Memory {
        start_bytes: start,
        idle_connections: connections,
        idle_bytes_per_connection: per_connection(start, after, connections),
    }))
}

/// Negative if the router gave memory back meanwhile.
#[expect(clippy::cast_precision_loss, reason = "memory stays below 2^52 bytes")]
fn per_connection(before: u64, after: u64, connections: usize) -> f64 {
    (after as f64 - before as f64) / connections as f64
}

/// Resident bytes, once they no longer move.
fn settled(pid: i32) -> Result<u64> {
    let mut last = resident(pid)?;
    for _ in 0..LOOKS {
        thread::sleep(PAUSE);
        let now = resident(pid)?;
        if now == last {
            break;
        }
        last = now;
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divides_the_growth() {
        assert!((per_connection(1000, 5000, 2) - 2000.0).abs() < f64::EPSILON);
        assert!((per_connection(5000, 1000, 2) + 2000.0).abs() < f64::EPSILON);
    }

    #[test]
    fn opens_and_releases() {
        let backends = Backends::listen(2).unwrap();
        let routes = Route::spread(&["a", "b", "c"], &backends).unwrap();
        assert!(memory(&Target::direct(), &routes, &backends, 5).unwrap().is_none());

        let mut target = Target::direct();
        target.pid = Some(i32::try_from(std::process::id()).unwrap());
        let memory = memory(&target, &routes, &backends, 50).unwrap().unwrap();
        assert_eq!(memory.idle_connections, 50);
        assert!(memory.start_bytes > 0);
    }
}
