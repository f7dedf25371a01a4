//! A rule's reservoir, shared out among the clients that report.
//!
//! A client gets a quota from its second report on. Each is due one request per second, and what
//! the reservoir has beyond that is shared by demand, rounded up, as far as the quotas that other
//! clients hold leave room: the quotas valid at any moment never add up to more than the reservoir.
//! Until a quota expires, it stays reserved, whether its client reports or not. One that has to
//! shrink, shrinks when its client next reports.

use std::collections::HashMap;

use wire::Micros;
use wire::sampling::QUOTA_SECS;

/// Clients of one rule that are known at a time; one more is answered as if each report were its
/// first.
pub(super) const CLIENTS_MAX: usize = 10_000;

/// How long a client is remembered. SDKs compare whole seconds, so a quota is used to the end of the
/// second in which it expires.
const CLIENT_LIFETIME: u64 = (QUOTA_SECS + 1) * Micros::PER_SECOND;

/// A part of the reservoir, given to one client for a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lease {
    /// Requests per second.
    pub(super) quota: i32,
    /// A whole second.
    pub(super) expires_at: Micros,
}

/// Too many clients are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

#[derive(Clone, Copy, Debug)]
struct Client {
    reported: Micros,
    /// Requests in its last current report, at least one.
    demand: u64,
    lease: Lease,
}

/// The clients of one rule.
#[derive(Debug, Default)]
pub(super) struct Reservoir {
    clients: HashMap<String, Client>,
}

impl Reservoir {
    /// Notes a report; returns no lease on a client's first one.
    ///
    /// `demand` is what the client counted, `None` when it counted too long ago. `size` is the
    /// reservoir as it is now; leases given out when it was larger are waited for.
    pub(super) fn report(
        &mut self,
        client_id: &str,
        demand: Option<u64>,
        size: i32,
        now: Micros,
    ) -> Result<Option<Lease>, Full> {
        self.clients.retain(|_, client| now.since(client.reported).0 < CLIENT_LIFETIME);
        let Some(client) = self.clients.get_mut(client_id) else {
            if self.clients.len() >= CLIENTS_MAX {
                return Err(Full);
            }
            let demand = demand.unwrap_or(0).max(1);
            let client = Client { reported: now, demand, lease: Lease::default() };
            self.clients.insert(client_id.to_owned(), client);
            return Ok(None);
        };
        client.reported = now;
        client.demand = demand.map_or(client.demand, |demand| demand.max(1));
        let own = *client;
        let lease = Lease {
            quota: self.share(own.demand, size).min(self.free(own.lease, size)),
            expires_at: Micros(now.floor_second().0 + QUOTA_SECS * Micros::PER_SECOND),
        };
        if let Some(client) = self.clients.get_mut(client_id) {
            client.lease = lease;
        }
        Ok(Some(lease))
    }

    /// Returns what a client with this demand is due, others' leases aside.
    fn share(&self, demand: u64, size: i32) -> i32 {
        let total: u64 = self.clients.values().map(|client| client.demand).sum();
        let size = u64::try_from(size).unwrap_or(0);
        let rest = size.saturating_sub(self.clients.len() as u64);
        let share = 1 + (rest * demand).div_ceil(total);
        i32::try_from(share).unwrap_or(i32::MAX)
    }

    /// Returns what the leases of the others leave. A lease begins with its client's last report, so
    /// whoever is still here may hold a valid one.
    fn free(&self, own: Lease, size: i32) -> i32 {
        let held: i64 = self.clients.values().map(|client| i64::from(client.lease.quota)).sum();
        let free = i64::from(size) - (held - i64::from(own.quota));
        i32::try_from(free.max(0)).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests;
