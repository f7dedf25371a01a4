//! Trace retrievals: which traces each is of, and how far it is.
//!
//! They are kept in memory and forgotten after a while; clients ask for a new one then, and so they
//! do after a restart. What is found is not copied: a page reads its traces from the store.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use wire::api::retrieval::RetrievalStatus;
use wire::api::{Error, ErrorCode};
use wire::{Micros, TraceId};

/// How many retrievals are known at a time.
const COUNT_MAX: usize = 1000;

/// How long a retrieval is known.
///
/// Source: StartTraceRetrieval, API model.
const AGE_MAX: Micros = Micros(60 * 60 * Micros::PER_SECOND);

/// How many random bytes name a retrieval.
pub(crate) const TOKEN_BYTES: usize = 32;

/// The retrievals that are known.
#[derive(Default)]
pub(crate) struct Retrievals {
    /// By token.
    jobs: Mutex<HashMap<String, Job>>,
}

struct Job {
    started: Micros,
    retrieval: Retrieval,
}

/// One retrieval.
#[derive(Clone, Debug)]
pub(crate) struct Retrieval {
    pub(crate) status: RetrievalStatus,
    /// The traces that were found.
    pub(crate) ids: Arc<[TraceId]>,
}

impl Retrievals {
    /// Adds a retrieval that found these traces; returns its token. `random` is what nobody can
    /// guess.
    ///
    /// # Errors
    /// `Throttled` while there are as many as there may be.
    pub(crate) fn start(
        &self,
        ids: Vec<TraceId>,
        random: [u8; TOKEN_BYTES],
        now: Micros,
    ) -> Result<String, Error> {
        let mut jobs = self.jobs.lock();
        jobs.retain(|_, job| !job.is_over(now));
        if jobs.len() >= COUNT_MAX {
            return Err(Error::new(ErrorCode::Throttled, "Too many trace retrievals at a time"));
        }
        let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let retrieval = Retrieval { status: RetrievalStatus::Complete, ids: ids.into() };
        jobs.insert(token.clone(), Job { started: now, retrieval });
        Ok(token)
    }

    /// Returns a retrieval.
    ///
    /// # Errors
    /// `ResourceNotFound` when it is not known, or no more.
    pub(crate) fn find(&self, token: &str, now: Micros) -> Result<Retrieval, Error> {
        self.with(token, now, |retrieval| retrieval.clone())
    }

    /// Calls a retrieval off; what it found cannot be had any more.
    ///
    /// # Errors
    /// `ResourceNotFound` when it is not known, or no more.
    pub(crate) fn cancel(&self, token: &str, now: Micros) -> Result<(), Error> {
        self.with(token, now, |retrieval| {
            *retrieval = Retrieval { status: RetrievalStatus::Cancelled, ids: Arc::default() };
        })
    }

    fn with<T>(
        &self,
        token: &str,
        now: Micros,
        look: impl FnOnce(&mut Retrieval) -> T,
    ) -> Result<T, Error> {
        let mut jobs = self.jobs.lock();
        let job = jobs.get_mut(token).filter(|job| !job.is_over(now));
        let job = job.ok_or_else(|| Error::resource_not_found(token))?;
        Ok(look(&mut job.retrieval))
    }
}

impl Job {
    fn is_over(&self, now: Micros) -> bool {
        now.since(self.started) >= AGE_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(number: usize) -> [u8; TOKEN_BYTES] {
        let mut random = [0; TOKEN_BYTES];
        random[..8].copy_from_slice(&number.to_be_bytes());
        random
    }

    #[test]
    fn there_are_no_more_than_there_may_be() {
        let retrievals = Retrievals::default();
        let now = Micros::from_secs(1_000_000);
        let start = |number: usize, now| retrievals.start(Vec::new(), random(number), now);
        for number in 0..COUNT_MAX {
            start(number, now).expect("there is room");
        }
        let refused = start(COUNT_MAX, now).expect_err("there is no room");
        assert_eq!(refused.code, ErrorCode::Throttled);
        start(COUNT_MAX, Micros(now.0 + AGE_MAX.0)).expect("the others are forgotten");
        assert_eq!(retrievals.jobs.lock().len(), 1);
    }

    #[test]
    fn a_retrieval_is_known_for_a_while() {
        let retrievals = Retrievals::default();
        let started = Micros::from_secs(1_000_000);
        let token = retrievals.start(Vec::new(), random(7), started).expect("there is room");
        let at = |age: u64| retrievals.find(&token, Micros(started.0 + age));
        assert_eq!(at(AGE_MAX.0 - 1).expect("known").status, RetrievalStatus::Complete);
        let unknown = at(AGE_MAX.0).expect_err("forgotten");
        assert_eq!(
            (unknown.code, unknown.resource_name),
            (ErrorCode::ResourceNotFound, Some(token.clone()))
        );
        retrievals.find(&token[1..], started).expect_err("not a token");
    }
}
