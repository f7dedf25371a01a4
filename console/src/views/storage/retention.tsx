// How long traces are kept, how much there is of each day, and where that is set.
import { useQuery } from '@tanstack/react-query';
import { retentionQuery } from '../../api/storage.ts';
import type { Retention } from '../../api/storage.ts';
import { bytes, compact } from '../../lib/format.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import config from '../config/config.module.css';
import { Head } from '../config/parts.tsx';
import { CopyButton, Failure, Skeleton } from '../states.tsx';
import style from './storage.module.css';
import { StorageTabs } from './tabs.tsx';

export default function RetentionPage() {
  const words = useWords();
  const query = useQuery(retentionQuery());
  return (
    <div className={style['page']}>
      <Head title={words('storage.title')} text={words('storage.text')} />
      <StorageTabs />
      {query.error && <Failure error={query.error} isStale={query.data !== undefined} />}
      {!query.data && !query.error && <Skeleton rows={8} />}
      {query.data && (
        <>
          <Limits retention={query.data} />
          <Days retention={query.data} />
        </>
      )}
    </div>
  );
}

function Limits({ retention }: { retention: Retention }) {
  const words = useWords();
  const days = (count: number | null) =>
    count === null ? words('storage.forever') : words('storage.days', { count });
  const file = [
    `retention = "${written(retention.days ?? 30)}"`,
    `retention-faults = "${written(retention.faultDays ?? 90)}"`,
    `retention-bytes = "${retention.bytesMax === null ? '100GiB' : bytes(retention.bytesMax).replace(' ', '')}"`,
  ].join('\n');
  return (
    <section className={`card ${config['card']}`}>
      <dl className={style['limits']}>
        <div>
          <dt>{words('storage.kept')}</dt>
          <dd>{days(retention.days)}</dd>
          <dd>
            <code>retention</code>
          </dd>
        </div>
        <div>
          <dt>{words('storage.faultsKept')}</dt>
          <dd>
            {retention.faultDays === null ? words('storage.asOthers') : days(retention.faultDays)}
          </dd>
          <dd>
            <code>retention-faults</code>
          </dd>
        </div>
        <div>
          <dt>{words('storage.bytesMax')}</dt>
          <dd>
            {retention.bytesMax === null ? words('storage.noLimit') : bytes(retention.bytesMax)}
          </dd>
          <dd>
            <code>retention-bytes</code>
          </dd>
        </div>
      </dl>
      <p>{words('storage.retentionText')}</p>
      <div className={style['file']}>
        <pre tabIndex={0} aria-label={words('storage.file')}>
          {file}
        </pre>
        <CopyButton text={file} label={words('start.copy')} />
      </div>
    </section>
  );
}

/** Returns a time as the config file has it. */
function written(days: number): string {
  return Number.isInteger(days) ? `${days}d` : `${Math.round(days * 24)}h`;
}

function Days({ retention }: { retention: Retention }) {
  const words = useWords();
  const { language } = usePreferences();
  const all = retention.byDay;
  const most = Math.max(1, ...all.map((one) => one.bytes));
  const total = all.reduce((sum, one) => sum + one.bytes, 0);
  const name = new Intl.DateTimeFormat(language, {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  });
  return (
    <section className={`card ${config['table']}`}>
      <h2 className={style['heading']}>
        {words('storage.byDay')} <span className="quiet">{bytes(total)}</span>
      </h2>
      {all.length === 0 ? (
        <p className={`quiet ${style['nothing']}`}>{words('storage.nothing')}</p>
      ) : (
        <table className={style['days']}>
          <thead>
            <tr>
              <th>{words('storage.day')}</th>
              <th className="number">{words('storage.traces')}</th>
              <th className="number">{words('storage.size')}</th>
              <th>
                <span className="hidden">{words('storage.size')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {[...all].reverse().map((one) => (
              <tr key={one.day}>
                <td>{name.format(one.day / 1e3)}</td>
                <td className="number">{compact(one.traces)}</td>
                <td className="number">{bytes(one.bytes)}</td>
                <td aria-hidden="true">
                  <span style={{ width: `${(one.bytes / most) * 100}%` }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
