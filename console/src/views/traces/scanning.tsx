// How far the server is, once it takes longer than a moment, and the way to stop it.
import { useSyncExternalStore } from 'react';
import { onProgress, progressOf } from '../../api/progress.ts';
import { duration } from '../../lib/format.ts';
import { useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import style from './page.module.css';

/** From when on there is a line, and from when on words. */
const LINE_MS = 1_000;
const WORDS_MS = 3_000;

export function Scanning({ progressKey }: { progressKey: string }) {
  const words = useWords();
  const progress = useSyncExternalStore(onProgress, () => progressOf(progressKey));
  const now = useNow(500);
  const elapsed = progress ? now - progress.since : 0;
  if (!progress || elapsed < LINE_MS) return null;
  return (
    <div className={style['scanning']} role="status">
      <div className={style['line-moving']} />
      {elapsed >= WORDS_MS && (
        <p>
          {words('traces.scanning', {
            scanned: progress.scanned,
            matched: progress.matched ?? 0,
            elapsed: duration(Math.round(elapsed / 1e3) * 1e3),
          })}
          <button type="button" className="button" onClick={progress.stop}>
            {words('traces.stop')}
          </button>
        </p>
      )}
    </div>
  );
}
