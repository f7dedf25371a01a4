// What the server makes of a filter expression while it is written.
import { post } from './console.ts';
import type { Schema } from './console.ts';

/** Places are in the units of JavaScript. */
export type Parsed = Schema<'ParseResponse'>;
export type Token = Schema<'ParseToken'>;
export type Item = Schema<'CompletionItem'>;

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
  const parsed = await post('filter/parse', body, { signal });
  const oldest = kept.keys().next();
  if (kept.size >= KEPT_MAX && !oldest.done) kept.delete(oldest.value);
  kept.set(key, parsed);
  return parsed;
}
