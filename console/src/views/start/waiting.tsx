// A line that waits for a trace and, when one has come, leads to it.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import { newestQuery } from '../../api/start.ts';
import { ago } from '../../lib/format.ts';
import type { TraceRow } from '../../model/traces.ts';
import { useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { Glyph } from '../glyph.tsx';
import { Failure } from '../states.tsx';
import style from './start.module.css';

export function Waiting() {
  const words = useWords();
  const now = useNow(1_000);
  const { language } = usePreferences();
  const newest = useQuery(newestQuery('now'));
  const before = useQuery(newestQuery('week', newest.data === null));
  // A trace that has come stays: the line does not go back to waiting.
  const [come, setCome] = useState<TraceRow>();
  useEffect(() => {
    if (newest.data) setCome(newest.data);
  }, [newest.data]);
  if (newest.error && !come) return <Failure error={newest.error} />;
  const latest = come ?? before.data ?? undefined;
  return (
    <section className={`card ${style['waiting']}`} role="status" data-come={come !== undefined}>
      {come ? <Glyph outcome="ok" /> : <span className={style['pulse']} />}
      <div>
        <h2>{words(come ? 'start.come' : 'start.waiting')}</h2>
        <p className="quiet">
          {latest
            ? words(come ? 'start.comeText' : 'start.lastText', {
                name: latest.entry?.name ?? latest.id,
                ago: ago(latest.start / 1e3, now, language),
              })
            : words('start.waitingText')}
        </p>
      </div>
      {latest && (
        <Link
          className={come ? 'button primary' : 'button'}
          to={'/traces/$id' as never}
          params={{ id: latest.id } as never}
          search={{} as never}
        >
          {words('start.open')} <ArrowRight size={15} aria-hidden="true" />
        </Link>
      )}
    </section>
  );
}
