// Trace summaries: what the list shows, how it is sorted and grouped.
import type { EpochMs, Milliseconds } from '../lib/units.ts';
import { pathOf } from './document.ts';
import { outcomeOf } from './status.ts';
import type { Outcome } from './status.ts';

/** One trace in the list. */
export interface Summary {
  id: string;
  startedAt: EpochMs;
  duration: Milliseconds;
  responseTime: Milliseconds;
  outcome: Outcome;
  status: number | undefined;
  method: string;
  url: string;
  entry: string;
  clientIp: string;
  user: string;
  services: readonly string[];
  annotations: readonly (readonly [string, string | number | boolean])[];
  /** The service and exception that a fault was traced to. */
  cause: string;
  isPartial: boolean;
}

export const SORTS = ['newest', 'oldest', 'slowest', 'fastest'] as const;
export type Sort = (typeof SORTS)[number];

const ORDER: Record<Sort, (a: Summary, b: Summary) => number> = {
  newest: (a, b) => b.startedAt - a.startedAt,
  oldest: (a, b) => a.startedAt - b.startedAt,
  slowest: (a, b) => b.responseTime - a.responseTime,
  fastest: (a, b) => a.responseTime - b.responseTime,
};

/** Returns the summaries sorted; equal ones by id, so that nothing moves on a refresh. */
export function sorted(summaries: readonly Summary[], sort: Sort): Summary[] {
  return [...summaries].sort((a, b) => ORDER[sort](a, b) || (a.id < b.id ? -1 : 1));
}

export const GROUPINGS = ['url', 'service', 'user', 'status', 'method', 'client', 'cause'] as const;
export type Grouping = (typeof GROUPINGS)[number];

const VALUE: Record<Grouping, (one: Summary) => string> = {
  url: (one) => (one.url === '' ? '' : `${one.method} ${normalUrl(one.url)}`.trim()),
  service: (one) => one.entry,
  user: (one) => one.user,
  status: (one) => (one.status === undefined ? '' : String(one.status)),
  method: (one) => one.method,
  client: (one) => one.clientIp,
  cause: (one) => one.cause,
};

/** Returns the value of the summary for a grouping; empty when it has none. */
export function valueOf(one: Summary, by: Grouping): string {
  return VALUE[by](one);
}

/** Summaries with one value in common. */
export interface Group {
  value: string;
  count: number;
  outcomes: Record<Outcome, number>;
  average: Milliseconds;
  p95: Milliseconds;
}

/** Returns the groups, the largest first. */
export function grouped(summaries: readonly Summary[], by: Grouping): Group[] {
  const members = new Map<string, Summary[]>();
  for (const one of summaries) {
    const value = valueOf(one, by);
    const group = members.get(value);
    if (group) group.push(one);
    else members.set(value, [one]);
  }
  const groups = [...members].map(([value, group]) => groupOf(value, group));
  return groups.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

function groupOf(value: string, members: readonly Summary[]): Group {
  const times = members.map((one) => one.responseTime).sort((a, b) => a - b);
  const outcomes: Record<Outcome, number> = { ok: 0, error: 0, throttle: 0, fault: 0 };
  for (const one of members) outcomes[one.outcome] += 1;
  return {
    value,
    count: members.length,
    outcomes,
    average: times.reduce((sum, time) => sum + time, 0) / times.length,
    p95: times[Math.ceil(0.95 * times.length - 1e-9) - 1] ?? 0,
  };
}

/** Returns the path of a URL with ids taken out: `/orders/{id}/pay`. */
export function normalUrl(url: string): string {
  const isId = (part: string) =>
    /^\d+$/.test(part) || /^[0-9a-f-]{16,}$/i.test(part) || (/\d/.test(part) && part.length > 20);
  return pathOf(url)
    .split('/')
    .map((part) => (isId(part) ? '{id}' : part))
    .join('/');
}

/** A summary as the API has it; only what is read here. */
export interface RawSummary {
  Id: string;
  StartTime?: number | null;
  Duration?: number | null;
  ResponseTime?: number | null;
  HasError?: boolean | null;
  HasFault?: boolean | null;
  HasThrottle?: boolean | null;
  IsPartial?: boolean | null;
  Http?: {
    HttpStatus?: number | null;
    HttpMethod?: string | null;
    HttpURL?: string | null;
    ClientIp?: string | null;
  } | null;
  EntryPoint?: { Name?: string | null } | null;
  Users?: { UserName?: string | null }[] | null;
  ServiceIds?: { Name?: string | null; Type?: string | null }[] | null;
  Annotations?: Record<string, { AnnotationValue?: RawValue | null }[]> | null;
  FaultRootCauses?: RawCause[] | null;
  ErrorRootCauses?: RawCause[] | null;
}
interface RawValue {
  StringValue?: string | null;
  NumberValue?: number | null;
  BooleanValue?: boolean | null;
}
interface RawCause {
  Services?: {
    Name?: string | null;
    EntityPath?: { Exceptions?: { Name?: string | null }[] | null }[] | null;
  }[];
}

export function summaryOf(raw: RawSummary): Summary {
  return {
    id: raw.Id,
    startedAt: (raw.StartTime ?? 0) * 1e3,
    duration: (raw.Duration ?? 0) * 1e3,
    responseTime: (raw.ResponseTime ?? raw.Duration ?? 0) * 1e3,
    outcome: outcomeOf({
      fault: raw.HasFault ?? false,
      throttle: raw.HasThrottle ?? false,
      error: raw.HasError ?? false,
    }),
    status: raw.Http?.HttpStatus ?? undefined,
    method: raw.Http?.HttpMethod ?? '',
    url: raw.Http?.HttpURL ?? '',
    entry: raw.EntryPoint?.Name ?? '',
    clientIp: raw.Http?.ClientIp ?? '',
    user: raw.Users?.[0]?.UserName ?? '',
    services: (raw.ServiceIds ?? []).flatMap(({ Name, Type }) =>
      Name && Type !== 'client' ? [Name] : [],
    ),
    annotations: annotationsOf(raw),
    cause: causeOf(raw.FaultRootCauses ?? []) || causeOf(raw.ErrorRootCauses ?? []),
    isPartial: raw.IsPartial ?? false,
  };
}

function annotationsOf(raw: RawSummary): Summary['annotations'] {
  return Object.entries(raw.Annotations ?? {}).flatMap(([key, values]) =>
    values.flatMap(({ AnnotationValue: one }) => {
      const value = one?.StringValue ?? one?.NumberValue ?? one?.BooleanValue;
      return value === null || value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** Returns the last service of the path that is blamed, and its exception. */
function causeOf(causes: readonly RawCause[]): string {
  const service = causes[0]?.Services?.at(-1);
  if (!service) return '';
  const exception = (service.EntityPath ?? []).flatMap((entity) => entity.Exceptions ?? []).at(-1);
  return [service.Name, exception?.Name].filter(Boolean).join(' · ');
}
