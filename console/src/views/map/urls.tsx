// What the traces of the chosen service or call asked for.
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { urlsQuery } from '../../api/map.ts';
import type { MapScope } from '../../api/map.ts';
import { compact, duration, percent } from '../../lib/format.ts';
import { and } from '../../model/filter.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import { Failure, Skeleton } from '../states.tsx';
import style from './panel.module.css';

interface Props {
  scope: MapScope;
  /** The expression that picks the traces. */
  filter: string;
  linkOf: (filter: string) => Record<string, string>;
}

export function Urls({ scope, filter, linkOf }: Props) {
  const words = useWords();
  const query = useQuery(urlsQuery({ ...scope, filter: and(scope.filter, filter) }));
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={5} />;
  if (query.data.length === 0) return <p className="quiet">{words('map.noUrls')}</p>;
  const most = Math.max(1, ...query.data.map((row) => row.traces));
  return (
    <ol className={style['urls']}>
      {query.data.map((row) => (
        <li key={row.key}>
          <Link
            to={'/traces' as never}
            search={linkOf(and(filter, row.filter)) as never}
            title={row.key}
          >
            <span className="cut mono">{row.key}</span>
          </Link>
          <span
            className={style['meter']}
            style={{ '--share': row.traces / most } as React.CSSProperties}
          />
          <span className="quiet">
            {compact(row.traces)} · {duration(row.average ?? NaN)} · p95 {duration(row.p95 ?? NaN)}
            {row.fault > 0 && (
              <span className={style['bad']}>
                <Glyph outcome="fault" named /> {percent(row.fault / Math.max(1, row.traces))}
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
