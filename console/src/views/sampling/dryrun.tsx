// What the rules would have kept of the last hour, with the change and without.
import { useQuery } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { dryRunQuery } from '../../api/sampling.ts';
import type { DryRun } from '../../api/sampling.ts';
import { compact } from '../../lib/format.ts';
import type { Rule } from '../../model/sampling.ts';
import { useWords } from '../../state/language.tsx';
import { Failure, Skeleton } from '../states.tsx';
import style from './sampling.module.css';

const SERVICES_MAX = 12;

interface Props {
  before: readonly Rule[];
  /** The rules with the change; absent while there is something wrong with it. */
  after: readonly Rule[] | undefined;
  name: string;
}

export function DryRunReport({ before, after, name }: Props) {
  const words = useWords();
  // What was asked for is shown until it is asked again: typing starts no run.
  const [asked, setAsked] = useState<{ rules: readonly Rule[]; name: string }>();
  const query = useQuery(dryRunQuery(asked?.rules ?? before, asked !== undefined));
  return (
    <section className={style['dryrun']}>
      <header>
        <h3>{words('sampling.dryRun')}</h3>
        <button
          type="button"
          className="button"
          disabled={!after || query.isFetching}
          onClick={() => after && setAsked({ rules: after, name })}
        >
          <FlaskConical size={14} aria-hidden="true" /> {words('sampling.runDry')}
        </button>
      </header>
      {!asked && <p className="quiet">{words('sampling.dryRunText')}</p>}
      {asked && query.error && <Failure error={query.error} />}
      {asked && query.isLoading && <Skeleton rows={4} />}
      {asked && query.data && <Report run={query.data} name={asked.name} />}
    </section>
  );
}

function Report({ run, name }: { run: DryRun; name: string }) {
  const words = useWords();
  const own =
    run.rules.find((rule) => rule.name === name) ?? run.rules.find((one) => one.name === 'new');
  const services = run.services.slice(0, SERVICES_MAX);
  const most = Math.max(1, ...services.map((one) => Math.max(one.keptNow, one.keptThen)));
  return (
    <div role="status">
      <p>
        {words('sampling.dryRunSum', {
          matched: compact(own?.matched ?? 0),
          requests: compact(run.requests),
          kept: compact(own?.kept ?? 0),
        })}{' '}
        {!run.exact && <span className="badge">{words('sampling.notExact')}</span>}
      </p>
      {own?.shadowedBy != null && (
        <p className={style['shadow']}>{words('sampling.shadowed', { name: own.shadowedBy })}</p>
      )}
      <p className="quiet">{words('sampling.dryRunNote')}</p>
      <table>
        <thead>
          <tr>
            <th>{words('sampling.service')}</th>
            <th className="number">{words('sampling.keptNow')}</th>
            <th className="number">{words('sampling.keptThen')}</th>
            <th>
              <span className="hidden">{words('sampling.difference')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {services.map((one) => (
            <tr key={one.service}>
              <td className="cut">{one.service}</td>
              <td className="number">{compact(one.keptNow)}</td>
              <td className="number">
                <b>{compact(one.keptThen)}</b>
              </td>
              <td aria-hidden="true">
                <span
                  className={style['then']}
                  style={{ width: `${(one.keptThen / most) * 100}%` }}
                />
                <span
                  className={style['now']}
                  style={{ width: `${(one.keptNow / most) * 100}%` }}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {run.services.length > SERVICES_MAX && (
        <p className="quiet">
          {words('sampling.moreServices', { count: run.services.length - SERVICES_MAX })}
        </p>
      )}
    </div>
  );
}
