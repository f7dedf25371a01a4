//! Rules that came with the application: for each a number of requests per second, then a rate.

use std::sync::Mutex;

use wire::Micros;
use wire::sampling::{LocalRule, LocalRules};

use super::{Decision, PerSecond, Question, draw, fits};
use crate::system::Random;

/// Local rules, and what they have let pass.
pub(crate) struct Local {
    rules: Vec<(LocalRule, Limit)>,
    default: Limit,
}

struct Limit {
    fixed_target: u32,
    rate: f64,
    reservoir: Mutex<PerSecond>,
}

impl Limit {
    fn new(fixed_target: u32, rate: f64) -> Self {
        Self { fixed_target, rate, reservoir: Mutex::default() }
    }

    fn decide(&self, now: Micros, random: &dyn Random) -> bool {
        crate::lock(&self.reservoir).take(self.fixed_target, now) || draw(self.rate, random)
    }
}

impl Local {
    pub(crate) fn new(rules: &LocalRules) -> Self {
        let limited = |rule: &LocalRule| (rule.clone(), Limit::new(rule.fixed_target, rule.rate));
        Self {
            rules: rules.rules.iter().map(limited).collect(),
            default: Limit::new(rules.default_fixed_target, rules.default_rate),
        }
    }

    pub(crate) fn decide(
        &self,
        question: &Question<'_>,
        now: Micros,
        random: &dyn Random,
    ) -> Decision {
        let applies = |rule: &LocalRule| {
            fits(&rule.host, question.host)
                && fits(&rule.http_method, question.method)
                && fits(&rule.url_path, question.path)
        };
        let limit = self.rules.iter().find(|(rule, _)| applies(rule));
        let limit = limit.map_or(&self.default, |(_, limit)| limit);
        Decision::of_caller(limit.decide(now, random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SeededRandom;

    fn local() -> Local {
        let rule = |url_path: &str, fixed_target, rate| LocalRule {
            host: "*".to_owned(),
            http_method: "*".to_owned(),
            url_path: url_path.to_owned(),
            fixed_target,
            rate,
        };
        Local::new(&LocalRules {
            rules: vec![rule("/api/move/*", 0, 0.05), rule("/api/*", 3, 0.0)],
            ..LocalRules::default()
        })
    }

    fn sampled(path: Option<&str>, count: u64, seconds: u64) -> usize {
        let (local, random) = (local(), SeededRandom::new(1));
        let question = Question { path, ..Question::default() };
        let times = (0..count).map(|n| Micros(n * seconds * Micros::PER_SECOND / count));
        times.filter(|&now| local.decide(&question, now, &random).is_sampled).count()
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        assert_eq!(sampled(Some("/api/cart"), 10_000, 100), 300);
        let moves = sampled(Some("/API/move/7"), 10_000, 100);
        assert!((430..570).contains(&moves), "5 % of 10,000: {moves}");
        let others = sampled(Some("/"), 10_000, 100);
        assert!((525..670).contains(&others), "100 and 5 % of 9,900: {others}");
    }

    #[test]
    fn what_is_not_known_matches() {
        let unknown = sampled(None, 10_000, 100);
        assert!((430..570).contains(&unknown), "the first rule: {unknown}");
    }
}
