//! The addresses that the names of load balancers stand for.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep_until, timeout};

use crate::{Ingress, text};

/// How long a name may take to be looked up.
const LIMIT: Duration = Duration::from_secs(5);
/// When names are looked up anew. A provider moves its load balancers about,
/// and `lookup_host` does not tell for how long an answer holds.
const AGAIN: Duration = Duration::from_secs(30);
/// When one of them had no answer: a new load balancer's name takes a while to be known.
const AGAIN_UNKNOWN: Duration = Duration::from_secs(5);

type Addresses = Result<Vec<IpAddr>, String>;

/// Names and what they stand for.
pub(crate) struct Names<L> {
    known: BTreeMap<String, Addresses>,
    due: Instant,
    lookup: L,
}

/// Asks the system's resolver.
pub(crate) async fn resolve(name: String) -> io::Result<Vec<IpAddr>> {
    let addresses = tokio::net::lookup_host((name, 0)).await?;
    Ok(addresses.map(|address| address.ip().to_canonical()).collect())
}

impl<L, F> Names<L>
where
    L: Fn(String) -> F,
    F: Future<Output = io::Result<Vec<IpAddr>>>,
{
    pub(crate) fn new(lookup: L) -> Self {
        Self { known: BTreeMap::new(), due: Instant::now(), lookup }
    }

    /// Gives the names among `ingress` their addresses. Those that are new are
    /// looked up, side by side and for at most five seconds; those that are
    /// not there any more are forgotten.
    pub(crate) async fn fill(&mut self, ingress: &mut [Ingress]) {
        let wanted: Vec<String> = ingress.iter().filter_map(name).map(str::to_owned).collect();
        self.known.retain(|name, _| wanted.contains(name));
        let new: Vec<_> = wanted.into_iter().filter(|name| !self.known.contains_key(name)).collect();
        if !new.is_empty() {
            self.look_up(new).await;
        }
        for entry in ingress {
            if let Ingress::Host { name, addresses } = entry
                && let Some(known) = self.known.get(name)
            {
                addresses.clone_from(known);
            }
        }
    }

    /// Waits until the names are due, and looks them up; for ever where there are none.
    pub(crate) async fn refresh(&mut self) {
        if self.known.is_empty() {
            return std::future::pending().await;
        }
        sleep_until(self.due).await;
        self.look_up(self.known.keys().cloned().collect()).await;
    }

    async fn look_up(&mut self, names: Vec<String>) {
        let lookup = &self.lookup;
        let answers = join_all(names.iter().map(|name| async move {
            match timeout(LIMIT, lookup(name.clone())).await {
                Ok(answer) => sorted(answer),
                Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
            }
        }));
        for (name, answer) in names.iter().zip(answers.await) {
            // The last good answer stays: connections by it may still be made.
            match (self.known.get(name), &answer) {
                (Some(Ok(_)), Err(_)) => {}
                _ => drop(self.known.insert(name.clone(), answer)),
            }
        }
        let unknown = self.known.values().any(Result::is_err);
        self.due = Instant::now() + if unknown { AGAIN_UNKNOWN } else { AGAIN };
    }
}

fn sorted(answer: io::Result<Vec<IpAddr>>) -> Addresses {
    match answer {
        Ok(addresses) if addresses.is_empty() => Err("it has no addresses".into()),
        Ok(mut addresses) => {
            addresses.sort_unstable();
            addresses.dedup();
            Ok(addresses)
        }
        Err(error) => Err(text::line(&error.to_string(), 200)),
    }
}

fn name(ingress: &Ingress) -> Option<&str> {
    match ingress {
        Ingress::Host { name, .. } => Some(name),
        Ingress::Address(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn host(name: &str) -> Ingress {
        Ingress::Host { name: name.into(), addresses: Err("it has not been looked up".into()) }
    }

    fn addresses(ingress: &Ingress) -> Result<String, String> {
        let Ingress::Host { addresses, .. } = ingress else { panic!("{ingress:?} is no name") };
        addresses
            .clone()
            .map(|addresses| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }

    #[tokio::test(start_paused = true)]
    async fn looks_up_new_names_once() {
        let asked = RefCell::new(Vec::new());
        let mut names = Names::new(|name| {
            asked.borrow_mut().push(name);
            async { Ok(["10.0.0.2", "10.0.0.1", "10.0.0.2"].map(|ip| ip.parse().unwrap()).to_vec()) }
        });
        let mut ingress = [host("a"), Ingress::Address("10.0.0.9".parse().unwrap())];
        names.fill(&mut ingress).await;
        assert_eq!(addresses(&ingress[0]).as_deref(), Ok("10.0.0.1 10.0.0.2"));
        names.fill(&mut [host("a"), host("b")]).await;
        assert_eq!(*asked.borrow(), ["a", "b"]);
        names.fill(&mut []).await;
        assert!(names.known.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_the_last_good_answer() {
        let good = Cell::new(Some("10.0.0.1"));
        let mut names = Names::new(|_| {
            let answer = good.get().map(|ip| vec![ip.parse().unwrap()]);
            async { answer.ok_or_else(|| io::Error::other("no such name")) }
        });
        let begin = Instant::now();
        names.fill(&mut [host("a")]).await;
        let mut seen = [host("a")];
        for (answer, expected) in [(None, "10.0.0.1"), (Some("10.0.0.2"), "10.0.0.2")] {
            good.set(answer);
            names.refresh().await;
            names.fill(&mut seen).await;
            assert_eq!(addresses(&seen[0]).as_deref(), Ok(expected));
        }
        assert_eq!(begin.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn asks_soon_again_for_what_is_unknown() {
        let begin = Instant::now();
        let mut names = Names::new(|name: String| async move {
            if name == "silent" {
                std::future::pending().await
            } else {
                Err(io::Error::other("no such\nname"))
            }
        });
        let mut ingress = [host("silent"), host("unknown")];
        names.fill(&mut ingress).await;
        assert_eq!(addresses(&ingress[0]).unwrap_err(), "no answer within 5 s");
        assert_eq!(addresses(&ingress[1]).unwrap_err(), "no such name");
        assert_eq!(begin.elapsed().as_secs(), 5);
        names.refresh().await;
        assert_eq!(begin.elapsed().as_secs(), 15);
    }
}
