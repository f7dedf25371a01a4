// Why a trace is not here: it was kept no longer, or never came; and where to look instead.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { retentionQuery } from '../../api/retention.ts';
import { dateTime } from '../../lib/format.ts';
import { formatRange } from '../../lib/range.ts';
import { epochOf } from '../../lib/traceid.ts';
import { useClock, useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { Empty } from '../states.tsx';

/** Around when the trace began. */
const AROUND_MS = 3e5;
const DAY_MS = 864e5;

export function NotFound({ id }: { id: string }) {
  const words = useWords();
  const clock = useClock();
  const now = useNow(60_000);
  const { data } = useQuery(retentionQuery());
  const at = (epochOf(id) ?? 0) * 1e3;
  const when = dateTime(at, clock);
  const days = data?.days ?? null;
  const expired = days === null ? undefined : at + days * DAY_MS;
  const reason =
    at > now + AROUND_MS
      ? words('trace.fromFuture', { when })
      : expired !== undefined && expired < now
        ? words('trace.expired', { when, days: days ?? 0, expired: dateTime(expired, clock) })
        : days === null
          ? words('trace.neverOrExpired', { when })
          : words('trace.never', { when });
  const around = formatRange({ kind: 'between', from: at - AROUND_MS, to: at + AROUND_MS });
  return (
    <Empty
      title={words('trace.notFoundTitle')}
      actions={
        <>
          <Link to={'/traces' as never} search={{ t: around } as never} className="button primary">
            {words('trace.around')}
          </Link>
          <Link to={'/traces' as never} search={{} as never} className="button">
            {words('trace.back')}
          </Link>
        </>
      }
    >
      <p className="mono">{id}</p>
      <p>{reason}</p>
    </Empty>
  );
}
