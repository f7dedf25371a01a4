// Sampling rules: their order, what is wrong with one, and which are never reached.
import type { UnitShare } from '../lib/units.ts';

/** Raises the rate while a service fails. */
export interface Boost {
  maxRate: UnitShare;
  /** Minutes from one boost to the next. */
  cooldown: number;
}

export interface Rule {
  name: string;
  arn: string;
  priority: number;
  /** Requests a second that are always kept. */
  reservoir: number;
  /** The share of the others that is kept. */
  fixedRate: UnitShare;
  service: string;
  type: string;
  host: string;
  method: string;
  path: string;
  resource: string;
  attributes: readonly (readonly [string, string])[];
  boost: Boost | undefined;
}

export interface RawRule {
  RuleName?: string | null;
  RuleARN?: string | null;
  Priority?: number | null;
  ReservoirSize?: number | null;
  FixedRate?: number | null;
  ServiceName?: string | null;
  ServiceType?: string | null;
  Host?: string | null;
  HTTPMethod?: string | null;
  URLPath?: string | null;
  ResourceARN?: string | null;
  Attributes?: Record<string, string> | null;
  SamplingRateBoost?: { MaxRate?: number | null; CooldownWindowMinutes?: number | null } | null;
  Version?: number | null;
}

export const DEFAULT_RULE = 'Default';
export const PRIORITY = { min: 1, max: 9999 } as const;
const LAST = 10_000;
/** How far apart priorities stand after all were given anew. */
const GAP = 100;

/** The patterns of a rule, and how long each may be. */
export const PATTERNS = {
  service: 64,
  type: 64,
  host: 64,
  method: 10,
  path: 128,
  resource: 500,
} as const;
export type Pattern = keyof typeof PATTERNS;
export const ATTRIBUTES_MAX = 5;
export const ATTRIBUTE_CHARS_MAX = 32;
const NAME_CHARS_MAX = 32;

/** A rule that matches everything, to begin with. */
export const NEW_RULE: Rule = {
  name: '',
  arn: '',
  priority: 1000,
  reservoir: 1,
  fixedRate: 0.05,
  service: '*',
  type: '*',
  host: '*',
  method: '*',
  path: '*',
  resource: '*',
  attributes: [],
  boost: undefined,
};

export function ruleOf(raw: RawRule): Rule {
  const boost = raw.SamplingRateBoost;
  return {
    name: raw.RuleName ?? '',
    arn: raw.RuleARN ?? '',
    priority: raw.Priority ?? LAST,
    reservoir: raw.ReservoirSize ?? 0,
    fixedRate: raw.FixedRate ?? 0,
    service: raw.ServiceName ?? '*',
    type: raw.ServiceType ?? '*',
    host: raw.Host ?? '*',
    method: raw.HTTPMethod ?? '*',
    path: raw.URLPath ?? '*',
    resource: raw.ResourceARN ?? '*',
    attributes: Object.entries(raw.Attributes ?? {}),
    boost: boost
      ? { maxRate: boost.MaxRate ?? 0, cooldown: boost.CooldownWindowMinutes ?? 0 }
      : undefined,
  };
}

/** Returns a rule as CreateSamplingRule takes it. */
export function rawOf(rule: Rule): RawRule {
  return {
    RuleName: rule.name,
    Priority: rule.priority,
    ReservoirSize: rule.reservoir,
    FixedRate: rule.fixedRate,
    ServiceName: rule.service,
    ServiceType: rule.type,
    Host: rule.host,
    HTTPMethod: rule.method,
    URLPath: rule.path,
    ResourceARN: rule.resource,
    Attributes: Object.fromEntries(rule.attributes),
    ...(rule.boost && {
      SamplingRateBoost: {
        MaxRate: rule.boost.maxRate,
        CooldownWindowMinutes: rule.boost.cooldown,
      },
    }),
    Version: 1,
  };
}

/** Returns a change as UpdateSamplingRule takes it. Of `Default` only the two numbers change. */
export function updateOf(rule: Rule): RawRule {
  if (rule.name === DEFAULT_RULE) {
    return { RuleName: rule.name, ReservoirSize: rule.reservoir, FixedRate: rule.fixedRate };
  }
  const { Version: _, ...rest } = rawOf(rule);
  return rest;
}

/** Returns rules as SDKs try them: by priority, then by name. `Default` is the last. */
export function ordered(rules: readonly Rule[]): Rule[] {
  const last = (rule: Rule) => Number(rule.name === DEFAULT_RULE);
  return [...rules].sort(
    (a, b) =>
      last(a) - last(b) ||
      a.priority - b.priority ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

/** A rule's new priority. */
export interface Move {
  name: string;
  priority: number;
}

/** Returns the fewest new priorities with which a rule stands at `index` of the order. */
export function movesTo(rules: readonly Rule[], name: string, index: number): Move[] {
  const all = ordered(rules).filter((rule) => rule.name !== DEFAULT_RULE);
  const rule = all.find((one) => one.name === name);
  if (!rule) return [];
  const others = all.filter((one) => one !== rule);
  const at = Math.max(0, Math.min(others.length, index));
  if (all.indexOf(rule) === at) return [];
  const low = others[at - 1]?.priority ?? 0;
  const high = others[at]?.priority ?? Math.min(LAST, low + 2 * GAP);
  if (high - low >= 2) return [{ name, priority: Math.floor((low + high) / 2) }];
  const next = [...others.slice(0, at), rule, ...others.slice(at)];
  const step = Math.min(GAP, Math.floor(PRIORITY.max / next.length));
  return next
    .map((one, place) => ({ name: one.name, before: one.priority, priority: (place + 1) * step }))
    .filter((one) => one.before !== one.priority)
    .map(({ name: who, priority }) => ({ name: who, priority }));
}

/** What is wrong with a value, as the key of a message. */
export type Problem =
  'empty' | 'long' | 'taken' | 'priority' | 'share' | 'count' | 'cooldown' | 'attributes' | 'key';
export type Problems = Partial<Record<keyof Rule, Problem>>;

/** Returns what is wrong with a rule; `taken` are the names that it may not have. */
export function problemsOf(rule: Rule, taken: readonly string[]): Problems {
  const found: Problems = {};
  if (rule.name.trim() === '') found.name = 'empty';
  else if ([...rule.name].length > NAME_CHARS_MAX) found.name = 'long';
  else if (taken.includes(rule.name)) found.name = 'taken';
  const isWhole = (value: number, min: number, max: number) =>
    Number.isInteger(value) && value >= min && value <= max;
  if (rule.name !== DEFAULT_RULE && !isWhole(rule.priority, PRIORITY.min, PRIORITY.max)) {
    found.priority = 'priority';
  }
  if (!isWhole(rule.reservoir, 0, 2 ** 31 - 1)) found.reservoir = 'count';
  if (!isShare(rule.fixedRate)) found.fixedRate = 'share';
  for (const [pattern, max] of Object.entries(PATTERNS) as [Pattern, number][]) {
    if (rule[pattern] === '') found[pattern] = 'empty';
    else if ([...rule[pattern]].length > max) found[pattern] = 'long';
  }
  const attributes = attributesProblem(rule.attributes);
  if (attributes) found.attributes = attributes;
  if (rule.boost && !isShare(rule.boost.maxRate)) found.boost = 'share';
  else if (rule.boost && !isWhole(rule.boost.cooldown, 1, 2 ** 31 - 1)) found.boost = 'cooldown';
  return found;
}

const isShare = (value: number) => value >= 0 && value <= 1;

function attributesProblem(attributes: Rule['attributes']): Problem | undefined {
  if (attributes.length > ATTRIBUTES_MAX) return 'attributes';
  const keys = attributes.map(([key]) => key);
  if (new Set(keys).size < keys.length) return 'key';
  const isFit = (text: string) => text !== '' && [...text].length <= ATTRIBUTE_CHARS_MAX;
  return attributes.every((pair) => pair.every(isFit)) ? undefined : 'attributes';
}

/** Returns whether every text that `b` matches is matched by `a`, as far as that can be seen. */
export function covers(a: string, b: string): boolean {
  return coversFrom(a.toLowerCase(), b.toLowerCase(), 0, 0);
}

function coversFrom(a: string, b: string, i: number, j: number): boolean {
  for (; i < a.length; i += 1, j += 1) {
    if (a[i] === '*') {
      while (a[i + 1] === '*') i += 1;
      for (let to = j; to <= b.length; to += 1) if (coversFrom(a, b, i + 1, to)) return true;
      return false;
    }
    if (j >= b.length) return false;
    // A question mark stands for one character: a star may be more or fewer.
    if (a[i] === '?' ? b[j] === '*' : a[i] !== b[j]) return false;
  }
  return j >= b.length;
}

/** Returns the rule that takes everything this one could match before it is tried. */
export function shadowOf(rules: readonly Rule[], rule: Rule): Rule | undefined {
  const all = ordered(rules);
  const at = all.findIndex((one) => one.name === rule.name);
  return all.slice(0, at < 0 ? all.length : at).find((one) => takesAll(one, rule));
}

function takesAll(first: Rule, rule: Rule): boolean {
  const patterns = Object.keys(PATTERNS) as Pattern[];
  if (!patterns.every((pattern) => covers(first[pattern], rule[pattern]))) return false;
  return first.attributes.every(([key, pattern]) =>
    rule.attributes.some(([name, value]) => name === key && covers(pattern, value)),
  );
}

/** Returns the patterns of a rule that leave something out. */
export function narrowings(rule: Rule): { pattern: Pattern | string; value: string }[] {
  const patterns = (Object.keys(PATTERNS) as Pattern[]).filter((one) => rule[one] !== '*');
  return [
    ...patterns.map((pattern) => ({ pattern, value: rule[pattern] })),
    ...rule.attributes.map(([key, value]) => ({ pattern: `[${key}]`, value })),
  ];
}
