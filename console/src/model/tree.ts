// A trace as a tree of work: segments and subsegments, each under the one that called it.
//
// Loops end at any depth: nothing here calls itself.
import type { EpochMs, Milliseconds } from '../lib/units.ts';
import { isObject, numberAt, objectsAt, operationOf, statusOf, textAt } from './document.ts';
import type { JsonObject } from './document.ts';
import { outcomeOf, worse } from './status.ts';
import type { Outcome } from './status.ts';

/** One piece of work. */
export interface Work {
  id: string;
  name: string;
  operation: string;
  /** The name of the segment that it belongs to. */
  service: string;
  /** Where it ran, such as `AWS::ECS::Container`. */
  origin: string | undefined;
  kind: 'segment' | 'subsegment' | 'missing';
  /** Its service sent nothing; it is known from its caller alone. */
  isInferred: boolean;
  isRemote: boolean;
  isInProgress: boolean;
  hasException: boolean;
  /** Since the start of the trace. */
  start: Milliseconds;
  length: Milliseconds;
  outcome: Outcome;
  status: number | undefined;
  document: JsonObject;
  parent: Work | undefined;
  children: Work[];
}

/** A trace. */
export interface Trace {
  id: string;
  /** When its first work began. */
  startedAt: EpochMs;
  length: Milliseconds;
  roots: Work[];
  /** Every work, callers before those they call. */
  works: Work[];
  segmentCount: number;
  isInProgress: boolean;
  limitExceeded: boolean;
}

/** A trace as BatchGetTraces returns it. */
export interface RawTrace {
  Id: string;
  LimitExceeded?: boolean | null;
  Segments: { Id: string; Document: string }[];
}

/** Returns the worst of what the first works came to. */
export function outcomeOfTrace(trace: Trace): Outcome {
  return trace.roots.reduce<Outcome>((worst, one) => worse(worst, one.outcome), 'ok');
}

/** Builds the tree; documents that are no JSON objects are passed over. */
export function buildTrace(raw: RawTrace): Trace {
  const documents = raw.Segments.map((segment) => parse(segment.Document)).filter(isObject);
  const startedAt =
    documents.reduce((first, one) => Math.min(first, numberAt(one, 'start_time') ?? Infinity), Infinity) * 1e3; // prettier-ignore
  const epoch = Number.isFinite(startedAt) ? startedAt : 0;
  const works = documents.flatMap((document) => worksOf(document, epoch));
  const all = connect(works);
  for (const { children } of all) {
    if (children.length > 1) children.sort((a, b) => a.start - b.start || b.length - a.length);
  }
  const roots = all.filter((work) => work.parent === undefined).sort((a, b) => a.start - b.start);
  const length = all.reduce((most, work) => Math.max(most, work.start + work.length), 0);
  for (const work of all) {
    if (work.isInProgress) work.length = Math.max(0, length - work.start);
  }
  return {
    id: raw.Id,
    startedAt: epoch,
    length,
    roots,
    works: inOrder(roots),
    segmentCount: documents.filter((one) => one['inferred'] !== true).length,
    isInProgress: all.some((work) => work.isInProgress),
    limitExceeded: raw.LimitExceeded === true,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns a segment and everything in it. */
function worksOf(segment: JsonObject, epoch: EpochMs): Work[] {
  const service = textAt(segment, 'name') ?? '';
  const isSegment = textAt(segment, 'type') !== 'subsegment';
  const top = workOf(segment, service, isSegment ? 'segment' : 'subsegment', epoch);
  const works = [top];
  for (let index = 0; index < works.length; index += 1) {
    const parent = works[index];
    if (!parent) continue;
    for (const document of objectsAt(parent.document, 'subsegments')) {
      const work = workOf(document, service, 'subsegment', epoch);
      work.parent = parent;
      works.push(work);
    }
  }
  return works;
}

function workOf(document: JsonObject, service: string, kind: Work['kind'], epoch: EpochMs): Work {
  const start = (numberAt(document, 'start_time') ?? epoch / 1e3) * 1e3 - epoch;
  const end = numberAt(document, 'end_time');
  const flag = (key: string) => document[key] === true;
  return {
    id: textAt(document, 'id') ?? '',
    name: textAt(document, 'name') ?? '',
    operation: operationOf(document),
    service,
    origin: textAt(document, 'origin'),
    kind,
    isInferred: flag('inferred'),
    isRemote: textAt(document, 'namespace') !== undefined,
    isInProgress: flag('in_progress') || end === undefined,
    hasException: document['cause'] !== undefined && document['cause'] !== null,
    start: micros(start),
    length: end === undefined ? 0 : micros(Math.max(0, end * 1e3 - epoch - start)),
    outcome: outcomeOf({ fault: flag('fault'), throttle: flag('throttle'), error: flag('error') }),
    status: statusOf(document),
    document,
    parent: undefined,
    children: [],
  };
}

/** Rounds off what floating point seconds since 1970 cannot say. */
function micros(ms: Milliseconds): Milliseconds {
  return Math.round(ms * 1e3) / 1e3;
}

/** Hangs segments under their callers and returns everything that is left to show. */
function connect(works: Work[]): Work[] {
  const byId = new Map(works.map((work) => [work.id, work]));
  const shown: Work[] = [];
  const missing = new Map<string, Work>();
  const tops = new Map<Work, Work>();
  for (const work of works) {
    const parentId = work.parent ? undefined : textAt(work.document, 'parent_id');
    if (parentId !== undefined) {
      const caller = byId.get(parentId) ?? placeholder(parentId, work, missing);
      if (caller.name === work.name && work.isInferred) {
        // What we deduced of a silent service is one row with the call that we know it from.
        absorb(caller, work);
        continue;
      }
      // Under its own callee it would make a circle.
      if (topOf(caller, tops) !== work) work.parent = caller;
    }
    shown.push(work);
  }
  const all = [...missing.values(), ...shown];
  for (const work of shown) work.parent?.children.push(work);
  return all;
}

function absorb(caller: Work, inferred: Work): void {
  caller.isInferred = true;
  caller.origin ??= inferred.origin;
}

/** Returns the outermost caller that is known so far. Shortens the way for the next search. */
function topOf(work: Work, tops: Map<Work, Work>): Work {
  const way: Work[] = [];
  let at = work;
  for (let next = tops.get(at) ?? at.parent; next; next = tops.get(at) ?? at.parent) {
    way.push(at);
    at = next;
  }
  for (const one of way) tops.set(one, at);
  return at;
}

/** Returns the stand-in for a caller that was not received, as long as what it called. */
function placeholder(id: string, child: Work, missing: Map<string, Work>): Work {
  const known = missing.get(id);
  if (known) {
    const end = Math.max(known.start + known.length, child.start + child.length);
    known.start = Math.min(known.start, child.start);
    known.length = end - known.start;
    return known;
  }
  const made: Work = {
    ...child,
    id,
    name: id,
    operation: '',
    service: '',
    origin: undefined,
    kind: 'missing',
    isInferred: false,
    isRemote: false,
    isInProgress: false,
    hasException: false,
    outcome: 'ok',
    status: undefined,
    document: {},
    parent: undefined,
    children: [],
  };
  missing.set(id, made);
  return made;
}

/** Returns all works, callers before those they call, siblings by start. */
export function inOrder(roots: readonly Work[]): Work[] {
  const found: Work[] = [];
  const stack = [...roots].reverse();
  for (let work = stack.pop(); work; work = stack.pop()) {
    found.push(work);
    for (let index = work.children.length - 1; index >= 0; index -= 1) {
      const child = work.children[index];
      if (child) stack.push(child);
    }
  }
  return found;
}
