// What comes in: what is wrong with it, and how fast it comes.
import type { UnitShare } from '../lib/units.ts';

/** Microseconds since the epoch. */
type Micros = number;

/** What the server says of what comes in, since it began. */
export interface IngestStatus {
  since: Micros;
  sources: { source: string; documents: number; bytes: number; rejected: number }[];
  rejections: Rejection[];
  senders: { sdk: string; version: string; documents: number; lastSeen: Micros }[];
  telemetry: {
    host: string | null;
    version: string | null;
    received: number;
    sent: number;
    spilled: number;
    rejected: number;
    lastSeen: Micros;
  }[];
  queues: { name: string; unit?: string; length: number; max: number | null; dropped: number }[];
  memory: { used: number; max: number };
  store: {
    blocks: number;
    bytes: number;
    traces: number;
    oldest: Micros | null;
    newest: Micros | null;
    unreadableBlocks: number;
  };
  build: { version: string };
}

export interface Rejection {
  at: Micros;
  source: string;
  code: string;
  message: string;
  document: string;
  traceId: string | null;
}

/** Something that needs a look, with the numbers that its sentence wants. */
export type Finding =
  | { kind: 'nothing' }
  | { kind: 'rejected'; count: number; share: UnitShare }
  | { kind: 'dropped'; queue: string; count: number }
  | { kind: 'full'; queue: string; share: UnitShare }
  | { kind: 'memory'; share: UnitShare }
  | { kind: 'unreadable'; count: number }
  | { kind: 'spilled'; host: string; count: number };

/** From these shares on something is nearly full. */
const FULL = { queue: 0.8, memory: 0.9 } as const;

/** Returns what is wrong, what loses traces first. */
export function findingsOf(status: IngestStatus): Finding[] {
  const documents = sum(status.sources.map((one) => one.documents));
  const rejected = sum(status.sources.map((one) => one.rejected));
  if (documents === 0 && rejected === 0) return [{ kind: 'nothing' }];
  const found: Finding[] = [];
  for (const queue of status.queues) {
    if (queue.dropped > 0) found.push({ kind: 'dropped', queue: queue.name, count: queue.dropped });
  }
  if (status.store.unreadableBlocks > 0) {
    found.push({ kind: 'unreadable', count: status.store.unreadableBlocks });
  }
  for (const { host, spilled } of status.telemetry) {
    if (spilled > 0) found.push({ kind: 'spilled', host: host ?? '', count: spilled });
  }
  if (rejected > 0) {
    found.push({
      kind: 'rejected',
      count: rejected,
      share: rejected / Math.max(documents, rejected),
    });
  }
  const memory = shareOf(status.memory.used, status.memory.max);
  if (memory >= FULL.memory) found.push({ kind: 'memory', share: memory });
  for (const queue of status.queues) {
    const share = shareOf(queue.length, queue.max);
    if (share >= FULL.queue) found.push({ kind: 'full', queue: queue.name, share });
  }
  return found;
}

const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);

/** Returns how full something is; what has no bound is never full. */
export function shareOf(used: number, max: number | null): UnitShare {
  return max === null || max <= 0 ? 0 : Math.min(1, used / max);
}

/** Documents that were refused for one reason. */
export interface Reason {
  code: string;
  count: number;
  last: Micros;
  samples: readonly Rejection[];
}

/** Returns the reasons, the most frequent first. */
export function reasonsOf(rejections: readonly Rejection[]): Reason[] {
  const reasons = new Map<string, Rejection[]>();
  for (const one of rejections) {
    const same = reasons.get(one.code);
    if (same) same.push(one);
    else reasons.set(one.code, [one]);
  }
  return [...reasons]
    .map(([code, samples]) => ({
      code,
      count: samples.length,
      last: Math.max(...samples.map((one) => one.at)),
      samples,
    }))
    .sort((a, b) => b.count - a.count || b.last - a.last);
}

/** Codes whose remedy is known, each with a message of its own. */
export const REMEDIES = [
  'ParseError',
  'DocumentTooLarge',
  'UnknownType',
  'MissingId',
  'InvalidId',
  'MissingName',
  'MissingTraceId',
  'InvalidTraceId',
  'MissingStartTime',
  'InProgressSegmentHasEndTime',
  'InProgressSubsegmentHasEndTime',
  'MissingEndTime',
  'MissingParentId',
  'InvalidParentId',
] as const;

/** What came in a second. */
export interface Pace {
  documents: number;
  bytes: number;
}

/** Returns the pace of each source between two looks; none when a counter began anew. */
export function paceOf(
  before: { at: number; status: IngestStatus } | undefined,
  now: { at: number; status: IngestStatus },
): ReadonlyMap<string, Pace> {
  const paces = new Map<string, Pace>();
  if (!before || now.at <= before.at || before.status.since !== now.status.since) return paces;
  const seconds = (now.at - before.at) / 1e3;
  for (const source of now.status.sources) {
    const old = before.status.sources.find((one) => one.source === source.source);
    if (!old) continue;
    paces.set(source.source, {
      documents: Math.max(0, source.documents - old.documents) / seconds,
      bytes: Math.max(0, source.bytes - old.bytes) / seconds,
    });
  }
  return paces;
}

/** The queues that have a name in every language. */
export const QUEUES = ['store', 'udp', 'kernel'] as const;
