//! Who visits the shop: everything about a visit follows from the seed and the visit's number, so
//! that a seed gives the same visits again, in whatever order services come to ask.

use fastrand::Rng;

/// People who visit the shop.
const USERS: u64 = 20;

/// One visit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Visitor {
    /// The visitor's id.
    pub(crate) user: String,
    /// What the visitor is worth to the shop; of a user always the same.
    pub(crate) tier: &'static str,
    /// Where the visitor lives; of a user always the same.
    pub(crate) region: &'static str,
    /// Things in the cart.
    pub(crate) cart_size: u32,
    /// What they cost, in cents.
    pub(crate) order_cents: u32,
    /// The address that the visit comes from: one of those set aside for examples.
    pub(crate) client_ip: String,
}

/// Returns the random numbers for one purpose of one visit.
pub(crate) fn random(seed: u64, number: u64, purpose: &str) -> Rng {
    // FNV-1a over all of it; the generator mixes the bits further.
    let bytes = seed.to_le_bytes().into_iter().chain(number.to_le_bytes()).chain(purpose.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut random = Rng::with_seed(hash);
    // The first number of neighbouring seeds is not far enough apart.
    random.u64(..);
    random
}

impl Visitor {
    /// Returns the visitor of one visit.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut visit = random(seed, number, "visit");
        let user = visit.u64(..USERS);
        let mut habits = random(seed, user, "habits");
        let tier = ["gold", "silver", "silver", "bronze", "bronze"][habits.usize(..5)];
        let region = ["berlin", "lisbon", "oslo", "vienna"][habits.usize(..4)];
        let cart_size = visit.u32(1..9);
        Self {
            user: format!("user-{user:02}"),
            tier,
            region,
            cart_size,
            order_cents: (0..cart_size).map(|_| visit.u32(199..4_999)).sum(),
            client_ip: format!("192.0.2.{}", user + 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_visits_again() {
        let visits = |seed| (0..50).map(|n| Visitor::of(seed, n)).collect::<Vec<_>>();
        assert_eq!(visits(7), visits(7));
        assert_ne!(visits(7), visits(8));
    }

    #[test]
    fn a_user_keeps_tier_and_region_and_everybody_comes() {
        let visits = (0..500).map(|number| Visitor::of(1, number));
        let people: BTreeSet<_> = visits.map(|it| (it.user, it.tier, it.region)).collect();
        assert_eq!(people.len(), 20);
        let tiers: BTreeSet<_> = people.iter().map(|(_, tier, _)| *tier).collect();
        assert_eq!(tiers.len(), 3, "{people:?}");
    }
}
