// What stands above the timeline: which view, what is looked for, what is shown, whose clock.
import { ChevronDown, ChevronUp, ChevronsDownUp, ChevronsUpDown, Clock, X } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { duration } from '../../lib/format.ts';
import { matches } from '../../model/rows.ts';
import type { Row } from '../../model/rows.ts';
import type { Skew } from '../../model/skew.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { Segments } from '../segments.tsx';
import { FindBox } from './find.tsx';
import { PARAMS } from './params.ts';
import style from './page.module.css';

interface Props {
  trace: Trace;
  rows: readonly Row[];
  views: ReactNode;
  skews: readonly Skew[];
  selected: Work | undefined;
}

export function Tools({ trace, rows, views, skews, selected }: Props) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const { z, svc } = values;
  const parents = () =>
    rows.filter((row) => row.hasChildren && row.depth > 0).map((row) => row.key);
  return (
    <div className={style['tools']}>
      {views}
      <Find trace={trace} rows={rows} selected={selected} />
      <Only />
      <button
        type="button"
        className="button plain"
        aria-label={words('trace.collapseAll')}
        title={words('trace.collapseAll')}
        onClick={() => change({ x: parents() })}
      >
        <ChevronsDownUp size={16} />
      </button>
      <button
        type="button"
        className="button plain"
        aria-label={words('trace.expandAll')}
        title={words('trace.expandAll')}
        onClick={() => change({ x: [] })}
      >
        <ChevronsUpDown size={16} />
      </button>
      {svc !== '' && (
        <button type="button" className="button" onClick={() => change({ svc: '' })}>
          {svc} <X size={13} aria-hidden="true" />
          <span className="hidden">{words('trace.allServices')}</span>
        </button>
      )}
      {z && (
        <button type="button" className="button" onClick={() => change({ z: null }, 'push')}>
          {words('trace.resetZoom')}
        </button>
      )}
      <SkewChip skews={skews} />
    </div>
  );
}

function Find({ trace, rows, selected }: Omit<Props, 'views' | 'skews'>) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const { find } = values;
  const count = useMemo(
    () => (find === '' ? 0 : trace.works.filter((work) => matches(work, find)).length),
    [trace, find],
  );
  const found = rows.filter((row) => row.isMatch);
  const at = found.findIndex((row) => row.work === selected);
  const step = (by: 1 | -1) => {
    const next = found[(at + by + found.length) % found.length] ?? found[0];
    if (next) change({ seg: next.work.id });
  };
  return (
    <div className={style['find']}>
      <FindBox onStep={step} />
      {find !== '' && (
        <>
          <span className="quiet" role="status">
            {at >= 0 && `${at + 1} / `}
            {words('trace.matches', { count })}
          </span>
          <button
            type="button"
            className="button plain"
            aria-label={words('keys.matchBack')}
            disabled={found.length === 0}
            onClick={() => step(-1)}
          >
            <ChevronUp size={15} />
          </button>
          <button
            type="button"
            className="button plain"
            aria-label={words('keys.match')}
            disabled={found.length === 0}
            onClick={() => step(1)}
          >
            <ChevronDown size={15} />
          </button>
        </>
      )}
    </div>
  );
}

const LABEL = {
  '': 'onlyAll',
  critical: 'onlyCritical',
  bad: 'onlyBad',
  match: 'onlyMatch',
} as const;

function Only() {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  return (
    <Segments
      label={words('trace.only')}
      segments={(['', 'critical', 'bad', 'match'] as const).map((one) => ({
        value: one,
        label: words(`trace.${LABEL[one]}`),
        isDisabled: one === 'match' && values.find === '',
      }))}
      value={values.only}
      onPick={(one) => change({ only: one })}
    />
  );
}

/** Says that clocks disagree, and sets them right when asked. */
function SkewChip({ skews }: { skews: readonly Skew[] }) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const most = skews[0];
  if (!most) return null;
  const isFixed = values.skew === 'fix';
  const offset = `${most.offset > 0 ? '−' : '+'}${duration(Math.abs(most.offset))}`;
  const all = skews.map(
    ({ work, caller, offset: by }) =>
      `${caller.service} → ${work.service}: ${by > 0 ? '−' : '+'}${duration(Math.abs(by))}`,
  );
  return (
    <button
      type="button"
      className="button"
      aria-pressed={isFixed}
      title={`${words('trace.skewText')}\n${all.join('\n')}`}
      onClick={() => change({ skew: isFixed ? '' : 'fix' })}
    >
      <Clock size={14} aria-hidden="true" />
      {words(isFixed ? 'trace.skewFixed' : 'trace.skew', { name: most.work.service, offset })}
      {skews.length > 1 && <span className="badge">+{skews.length - 1}</span>}
    </button>
  );
}
