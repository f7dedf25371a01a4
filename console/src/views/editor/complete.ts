// What the editor suggests: words of the language and values that traces have, both from the server,
// and expressions that were run before.
import { snippetCompletion } from '@codemirror/autocomplete';
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { annotationsOf, valuesOf } from '../../api/fields.ts';
import { parseFilter } from '../../api/filter.ts';
import type { Item } from '../../api/filter.ts';
import { compact } from '../../lib/format.ts';
import type { TimeRange } from '../../lib/range.ts';
import { recentFilters } from '../../state/recent.ts';

const VALUES_MAX = 30;
/** What may be typed on without asking again: a word, or a value when all of them are known. */
const WORD = /^[\w.[\]]*$/;
const VALUE = /^"?[^"]*$/;

/** Groups of suggestions, in their order. */
export interface SectionNames {
  values: string;
  recent: string;
}

function optionOf(item: Item): Completion {
  const { text, kind, detail } = item;
  const shared = { type: kind, ...(detail !== null && { detail }) };
  if (!text.includes('${')) return { label: text, ...shared };
  const label = text.replace(/\$\{([^}]*)\}/g, '$1');
  return snippetCompletion(text, { label, ...shared });
}

async function valuesAt(
  name: string,
  prefix: string,
  range: TimeRange,
  signal: AbortSignal,
): Promise<Completion[]> {
  const values = await valuesOf(name, prefix, range, VALUES_MAX, signal);
  const section = { name: 'values', rank: 0 };
  return values.map(({ text, traces }, index) => ({
    label: text,
    type: 'value',
    ...(traces !== null && { detail: compact(traces) }),
    section,
    // The server has them in the order of how many traces have them.
    boost: VALUES_MAX - index,
  }));
}

/** The words of the language have `annotation`, whose keys are not theirs. */
async function keysAt(
  prefix: string,
  items: readonly Item[],
  range: TimeRange,
): Promise<Completion[]> {
  const begun = prefix.toLowerCase();
  const isField = items.some(({ text }) => text === 'annotation');
  if (!isField && !begun.startsWith('annotation')) return [];
  const fields = await annotationsOf(range);
  return fields
    .filter(({ name }) => name.toLowerCase().startsWith(begun))
    .map(({ name, traces }) => ({
      label: name,
      type: 'keyword',
      ...(traces !== null && { detail: compact(traces) }),
    }));
}

function recent(): Completion[] {
  const section = { name: 'recent', rank: 2 };
  return recentFilters().map((text, index) => ({
    label: text,
    type: 'recent',
    section,
    boost: -index,
  }));
}

/** Returns what asks the server for suggestions about traces of the range. */
export function completer(range: () => TimeRange) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const text = context.state.doc.toString();
    const isEmpty = text.trim() === '';
    if (isEmpty && !context.explicit) return null;
    const asked = new AbortController();
    context.addEventListener('abort', () => asked.abort(), { onDocChange: true });
    const { signal } = asked;
    try {
      const { completion } = await parseFilter(text, context.pos, signal);
      if (!completion) return null;
      const { from, to, items, prefix } = completion;
      const name = completion.valuesOf;
      const values =
        name === null
          ? await keysAt(prefix, items, range())
          : await valuesAt(name, prefix, range(), signal);
      const options = [...values, ...items.map(optionOf), ...(isEmpty ? recent() : [])];
      // A whole word needs no suggestion of itself.
      const begun = text.slice(from, context.pos).toLowerCase();
      const isDone = options.length === 1 && options[0]?.label.toLowerCase() === begun;
      if (options.length === 0 || isDone) return null;
      const validFor = name === null ? WORD : values.length < VALUES_MAX ? VALUE : undefined;
      return { from, to, options, ...(validFor && { validFor }) };
    } catch {
      // Whoever types goes on without suggestions.
      return null;
    }
  };
}
