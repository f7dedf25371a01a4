// The list of keys, and which there are.
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { Dialog } from '../dialog.tsx';
import style from './keys.module.css';

const MAC = /Mac|iP(hone|ad)/.test(navigator.userAgent);

const LISTS = {
  all: [
    [MAC ? 'Cmd K' : 'Ctrl K', 'palette'],
    ['g m', 'goMap'],
    ['g t', 'goTraces'], ['g a', 'goAnalytics'], ['g i', 'goInsights'], ['g s', 'goSampling'], ['/', 'filter'], ['t', 'time'], ['L', 'live'], ['.', 'refresh'],
    ['[', 'earlier'], [']', 'later'], ['c', 'copy'], ['C', 'copyCli'], ['?', 'help'],
  ],
  lists: [['j', 'next'], ['k', 'previous'], ['Enter', 'open'], ['Space', 'pick']],
  map: [
    ['Arrows', 'walk'], ['Enter', 'open'], ['Esc', 'clear'], ['u', 'up'], ['d', 'down'], ['b', 'both'], ['f', 'focus'],
    ['0', 'fit'], ['+', 'zoomIn'], ['-', 'zoomOut'], ['v', 'traces'], ['y', 'analyze'], ['o', 'table'], ['e', 'fold'],
    ['T', 'tidy'],
  ],
  trace: [
    ['j', 'next'], ['k', 'previous'], ['h', 'collapse'], ['l', 'expand'], ['x', 'bad'], ['X', 'badBack'],
    ['n', 'match'], ['N', 'matchBack'], ['p', 'critical'], ['z', 'zoom'], ['Z', 'zoomReset'], ['w s', 'zoomBy'], ['a d', 'pan'],
    ['r', 'raw'], ['m', 'compare'], ['Enter', 'open'],
  ],
} as const; // prettier-ignore

/** Puts the keys of the page that is shown first. */
function orderOf(path: string): (keyof typeof LISTS)[] {
  const of = /\/traces\/./.test(path) ? 'trace' : path.endsWith('/map') ? 'map' : 'lists';
  return [of, ...(['all', 'lists', 'map', 'trace'] as const).filter((name) => name !== of)];
}

export default function KeyHelp({ close }: { close: () => void }) {
  const words = useWords();
  const { hasKeys } = usePreferences();
  const [find, setFind] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const isMeant = (keys: string, label: string) =>
    `${keys} ${words(`keys.${label}`)}`.toLowerCase().includes(find.trim().toLowerCase());
  return (
    <Dialog title={words('top.shortcuts')} close={close} className={style['dialog']}>
      <input
        ref={box}
        type="search"
        className={`input ${style['find']}`}
        aria-label={words('keys.find')}
        placeholder={words('keys.find')}
        value={find}
        onChange={(event) => setFind(event.target.value)}
      />
      {!hasKeys && <p className="quiet">{words('keys.off')}</p>}
      <div className={style['lists']}>
        {orderOf(location.pathname).map((name) => (
          <section key={name}>
            <h3>{words(name === 'map' ? 'nav.map' : `keys.${name}`)}</h3>
            <dl>
              {LISTS[name]
                .filter(([keys, label]) => isMeant(keys, label))
                .map(([keys, label]) => (
                  <div key={keys}>
                    <dt>
                      {keys.split(' ').map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{words(`keys.${label}`)}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
