//! What was seen before the configuration was read anew.

use cluster::{Last, Observed, Seen};

/// The last sight of everything: a cluster that is asked again from the start
/// has told nothing yet, which is no change.
#[derive(Default)]
pub struct Memory(Seen);

impl Memory {
    /// `now`, with the last sight in place of what has not been seen yet.
    pub fn recall(&mut self, now: &Seen) -> Seen {
        let mut seen = now.clone();
        for (name, service) in &mut seen.services {
            recall(service, self.0.services.get(name));
        }
        if let Some(list) = &mut seen.host_list {
            recall(list, self.0.host_list.as_ref());
        }
        self.0 = seen.clone();
        seen
    }
}

fn recall<T: Clone>(now: &mut Observed<T>, before: Option<&Observed<T>>) {
    if let (Last::Unknown, Some(before)) = (&now.last, before) {
        now.last = before.last.clone();
    }
}

#[cfg(test)]
mod tests {
    use cluster::{HostList, ObjectName, Service, ServiceType};

    use super::*;

    fn seen(last: Last<Service>) -> Seen {
        let observed = Observed { last, trouble: None };
        Seen {
            services: [(ObjectName::new("a", "b"), observed)].into(),
            host_list: Some(Observed::<HostList>::default()),
        }
    }

    #[test]
    fn what_was_seen_stays_until_it_is_seen_again() {
        let there = Service {
            service_type: ServiceType::LoadBalancer,
            cluster_ip: None,
            ports: Vec::new(),
            ingress: Vec::new(),
        };
        let mut memory = Memory::default();
        assert!(!memory.recall(&seen(Last::Unknown)).is_complete());
        let first = memory.recall(&seen(Last::There(there)));
        assert_eq!(memory.recall(&seen(Last::Unknown)), first);
        let gone = memory.recall(&seen(Last::Absent));
        assert_eq!(gone, seen(Last::Absent));
        assert_eq!(memory.recall(&seen(Last::Unknown)), gone);
    }
}
