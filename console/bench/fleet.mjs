// A fleet that does not exist, as GetServiceGraph would answer: clients, gateways, services by
// team, and what they store things in. The same numbers give the same fleet.

const TEAMS = [
  'orders', 'billing', 'search', 'catalog', 'identity', 'shipping', 'pricing', 'media', 'support', 'fraud',
  'loyalty', 'notify', 'content', 'reports', 'partner',
]; // prettier-ignore
const PARTS = [
  'api',
  'worker',
  'store',
  'sync',
  'rules',
  'feed',
  'index',
  'gateway',
  'batch',
  'edge',
];
const STORES = [
  'AWS::DynamoDB::Table',
  'AWS::SQS::Queue',
  'AWS::S3::Bucket',
  'Database::SQL',
  'remote',
];

/** Returns numbers from 0 to 1 that follow from a seed. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns `nodes` services with `edges` calls in the shape of GetServiceGraph. */
export function fleet(nodes, edges, seed = 1) {
  const next = random(seed);
  const pick = (from, to) => from + Math.floor(next() * (to - from));
  const clients = Math.max(1, Math.round(nodes * 0.01));
  const gateways = clients + Math.max(1, Math.round(nodes * 0.03));
  const services = gateways + Math.round(nodes * 0.56);
  const bounds = [0, clients, gateways, services, nodes];
  const stageOf = (index) =>
    bounds.findIndex((_, stage) => index < (bounds[stage + 1] ?? Infinity));
  const all = Array.from({ length: nodes }, (_, index) => nodeOf(index, stageOf(index), clients));
  const seen = new Set();
  const join = (from, to) => {
    if (from === to || seen.has(from * nodes + to)) return false;
    seen.add(from * nodes + to);
    const total = Math.ceil(10 ** (next() * 4));
    const fault = next() < 0.05 ? Math.ceil(total * next() * 0.4) : 0;
    all[from].Edges.push({ ReferenceId: to, ...numbers(total, fault, next) });
    return true;
  };
  // Everybody is called by somebody further left.
  for (let index = clients; index < nodes; index += 1) {
    const stage = stageOf(index);
    const from =
      stage === 1
        ? pick(0, clients)
        : stage === 2
          ? pick(clients, Math.min(index, services))
          : pick(gateways, services);
    join(from, index);
  }
  for (let tries = 0; seen.size < edges && tries < edges * 50; tries += 1) {
    const from = pick(clients, services);
    join(from, stageOf(from) === 1 ? pick(gateways, services) : pick(from + 1, nodes));
  }
  for (const [index, node] of all.entries()) {
    const incoming = all.flatMap((one) => one.Edges.filter((edge) => edge.ReferenceId === index));
    const sum = (read) => incoming.reduce((count, edge) => count + read(edge.SummaryStatistics), 0);
    const [total, fault] = [sum((s) => s.TotalCount), sum((s) => s.FaultStatistics.TotalCount)];
    Object.assign(node, numbers(Math.max(1, total), fault, next));
  }
  return all;
}

function nodeOf(index, stage, clients) {
  const team = TEAMS[index % TEAMS.length];
  const serial = Math.floor(index / TEAMS.length);
  const part = PARTS[serial % PARTS.length];
  const name =
    serial < PARTS.length
      ? `${team}-${part}`
      : `${team}-${part}-${Math.floor(serial / PARTS.length)}`;
  const types = [
    'client',
    'AWS::ApiGateway::Stage',
    'AWS::ECS::Container',
    STORES[index % STORES.length],
  ];
  return {
    ReferenceId: index,
    Name: index < clients ? `app-${index}` : stage === 3 ? `${name}-data` : name,
    Type: types[stage],
    State: stage === 0 || stage === 3 ? 'unknown' : 'active',
    Edges: [],
  };
}

function numbers(total, fault, next) {
  const average = 10 ** (next() * 2.5 - 2.5);
  return {
    SummaryStatistics: {
      OkCount: total - fault,
      TotalCount: total,
      TotalResponseTime: total * average,
      ErrorStatistics: { ThrottleCount: 0, OtherCount: 0, TotalCount: 0 },
      FaultStatistics: { OtherCount: fault, TotalCount: fault },
    },
    ResponseTimeHistogram: [
      { Value: average / 2, Count: Math.floor(total / 2) },
      { Value: average * 1.5, Count: Math.ceil(total / 2) },
    ],
  };
}
