// The query part of a URL as flat text, and back. Readable: a person can write it by hand.

/** Names and values, in the order in which they stand in the URL. */
export type Search = Record<string, string>;

/** Characters that mean nothing in a query and stay readable. */
const PLAIN = /%(3A|2C|2F|7E|40|24|21|2A|28|29|3B|22|27)/gi;

function escape(text: string): string {
  // Half a character cannot be written.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replace(PLAIN, (code) => (code === '%22' || code === '%27' ? code : decodeURIComponent(code)))
    .replace(/%20/g, '+');
}

function unescape(text: string): string {
  const spaced = text.replace(/\+/g, ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    // A stray percent sign is one.
    return spaced;
  }
}

/** Reads `?a=1&b=2`; of a name given twice the last counts, empty values are left out. */
export function parseSearch(text: string): Search {
  const found = new Map<string, string>();
  for (const part of text.replace(/^\?/, '').split('&')) {
    const at = part.indexOf('=');
    const name = unescape(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : unescape(part.slice(at + 1));
    if (name !== '' && value !== '') found.set(name, value);
  }
  return Object.fromEntries(found);
}

/** Writes `?a=1&b=2`, or nothing when there is nothing to write. */
export function formatSearch(search: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' && name !== '' && value !== '') {
      parts.push(`${escape(name)}=${escape(value)}`);
    }
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** One parameter: how it is read and written, and what stands for its absence. */
export interface Param<T> {
  read: (text: string) => T | undefined;
  write: (value: T) => string;
  fallback: T;
}

export function text(fallback = ''): Param<string> {
  return { read: (value) => value, write: (value) => value, fallback };
}

/** A word out of a list. */
export function word<T extends string>(words: readonly T[], fallback: T): Param<T> {
  return { read: (value) => words.find((one) => one === value), write: (value) => value, fallback };
}

/** Words out of a list with commas between, in the list's order. */
export function words<T extends string>(all: readonly T[]): Param<readonly T[]> {
  return {
    read: (value) => {
      const given = value.split(',');
      const known = all.filter((one) => given.includes(one));
      return known.length === new Set(given).size ? known : undefined;
    },
    write: (value) => all.filter((one) => value.includes(one)).join(','),
    fallback: [],
  };
}

/** Texts with commas between; commas and percent signs within are escaped. */
export function list(): Param<readonly string[]> {
  const part = (one: string) => one.replace(/[%,]/g, encodeURIComponent);
  return {
    read: (value) => value.split(',').filter(Boolean).map(unescapePart),
    write: (value) => value.map(part).join(','),
    fallback: [],
  };
}

function unescapePart(text: string): string {
  return text.replace(/%2C/gi, ',').replace(/%25/g, '%');
}

/** Two numbers, the smaller first: `0.2~1.5`. */
export function span(): Param<readonly [number, number] | null> {
  return {
    read: (value) => {
      const [from, to, ...more] = value
        .split('~')
        .map((part) => (part === '' ? NaN : Number(part)));
      if (from === undefined || to === undefined || more.length > 0) return undefined;
      return from < to && Number.isFinite(from) && Number.isFinite(to) ? [from, to] : undefined;
    },
    write: (value) => (value === null ? '' : `${value[0]}~${value[1]}`),
    fallback: null,
  };
}

/** Parameters by name. */
// oxlint-disable-next-line no-explicit-any -- each has a type of its own
export type Params = Record<string, Param<any>>;
export type Values<P extends Params> = { [K in keyof P]: P[K]['fallback'] };

/** Returns a value for each parameter, and the names whose text could not be read. */
export function decode<P extends Params>(params: P, search: Search) {
  const invalid: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(params)) {
    const given = search[name];
    const value = given === undefined ? param.fallback : param.read(given);
    if (value === undefined) invalid.push(`${name}=${given}`);
    values[name] = value ?? param.fallback;
  }
  return { values: values as Values<P>, invalid };
}

/** Returns `search` with the changes; what is as by default is left out, what is unknown stays. */
export function encode<P extends Params>(
  params: P,
  search: Search,
  change: Partial<Values<P>>,
): Search {
  const next = { ...search };
  for (const [name, value] of Object.entries(change)) {
    const param = params[name];
    if (!param) continue;
    const written = param.write(value);
    if (written === '' || written === param.write(param.fallback)) delete next[name];
    else next[name] = written;
  }
  return next;
}
