// What the server makes of a filter expression while it is written.
import { post } from './console.ts';

/** A place in the text, in the units of JavaScript. */
export interface Place {
  from: number;
  to: number;
}

/** What is wrong, and a change that would put it right. */
export interface Problem extends Place {
  message: string;
  fix: (Place & { text: string }) | null;
}

export interface Token extends Place {
  kind: string;
}

export interface Item {
  text: string;
  kind: 'keyword' | 'operator' | 'value' | 'snippet' | 'function';
  detail: string | null;
}

/** What may stand at a place. */
export interface Completion extends Place {
  items: Item[];
  /** The field whose values may stand there. */
  valuesOf: string | null;
  /** What of a value is begun. */
  prefix: string;
}

export interface Parsed {
  /** The expression as it is usually written; absent when it has problems. */
  canonical: string | null;
  problems: Problem[];
  /** What must all hold. */
  terms: (Place & { text: string })[];
  tokens: Token[];
  /** Whether whole traces must be read to tell. */
  slow: boolean;
  completion: Completion | null;
}

const KEPT_MAX = 50;
const kept = new Map<string, Parsed>();

/** Reads an expression; with a position, also says what may stand there. */
export async function parseFilter(
  text: string,
  position: number | undefined,
  signal: AbortSignal,
): Promise<Parsed> {
  const key = `${position ?? ''} ${text}`;
  const known = kept.get(key);
  if (known) return known;
  const body = { text, ...(position !== undefined && { position }) };
  const parsed = (await post('filter/parse' as never, body as never, { signal })) as Parsed;
  const oldest = kept.keys().next();
  if (kept.size >= KEPT_MAX && !oldest.done) kept.delete(oldest.value);
  kept.set(key, parsed);
  return parsed;
}
