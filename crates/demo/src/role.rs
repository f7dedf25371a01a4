//! Who takes part: the two services of the pair, the eight of the shop, and what they depend on.

/// One that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Of the pair: calls the back-end.
    FrontEnd,
    /// Of the pair: greets.
    BackEnd,
    /// What the shop's visitors see.
    Web,
    /// Asks the services behind it on behalf of the web.
    Api,
    /// Says what else a visitor might like; has a cache.
    Recommendations,
    /// Knows what there is to sell.
    Inventory,
    /// Takes orders.
    Orders,
    /// Takes money.
    Payments,
    /// Takes orders from the queue and ships them.
    Worker,
    /// Writes to the customer.
    Mailer,
    /// A relational database; says nothing of itself.
    Database,
    /// A store of tables, as DynamoDB; says nothing of itself.
    Tables,
    /// A queue, as SQS; says nothing of itself.
    Queue,
    /// Somebody else's service; says nothing of itself.
    Bank,
}

impl Role {
    /// The two of the pair.
    pub(crate) const PAIR: &[Self] = &[Self::FrontEnd, Self::BackEnd];

    /// Those of the shop, callees behind their callers.
    pub(crate) const SHOP: &[Self] = &[
        Self::Web,
        Self::Api,
        Self::Recommendations,
        Self::Inventory,
        Self::Orders,
        Self::Payments,
        Self::Worker,
        Self::Mailer,
        Self::Database,
        Self::Tables,
        Self::Queue,
        Self::Bank,
    ];

    /// The one whose clock can be wrong.
    pub(crate) const WITH_BAD_CLOCK: Self = Self::Recommendations;

    /// Returns the name by which callers know it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FrontEnd => "front-end",
            Self::BackEnd => "back-end",
            Self::Web => "web",
            Self::Api => "api",
            Self::Recommendations => "recommendations",
            Self::Inventory => "inventory",
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Worker => "worker",
            Self::Mailer => "mailer",
            Self::Database => "shop@orders-db.example",
            Self::Tables => "DynamoDB",
            Self::Queue => "SQS",
            Self::Bank => "api.bank.example",
        }
    }

    /// Returns the host in the URLs that callers record.
    pub(crate) fn host(self) -> String {
        match self {
            Self::Database => "orders-db.example".to_owned(),
            Self::Tables => "dynamodb.eu-central-1.amazonaws.com".to_owned(),
            Self::Queue => "sqs.eu-central-1.amazonaws.com".to_owned(),
            Self::Bank => self.name().to_owned(),
            _ => format!("{}.shop.example", self.name()),
        }
    }

    /// Returns whether it sends segments of its own.
    pub(crate) fn is_traced(self) -> bool {
        !matches!(self, Self::Database | Self::Tables | Self::Queue | Self::Bank)
    }

    /// Returns whether traces begin with it.
    pub(crate) fn begins_traces(self) -> bool {
        matches!(self, Self::FrontEnd | Self::Web | Self::Worker)
    }

    /// Returns what kind of resource it is said to run on.
    ///
    /// A service that is down is known from its callers alone, and in a graph it is of type `remote`
    /// then. Those that can be down say so while they are up, too: a node is known by its name and
    /// its type, and theirs stays the same one.
    pub(crate) fn origin(self) -> Option<&'static str> {
        match self {
            Self::BackEnd | Self::Inventory => Some("remote"),
            Self::Recommendations | Self::Mailer => Some("AWS::EC2::Instance"),
            _ if self.is_traced() => Some("AWS::ECS::Container"),
            _ => None,
        }
    }
}
