// The filter expression of a group: the editor of the bar on top, with what is wrong below it.
import { Suspense, lazy } from 'react';
import type { Parsed } from '../../api/filter.ts';
import { DEFAULT_RANGE } from '../../lib/range.ts';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import style from './groups.module.css';

const Editor = lazy(() => import('../editor/expression.tsx'));
const BOX = 'group-filter';

/** What the server made of a text. */
export interface Read {
  text: string;
  is: Parsed;
}

interface Props {
  filter: string;
  /** Of this text or of an earlier one. */
  read: Read | undefined;
  /** Whether something has to be written and was not. */
  isMissing: boolean;
  change: (filter: string) => void;
  onRead: (read: Read) => void;
}

export function Expression({ filter, read, isMissing, change, onRead }: Props) {
  const words = useWords();
  const parsed = read?.text === filter ? read.is : undefined;
  const first = filter === '' ? undefined : parsed?.problems[0];
  const fix = first?.fix;
  const problem = first?.message ?? (isMissing ? words('groups.missing') : undefined);
  const shared = { id: BOX, value: filter, onChange: change };
  return (
    <div className={style['expression']} data-bad={problem !== undefined}>
      <b>{words('groups.filter')}</b>
      <Suspense fallback={<Plain {...shared} />}>
        <Editor
          {...shared}
          label={words('groups.filter')}
          hint={'service("…") { fault }'}
          range={DEFAULT_RANGE}
          onParsed={(is) => onRead({ text: filter, is })}
        />
      </Suspense>
      <p className={problem === undefined ? 'quiet' : config['problem']} role="status">
        {problem ?? words(parsed?.slow === true ? 'groups.slow' : 'groups.filterHint')}
      </p>
      {fix && (
        <button
          type="button"
          className="button"
          onClick={() => change(filter.slice(0, fix.from) + fix.text + filter.slice(fix.to))}
        >
          {words('groups.fix', { text: fix.text })}
        </button>
      )}
    </div>
  );
}

interface PlainProps {
  id: string;
  value: string;
  onChange: (text: string) => void;
}

/** Stands in until the editor is loaded. */
function Plain({ id, value, onChange }: PlainProps) {
  const words = useWords();
  return (
    <textarea
      id={id}
      className="input mono"
      aria-label={words('groups.filter')}
      value={value}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
