//! The file of local sampling rules that an application brings along, in versions 1 and 2.

use serde::Deserialize;

/// The rules of an application that asks nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalRules {
    /// The rules, of which the first that matches counts.
    pub rules: Vec<LocalRule>,
    /// Requests per second always sampled, of those that no rule matches.
    pub default_fixed_target: u32,
    /// The fraction sampled of the others, from 0 to 1.
    pub default_rate: f64,
}

/// One local rule.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalRule {
    /// The request's host, as a pattern; version 1 calls it the service's name.
    pub host: String,
    /// The request's method, as a pattern.
    pub http_method: String,
    /// The request's path, as a pattern.
    pub url_path: String,
    /// Requests per second always sampled, in this process.
    pub fixed_target: u32,
    /// The fraction sampled of the others, from 0 to 1.
    pub rate: f64,
}

impl Default for LocalRules {
    /// One request per second and 5 %, the rules that every SDK has built in.
    fn default() -> Self {
        Self { rules: Vec::new(), default_fixed_target: 1, default_rate: 0.05 }
    }
}

impl LocalRules {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it, as one sentence without a period.
    ///
    /// Source: the local rules of the X-Ray SDKs.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text)
            .map_err(|cause| format!("it is not such a file: {cause}"))?;
        if !matches!(file.version, 1 | 2) {
            return Err(format!("its version is {}, not 1 or 2", file.version));
        }
        let Some(default) = file.default else { return Err("it has no default rule".to_owned()) };
        if [&default.host, &default.service_name, &default.http_method, &default.url_path]
            .iter()
            .any(|pattern| pattern.is_some())
        {
            return Err("its default rule has patterns".to_owned());
        }
        let (default_fixed_target, default_rate) = default.limits("its default rule")?;
        let rules = file.rules.into_iter().zip(1..);
        let rules = rules.map(|(rule, number)| rule.read(file.version, number));
        let rules = rules.collect::<Result<_, _>>()?;
        Ok(Self { rules, default_fixed_target, default_rate })
    }
}

#[derive(Deserialize)]
struct File {
    version: i64,
    default: Option<RawRule>,
    #[serde(default)]
    rules: Vec<RawRule>,
}

#[derive(Deserialize)]
struct RawRule {
    host: Option<String>,
    service_name: Option<String>,
    http_method: Option<String>,
    url_path: Option<String>,
    fixed_target: Option<f64>,
    rate: Option<f64>,
}

impl RawRule {
    fn read(self, version: i64, number: usize) -> Result<LocalRule, String> {
        let who = format!("its rule {number}");
        let (fixed_target, rate) = self.limits(&who)?;
        let host = if version == 1 { self.service_name } else { self.host };
        match (host, self.http_method, self.url_path) {
            (Some(host), Some(http_method), Some(url_path)) => {
                Ok(LocalRule { host, http_method, url_path, fixed_target, rate })
            }
            _ if version == 1 => Err(format!("{who} lacks service_name, http_method or url_path")),
            _ => Err(format!("{who} lacks host, http_method or url_path")),
        }
    }

    fn limits(&self, who: &str) -> Result<(u32, f64), String> {
        let (Some(fixed_target), Some(rate)) = (self.fixed_target, self.rate) else {
            return Err(format!("{who} lacks fixed_target or rate"));
        };
        if !(0.0..=f64::from(u32::MAX)).contains(&fixed_target) || fixed_target.fract() != 0.0 {
            return Err(format!("the fixed_target of {who} is no count"));
        }
        if !(0.0..=1.0).contains(&rate) {
            return Err(format!("the rate of {who} is not between 0 and 1"));
        }
        Ok((fixed_target as u32, rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_read() {
        let expected = LocalRules {
            rules: vec![LocalRule {
                host: "*".to_owned(),
                http_method: "GET".to_owned(),
                url_path: "/api/*".to_owned(),
                fixed_target: 2,
                rate: 0.5,
            }],
            default_fixed_target: 1,
            default_rate: 0.1,
        };
        for (version, host) in [(2, "host"), (1, "service_name")] {
            let text = format!(
                r#"{{"version":{version},"rules":[{{"description":"d","{host}":"*","http_method":"GET",
                "url_path":"/api/*","fixed_target":2,"rate":0.5}}],"default":{{"fixed_target":1,"rate":0.1}}}}"#
            );
            assert_eq!(LocalRules::parse(&text), Ok(expected.clone()));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let default = r#""default":{"fixed_target":1,"rate":0.1}"#;
        for (text, says) in [
            ("[]".to_owned(), "not such a file"),
            (format!(r#"{{"version":3,{default}}}"#), "its version is 3"),
            (r#"{"version":2}"#.to_owned(), "no default"),
            (r#"{"version":2,"default":{"rate":1}}"#.to_owned(), "lacks fixed_target"),
            (r#"{"version":2,"default":{"fixed_target":1.5,"rate":1}}"#.to_owned(), "no count"),
            (r#"{"version":2,"default":{"fixed_target":1,"rate":2}}"#.to_owned(), "0 and 1"),
            (
                r#"{"version":2,"default":{"fixed_target":1,"rate":1,"host":"*"}}"#.to_owned(),
                "has patterns",
            ),
            (
                format!(r#"{{"version":2,"rules":[{{"fixed_target":1,"rate":1}}],{default}}}"#),
                "its rule 1 lacks host",
            ),
        ] {
            let problem = LocalRules::parse(&text).expect_err(&text);
            assert!(problem.contains(says), "{text}: {problem}");
        }
    }
}
