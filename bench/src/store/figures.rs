//! Figures with their aims, for the eye and for the report.

use std::fmt;

use serde::Serialize;

use super::query::Cost;

/// One figure.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    name: String,
    /// What it is counted in.
    unit: &'static str,
    /// What came out; `None` when it could not be measured.
    value: Option<f64>,
    /// What it may be at most; `None` when nothing is promised.
    aim: Option<f64>,
}

/// All figures of a run, in the order of the run.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    /// Adds a figure that nothing is promised of.
    pub(super) fn add(&mut self, name: &str, unit: &'static str, value: f64) {
        self.push(name, unit, Some(value), None);
    }

    /// Adds a figure with its aim.
    pub(super) fn aim(&mut self, name: &str, unit: &'static str, value: Option<f64>, aim: f64) {
        self.push(name, unit, value, Some(aim));
    }

    /// Adds what a query cost; the aims are for the median and for the slowest hundredth.
    pub(super) fn query(&mut self, name: &str, cost: Option<&Cost>, aims: [Option<f64>; 2]) {
        let [p50, p99] = aims;
        self.push(&format!("{name}, p50"), "ms", cost.map(|cost| cost.p50_ms), p50);
        self.push(&format!("{name}, p99"), "ms", cost.map(|cost| cost.p99_ms), p99);
        self.push(&format!("{name}, CPU"), "ms", cost.map(|cost| cost.cpu_ms), None);
    }

    fn push(&mut self, name: &str, unit: &'static str, value: Option<f64>, aim: Option<f64>) {
        self.0.push(Figure { name: name.to_owned(), unit, value, aim });
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<44}{:>12}  {:<6}{:>12}", "", "measured", "", "aim")?;
        for Figure { name, unit, value, aim } in &self.0 {
            let value = value.map_or("-".to_owned(), |value| format!("{value:.2}"));
            let aim = aim.map_or(String::new(), |aim| format!("≤ {aim}"));
            writeln!(f, "{name:<44}{value:>12}  {unit:<6}{aim:>12}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_what_could_not_be_measured() {
        let mut figures = Figures::default();
        figures.aim("on disk", "B", None, 36.0);
        figures.add("wall time", "s", 1.5);
        let text = figures.to_string();
        let rows: Vec<Vec<&str>> =
            text.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            rows,
            [vec!["on", "disk", "-", "B", "≤", "36"], vec!["wall", "time", "1.50", "s"]]
        );
    }
}
