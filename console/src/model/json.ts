// JSON as lines that can be folded, and a trace put together into one document.
import type { Json, JsonObject } from './document.ts';
import { isObject } from './document.ts';
import type { Trace, Work } from './tree.ts';

/** One line of a JSON text. */
export interface JsonLine {
  depth: number;
  /** The key before the value, with its quotes; empty within a list. */
  key: string;
  /** The value, or the bracket that opens or closes one. */
  text: string;
  kind: 'text' | 'number' | 'word' | 'open' | 'close';
  /** Of an opening bracket, the index of the line that closes it. */
  end: number | undefined;
}

interface Step {
  depth: number;
  key: string;
  value: Json | undefined;
  isLast: boolean;
  /** The index of the line that this closing bracket belongs to. */
  opened?: number;
  bracket?: string;
}

/** Returns the lines of a value, indented by `depth`. Loops end at any depth: nothing here calls itself. */
export function jsonLines(value: Json): JsonLine[] {
  const lines: JsonLine[] = [];
  const stack: Step[] = [{ depth: 0, key: '', value, isLast: true }];
  for (let step = stack.pop(); step; step = stack.pop()) {
    const { depth, key, value: one, isLast } = step;
    const comma = isLast ? '' : ',';
    if (step.opened !== undefined) {
      const opening = lines[step.opened];
      if (opening) opening.end = lines.length;
      lines.push({ depth, key, text: `${step.bracket}${comma}`, kind: 'close', end: undefined });
    } else if (typeof one === 'object' && one !== null && Object.keys(one).length > 0) {
      const isList = Array.isArray(one);
      stack.push({
        depth, key: '', value: undefined, isLast, opened: lines.length, bracket: isList ? ']' : '}',
      }); // prettier-ignore
      lines.push({ depth, key, text: isList ? '[' : '{', kind: 'open', end: undefined });
      const parts = Object.entries(one as JsonObject);
      for (const [index, [name, part]] of [...parts.entries()].reverse()) {
        const isFinal = index === parts.length - 1;
        stack.push({
          depth: depth + 1,
          key: isList ? '' : JSON.stringify(name),
          value: part,
          isLast: isFinal,
        });
      }
    } else {
      const text = `${JSON.stringify(one ?? null)}${comma}`;
      const kind = typeof one === 'string' ? 'text' : typeof one === 'number' ? 'number' : 'word';
      lines.push({ depth, key, text, kind, end: undefined });
    }
  }
  return lines;
}

/** Returns the indices of the lines to show; `folded` has those of opening brackets. */
export function shownLines(lines: readonly JsonLine[], folded: ReadonlySet<number>): number[] {
  const shown: number[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    shown.push(index);
    if (folded.has(index)) index = lines[index]?.end ?? index;
  }
  return shown;
}

/** Returns the trace as documents within documents: each segment among the subsegments of its caller. */
export function assembled(trace: Trace): JsonObject {
  const documents = new Map<Work, JsonObject>();
  // Callers come first, so from the end on all that is below is known.
  for (const work of [...trace.works].reverse()) {
    const { subsegments: _, ...own } = work.document;
    const below = work.children.flatMap((child) => documents.get(child) ?? []);
    const document: JsonObject =
      work.kind === 'missing' ? { id: work.id, not_received: true } : { ...own };
    if (below.length > 0) document['subsegments'] = below;
    documents.set(work, document);
  }
  const roots = trace.roots.flatMap((root) => documents.get(root) ?? []).filter(isObject);
  return { trace_id: trace.id, duration: trace.length / 1e3, segments: roots };
}
