//! Anomalies: what goes wrong with requests whose rule may be boosted, so that the server can raise the
//! rule's rate for a while.
//!
//! By itself a fault of the segment is one. A rule can say that it is not, and the application can say
//! what else is. Requests that a caller has decided on are watched, too: the service where a trace
//! begins samples more when those behind it say that something is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use wire::{Clock, Micros};

use super::Question;
use super::central::RuleState;

/// What makes a request an anomaly, besides being a fault: everything that is said here together.
///
/// Source: the conditions of adaptive sampling, AWS's distribution of OpenTelemetry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anomaly {
    /// The requests it is about, as patterns of the method, a blank and the path; all if there are
    /// none.
    pub operations: Vec<String>,
    /// The status of the answer, as patterns such as `429` or `4??`; any if there are none.
    pub statuses: Vec<String>,
    /// How long the request takes at least.
    pub latency_min: Option<Duration>,
}

impl Anomaly {
    fn concerns(&self, operation: &str) -> bool {
        self.operations.is_empty() || is_any(&self.operations, operation)
    }

    /// Returns whether a request that has ended is one. Without a word on how it ended none is.
    fn is(&self, status: u16, latency: Duration) -> bool {
        let says_something = !self.statuses.is_empty() || self.latency_min.is_some();
        says_something
            && (self.statuses.is_empty() || is_any(&self.statuses, &status.to_string()))
            && self.latency_min.is_none_or(|least| latency >= least)
    }
}

fn is_any(patterns: &[String], text: &str) -> bool {
    patterns.iter().any(|pattern| wire::glob::matches(pattern, text))
}

/// What a watch needs to know: the conditions of the application, and the time at which a request ends.
#[derive(Clone)]
pub(super) struct Conditions {
    pub(super) anomalies: Arc<[Anomaly]>,
    pub(super) clock: Arc<dyn Clock>,
}

/// Counts whether one request went wrong.
pub(crate) struct Watch {
    rule: Arc<RuleState>,
    service: String,
    /// The method, a blank and the path.
    operation: String,
    conditions: Conditions,
    began: Micros,
    is_sampled: bool,
    /// The status of the answer; zero before.
    status: AtomicU16,
    has_seen: AtomicBool,
}

impl Watch {
    pub(super) fn new(
        rule: Arc<RuleState>,
        question: &Question<'_>,
        conditions: Conditions,
        is_sampled: bool,
        began: Micros,
    ) -> Self {
        let (method, path) = (question.method.unwrap_or(""), question.path.unwrap_or(""));
        Self {
            rule,
            service: question.service.to_owned(),
            operation: format!("{method} {path}"),
            conditions,
            began,
            is_sampled,
            status: AtomicU16::new(0),
            has_seen: AtomicBool::new(false),
        }
    }

    /// Notes that the segment is a fault.
    pub(crate) fn see_fault(&self) {
        if self.rule.takes_faults_for_anomalies() {
            self.see_anomaly();
        }
    }

    /// Notes the status of the answer.
    pub(crate) fn see_status(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// Counts the request among those that went wrong, once.
    fn see_anomaly(&self) {
        if !self.has_seen.swap(true, Ordering::Relaxed) {
            self.rule.count_anomaly(&self.service, self.is_sampled);
        }
    }
}

impl Drop for Watch {
    /// Looks at the request as a whole.
    fn drop(&mut self) {
        let Conditions { anomalies, clock } = &self.conditions;
        let mut anomalies = anomalies.iter().filter(|it| it.concerns(&self.operation)).peekable();
        if anomalies.peek().is_none() {
            return;
        }
        let latency = Duration::from_micros(clock.now().since(self.began).0);
        let status = self.status.load(Ordering::Relaxed);
        if anomalies.any(|anomaly| anomaly.is(status, latency)) {
            self.see_anomaly();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_an_anomaly_counts_together() {
        let patterns = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let slow = Some(Duration::from_secs(1));
        let throttled = Anomaly { statuses: patterns(&["429", "40?"]), ..Anomaly::default() };
        let slow_pay = Anomaly {
            operations: patterns(&["POST /pay/*"]),
            latency_min: slow,
            ..Anomaly::default()
        };
        let slow_errors = Anomaly { latency_min: slow, ..throttled.clone() };
        let quick = Duration::from_millis(999);
        for (anomaly, operation, status, latency, expected) in [
            (&throttled, "GET /", 429, quick, true),
            (&throttled, "GET /", 404, quick, true),
            (&throttled, "GET /", 500, quick, false),
            (&throttled, "GET /", 0, quick, false),
            (&slow_pay, "POST /pay/7", 200, Duration::from_secs(1), true),
            (&slow_pay, "POST /pay/7", 200, quick, false),
            (&slow_pay, "GET /pay/7", 200, Duration::from_secs(1), false),
            (&slow_errors, "GET /", 404, Duration::from_secs(2), true),
            (&slow_errors, "GET /", 404, quick, false),
            (&slow_errors, "GET /", 200, Duration::from_secs(2), false),
            (&Anomaly::default(), "GET /", 500, Duration::from_secs(9), false),
        ] {
            let is = anomaly.concerns(operation) && anomaly.is(status, latency);
            assert_eq!(is, expected, "{anomaly:?} {operation} {status} {latency:?}");
        }
    }
}
