//! A service of the shop that fails more often than on an ordinary day.

use super::random::Random;
use super::services::SERVICES;
use super::{Ending, Plan, Trace, Work};

/// Which service fails, and in how many of 1,000 requests to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incident {
    /// The service's name.
    pub(crate) service: &'static str,
    /// Requests in a thousand.
    pub(crate) per_mille: u64,
}

impl Trace {
    /// Lets the service of an incident fail in this trace, if it takes part and its turn has come;
    /// the failure reaches up to the entry point.
    pub(crate) fn suffer(&mut self, plan: &Plan, incident: &Incident) {
        let mut random = Random::new(plan.seed.rotate_left(32), self.index);
        let is_hit = |work: &Work| SERVICES[work.service].name == incident.service;
        let Some(at) = self.works.iter().position(is_hit) else { return };
        if random.below(1_000) >= incident.per_mille {
            return;
        }
        self.works[at].is_culprit = true;
        let mut next = Some(at);
        while let Some(failed) = next {
            self.works[failed].ending = Ending::Fault;
            let (parent, caller) = (self.works[failed].parent, self.works[failed].caller);
            if let Some(caller) = caller {
                let calls = &mut self.works[caller].calls;
                calls.iter_mut().filter(|call| Some(call.id) == parent).for_each(|call| {
                    call.ending = Ending::Fault;
                });
            }
            next = caller;
        }
    }
}
