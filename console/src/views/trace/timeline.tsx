// The timeline: tools above, rows and axis below, details beside.
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { criticalPath } from '../../model/blame.ts';
import type { Stretch } from '../../model/blame.ts';
import { matches, rowsOf } from '../../model/rows.ts';
import type { Skew } from '../../model/skew.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useUrl } from '../../state/url.ts';
import { Details } from './details.tsx';
import { useTraceKeys } from './keys.ts';
import { Minimap } from './minimap.tsx';
import { PARAMS } from './params.ts';
import style from './page.module.css';
import { Tools } from './tools.tsx';
import { Waterfall } from './waterfall.tsx';

interface Props {
  trace: Trace;
  views: ReactNode;
  skews: readonly Skew[];
  /** How far works were moved to set clocks right. */
  moved: ReadonlyMap<string, number>;
}

export function Timeline({ trace, views, skews, moved }: Props) {
  const { values, change } = useUrl(PARAMS);
  const { seg, z, find, only, svc, x, u } = values;
  const critical = useMemo(() => byWork(criticalPath(trace)), [trace]);
  const shownOnly = useMemo(
    () => chosen(trace, { only, find, svc }, critical),
    [trace, only, find, svc, critical],
  );
  const collapsed = useMemo(() => new Set(x), [x]);
  const rows = useMemo(
    () => rowsOf(trace, { collapsed, unfolded: new Set(u), find, only: shownOnly }),
    [trace, collapsed, u, find, shownOnly],
  );
  const selected = useMemo(() => trace.works.find((work) => work.id === seg), [trace, seg]);
  const select = (work: Work | undefined) => change({ seg: work?.id ?? '' });
  const toggle = (id: string) =>
    change({ x: collapsed.has(id) ? x.filter((one) => one !== id) : [...x, id] });
  const zoom = (to: readonly [number, number] | null) => change({ z: to }, 'push');
  useTraceKeys({ trace, rows, selected, select, toggle, change, only, zoom: z });
  return (
    <div className={style['timeline']}>
      <Tools trace={trace} rows={rows} views={views} skews={skews} selected={selected} />
      <div className={style['panes']}>
        <section className={`card ${style['chart']}`}>
          <Minimap trace={trace} zoom={z} onZoom={zoom} />
          <Waterfall
            trace={trace}
            rows={rows}
            zoom={z}
            critical={critical}
            moved={moved}
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
  for (const stretch of path) {
    const known = found.get(stretch.work);
    if (known) known.push(stretch);
    else found.set(stretch.work, [stretch]);
  }
  return found;
}

interface Choice {
  only: (typeof PARAMS)['only']['fallback'];
  find: string;
  svc: string;
}

/** Returns the works to show; nothing for all of them. */
function chosen(trace: Trace, { only, find, svc }: Choice, critical: ReadonlyMap<Work, unknown>) {
  const tests: ((work: Work) => boolean)[] = [];
  if (only === 'critical') tests.push((work) => critical.has(work));
  if (only === 'bad') tests.push((work) => work.outcome !== 'ok');
  if (only === 'match' && find !== '') tests.push((work) => matches(work, find));
  if (svc !== '') tests.push((work) => work.service === svc || work.name === svc);
  if (tests.length === 0) return undefined;
  return new Set(trace.works.filter((work) => tests.every((test) => test(work))));
}
