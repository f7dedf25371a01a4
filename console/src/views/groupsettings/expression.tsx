// The filter expression of a group, with what is wrong in it and how to put it right.
import { useEffect, useState } from 'react';
import type { FilterProblem } from '../../api/groupsettings.ts';
import { useWords } from '../../state/language.tsx';
import { Field } from '../config/parts.tsx';
import style from './groups.module.css';

interface Props {
  filter: string;
  problems: readonly FilterProblem[];
  isSlow: boolean;
  /** Whether something has to be written and was not. */
  isMissing: boolean;
  change: (filter: string) => void;
}

/** The server is asked when typing pauses. */
const PAUSE_MS = 150;

export function Expression({ filter, problems, isSlow, isMissing, change }: Props) {
  const words = useWords();
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  useEffect(() => {
    if (text === filter) return undefined;
    const timer = setTimeout(() => change(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, filter, change]);
  // Places are those of the text that was asked about.
  const shown = text === filter ? problems : [];
  const first = shown[0];
  return (
    <div className={style['expression']}>
      <Field
        label={words('groups.filter')}
        hint={isSlow ? words('groups.slow') : words('groups.filterHint')}
        problem={first?.message ?? (isMissing ? words('groups.missing') : undefined)}
      >
        {(ids) => (
          <textarea
            {...ids}
            className="input mono"
            rows={4}
            value={text}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
            onBlur={() => change(text)}
          />
        )}
      </Field>
      {first && (
        <pre className={style['where']} aria-hidden="true">
          {text.slice(0, first.from)}
          <mark>{text.slice(first.from, first.to) || ' '}</mark>
          {text.slice(first.to)}
        </pre>
      )}
      {first?.fix && (
        <button type="button" className="button" onClick={() => change(fixed(text, first.fix))}>
          {words('groups.fix', { text: first.fix.text })}
        </button>
      )}
    </div>
  );
}

function fixed(text: string, fix: FilterProblem['fix']): string {
  return fix ? text.slice(0, fix.from) + fix.text + text.slice(fix.to) : text;
}
