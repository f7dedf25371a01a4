// The filter of the bar on top: one line until it is written in, or its terms as chips.
import { ListFilter, X } from 'lucide-react';
import { useState } from 'react';
import type { Parsed } from '../../api/filter.ts';
import { and } from '../../model/filter.ts';
import { useWords } from '../../state/language.tsx';
import { prefer, usePreferences } from '../../state/preferences.ts';
import { SCOPE, useUrl } from '../../state/url.ts';
import type { BoxProps } from '../filter.tsx';
import style from './editor.module.css';
import Expression from './expression.tsx';

interface Props extends BoxProps {
  /** What was last run. */
  applied: string;
}

export default function FilterEditor(props: Props) {
  const { id, value, applied, onChange, onRun } = props;
  // Whoever wrote in the plain box goes on writing here.
  const [hasFocus] = useState(() => document.activeElement?.id === id);
  const { hasChips } = usePreferences();
  const { values } = useUrl(SCOPE);
  const [parsed, setParsed] = useState<{ text: string; is: Parsed }>();
  const [isFocused, setFocused] = useState(hasFocus);
  const is = parsed?.text === value ? parsed.is : undefined;
  const terms = value === applied ? (is?.terms ?? []) : [];
  const hasTerms = hasChips && !isFocused && terms.length > 0;
  return (
    <div
      className={style['editor']}
      data-focused={isFocused}
      data-bad={(is?.problems.length ?? 0) > 0}
    >
      <Expression
        {...props}
        range={values.t}
        hasFocus={hasFocus}
        onFocus={setFocused}
        onParsed={(next) => setParsed({ text: value, is: next })}
      />
      {hasTerms && (
        <Chips
          terms={terms.map((term) => term.text)}
          onRun={onRun}
          edit={() => document.getElementById(id)?.focus()}
        />
      )}
      {terms.length > 0 && !isFocused && <ChipSwitch />}
      <Note value={value} parsed={is} isFocused={isFocused} onChange={onChange} />
    </div>
  );
}

/** Each term apart, to be taken away. */
function Chips(props: {
  terms: readonly string[];
  onRun: (text: string) => void;
  edit: () => void;
}) {
  const words = useWords();
  const { terms, onRun, edit } = props;
  return (
    <div className={style['chips']} onClick={edit}>
      {terms.map((term, index) => (
        <span key={term} className={style['chip']}>
          <span className="cut mono" title={term}>
            {term}
          </span>
          <button
            type="button"
            aria-label={words('editor.removeTerm', { term })}
            onClick={(event) => {
              event.stopPropagation();
              onRun(and(...terms.filter((_, at) => at !== index)));
            }}
          >
            <X size={12} />
          </button>
        </span>
      ))}
    </div>
  );
}

function ChipSwitch() {
  const words = useWords();
  const { hasChips } = usePreferences();
  const label = words(hasChips ? 'editor.asText' : 'editor.asChips');
  return (
    <button
      type="button"
      className={`button plain ${style['switch']}`}
      aria-label={label}
      title={label}
      aria-pressed={hasChips}
      onClick={() => prefer({ hasChips: !hasChips })}
    >
      <ListFilter size={14} />
    </button>
  );
}

interface NoteProps {
  value: string;
  parsed: Parsed | undefined;
  isFocused: boolean;
  onChange: (text: string) => void;
}

/** What is wrong, or that it takes long, while it is written. */
function Note({ value, parsed, isFocused, onChange }: NoteProps) {
  const words = useWords();
  const problem = parsed?.problems[0];
  const fix = problem?.fix;
  const text = problem?.message ?? (parsed?.slow ? words('editor.slow') : '');
  const isShown = isFocused && text !== '';
  return (
    <div className={style['note']} role="status" data-shown={isShown}>
      {isShown && text}
      {isShown && fix && (
        <button
          type="button"
          className="button"
          // The editor keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChange(value.slice(0, fix.from) + fix.text + value.slice(fix.to))}
        >
          {words('editor.fix', { text: fix.text })}
        </button>
      )}
    </div>
  );
}
