// The filter expression of the page: a plain box until the editor is loaded.
import { useLocation, useNavigate } from '@tanstack/react-router';
import { Search as SearchIcon, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ComponentType } from 'react';
import { findTraceId } from '../lib/traceid.ts';
import { useWords } from '../state/language.tsx';
import { rememberFilter } from '../state/recent.ts';
import { SCOPE, useUrl } from '../state/url.ts';
import { useIdle } from './popover.tsx';
import style from './topbar.module.css';

const BOX = 'filter';

export function focusFilter(): void {
  document.getElementById(BOX)?.focus();
}

/** Returns the trace whose id was pasted: alone, as a header, or within a line of a log. */
function pastedId(text: string): string | undefined {
  const isExpression = /[="(]/.test(text) && !/root=|trace/i.test(text);
  return isExpression ? undefined : findTraceId(text);
}

/** Returns what to do with an expression that is to be run. */
function useRun(): (text: string) => void {
  const navigate = useNavigate();
  const path = useLocation({ select: (location) => location.pathname });
  const { change, search } = useUrl(SCOPE);
  return (text) => {
    const id = pastedId(text);
    if (id !== undefined) {
      void navigate({ to: '/traces/$id' as never, params: { id } as never, search: {} as never });
      return;
    }
    const q = text.trim();
    rememberFilter(q);
    // One trace has nothing to filter: the list has.
    if (!/\/traces\/./.test(path)) change({ q }, 'push');
    else void navigate({ to: '/traces' as never, search: { ...search, q } as never });
  };
}

export function FilterBox() {
  const words = useWords();
  const { values, change } = useUrl(SCOPE);
  const [text, setText] = useState(values.q);
  useEffect(() => setText(values.q), [values.q]);
  const Editor = useEditor();
  const runText = useRun();
  const run = (given: string) => {
    if (pastedId(given) !== undefined) setText(values.q);
    runText(given);
  };
  const shared = {
    id: BOX,
    value: text,
    label: words('top.filter'),
    hint: words('top.filterHint'),
    onChange: setText,
    onRun: run,
    onReset: () => setText(values.q),
  };
  return (
    <div className={style['filter']} role="search">
      <SearchIcon size={15} aria-hidden="true" />
      {Editor ? <Editor {...shared} applied={values.q} /> : <PlainBox {...shared} />}
      {values.q !== '' && (
        <button
          type="button"
          className={`button plain ${style['clear']}`}
          aria-label={words('top.clear')}
          title={words('top.clear')}
          onClick={() => change({ q: '' }, 'push')}
        >
          <X size={14} />
        </button>
      )}
    </div>
  );
}

type Editor = ComponentType<BoxProps & { applied: string }>;

/** Returns the editor once it is there. Not `lazy`: its fallback would be another box, without the
 * focus of the first, and letters typed meanwhile would be lost. */
function useEditor(): Editor | undefined {
  const isIdle = useIdle();
  const [editor, setEditor] = useState<{ Editor: Editor }>();
  useEffect(() => {
    if (!isIdle) return undefined;
    let isWanted = true;
    import('./editor/editor.tsx').then(
      ({ default: Loaded }) => isWanted && setEditor({ Editor: Loaded }),
      // The plain box does it, too.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [isIdle]);
  return editor?.Editor;
}

/** What every box for an expression is given. */
export interface BoxProps {
  id: string;
  value: string;
  label: string;
  hint: string;
  onChange: (text: string) => void;
  onRun: (text: string) => void;
  /** Puts the text back that was last run. */
  onReset: () => void;
}

function PlainBox({ id, value, label, hint, onChange, onRun, onReset }: BoxProps) {
  return (
    <input
      id={id}
      className="input mono"
      aria-label={label}
      placeholder={hint}
      value={value}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        // Enter that ends a composition is not meant for us.
        if (event.nativeEvent.isComposing) return;
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        if (event.key === 'Enter') onRun(value);
        else onReset();
        event.currentTarget.blur();
      }}
    />
  );
}
