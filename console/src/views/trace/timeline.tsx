// The timeline: tools above, rows and axis below, details beside.
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { criticalPath } from '../../model/blame.ts';
import type { Stretch } from '../../model/blame.ts';
import { matches, rowsOf } from '../../model/rows.ts';
import type { Row } from '../../model/rows.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { useUrl } from '../../state/url.ts';
import { Details } from './details.tsx';
import { Minimap } from './minimap.tsx';
import { PARAMS } from './params.ts';
import style from './page.module.css';
import { Waterfall } from './waterfall.tsx';

export function Timeline({ trace, views }: { trace: Trace; views: ReactNode }) {
  const { values, change } = useUrl(PARAMS);
  const { seg, z, find, only, x, u } = values;
  const critical = useMemo(() => byWork(criticalPath(trace)), [trace]);
  const shownOnly = useMemo(
    () => chosen(trace, only, find, critical),
    [trace, only, find, critical],
  );
  const collapsed = useMemo(() => new Set(x), [x]);
  const rows = useMemo(
    () => rowsOf(trace, { collapsed, unfolded: new Set(u), find, only: shownOnly }),
    [trace, collapsed, u, find, shownOnly],
  );
  const selected = trace.works.find((work) => work.id === seg);
  const select = (work: Work | undefined) => change({ seg: work?.id ?? '' });
  const toggle = (id: string) =>
    change({ x: collapsed.has(id) ? x.filter((one) => one !== id) : [...x, id] });
  const zoom = (to: readonly [number, number] | null) => change({ z: to }, 'push');
  useKeys({ rows, selected, select, toggle, change, only });
  useShortcuts({
    KeyZ: () =>
      selected && selected.length > 0 && zoom([selected.start, selected.start + selected.length]),
    'Shift+KeyZ': () => zoom(null),
  });
  return (
    <div className={style['timeline']}>
      <Tools trace={trace} rows={rows} views={views} />
      <div className={style['panes']}>
        <section className={`card ${style['chart']}`}>
          <Minimap trace={trace} zoom={z} onZoom={zoom} />
          <Waterfall
            trace={trace}
            rows={rows}
            zoom={z}
            critical={critical}
            selected={selected}
            isDimmed={find !== '' && only === ''}
            onSelect={select}
            onToggle={toggle}
            onUnfold={(id) => change({ u: [...u, id] })}
            onZoom={zoom}
          />
        </section>
        <Details trace={trace} work={selected ?? trace.roots[0]} />
      </div>
    </div>
  );
}

function byWork(path: readonly Stretch[]): Map<Work, Stretch[]> {
  const found = new Map<Work, Stretch[]>();
  for (const stretch of path)
    found.set(stretch.work, [...(found.get(stretch.work) ?? []), stretch]);
  return found;
}

type Only = (typeof PARAMS)['only']['fallback'];

function chosen(trace: Trace, only: Only, find: string, critical: ReadonlyMap<Work, unknown>) {
  if (only === 'critical') return new Set(critical.keys());
  if (only === 'bad') return new Set(trace.works.filter((work) => work.outcome !== 'ok'));
  if (only === 'match' && find !== '')
    return new Set(trace.works.filter((work) => matches(work, find)));
  return undefined;
}

interface KeysProps {
  rows: readonly Row[];
  selected: Work | undefined;
  select: (work: Work | undefined) => void;
  toggle: (id: string) => void;
  change: ReturnType<typeof useUrl<typeof PARAMS>>['change'];
  only: Only;
}

function useKeys({ rows, selected, select, toggle, change, only }: KeysProps): void {
  const at = rows.findIndex((row) => row.work === selected);
  const next = (by: 1 | -1, isWanted: (row: Row) => boolean) => {
    for (let index = at + by; index >= 0 && index < rows.length; index += by) {
      const row = rows[index];
      if (row && isWanted(row)) return select(row.work);
    }
    return undefined;
  };
  const row = rows[at];
  const isBad = (one: Row) => one.blame !== 'none';
  useShortcuts({
    KeyJ: () => next(1, () => true),
    KeyK: () => next(-1, () => true),
    KeyH: () => (row?.isOpen ? toggle(row.key) : row?.work.parent && select(row.work.parent)),
    KeyL: () => row?.hasChildren && (row.isOpen ? next(1, () => true) : toggle(row.key)),
    KeyX: () => next(1, isBad),
    'Shift+KeyX': () => next(-1, isBad),
    KeyN: () => next(1, (one) => one.isMatch),
    'Shift+KeyN': () => next(-1, (one) => one.isMatch),
    KeyP: () => change({ only: only === 'critical' ? '' : 'critical' }),
    KeyR: () => change({ view: 'raw' }, 'push'),
    Enter: () => document.getElementById('details')?.focus(),
    Escape: () => select(undefined),
  });
}

function Tools({ trace, rows, views }: { trace: Trace; rows: readonly Row[]; views: ReactNode }) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const { find, only, z } = values;
  const count = useMemo(
    () => (find === '' ? 0 : trace.works.filter((work) => matches(work, find)).length),
    [trace, find],
  );
  const parents = () =>
    rows.filter((row) => row.hasChildren && row.depth > 0).map((row) => row.key);
  return (
    <div className={style['tools']}>
      {views}
      <input
        className="input"
        type="search"
        aria-label={words('trace.find')}
        placeholder={words('trace.find')}
        value={find}
        onChange={(event) => change({ find: event.target.value })}
      />
      {find !== '' && (
        <span className="quiet" role="status">
          {words('trace.matches', { count })}
        </span>
      )}
      <div className="segments" role="group" aria-label={words('trace.only')}>
        {(['', 'critical', 'bad', 'match'] as const).map((one) => {
          const label = {
            '': 'onlyAll',
            critical: 'onlyCritical',
            bad: 'onlyBad',
            match: 'onlyMatch',
          } as const;
          return (
            <button
              key={one}
              type="button"
              className="button"
              aria-pressed={only === one}
              disabled={one === 'match' && find === ''}
              onClick={() => change({ only: one })}
            >
              {words(`trace.${label[one]}`)}
            </button>
          );
        })}
      </div>
      <button type="button" className="button" onClick={() => change({ x: parents() })}>
        {words('trace.collapseAll')}
      </button>
      <button type="button" className="button" onClick={() => change({ x: [] })}>
        {words('trace.expandAll')}
      </button>
      {z && (
        <button type="button" className="button" onClick={() => change({ z: null }, 'push')}>
          {words('trace.resetZoom')}
        </button>
      )}
    </div>
  );
}
