// The text that is looked for in a trace, the same in each of its views.
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { PARAMS } from './params.ts';

/** `onStep` goes to the next place or the one before. */
export function FindBox({ onStep }: { onStep?: (by: 1 | -1) => void }) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  return (
    <input
      className="input"
      type="search"
      aria-label={words('trace.find')}
      placeholder={words('trace.find')}
      value={values.find}
      onChange={(event) => change({ find: event.target.value })}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') onStep?.(event.shiftKey ? -1 : 1);
      }}
    />
  );
}
