// The documents: put together into one, or as the server received them. Lines fold and are found.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { isObject } from '../../model/document.ts';
import type { Json } from '../../model/document.ts';
import { assembled, jsonLines, shownLines } from '../../model/json.ts';
import type { JsonLine } from '../../model/json.ts';
import type { RawTrace, Trace } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { useUrl } from '../../state/url.ts';
import { Segments } from '../segments.tsx';
import { CopyButton } from '../states.tsx';
import { FindBox } from './find.tsx';
import { PARAMS } from './params.ts';
import style from './page.module.css';

const LINE = 18;

function parsed(document: string): Json {
  try {
    return JSON.parse(document) as Json;
  } catch {
    return document;
  }
}

function received(raw: RawTrace): Json {
  const documents = raw.Segments.map((one) => parsed(one.Document));
  const start = (one: Json) => (isObject(one) ? Number(one['start_time'] ?? 0) : 0);
  return documents.sort((a, b) => start(a) - start(b));
}

interface Props {
  trace: Trace;
  raw: RawTrace;
  views: ReactNode;
}

export function RawView({ trace, raw, views }: Props) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const { doc, find } = values;
  const value = useMemo(
    () => (doc === 'whole' ? assembled(trace) : received(raw)),
    [doc, trace, raw],
  );
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = `${raw.Id}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <>
      <div className={style['tools']}>
        {views}
        <Segments
          label={words('trace.raw')}
          segments={[
            { value: 'whole', label: words('trace.whole'), title: words('trace.wholeText') },
            {
              value: 'received',
              label: words('trace.received'),
              title: words('trace.receivedText'),
            },
          ]}
          value={doc}
          onPick={(one) => change({ doc: one })}
        />
        <FindBox />
        <CopyButton text={text} label={words('trace.copy')} />
        <button type="button" className="button" onClick={download}>
          {words('trace.download')}
        </button>
      </div>
      <Lines key={doc} value={value} find={find} />
    </>
  );
}

function Lines({ value, find }: { value: Json; find: string }) {
  const words = useWords();
  const scroll = useRef<HTMLDivElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const [at, setAt] = useState(-1);
  const lines = useMemo(() => jsonLines(value), [value]);
  const shown = useMemo(() => shownLines(lines, folded), [lines, folded]);
  const found = useMemo(() => foundIn(lines, find), [lines, find]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const step = (by: 1 | -1) => {
    const line =
      by === 1
        ? (found.find((one) => one > at) ?? found[0])
        : (found.findLast((one) => one < at) ?? found.at(-1));
    if (line === undefined) return;
    setAt(line);
    // What hides the line is opened.
    const open = new Set(
      [...folded].filter((one) => !(one < line && (lines[one]?.end ?? 0) >= line)),
    );
    setFolded(open);
    virtual.scrollToIndex(shownLines(lines, open).indexOf(line), { align: 'center' });
  };
  useShortcuts({ KeyN: () => step(1), 'Shift+KeyN': () => step(-1) });
  const toggle = (index: number) => {
    const next = new Set(folded);
    if (!next.delete(index)) next.add(index);
    setFolded(next);
  };
  return (
    <section className={`card ${style['raw']}`} aria-label={words('trace.raw')}>
      <div
        ref={scroll}
        className={style['json']}
        tabIndex={0}
        role="group"
        aria-label={words('trace.raw')}
      >
        <div style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const index = shown[item.index] ?? 0;
            const line = lines[index];
            return (
              line && (
                <Line
                  key={index}
                  line={line}
                  y={item.start}
                  isFolded={folded.has(index)}
                  isFound={find !== '' && isFoundIn(line, find)}
                  isAt={index === at}
                  onToggle={() => toggle(index)}
                />
              )
            );
          })}
        </div>
      </div>
      {find !== '' && (
        <p className={style['count']} role="status">
          {words('trace.matches', { count: found.length })}
        </p>
      )}
    </section>
  );
}

function isFoundIn({ key, text }: JsonLine, find: string): boolean {
  return `${key}: ${text}`.toLowerCase().includes(find.toLowerCase());
}

function foundIn(lines: readonly JsonLine[], find: string): number[] {
  if (find === '') return [];
  return lines.flatMap((line, index) => (isFoundIn(line, find) ? [index] : []));
}

interface LineProps {
  line: JsonLine;
  y: number;
  isFolded: boolean;
  isFound: boolean;
  isAt: boolean;
  onToggle: () => void;
}

function Line({ line, y, isFolded, isFound, isAt, onToggle }: LineProps) {
  const words = useWords();
  const { depth, key, text, kind } = line;
  return (
    <div
      className={style['jsonline']}
      data-found={isFound}
      data-at={isAt}
      style={{ transform: `translateY(${y}px)`, paddingLeft: 26 + depth * 16 }}
    >
      {kind === 'open' && (
        <button
          type="button"
          tabIndex={-1}
          style={{ left: 6 + depth * 16 }}
          aria-label={words(isFolded ? 'keys.expand' : 'keys.collapse')}
          aria-expanded={!isFolded}
          onClick={onToggle}
        >
          {isFolded ? <ChevronRight size={13} /> : <ChevronDown size={13} />}
        </button>
      )}
      {key !== '' && <span className={style['key']}>{key}: </span>}
      <span data-kind={kind}>
        {text}
        {isFolded && ` … ${text === '[' ? ']' : '}'}`}
      </span>
    </div>
  );
}
