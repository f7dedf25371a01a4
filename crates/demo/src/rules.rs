//! Sampling: everything is recorded, for a demo is for looking at, until somebody changes the
//! sampling rules of the server; then these decide, as for any application. The fault `sampling`
//! makes such a rule.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use wire::sampling::Rule;

use crate::exchange::Answer;
use crate::fault::Fault;
use crate::live::of;
use crate::telemetry::Scribe;
use crate::world::{Live, World};

/// The name of the fault's rule.
const NAME: &str = "demo-sampling";

/// The fault's rule: one visit in twenty, of the shop only.
const RULE: &str = r#"{"SamplingRule":{"RuleName":"demo-sampling","Priority":1,"FixedRate":0.05,
    "ReservoirSize":0,"ServiceName":"web","ServiceType":"*","Host":"*","HTTPMethod":"*","URLPath":"*",
    "ResourceARN":"*","Version":1}}"#;

/// From one look at the rules to the next.
const LOOK: Duration = Duration::from_secs(5);

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks at the server's rules every few seconds, and when something breaks or heals; never returns.
pub(crate) async fn follow(world: Arc<World>) {
    let mut changes = of(&world).board.watch();
    let mut known = Vec::new();
    loop {
        changes.borrow_and_update();
        if let Some(rules) = reconcile(&world).await
            && rules != known
        {
            apply(&world, &rules).await;
            known = rules;
        }
        tokio::select! {
            // The board lives as long as the world.
            _ = changes.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Removes the fault's rule, if the fault lasts.
pub(crate) async fn leave(world: &World) {
    if world.has(Fault::Sampling) {
        remove(of(world)).await;
    }
}

/// Makes or removes the fault's rule, and returns the rules as they are then; `None` when the server
/// does not tell.
///
/// A rule without its fault is from a demo that was killed.
async fn reconcile(world: &World) -> Option<Vec<Rule<'static>>> {
    let live = of(world);
    let rules = read(live).await?;
    let is_broken = world.has(Fault::Sampling);
    if is_broken == rules.iter().any(|rule| rule.rule_name == NAME) {
        return Some(rules);
    }
    if is_broken {
        post(live, "/CreateSamplingRule", RULE.to_owned()).await?;
    } else {
        remove(live).await?;
    }
    read(live).await
}

/// Lets the recorders take these rules.
async fn apply(world: &Arc<World>, rules: &[Rule<'_>]) {
    let theirs = world.clone();
    // It waits for an answer of the daemon.
    let refresh = move || theirs.scribes.values().for_each(Scribe::refresh_sampling);
    tokio::task::spawn_blocking(refresh).await.ok();
    let is_changed = rules.iter().any(is_changed);
    of(world).is_sampled_by_rules.store(is_changed, std::sync::atomic::Ordering::Relaxed);
}

/// Returns whether a rule is other than a server has it that nobody has told anything.
fn is_changed(rule: &Rule<'_>) -> bool {
    let usual = Rule::default_rule("");
    rule.rule_name != usual.rule_name
        || rule.fixed_rate != usual.fixed_rate
        || rule.reservoir_size != usual.reservoir_size
}

async fn read(live: &Live) -> Option<Vec<Rule<'static>>> {
    let answer = post(live, "/GetSamplingRules", "{}".to_owned()).await?;
    wire::api::sampling::parse_rules(answer.body.as_bytes())
}

async fn remove(live: &Live) -> Option<Answer> {
    post(live, "/DeleteSamplingRule", format!(r#"{{"RuleName":"{NAME}"}}"#)).await
}

/// Asks the server; `None` when it does not do it.
async fn post(live: &Live, path: &str, body: String) -> Option<Answer> {
    let request = hyper::Request::post(format!("{}{path}", live.server))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .ok()?;
    let answer = tokio::time::timeout(PATIENCE, live.client.send(request)).await;
    answer.ok()?.ok().filter(Answer::is_ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_rule_is_no_change_and_the_faults_rule_is_one() {
        let usual = Rule::default_rule("arn");
        assert!(!is_changed(&usual));
        assert!(is_changed(&Rule { fixed_rate: 1.0, ..usual.clone() }));
        assert!(is_changed(&Rule { reservoir_size: 0, ..usual }));
        let made = wire::api::sampling::CreateSamplingRuleRequest::parse(RULE.as_bytes());
        let made = made.expect("a rule");
        assert!(format!("{made:?}").contains(NAME), "{made:?}");
    }
}
