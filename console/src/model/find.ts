// What is found or hidden on the map: `fault > 5%`, `latency > 1s and name contains pay`, or words.
import { averageOf, percentileOf, shareOf } from './graph.ts';
import type { Node } from './graph.ts';

/** Says of a service whether it is meant. */
export type Wanted = (node: Node) => boolean;

/** The fields, with what they read; `minutes` is the length of the window. */
const NUMBERS: Record<string, (node: Node, minutes: number) => number> = {
  fault: (node) => shareOf(node.stats, 'fault'),
  error: (node) => shareOf(node.stats, 'error'),
  throttle: (node) => shareOf(node.stats, 'throttle'),
  ok: (node) => shareOf(node.stats, 'ok'),
  latency: (node) => averageOf(node.stats) / 1e3,
  average: (node) => averageOf(node.stats) / 1e3,
  p50: (node) => (percentileOf(node, 0.5) ?? 0) / 1e3,
  p95: (node) => (percentileOf(node, 0.95) ?? 0) / 1e3,
  p99: (node) => (percentileOf(node, 0.99) ?? 0) / 1e3,
  tpm: (node, minutes) => node.stats.total / minutes,
  requests: (node) => node.stats.total,
};
const TEXTS: Record<string, (node: Node) => string> = {
  name: (node) => node.name,
  type: (node) => node.type,
};
const UNITS: Record<string, number> = {
  '': 1,
  '%': 0.01,
  s: 1,
  ms: 1e-3,
  µs: 1e-6,
  us: 1e-6,
  m: 60,
  k: 1e3,
};

/** Returns what an expression means; nothing when it is empty. What is no expression is words of the name. */
export function wanted(text: string, minutes: number): Wanted | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const ways = trimmed.split(/\s+or\s+/i).map((way) => {
    const terms = way.split(/\s+and\s+/i).map((part) => term(part.trim(), minutes));
    return (node: Node) => terms.every((one) => one(node));
  });
  return (node) => ways.some((way) => way(node));
}

function term(text: string, minutes: number): Wanted {
  const negated = /^not\s+(.+)$/i.exec(text)?.[1];
  if (negated !== undefined) {
    const inner = term(negated, minutes);
    return (node) => !inner(node);
  }
  const [, field = '', sign = '', value = ''] =
    /^(\w+)\s*(>=|<=|!=|=|<|>|\bcontains\b)\s*(.+)$/i.exec(text) ?? [];
  const name = field.toLowerCase();
  const number = NUMBERS[name];
  const limit = numberOf(value, name);
  if (number && limit !== undefined) return (node) => holds(number(node, minutes), sign, limit);
  const read = TEXTS[name];
  if (read && value !== '') return (node) => matches(read(node), sign, unquoted(value));
  const needle = unquoted(text).toLowerCase();
  return (node) => `${node.name} ${node.type}`.toLowerCase().includes(needle);
}

/** Reads `5%`, `1.5s`, `300ms`; a share above 1 without a sign is meant as percent. */
function numberOf(text: string, field: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(%|[a-zµ]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) return undefined;
  const isShare = ['fault', 'error', 'throttle', 'ok'].includes(field);
  return Number(digits) * (isShare && unit === '' && Number(digits) > 1 ? 0.01 : factor);
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}

function holds(value: number, sign: string, limit: number): boolean {
  if (sign === '>') return value > limit;
  if (sign === '>=') return value >= limit;
  if (sign === '<') return value < limit;
  if (sign === '<=') return value <= limit;
  return (sign === '!=') !== Math.abs(value - limit) < 1e-9;
}

function matches(value: string, sign: string, wish: string): boolean {
  const [own, theirs] = [value.toLowerCase(), wish.toLowerCase()];
  if (sign.toLowerCase() === 'contains') return own.includes(theirs);
  return (sign === '!=') !== (own === theirs);
}
