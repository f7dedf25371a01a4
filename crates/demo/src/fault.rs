//! What can be broken, by name.

use crate::role::Role;

/// Something that can be broken and that heals by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The back-end of the pair is down.
    Backend,
    /// The shop's inventory is down.
    Inventory,
    /// Orders fail.
    Errors,
    /// Products are not found.
    ClientErrors,
    /// The bank refuses some requests since there are too many.
    Throttles,
    /// Recommendations become slower and slower.
    Latency,
    /// The database is slow for one tier of customers.
    SlowDatabase,
    /// A new version of a service has a bug.
    BadDeploy,
    /// The bank does not answer in time.
    BankTimeout,
    /// Some segments do not reach the daemon.
    PacketLoss,
    /// The clock of a service is wrong.
    ClockSkew,
    /// A sampling rule lets few visits of the shop be recorded.
    Sampling,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Backend,
        Self::Inventory,
        Self::Errors,
        Self::ClientErrors,
        Self::Throttles,
        Self::Latency,
        Self::SlowDatabase,
        Self::BadDeploy,
        Self::BankTimeout,
        Self::PacketLoss,
        Self::ClockSkew,
        Self::Sampling,
    ];

    /// Returns the name by which a person asks for it.
    pub fn name(self) -> &'static str {
        self.said().0
    }

    /// Returns what breaks.
    pub fn what(self) -> &'static str {
        self.said().1
    }

    /// Returns a filter expression that finds the traces that show it.
    pub fn filter(self) -> &'static str {
        self.said().2
    }

    /// Returns name, effect and filter expression.
    fn said(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Backend => {
                ("backend", "back-end refuses connections", r#"service("front-end") AND fault"#)
            }
            Self::Inventory => {
                ("inventory", "inventory refuses connections", r#"service("api") AND fault"#)
            }
            Self::Errors => (
                "errors",
                "three orders in ten fail with 500 and an exception",
                r#"service("orders") { fault }"#,
            ),
            Self::ClientErrors => (
                "client-errors",
                "four products in ten are not found (404)",
                r#"service("api") { error }"#,
            ),
            Self::Throttles => (
                "throttles",
                "the bank answers every second charge with 429",
                r#"service("payments") { throttle }"#,
            ),
            Self::Latency => (
                "latency",
                "recommendations get slower, up to two seconds at the end",
                r#"service("recommendations") { responsetime > 0.5 }"#,
            ),
            Self::SlowDatabase => (
                "slow-database",
                "the database takes two seconds more for customers of tier gold",
                r#"annotation.tier = "gold" AND responsetime > 2"#,
            ),
            Self::BadDeploy => (
                "bad-deploy",
                "every second order is taken by v2, which fails four times in ten",
                r#"annotation.version = "v2" AND fault"#,
            ),
            Self::BankTimeout => (
                "bank-timeout",
                "the bank takes five seconds; payments gives up and tries again",
                r#"service("payments") { fault }"#,
            ),
            Self::PacketLoss => {
                ("packet-loss", "one segment in ten is lost on its way to the daemon", "partial")
            }
            Self::ClockSkew => (
                "clock-skew",
                "the clock of recommendations is three seconds ahead",
                r#"service("recommendations") AND duration > 3"#,
            ),
            Self::Sampling => {
                ("sampling", "a sampling rule records one visit in twenty", r#"service("web")"#)
            }
        }
    }

    /// Returns the fault of this name, also without its dashes.
    pub fn find(name: &str) -> Option<Self> {
        let plain = |name: &str| name.replace('-', "");
        Self::ALL.into_iter().find(|fault| plain(fault.name()) == plain(name))
    }

    /// Returns who does not listen while it lasts.
    pub(crate) fn stops(self) -> Option<Role> {
        match self {
            Self::Backend => Some(Role::BackEnd),
            Self::Inventory => Some(Role::Inventory),
            _ => None,
        }
    }

    /// Returns what stops `role` from listening.
    pub(crate) fn that_stops(role: Role) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.stops() == Some(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name() {
        for fault in Fault::ALL {
            assert_eq!(Fault::find(fault.name()), Some(fault));
        }
        assert_eq!(Fault::find("back-end"), Some(Fault::Backend));
        assert_eq!(Fault::find("nothing"), None);
        assert_eq!(Fault::that_stops(Role::BackEnd), Some(Fault::Backend));
        assert_eq!(Fault::that_stops(Role::Web), None);
    }

    #[test]
    fn the_docs_list_every_fault() {
        let docs = include_str!("../../../docs/demo.md");
        let rows = docs.lines().filter_map(|line| line.strip_prefix("| `"));
        let listed: Vec<_> = rows.map(|row| row.trim_end_matches(" |")).collect();
        let expected = Fault::ALL
            .map(|fault| format!("{}` | {} | `{}`", fault.name(), fault.what(), fault.filter()));
        assert_eq!(listed, expected);
    }

    #[test]
    fn who_can_be_down_is_one_node_up_or_down() {
        for role in [Role::PAIR, Role::SHOP].concat() {
            let is_remote = role.origin() == Some("remote");
            assert_eq!(is_remote, Fault::that_stops(role).is_some(), "{role:?}");
        }
    }
}
