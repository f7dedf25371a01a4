//! Credentials kept until shortly before they expire.
//!
//! One asks, all others wait for the same answer; while what we have is still good, nobody waits.
//! Who does not answer is not asked again at once, so that a daemon without credentials does not
//! besiege a metadata service.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use parking_lot::Mutex;
use tracing::{debug, warn};
use wire::Micros;

use super::Problem;

/// How long before they expire credentials are renewed.
const RENEWED_BEFORE: Micros = Micros(5 * 60 * Micros::PER_SECOND);

/// How long who failed is left in peace.
const PAUSE: Micros = Micros(2 * Micros::PER_SECOND);

/// How often credentials that AWS does not take are given up for others, at most.
const DISTRUST_PAUSE: Micros = Micros(60 * Micros::PER_SECOND);

/// How long the whole chain may take.
const FIND_TIMEOUT: Duration = Duration::from_secs(10);

/// Keeps the credentials of one provider.
pub(super) struct Keeper {
    provider: SharedCredentialsProvider,
    kept: Mutex<Kept>,
    /// Held by the one that asks.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    credentials: Option<Credentials>,
    /// What the last one that asked was told, and when, if nothing good.
    failure: Option<(Micros, String)>,
    /// When AWS did not take what we had.
    distrusted_at: Option<Micros>,
}

/// How far credentials are from their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Fresh,
    /// Still good, to be renewed.
    Due,
    Expired,
}

impl Age {
    fn of(credentials: &Credentials, now: Micros) -> Self {
        let Some(expiry) = credentials.expiry() else { return Self::Fresh };
        let expiry = expiry.duration_since(UNIX_EPOCH).unwrap_or_default();
        let expiry = Micros(u64::try_from(expiry.as_micros()).unwrap_or(u64::MAX));
        match expiry.since(now) {
            Micros(0) => Self::Expired,
            left if left <= RENEWED_BEFORE => Self::Due,
            _ => Self::Fresh,
        }
    }
}

impl Kept {
    /// Returns what is still good, and whether somebody should ask for more.
    fn good(&self, now: Micros) -> (Option<Credentials>, bool) {
        let is_paused = self.failure.as_ref().is_some_and(|(at, _)| now.since(*at) < PAUSE);
        let age = self.credentials.as_ref().map(|credentials| Age::of(credentials, now));
        match age {
            Some(Age::Fresh) => (self.credentials.clone(), false),
            Some(Age::Due) => (self.credentials.clone(), !is_paused),
            Some(Age::Expired) | None => (None, !is_paused),
        }
    }

    fn problem(&self) -> Problem {
        let causes = self.failure.as_ref().map_or("nobody was asked", |(_, causes)| causes);
        Problem::NoCredentials { causes: causes.to_owned() }
    }
}

impl Keeper {
    /// Returns a keeper that has not asked yet.
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, kept: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// Returns credentials that are good now.
    ///
    /// # Errors
    /// [`Problem::NoCredentials`].
    pub(super) async fn credentials(&self, now: Micros) -> Result<Credentials, Problem> {
        let (good, is_asked) = self.kept.lock().good(now);
        match (good, is_asked) {
            (Some(good), false) => Ok(good),
            (Some(good), true) => {
                // Who is not the one that asks goes on with what there is.
                if let Ok(_asking) = self.asking.try_lock() {
                    self.ask(now).await;
                }
                Ok(self.kept.lock().good(now).0.unwrap_or(good))
            }
            (None, false) => Err(self.kept.lock().problem()),
            (None, true) => {
                let _asking = self.asking.lock().await;
                if self.kept.lock().good(now).1 {
                    self.ask(now).await;
                }
                let kept = self.kept.lock();
                kept.good(now).0.ok_or_else(|| kept.problem())
            }
        }
    }

    /// Forgets what AWS does not take, so that the next one asks; once in a while, for who keeps
    /// being refused must not ask for every request.
    pub(super) fn distrust(&self, now: Micros) {
        let mut kept = self.kept.lock();
        if kept.distrusted_at.is_none_or(|at| now.since(at) >= DISTRUST_PAUSE) {
            kept.distrusted_at = Some(now);
            kept.credentials = None;
        }
    }

    async fn ask(&self, now: Micros) {
        let found = tokio::time::timeout(FIND_TIMEOUT, self.provider.provide_credentials()).await;
        let failure = match found {
            Ok(Ok(found)) => {
                debug!(expiry = ?found.expiry(), "found AWS credentials");
                let is_expired = Age::of(&found, now) == Age::Expired;
                let failure = is_expired.then(|| "they expired before they came".to_owned());
                self.kept.lock().credentials = Some(found);
                failure
            }
            Ok(Err(error)) => Some(told(&error)),
            Err(_) => Some(format!("nobody answered within {} s", FIND_TIMEOUT.as_secs())),
        };
        let mut kept = self.kept.lock();
        if let (Some(causes), true) = (&failure, kept.credentials.is_some()) {
            warn!(%causes, "could not renew AWS credentials");
        }
        kept.failure = failure.map(|causes| (now, causes));
    }
}

/// Returns what happened in one line, without what the library says of every failure.
fn told(error: &CredentialsError) -> String {
    let told = super::in_one_line(error).replace("the credential provider was not enabled: ", "");
    told.replace("an error occurred while loading credentials: ", "")
}

#[cfg(test)]
mod tests;
