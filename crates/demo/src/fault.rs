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
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Backend,
        Self::Inventory,
        Self::Errors,
        Self::ClientErrors,
        Self::Throttles,
        Self::Latency,
        Self::SlowDatabase,
        Self::BadDeploy,
        Self::BankTimeout,
    ];

    /// Returns the name by which a person asks for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Inventory => "inventory",
            Self::Errors => "errors",
            Self::ClientErrors => "client-errors",
            Self::Throttles => "throttles",
            Self::Latency => "latency",
            Self::SlowDatabase => "slow-database",
            Self::BadDeploy => "bad-deploy",
            Self::BankTimeout => "bank-timeout",
        }
    }

    /// Returns what breaks.
    pub fn what(self) -> &'static str {
        match self {
            Self::Backend => "back-end refuses connections",
            Self::Inventory => "inventory refuses connections",
            Self::Errors => "three orders in ten fail with 500 and an exception",
            Self::ClientErrors => "four products in ten are not found (404)",
            Self::Throttles => "the bank answers every second charge with 429",
            Self::Latency => "recommendations get slower, up to two seconds at the end",
            Self::SlowDatabase => "the database takes two seconds more for customers of tier gold",
            Self::BadDeploy => "every second order is taken by v2, which fails four times in ten",
            Self::BankTimeout => "the bank takes five seconds; payments gives up and tries again",
        }
    }

    /// Returns a filter expression that finds the traces that show it.
    pub fn filter(self) -> &'static str {
        match self {
            Self::Backend => r#"service("front-end") AND fault"#,
            Self::Inventory => r#"service("api") AND fault"#,
            Self::Errors => r#"service("orders") { fault }"#,
            Self::ClientErrors => r#"service("api") { error }"#,
            Self::Throttles => r#"service("payments") { throttle }"#,
            Self::Latency => r#"service("recommendations") { responsetime > 0.5 }"#,
            Self::SlowDatabase => r#"annotation.tier = "gold" AND responsetime > 2"#,
            Self::BadDeploy => r#"annotation.version = "v2" AND fault"#,
            Self::BankTimeout => r#"service("payments") { fault }"#,
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
}
