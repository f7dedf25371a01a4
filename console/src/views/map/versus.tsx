// With which window the map is compared: a few usual ones, and whatever is typed.
import { useState } from 'react';
import { parseLength, parseRange } from '../../lib/range.ts';
import { VERSUS, isOffered, readVersus } from '../../lib/versus.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { useRangeWords } from '../range.tsx';
import style from './tools.module.css';

/** Chosen to type a window. */
const OWN = 'own';

interface Props {
  vs: string;
  onChange: (vs: string) => void;
}

export function VersusPick({ vs, onChange }: Props) {
  const words = useWords();
  const inWords = useVersusWords();
  const [isTyping, setTyping] = useState(false);
  const isOwn = isTyping || !isOffered(vs);
  const pick = (next: string) => {
    setTyping(next === OWN);
    if (next !== OWN) onChange(next);
  };
  return (
    <>
      <label className={style['pick']} data-changed={vs !== ''}>
        <span className="quiet">{words('map.compare')}</span>
        <select
          className="input"
          value={isOwn ? OWN : vs}
          onChange={(event) => pick(event.target.value)}
        >
          {VERSUS.map((one) => (
            <option key={one} value={one}>
              {words(`map.vss.${one || 'none'}`)}
            </option>
          ))}
          <option value={OWN}>{isOffered(vs) ? words('map.vss.own') : inWords(vs)}</option>
        </select>
      </label>
      {isOwn && (
        <Typed
          key={vs}
          known={isOffered(vs) ? '' : vs}
          onRead={(next) => {
            setTyping(false);
            onChange(next);
          }}
          onLeave={() => setTyping(false)}
        />
      )}
    </>
  );
}

interface TypedProps {
  known: string;
  onRead: (vs: string) => void;
  onLeave: () => void;
}

function Typed({ known, onRead, onLeave }: TypedProps) {
  const words = useWords();
  const clock = useClock();
  const [typed, setTyped] = useState(known);
  const read = readVersus(typed, Date.now(), clock.zone);
  const isBad = typed.trim() !== '' && read === undefined;
  return (
    <input
      className={`input ${style['versus']}`}
      aria-label={words('map.versusTyped')}
      title={words('map.versusHint')}
      placeholder={words('map.versusHint')}
      aria-invalid={isBad}
      value={typed}
      spellCheck={false}
      autoFocus={known === ''}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onLeave();
        if (event.key !== 'Enter' || event.nativeEvent.isComposing || !read) return;
        onRead(read);
      }}
    />
  );
}

/** Returns in words what a map is compared with that is not one of the usual. */
export function useVersusWords(): (vs: string) => string {
  const words = useWords();
  const inWords = useRangeWords();
  return (vs) => {
    if (parseLength(vs) !== undefined) return words('map.versusAgo', { length: vs });
    const range = parseRange(vs);
    return range ? inWords(range) : vs;
  };
}
