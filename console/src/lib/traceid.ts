// Trace ids in pasted text.

/** Returns the first trace id in `text` in X-Ray's form: of an id, a header, a W3C id or a log line. */
export function findTraceId(text: string): string | undefined {
  const own = /\b1-([0-9a-f]{8})-([0-9a-f]{24})\b/i.exec(text);
  if (own) return own[0].toLowerCase();
  const w3c = /(?:^|[^0-9a-z-])(?:00-)?([0-9a-f]{8})([0-9a-f]{24})(?![0-9a-z])/i.exec(text);
  return w3c ? `1-${w3c[1]}-${w3c[2]}`.toLowerCase() : undefined;
}

/** Returns when the trace began, in seconds since the epoch, by its id. */
export function epochOf(id: string): number | undefined {
  const match = /^1-([0-9a-f]{8})-[0-9a-f]{24}$/.exec(id);
  return match?.[1] === undefined ? undefined : parseInt(match[1], 16);
}
