//! Which insights began, changed or ended since somebody last looked.

use std::collections::HashMap;

use graph::insight::{Insight, InsightId};

use super::LiveInsight;
use crate::app::App;
use crate::insights::words;

/// What is known of the insights: how many events each had, and whether it was over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Known(HashMap<InsightId, (usize, bool)>);

impl Known {
    /// Returns what there is to know now.
    pub(super) fn of(app: &App) -> Self {
        let mut known = Self::default();
        known.changes(app);
        known
    }

    /// Returns the insights that are not as they were, and knows them from now on.
    pub(super) fn changes(&mut self, app: &App) -> Vec<LiveInsight> {
        let mut changed = Vec::new();
        let mut now = HashMap::with_capacity(self.0.len());
        for group in app.groups.all() {
            app.insights.of_group(&group.arn, |insights| {
                for insight in insights {
                    let state = (insight.events.len(), insight.is_active());
                    if self.0.get(&insight.id) != Some(&state) {
                        changed.push(told(insight, &group.name));
                    }
                    now.insert(insight.id, state);
                }
            });
        }
        self.0 = now;
        changed
    }
}

fn told(insight: &Insight, group_name: &str) -> LiveInsight {
    LiveInsight {
        id: insight.id.to_string(),
        state: if insight.is_active() { "ACTIVE" } else { "CLOSED" },
        group: group_name.to_owned(),
        summary: words::insight(insight, group_name),
    }
}
