// The row above the map: how it is shown, what is found, what it is compared with.
import { Download, MonitorPlay, SlidersHorizontal, Undo2, WandSparkles } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { annotationKeysQuery } from '../../api/fields.ts';
import type { Values } from '../../lib/search.ts';
import { FOLDS, annotationOf } from '../../model/collapse.ts';
import type { Fold } from '../../model/collapse.ts';
import { useWords } from '../../state/language.tsx';
import { Menu } from './menu.tsx';
import { MEASURES, SIZINGS } from './node.tsx';
import { EDGES } from './params.ts';
import type { PARAMS } from './params.ts';
import type { Placing } from './places.ts';
import style from './tools.module.css';
import { VersusPick } from './versus.tsx';

type Chosen = Values<typeof PARAMS>;
type Change = (next: Partial<Chosen>, step?: 'push' | 'replace') => void;

export type Format = 'svg' | 'png' | 'json' | 'csv';

interface Props {
  values: Chosen;
  change: Change;
  /** What the heading says beside the title. */
  count: string;
  /** How many were found, when something is looked for. */
  hits: readonly string[] | undefined;
  onNextHit: () => void;
  placing: Placing;
  onTidy: () => void;
  onExport: (format: Format) => void;
}

export function Tools({
  values,
  change,
  count,
  hits,
  onNextHit,
  placing,
  onTidy,
  onExport,
}: Props) {
  const words = useWords();
  return (
    <header className={style['tools']}>
      <h1>{words('map.title')}</h1>
      <span className="quiet">{count}</span>
      <div className="segments" role="group" aria-label={words('map.view')}>
        {(['graph', 'table'] as const).map((view) => (
          <button
            key={view}
            type="button"
            className="button"
            aria-pressed={values.view === view}
            onClick={() => change({ view }, 'push')}
          >
            {words(`map.${view}`)}
          </button>
        ))}
      </div>
      <Find values={values} change={change} hits={hits} onNextHit={onNextHit} />
      <span className={style['spring']} />
      <VersusPick vs={values.vs} onChange={(vs) => change({ vs }, 'push')} />
      {values.view === 'graph' && (
        <>
          <DisplayMenu values={values} change={change} />
          <button
            type="button"
            className="button"
            title={words(placing.isLoose ? 'map.tidyLoose' : 'map.tidyHint')}
            onClick={onTidy}
          >
            <WandSparkles size={15} aria-hidden="true" />
            {words('map.tidy')}
            {placing.isLoose && <span className={style['dot']} />}
          </button>
          {placing.undo && (
            <button type="button" className="button" onClick={placing.undo}>
              <Undo2 size={15} aria-hidden="true" />
              {words('map.undo')}
            </button>
          )}
        </>
      )}
      <ExportMenu values={values} change={change} onExport={onExport} />
    </header>
  );
}

function Find({
  values,
  change,
  hits,
  onNextHit,
}: Pick<Props, 'values' | 'change' | 'hits' | 'onNextHit'>) {
  const words = useWords();
  return (
    <div className={style['find']}>
      <input
        className="input"
        type="search"
        aria-label={words('map.find')}
        placeholder={words('map.find')}
        title={words('map.findHint')}
        value={values.find}
        spellCheck={false}
        onChange={(event) => change({ find: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) onNextHit();
        }}
      />
      <span className="quiet" role="status">
        {hits && words('map.found', { count: hits.length })}
      </span>
    </div>
  ); // prettier-ignore
}

/** A choice out of a few words. */
function Choice<N extends 'num' | 'edges' | 'size'>({
  name,
  options,
  label,
  values,
  change,
}: {
  name: N;
  options: readonly Chosen[N][];
  label: string;
  values: Chosen;
  change: Change;
}) {
  const words = useWords();
  return (
    <label className={style['pick']}>
      <span className="quiet">{label}</span>
      <select
        className="input"
        value={values[name]}
        onChange={(event) => change({ [name]: event.target.value } as Partial<Chosen>, 'push')}
      >
        {options.map((one) => (
          <option key={one} value={one}>
            {words(`map.${name}s.${one}` as 'map.nums.avg')}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FoldProps extends Pick<Props, 'values' | 'change'> {
  /** Whether it is shown: only then it is asked which annotations there are. */
  isOpen: boolean;
}

function FoldPick({ values, change, isOpen }: FoldProps) {
  const words = useWords();
  const { by, t } = values;
  const known = useQuery({ ...annotationKeysQuery(t), enabled: isOpen }).data ?? [];
  const own = annotationOf(by);
  const keys = own === '' || known.includes(own) ? known : [own, ...known];
  return (
    <label className={style['pick']}>
      <span className="quiet">{words('map.groupBy')}</span>
      <select
        className="input"
        value={by}
        onChange={(event) =>
          change({ by: event.target.value as Fold, exp: [], at: null, sel: '' }, 'push')
        }
      >
        {FOLDS.map((one) => (
          <option key={one} value={one}>
            {words(`map.bys.${one}`)}
          </option>
        ))}
        {keys.length > 0 && (
          <optgroup label={words('map.byAnnotation')}>
            {keys.map((key) => (
              <option key={key} value={`group:${key}`}>
                {key}
              </option>
            ))}
          </optgroup>
        )}
      </select>
    </label>
  );
}

function DisplayMenu({ values, change }: Pick<Props, 'values' | 'change'>) {
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  const isChanged =
    values.num !== 'avg' ||
    values.by !== 'auto' ||
    values.edges !== 'main' ||
    values.size !== 'none' ||
    values.hide !== '';
  return (
    <Menu
      id="map-display"
      label={words('map.display')}
      icon={<SlidersHorizontal size={15} aria-hidden="true" />}
      isChanged={isChanged}
      onOpen={() => setOpen(true)}
    >
      <Choice name="num" options={MEASURES} label={words('map.measure')} {...{ values, change }} />
      <FoldPick isOpen={isOpen} {...{ values, change }} />
      <Choice
        name="edges"
        options={EDGES}
        label={words('map.edgesShown')}
        {...{ values, change }}
      />
      <Choice name="size" options={SIZINGS} label={words('map.sizeBy')} {...{ values, change }} />
      <label className={style['pick']}>
        <span className="quiet">{words('map.hide')}</span>
        <input
          className="input"
          value={values.hide}
          placeholder="type = AWS::SQS::Queue"
          spellCheck={false}
          onChange={(event) => change({ hide: event.target.value })}
        />
      </label>
      <p className="quiet">{words('map.findHint')}</p>
      <button
        type="button"
        className="button"
        disabled={!isChanged}
        onClick={() =>
          change({ num: 'avg', by: 'auto', edges: 'main', size: 'none', hide: '', exp: [] }, 'push')
        }
      >
        {words('map.usual')}
      </button>
    </Menu>
  );
}

function ExportMenu({ values, change, onExport }: Pick<Props, 'values' | 'change' | 'onExport'>) {
  const words = useWords();
  const formats: readonly Format[] =
    values.view === 'table' ? ['csv', 'json'] : ['svg', 'png', 'json', 'csv'];
  return (
    <Menu
      id="map-export"
      label={words('map.export')}
      icon={<Download size={15} aria-hidden="true" />}
      isNamed={false}
    >
      <div className={style['list']}>
        {formats.map((format) => (
          <button
            key={format}
            type="button"
            className="button"
            onClick={() => {
              document.getElementById('map-export')?.hidePopover();
              onExport(format);
            }}
          >
            {words('map.exportAs', { format: format.toUpperCase() })}
          </button>
        ))}
        <button
          type="button"
          className="button"
          onClick={() => {
            document.getElementById('map-export')?.hidePopover();
            change({ kiosk: '1', sel: '', view: 'graph' }, 'push');
          }}
        >
          <MonitorPlay size={15} aria-hidden="true" />
          {words('map.wall')}
        </button>
      </div>
    </Menu>
  );
}
