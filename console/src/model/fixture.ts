// Traces written as text, for tests: one line for each work, deeper ones further in.
//
//   front 0..120 fault        a segment
//     cart 10..40 remote      a subsegment, with flags: fault error throttle remote open
//     > payment 45..110       a segment of its own that the line above it in the tree called
//     ~ table 11..39          an inferred segment
import type { JsonObject } from './document.ts';
import { buildTrace } from './tree.ts';
import type { RawTrace, Trace } from './tree.ts';

/** Seconds since the epoch at which written traces begin. */
export const EPOCH = 1_790_000_000;

export function rawTrace(text: string): RawTrace {
  const segments: JsonObject[] = [];
  const callers: { indent: number; document: JsonObject }[] = [];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (const [index, line] of lines.entries()) {
    const indent = line.length - line.trimStart().length;
    while ((callers.at(-1)?.indent ?? -1) >= indent) callers.pop();
    const caller = callers.at(-1)?.document;
    const { document, isOwn } = read(line.trim(), index);
    if (!caller || isOwn) {
      if (caller) document['parent_id'] = caller['id'] ?? '';
      segments.push(document);
    } else {
      (caller['subsegments'] ??= [] as JsonObject[]) as JsonObject[];
      (caller['subsegments'] as JsonObject[]).push(document);
    }
    callers.push({ indent, document });
  }
  const list = segments.map((one) => ({ Id: String(one['id']), Document: JSON.stringify(one) }));
  return { Id: '1-6ab15680-000000000000000000000001', Segments: list };
}

function read(line: string, index: number) {
  const [mark] = /^[>~]/.exec(line) ?? [''];
  const [name = '', times = '0..0', ...flags] = line.replace(/^[>~]\s*/, '').split(/\s+/);
  const [from = 0, to = 0] = times.split('..').map(Number);
  const document: JsonObject = {
    id: (index + 1).toString(16).padStart(16, '0'),
    name,
    start_time: EPOCH + from / 1e3,
  };
  for (const flag of ['fault', 'error', 'throttle'])
    if (flags.includes(flag)) document[flag] = true;
  if (flags.includes('remote')) document['namespace'] = 'remote';
  if (flags.includes('lost')) document['parent_id'] = 'ffffffffffffffff';
  if (flags.includes('open')) document['in_progress'] = true;
  else document['end_time'] = EPOCH + to / 1e3;
  if (mark === '~') document['inferred'] = true;
  return { document, isOwn: mark !== '' };
}

export function trace(text: string): Trace {
  return buildTrace(rawTrace(text));
}

/** A fault in one of three services. */
export const SHOP = `
front 0..120 fault
  cart 2..40 remote
    > cart 3..39
      table 4..38 remote
        ~ table 4..38
  payment 44..117 fault remote
    > payment 45..115 fault
      ledger 47..60 remote
`;
