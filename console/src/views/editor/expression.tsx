// An editor for filter expressions: it completes, colours and checks, all by the server's word.
import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  completionKeymap,
  completionStatus,
  moveCompletionSelection,
  selectedCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewline } from '@codemirror/commands';
import { lintKeymap } from '@codemirror/lint';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView, ViewPlugin, drawSelection, keymap, placeholder } from '@codemirror/view';
import type { KeyBinding, ViewUpdate } from '@codemirror/view';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { Parsed } from '../../api/filter.ts';
import type { TimeRange } from '../../lib/range.ts';
import { Echo } from '../../model/echo.ts';
import { useWords } from '../../state/language.tsx';
import { checker } from './check.ts';
import { completer } from './complete.ts';
import style from './editor.module.css';

export interface ExpressionProps {
  id: string;
  value: string;
  label: string;
  hint: string;
  /** Values are suggested out of this time. */
  range: TimeRange;
  onChange: (text: string) => void;
  /** Enter; without it, Enter begins a line. */
  onRun?: ((text: string) => void) | undefined;
  /** Esc, when there is nothing else to close. */
  onReset?: (() => void) | undefined;
  onParsed?: ((parsed: Parsed) => void) | undefined;
  onFocus?: ((isFocused: boolean) => void) | undefined;
  /** Takes the focus when it is made. */
  hasFocus?: boolean;
}

/** Always the props of the last time. */
function useLatest<T>(value: T): { current: T } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** Does something once suggestions are there, unless the text changes before. */
const whenThere = ViewPlugin.fromClass(
  class {
    private waiting: ((view: EditorView) => boolean) | undefined;

    wait(task: (view: EditorView) => boolean): true {
      this.waiting = task;
      return true;
    }

    update({ view, state, docChanged }: ViewUpdate) {
      const { waiting } = this;
      if (docChanged || completionStatus(state) === null) this.waiting = undefined;
      if (docChanged || !waiting || completionStatus(state) !== 'active') return;
      this.waiting = undefined;
      // An update cannot begin another.
      setTimeout(() => waiting(view));
    }
  },
);

function keysOf(props: { current: ExpressionProps }): KeyBinding[] {
  const run = (view: EditorView) => {
    const { onRun } = props.current;
    if (!onRun || (completionStatus(view.state) === 'active' && selectedCompletion(view.state))) {
      return false;
    }
    closeCompletion(view);
    onRun(view.state.doc.toString());
    // What was found is read by keys of the page.
    view.contentDOM.blur();
    return true;
  };
  const accept = (view: EditorView) => {
    const status = completionStatus(view.state);
    if (status === null) return false;
    // Suggestions on their way are taken when they are there.
    if (status === 'pending') return view.plugin(whenThere)?.wait(accept) ?? true;
    // Nothing is chosen until an arrow or Tab chooses it, so that Enter runs what was written.
    if (!selectedCompletion(view.state)) moveCompletionSelection(true)(view);
    acceptCompletion(view);
    return true;
  };
  const reset = (view: EditorView) => {
    const { onReset } = props.current;
    if (completionStatus(view.state) === 'active') return closeCompletion(view);
    if (!onReset) return false;
    onReset();
    view.contentDOM.blur();
    return true;
  };
  return [
    { key: 'Enter', run },
    { key: 'Shift-Enter', run: insertNewline },
    { key: 'Tab', run: accept },
    { key: 'Escape', run: reset },
  ];
}

/** Returns the nonce that the page's policy lets styles in by, if it has one. */
function nonce(): string {
  return document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

function useWordsOf(): (props: { current: ExpressionProps }) => Extension {
  const words = useWords();
  return (props) => [
    EditorState.phrases.of({
      values: words('editor.values'),
      recent: words('editor.recent'),
      Completions: words('editor.completions'),
    }),
    EditorView.contentAttributes.of({
      id: props.current.id,
      'aria-label': props.current.label,
      spellcheck: 'false',
    }),
    placeholder(props.current.hint),
    checker(
      (parsed) => props.current.onParsed?.(parsed),
      (text) => words('editor.fix', { text }),
    ),
  ];
}

export default function Expression(props: ExpressionProps) {
  const { value, label, hint, hasFocus = false } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useLatest(props);
  const echo = useRef(new Echo());
  const worded = useRef(new Compartment());
  const wordsOf = useWordsOf();
  // In the same breath in which the plain box goes, or letters typed meanwhile would be lost.
  useLayoutEffect(() => {
    const parent = place.current;
    if (!parent) return undefined;
    const tell = (text: string) => {
      echo.current.tell(text);
      latest.current.onChange(text);
    };
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        selection: { anchor: latest.current.value.length },
        extensions: [
          Prec.highest(keymap.of(keysOf(latest))),
          keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
          whenThere,
          history(),
          drawSelection(),
          EditorView.lineWrapping,
          EditorView.cspNonce.of(nonce()),
          autocompletion({
            override: [completer(() => latest.current.range)],
            selectOnOpen: false,
            interactionDelay: 0,
            icons: false,
            activateOnTypingDelay: 50,
          }),
          worded.current.of(wordsOf(latest)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) tell(update.state.doc.toString());
            if (update.focusChanged) latest.current.onFocus?.(update.view.hasFocus);
          }),
        ],
      }),
    });
    view.current = editor;
    if (hasFocus) editor.focus();
    return () => editor.destroy();
    // The editor is made once; what changes is put in below.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  // In the same breath, too: an effect that React puts off until the next key is pressed would take
  // away what that key wrote.
  useLayoutEffect(() => {
    const editor = view.current;
    const now = editor?.state.doc.toString();
    // What was typed comes back late, when more has been typed behind it.
    if (echo.current.isOwn(value) || !editor || now === value) return;
    // Who goes on writing does so behind it, wherever the cursor was in the old text.
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      selection: { anchor: value.length },
    });
  }, [value]);
  useLayoutEffect(() => {
    view.current?.dispatch({ effects: worded.current.reconfigure(wordsOf(latest)) });
    // Its words change with the language, and so do label and hint.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [label, hint]);
  return <div ref={place} className={style['code']} />;
}
