// Filter expressions that the console writes. It never reads them: the server alone does.
import type { Seconds } from '../lib/units.ts';
import type { Outcome } from './status.ts';

/** Returns text as the filter language quotes it. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, (mark) => `\\${mark}`)}"`;
}

/** Returns all expressions joined; empty ones are left out. */
export function and(...expressions: readonly string[]): string {
  const given = expressions.map((one) => one.trim()).filter((one) => one !== '');
  if (given.length < 2) return given[0] ?? '';
  return given.map((one) => (/\bOR\b/i.test(one) ? `(${one})` : one)).join(' AND ');
}

/** A service as the service graph names it. */
export interface ServiceName {
  name: string;
  type: string;
}

function id({ name, type }: ServiceName): string {
  return type === '' ? quote(name) : `id(name: ${quote(name)}, type: ${quote(type)})`;
}

/** What is asked of a service or an edge. */
export interface Selection {
  /** Response times, both ends included. */
  responseTime?: readonly [Seconds, Seconds] | null;
  /** Any of these. */
  outcomes?: readonly Outcome[];
}

function inner({ responseTime, outcomes = [] }: Selection): string {
  const [from, to] = responseTime ?? [];
  const time = from === undefined ? '' : `responsetime >= ${from} AND responsetime <= ${to}`;
  return and(time, outcomes.join(' OR '));
}

/** Returns the traces that this service took part in, as chosen. */
export function ofService(service: ServiceName, selection: Selection = {}): string {
  const within = inner(selection);
  return `service(${id(service)})${within === '' ? '' : ` { ${within} }`}`;
}

/** Returns the traces in which one service called the other, as chosen. */
export function ofEdge(from: ServiceName, to: ServiceName, selection: Selection = {}): string {
  const within = inner(selection);
  return `edge(${id(from)}, ${id(to)})${within === '' ? '' : ` { ${within} }`}`;
}

/** Returns the traces with this annotation. */
export function ofAnnotation(key: string, value: string | number | boolean): string {
  const name = /^\w+$/.test(key) ? `annotation.${key}` : `annotation[${key}]`;
  return `${name} = ${typeof value === 'string' ? quote(value) : value}`;
}

/** Returns the traces that an exception of this type is blamed for. */
export function ofException(type: string, outcome: Outcome): string {
  const cause = outcome === 'error' || outcome === 'throttle' ? 'error' : 'fault';
  return `rootcause.${cause}.exception { name = ${quote(type)} }`;
}
