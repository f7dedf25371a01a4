// The list of keys, and which there are.
import { X } from 'lucide-react';
import type { RefObject } from 'react';
import { useWords } from '../state/language.tsx';
import style from './keys.module.css';

const LISTS = {
  all: [
    ['g m', 'goMap'],
    ['g t', 'goTraces'], ['/', 'filter'], ['t', 'time'], ['L', 'live'], ['.', 'refresh'],
    ['[', 'earlier'], [']', 'later'], ['c', 'copy'], ['?', 'help'],
  ],
  lists: [['j', 'next'], ['k', 'previous'], ['Enter', 'open']],
  trace: [
    ['j', 'next'], ['k', 'previous'], ['h', 'collapse'], ['l', 'expand'], ['x', 'bad'], ['X', 'badBack'],
    ['n', 'match'], ['N', 'matchBack'], ['p', 'critical'], ['z', 'zoom'], ['Z', 'zoomReset'], ['r', 'raw'], ['Enter', 'open'],
  ],
} as const; // prettier-ignore

export function KeyHelp({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const words = useWords();
  return (
    <dialog ref={dialog} className={style['dialog']} aria-labelledby="keys">
      <header>
        <h2 id="keys">{words('top.shortcuts')}</h2>
        <button
          type="button"
          className="button plain"
          aria-label={words('top.close')}
          onClick={() => dialog.current?.close()}
        >
          <X size={16} />
        </button>
      </header>
      <div className={style['lists']}>
        {(['all', 'trace', 'lists'] as const).map((name) => (
          <section key={name}>
            <h3>{words(`keys.${name}`)}</h3>
            <dl>
              {LISTS[name].map(([keys, label]) => (
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
    </dialog>
  );
}
