// What is said around the map: how much of it is shown, what its signs mean; and the map on a wall.
import { Minimize2, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Values } from '../../lib/search.ts';
import { shortName } from '../../model/kind.ts';
import { OUTCOMES } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { Glyph } from '../glyph.tsx';
import style from './map.module.css';
import type { PARAMS } from './params.ts';

type Chosen = Values<typeof PARAMS>;

interface Props {
  values: Chosen;
  change: (next: Partial<Chosen>, step?: 'push' | 'replace') => void;
  /** Calls that are not drawn. */
  hiddenEdges: number;
  isForced: boolean;
  isExact: boolean;
  isUnsaved: boolean;
  isFocused: boolean;
}

/** What the map leaves out, each with the way back. */
export function Notes({ values, change, hiddenEdges, ...is }: Props) {
  const words = useWords();
  const away = [
    is.isFocused && {
      text: words('map.focused', { name: shortName(values.focus.split('~')[0] ?? '') }),
      off: () => change({ focus: '', at: null }, 'push'),
    },
    values.q !== '' && { text: words('map.filtered', { filter: values.q }), off: () => change({ q: '' }, 'push') },
    values.hide !== '' && { text: words('map.hidden', { what: values.hide }), off: () => change({ hide: '' }, 'push') },
    ...values.exp.map((name) => ({
      text: words('map.opened', { name }),
      off: () => change({ exp: values.exp.filter((one) => one !== name) }, 'push'),
    })),
    hiddenEdges > 0 && values.view === 'graph' && {
      text: words('map.edgesHidden', { count: hiddenEdges }),
      off: () => change({ edges: 'all' }, 'push'),
    },
  ].filter((one) => typeof one === 'object'); // prettier-ignore
  const said = [
    is.isForced && words('map.forced'),
    !is.isExact && words('map.sampled'),
    is.isUnsaved && words('map.unsaved'),
  ].filter(Boolean);
  if (away.length + said.length === 0) return null;
  return (
    <div className={style['notes']} role="status">
      {away.map(({ text, off }) => (
        <button
          key={text}
          type="button"
          className="button"
          title={words('map.takeBack')}
          onClick={off}
        >
          <span className="cut">{text}</span>
          <X size={13} aria-hidden="true" />
        </button>
      ))}
      {said.map((text) => (
        <span key={String(text)} className="badge">
          {text}
        </span>
      ))}
    </div>
  );
}

export function Legend({ hasGroups }: { hasGroups: boolean }) {
  const words = useWords();
  return (
    <ul className={style['legend']} aria-label={words('map.legend')}>
      {OUTCOMES.map((outcome) => (
        <li key={outcome}>
          <Glyph outcome={outcome} /> {words(`status.${outcome}`)}
        </li>
      ))}
      <li>
        <i data-kind="origin" /> {words('map.legendOrigin')}
      </li>
      <li>
        <i data-kind="inherited" /> {words('map.legendInherited')}
      </li>
      <li>
        <i data-kind="inferred" /> {words('status.inferred')}
      </li>
      {hasGroups && (
        <li>
          <i data-kind="group" /> {words('map.legendGroup')}
        </li>
      )}
    </ul>
  );
}

/** The map and nothing else, for a screen on a wall. */
export function Wall({ children, onLeave }: { children: ReactNode; onLeave: () => void }) {
  const words = useWords();
  useShortcuts({ Escape: onLeave });
  return (
    <div className={style['wall']}>
      {children}
      <button
        type="button"
        className="button"
        aria-label={words('map.leaveWall')}
        title={words('map.leaveWall')}
        onClick={onLeave}
      >
        <Minimize2 size={16} />
      </button>
    </div>
  );
}
