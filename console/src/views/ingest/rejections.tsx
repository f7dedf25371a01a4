// Documents that were refused, by reason, each with what to do about it.
import { Link } from '@tanstack/react-router';
import { ago } from '../../lib/format.ts';
import { REMEDIES, reasonsOf } from '../../model/ingest.ts';
import type { Reason, Rejection } from '../../model/ingest.ts';
import { useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { Glyph } from '../glyph.tsx';
import style from './ingest.module.css';

const SAMPLES_MAX = 5;

export function Rejections({ rejections }: { rejections: readonly Rejection[] }) {
  const words = useWords();
  const reasons = reasonsOf(rejections);
  return (
    <section className={`card ${style['rejections']}`}>
      <header>
        <h2>{words('ingest.rejections')}</h2>
        <span className="quiet">
          {words('ingest.rejectionsText', { count: rejections.length })}
        </span>
      </header>
      {reasons.map((reason) => (
        <ReasonLine key={reason.code} reason={reason} />
      ))}
    </section>
  );
}

function ReasonLine({ reason }: { reason: Reason }) {
  const words = useWords();
  const now = useNow(5_000);
  const { language } = usePreferences();
  const remedy = REMEDIES.find((code) => code === reason.code) ?? 'other';
  return (
    <details>
      <summary>
        <Glyph outcome="error" />
        <code>{reason.code}</code>
        <span>{words(`ingest.remedy.${remedy}`)}</span>
        <span className="number">{words('ingest.times', { count: reason.count })}</span>
        <span className="number quiet">{ago(reason.last / 1e3, now, language)}</span>
      </summary>
      <ul>
        {reason.samples.slice(0, SAMPLES_MAX).map((sample, index) => (
          <li key={index}>
            <p>
              <span className="badge">{sample.source}</span> {sample.message}{' '}
              {sample.traceId !== null && (
                <Link
                  className="mono"
                  to={'/traces/$id' as never}
                  params={{ id: sample.traceId } as never}
                  search={{} as never}
                >
                  {sample.traceId}
                </Link>
              )}
            </p>
            <pre tabIndex={0}>{sample.document}</pre>
          </li>
        ))}
      </ul>
    </details>
  );
}
