//! The services of the shop, who calls whom, and what they keep their things in.

/// One service that sends segments.
pub(super) struct Service {
    /// Its name.
    pub(super) name: &'static str,
    /// What runs it.
    pub(super) origin: &'static str,
    /// Its `aws` section, without the braces.
    pub(super) aws: &'static str,
    /// Its `service` section, without the braces.
    pub(super) runtime: &'static str,
    /// Which services it calls, each in how many of a hundred requests.
    pub(super) callees: &'static [(usize, u64)],
    /// Which others it calls, each in how many of a hundred requests.
    pub(super) backends: &'static [(Backend, u64)],
    /// What it annotates, as places in `annotations::KEYS`.
    pub(super) annotations: &'static [usize],
}

/// Something that answers calls and sends no segments.
#[derive(Debug)]
pub(super) struct Backend {
    /// What kind of call leads to it.
    pub(super) kind: BackendKind,
    /// The name of the calling subsegment.
    pub(super) name: &'static str,
    /// The name of its node in the graph.
    pub(super) node: &'static str,
    /// The operation, or the query's text, or the path.
    pub(super) what: &'static str,
    /// How long a call usually takes.
    pub(super) typical_micros: u64,
}

/// How a backend is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BackendKind {
    /// PostgreSQL.
    Sql,
    /// A table of DynamoDB.
    Table,
    /// A queue of SQS.
    Queue,
    /// Another company's HTTP API.
    Http,
}

impl Backend {
    /// Returns whether it may refuse a call because there were too many.
    pub(super) fn is_throttling(&self) -> bool {
        self.kind == BackendKind::Table
    }

    /// Returns the type of its node in the graph.
    pub(super) fn node_type(&self) -> &'static str {
        match self.kind {
            BackendKind::Sql | BackendKind::Http => "remote",
            BackendKind::Table => "AWS::DynamoDB::Table",
            BackendKind::Queue => "AWS::SQS::Queue",
        }
    }
}

const ECS: &str = "AWS::ECS::Container";
const EC2: &str = "AWS::EC2::Instance";
const EKS: &str = "AWS::EKS::Container";

const NODE: &str = r#""version":"4.17.2","runtime":"node","runtime_version":"v20.11.1""#;
const PYTHON: &str = r#""version":"1.9.0","runtime":"CPython","runtime_version":"3.12.4""#;
const JAVA: &str =
    r#""version":"2026.11.3","runtime":"OpenJDK 64-Bit Server VM","runtime_version":"21.0.4""#;
const GO: &str = r#""version":"0.44.1","compiler":"gc","compiler_version":"go1.23.1""#;

const ON_ECS_NODE: &str = r#""ecs":{"container":"ip-10-0-3-17.ec2.internal","container_id":"3f6c1bd2a94e4d0c9c1f"},"xray":{"sdk":"X-Ray for Node.js","sdk_version":"3.10.2","package":"aws-xray-sdk"}"#;
const ON_ECS_PYTHON: &str = r#""ecs":{"container":"ip-10-0-4-88.ec2.internal"},"xray":{"sdk":"X-Ray for Python","sdk_version":"2.14.0","auto_instrumentation":false}"#;
const ON_EC2_JAVA: &str = r#""ec2":{"instance_id":"i-07c41e9d20b6f835a","instance_size":"m7g.large","ami_id":"ami-0d7e61a3b94c8520f","availability_zone":"eu-central-1b"},"xray":{"sdk":"X-Ray for Java","sdk_version":"2.18.1"}"#;
const ON_EKS_GO: &str = r#""eks":{"cluster_name":"shop","pod":"stock-6d5f9c7b44-x2x9k","container_id":"9d3e5a4dc8b2"},"xray":{"sdk":"X-Ray for Go","sdk_version":"1.8.5"}"#;

const fn sql(name: &'static str, query: &'static str) -> Backend {
    Backend { kind: BackendKind::Sql, name, node: name, what: query, typical_micros: 900 }
}

const fn table(table: &'static str, operation: &'static str) -> Backend {
    let kind = BackendKind::Table;
    Backend { kind, name: "DynamoDB", node: table, what: operation, typical_micros: 1_800 }
}

const fn queue(url: &'static str) -> Backend {
    let (kind, what) = (BackendKind::Queue, "SendMessage");
    Backend { kind, name: "SQS", node: url, what, typical_micros: 2_500 }
}

const fn http(host: &'static str, path: &'static str) -> Backend {
    let kind = BackendKind::Http;
    Backend { kind, name: host, node: host, what: path, typical_micros: 30_000 }
}

const ORDERS: &str = "orders@shop-db.cluster.internal";
const USERS: &str = "users@shop-db.cluster.internal";

/// The services; the first two are entry points.
pub(super) static SERVICES: [Service; 12] = [
    Service {
        name: "front",
        origin: ECS,
        aws: ON_ECS_NODE,
        runtime: NODE,
        callees: &[(2, 30), (3, 55), (4, 28), (5, 25), (6, 40)],
        backends: &[],
        annotations: &[0, 1, 3, 4, 7],
    },
    Service {
        name: "api",
        origin: EC2,
        aws: ON_EC2_JAVA,
        runtime: JAVA,
        callees: &[(3, 45), (4, 25), (5, 20), (6, 45)],
        backends: &[],
        annotations: &[0, 1, 3, 13],
    },
    Service {
        name: "cart",
        origin: ECS,
        aws: ON_ECS_PYTHON,
        runtime: PYTHON,
        callees: &[(7, 25)],
        backends: &[(table("carts", "GetItem"), 65)],
        annotations: &[6, 14, 18],
    },
    Service {
        name: "catalog",
        origin: EKS,
        aws: ON_EKS_GO,
        runtime: GO,
        callees: &[(7, 22), (8, 22)],
        backends: &[(table("products", "Query"), 45)],
        annotations: &[9, 16, 18],
    },
    Service {
        name: "checkout",
        origin: EC2,
        aws: ON_EC2_JAVA,
        runtime: JAVA,
        callees: &[(8, 40), (9, 75), (10, 40)],
        backends: &[(
            sql(ORDERS, "INSERT INTO orders (customer, amount, currency) VALUES ($1, $2, $3)"),
            80,
        )],
        annotations: &[2, 5, 14, 15, 19],
    },
    Service {
        name: "search",
        origin: EKS,
        aws: ON_EKS_GO,
        runtime: GO,
        callees: &[(3, 40)],
        backends: &[],
        annotations: &[8, 13, 16],
    },
    Service {
        name: "users",
        origin: ECS,
        aws: ON_ECS_NODE,
        runtime: NODE,
        callees: &[],
        backends: &[(sql(USERS, "SELECT id, name, tier FROM users WHERE id = $1"), 55)],
        annotations: &[0, 4],
    },
    Service {
        name: "prices",
        origin: EKS,
        aws: ON_EKS_GO,
        runtime: GO,
        callees: &[],
        backends: &[(table("prices", "BatchGetItem"), 60)],
        annotations: &[2, 13, 18],
    },
    Service {
        name: "stock",
        origin: EKS,
        aws: ON_EKS_GO,
        runtime: GO,
        callees: &[],
        backends: &[(table("stock", "GetItem"), 60)],
        annotations: &[10, 14],
    },
    Service {
        name: "payment",
        origin: EC2,
        aws: ON_EC2_JAVA,
        runtime: JAVA,
        callees: &[(11, 50)],
        backends: &[(http("api.cards.example", "/v2/charges/"), 80)],
        annotations: &[5, 12, 15],
    },
    Service {
        name: "shipping",
        origin: ECS,
        aws: ON_ECS_PYTHON,
        runtime: PYTHON,
        callees: &[(11, 30)],
        backends: &[(sql(ORDERS, "UPDATE orders SET carrier = $2 WHERE id = $1"), 60)],
        annotations: &[10, 11, 17],
    },
    Service {
        name: "mail",
        origin: ECS,
        aws: ON_ECS_PYTHON,
        runtime: PYTHON,
        callees: &[],
        backends: &[(queue("https://sqs.eu-central-1.amazonaws.com/123456789012/mails"), 90)],
        annotations: &[4, 13],
    },
];
