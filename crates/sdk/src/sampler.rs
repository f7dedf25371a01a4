//! The sampler: decides which requests are recorded, by rules that came with the application or from
//! the daemon.

mod central;

mod local;

mod poll;

mod watch;

use std::fmt;
use std::sync::Arc;

use wire::Micros;
use wire::sampling::LocalRules;

use crate::config::Config;
use crate::error::Error;
use crate::system::{Random, fraction};

use central::Central;
use local::Local;
use poll::Poll;
use watch::Conditions;

pub use watch::Anomaly;
pub(crate) use watch::Watch;

/// Which requests are recorded, where the caller has not decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Sampling {
    /// By the rules of the server, fetched through the daemon's TCP door; by these local rules while
    /// there are none.
    Central(LocalRules),
    /// By rules that came with the application.
    Local(LocalRules),
    /// Each.
    Always,
    /// None.
    Never,
}

impl Default for Sampling {
    fn default() -> Self {
        Self::Central(LocalRules::default())
    }
}

impl Sampling {
    /// Samples by the rules of a file, whose text this is, in version 1 or 2.
    ///
    /// # Errors
    /// `Error::LocalRules` when the file cannot be used.
    pub fn local(text: &str) -> Result<Self, Error> {
        parse(text).map(Self::Local)
    }

    /// Samples by the rules of the server, and by those of a file while there are none.
    ///
    /// # Errors
    /// `Error::LocalRules` when the file cannot be used.
    pub fn central_or_local(text: &str) -> Result<Self, Error> {
        parse(text).map(Self::Central)
    }
}

fn parse(text: &str) -> Result<LocalRules, Error> {
    LocalRules::parse(text).map_err(|problem| Error::LocalRules { problem })
}

/// What is known of a request before it is handled; what is not known matches every pattern.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Question<'q> {
    pub(crate) host: Option<&'q str>,
    pub(crate) method: Option<&'q str>,
    pub(crate) path: Option<&'q str>,
    /// The segment's name.
    pub(crate) service: &'q str,
    pub(crate) origin: Option<&'q str>,
}

/// Whether to record, and by whose word.
#[derive(Clone, Default)]
pub(crate) struct Decision {
    pub(crate) is_sampled: bool,
    /// The rule that decided.
    pub(crate) rule: Option<Arc<str>>,
    /// Who counts what goes wrong with the request.
    pub(crate) watch: Option<Arc<Watch>>,
}

impl Decision {
    /// A decision that the caller made.
    pub(crate) fn of_caller(is_sampled: bool) -> Self {
        Self { is_sampled, ..Self::default() }
    }
}

/// Decides which requests are recorded.
pub(crate) enum Sampler {
    Central(Poll),
    Local(Local),
    Fixed(bool),
}

impl Sampler {
    pub(crate) fn start(config: &Config) -> Result<Self, Error> {
        Ok(match &config.sampling {
            Sampling::Always => Self::Fixed(true),
            Sampling::Never => Self::Fixed(false),
            Sampling::Local(rules) => Self::Local(Local::new(rules)),
            Sampling::Central(fallback) => {
                let (anomalies, clock) = (config.anomalies.clone().into(), config.clock.clone());
                let conditions = Conditions { anomalies, clock };
                let client_id = client_id(&*config.random);
                let central = Arc::new(Central::new(client_id, fallback, conditions));
                Self::Central(Poll::start(central, config)?)
            }
        })
    }

    pub(crate) fn decide(
        &self,
        question: &Question<'_>,
        now: Micros,
        random: &dyn Random,
    ) -> Decision {
        match self {
            Self::Central(poll) => poll.central().decide(question, now, random),
            Self::Local(local) => local.decide(question, now, random),
            Self::Fixed(is_sampled) => Decision::of_caller(*is_sampled),
        }
    }

    /// Returns the decision that a caller made, and who counts what goes wrong all the same.
    pub(crate) fn follow(
        &self,
        is_sampled: bool,
        question: &Question<'_>,
        now: impl FnOnce() -> Micros,
    ) -> Decision {
        let watch = match self {
            Self::Central(poll) => poll.central().watch(question, is_sampled, now),
            Self::Local(_) | Self::Fixed(_) => None,
        };
        Decision { watch, ..Decision::of_caller(is_sampled) }
    }

    /// Fetches rules and targets now; false when that failed or there is nobody to ask.
    pub(crate) fn refresh(&self, now: Micros) -> bool {
        match self {
            Self::Central(poll) => poll.refresh(now),
            Self::Local(_) | Self::Fixed(_) => false,
        }
    }
}

impl fmt::Debug for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampler").finish_non_exhaustive()
    }
}

/// Returns an id for this process: 24 hex digits.
fn client_id(random: &dyn Random) -> String {
    format!("{:016x}{:08x}", random.bits(), random.bits() >> 32)
}

/// Returns whether `value`, if it is known, is what `pattern` describes.
fn fits(pattern: &str, value: Option<&str>) -> bool {
    pattern == "*" || value.is_none_or(|it| it.is_empty() || wire::glob::matches(pattern, it))
}

/// Counts what is taken in the current second.
#[derive(Clone, Copy, Debug, Default)]
struct PerSecond {
    second: u64,
    taken: u32,
}

impl PerSecond {
    /// Takes one, if fewer than `max` were taken in this second.
    fn take(&mut self, max: u32, now: Micros) -> bool {
        let second = now.0 / Micros::PER_SECOND;
        if self.second != second {
            *self = Self { second, taken: 0 };
        }
        let takes = self.taken < max;
        self.taken += u32::from(takes);
        takes
    }
}

/// Returns true with a probability of `rate`.
fn draw(rate: f64, random: &dyn Random) -> bool {
    rate > 0.0 && fraction(random) < rate
}
