// Colours and squiggles, by what the server says of the text.
import { setDiagnostics } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import { StateEffect, StateField } from '@codemirror/state';
import type { Range, Text } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin } from '@codemirror/view';
import type { DecorationSet, ViewUpdate } from '@codemirror/view';
import { parseFilter } from '../../api/filter.ts';
import type { Parsed, Token } from '../../api/filter.ts';

/** How long the text stands still before it is checked. */
const CHECK_MS = 150;

const parsedIs = StateEffect.define<Parsed>();

function coloursOf(tokens: readonly Token[], length: number): DecorationSet {
  const marks: Range<Decoration>[] = tokens
    .filter(({ from, to }) => from < to && to <= length)
    .map(({ from, to, kind }) => Decoration.mark({ class: `tok-${kind}` }).range(from, to));
  return Decoration.set(marks, true);
}

/** The colours; until the server answers they move along with the text. */
const colours = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(parsedIs)) next = coloursOf(effect.value.tokens, transaction.newDoc.length);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function diagnosticsOf(parsed: Parsed, doc: Text, fixName: (text: string) => string): Diagnostic[] {
  return parsed.problems.map(({ message, from, to, fix }) => ({
    // What is missing at the end is shown at the last character.
    from: Math.min(from, Math.max(0, doc.length - 1)),
    to: Math.min(Math.max(to, from + 1), doc.length),
    severity: 'error',
    message,
    ...(fix && {
      actions: [
        {
          name: fixName(fix.text),
          apply: (view: EditorView) =>
            view.dispatch({ changes: { from: fix.from, to: fix.to, insert: fix.text } }),
        },
      ],
    }),
  }));
}

/** Returns what has the text checked; `onParsed` is told what came of the text as it stands. */
export function checker(onParsed: (parsed: Parsed) => void, fixName: (text: string) => string) {
  const plugin = ViewPlugin.fromClass(
    class {
      private timer: ReturnType<typeof setTimeout> | undefined;
      private asked: AbortController | undefined;

      constructor(private readonly view: EditorView) {
        this.timer = setTimeout(() => void this.check(), 0);
      }

      update(update: ViewUpdate) {
        if (!update.docChanged) return;
        this.destroy();
        this.timer = setTimeout(() => void this.check(), CHECK_MS);
      }

      destroy() {
        clearTimeout(this.timer);
        this.asked?.abort();
      }

      private async check() {
        const { doc } = this.view.state;
        this.asked = new AbortController();
        const { signal } = this.asked;
        try {
          const parsed = await parseFilter(doc.toString(), undefined, signal);
          if (signal.aborted || this.view.state.doc !== doc) return;
          this.view.dispatch({ effects: parsedIs.of(parsed) });
          const found = diagnosticsOf(parsed, doc, fixName);
          this.view.dispatch(setDiagnostics(this.view.state, found));
          onParsed(parsed);
        } catch {
          // Without an answer the text is shown as it is; running it tells more.
        }
      }
    },
  );
  return [colours, plugin];
}
