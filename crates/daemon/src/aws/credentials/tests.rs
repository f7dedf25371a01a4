//! A provider that says what it is told to, by a clock that the test turns.

use std::collections::VecDeque;
use std::sync::Arc;

use aws_credential_types::provider::future;

use super::*;

/// The answers to come, and how many were given.
#[derive(Clone, Debug, Default)]
struct Script(Arc<Mutex<(VecDeque<Option<Credentials>>, usize)>>);

impl Script {
    fn keeper(answers: impl IntoIterator<Item = Option<Credentials>>) -> (Arc<Keeper>, Self) {
        let script = Self(Arc::new(Mutex::new((answers.into_iter().collect(), 0))));
        let provider = SharedCredentialsProvider::new(script.clone());
        (Arc::new(Keeper::new(provider)), script)
    }

    fn asked_count(&self) -> usize {
        self.0.lock().1
    }
}

impl ProvideCredentials for Script {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            tokio::task::yield_now().await;
            let mut script = self.0.lock();
            script.1 += 1;
            let answer = script.0.pop_front().expect("asked more often than told");
            answer.ok_or_else(|| CredentialsError::not_loaded("nobody is there"))
        })
    }
}

fn named(id: &str, expiry_secs: Option<u64>) -> Option<Credentials> {
    let expiry = expiry_secs.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    Some(Credentials::new(id, "secret", None, expiry, "test"))
}

async fn id(keeper: &Keeper, now_secs: u64) -> String {
    match keeper.credentials(Micros::from_secs(now_secs)).await {
        Ok(found) => found.access_key_id().to_owned(),
        Err(problem) => problem.to_string(),
    }
}

const NOBODY: &str = "find AWS credentials: nobody is there";

#[tokio::test]
async fn what_does_not_expire_is_asked_for_once() {
    let (keeper, script) = Script::keeper([named("a", None)]);
    assert_eq!(id(&keeper, 0).await, "a");
    assert_eq!(id(&keeper, 1_000_000_000).await, "a");
    assert_eq!(script.asked_count(), 1);
}

#[tokio::test]
async fn credentials_are_renewed_five_minutes_before_they_expire() {
    let (keeper, script) = Script::keeper([named("a", Some(3600)), named("b", Some(7200))]);
    assert_eq!(id(&keeper, 0).await, "a");
    assert_eq!(id(&keeper, 3299).await, "a");
    assert_eq!(script.asked_count(), 1);
    assert_eq!(id(&keeper, 3300).await, "b");
    assert_eq!(id(&keeper, 6899).await, "b");
    assert_eq!(script.asked_count(), 2);
}

#[tokio::test]
async fn what_is_still_good_is_used_while_nobody_renews_it() {
    let (keeper, script) = Script::keeper([named("a", Some(3600)), None, None, named("b", None)]);
    assert_eq!(id(&keeper, 0).await, "a");
    assert_eq!(id(&keeper, 3500).await, "a");
    assert_eq!(id(&keeper, 3501).await, "a", "in the pause");
    assert_eq!(script.asked_count(), 2);
    assert_eq!(id(&keeper, 3600).await, NOBODY, "expired");
    assert_eq!(id(&keeper, 3601).await, NOBODY, "expired, in the pause");
    assert_eq!(script.asked_count(), 3);
    assert_eq!(id(&keeper, 3602).await, "b");
}

#[tokio::test]
async fn what_comes_expired_is_not_used() {
    let (keeper, _) = Script::keeper([named("a", Some(10))]);
    assert_eq!(id(&keeper, 10).await, "find AWS credentials: they expired before they came");
}

#[tokio::test]
async fn what_aws_does_not_take_is_asked_for_again_but_not_for_every_request() {
    let (keeper, script) = Script::keeper(["a", "b", "c"].map(|id| named(id, None)));
    assert_eq!(id(&keeper, 0).await, "a");
    for (now_secs, expected) in [(1, "b"), (60, "b"), (61, "c")] {
        keeper.distrust(Micros::from_secs(now_secs));
        assert_eq!(id(&keeper, now_secs).await, expected, "{now_secs}");
    }
    assert_eq!(script.asked_count(), 3);
}

#[tokio::test]
async fn many_that_need_credentials_ask_once() {
    let (keeper, script) = Script::keeper([None, named("a", None)]);
    for (now_secs, expected) in [(0, NOBODY), (2, "a")] {
        let all = (0..20).map(|_| {
            let keeper = keeper.clone();
            tokio::spawn(async move { id(&keeper, now_secs).await })
        });
        for one in all.collect::<Vec<_>>() {
            assert_eq!(one.await.expect("no panic"), expected);
        }
    }
    assert_eq!(script.asked_count(), 2);
}

#[derive(Debug)]
struct Never;

impl ProvideCredentials for Never {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_is_given_up() {
    let keeper = Keeper::new(SharedCredentialsProvider::new(Never));
    assert_eq!(id(&keeper, 0).await, "find AWS credentials: nobody answered within 10 s");
}
