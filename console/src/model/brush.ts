// Choosing a span of bars: by keys, and by typing where it begins and ends.

/** The first and the last of what is chosen; the last is the one that keys move. */
export type Indices = readonly [number, number];

/** A span of values. */
export type Span = readonly [number, number];

/** Returns what a key does with `count` bars: another choice, the choice taken, or none; nothing for
 * keys that mean something else. */
export function keyed(
  { key, shiftKey }: { key: string; shiftKey: boolean },
  chosen: Indices | null,
  count: number,
): Indices | 'take' | 'clear' | undefined {
  const by = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }[key];
  if (by !== undefined && count > 0) {
    const [from, at] = chosen ?? [0, by < 0 ? count : -1];
    const next = Math.min(count - 1, Math.max(0, at + by));
    return [shiftKey && chosen ? from : next, next];
  }
  if (key === 'Enter' && chosen) return 'take';
  return key === 'Escape' ? 'clear' : undefined;
}

/** Returns the span with one end as typed: null when it is taken away, nothing when the ends are not in
 * order. `most` is where a span ends of which only the beginning is given. */
export function limited(
  span: Span | null,
  end: 0 | 1,
  typed: string,
  most: number,
): Span | null | undefined {
  const value = Number(typed);
  if (typed === '' || !(value >= 0)) return null;
  const next: Span = end === 0 ? [value, span?.[1] ?? most] : [span?.[0] ?? 0, value];
  return next[0] < next[1] ? next : undefined;
}
