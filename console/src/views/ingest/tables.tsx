// Ways in, queues, SDKs and daemons, each as a table.
import type { ReactNode } from 'react';
import { ago, bytes, compact } from '../../lib/format.ts';
import { shareOf } from '../../model/ingest.ts';
import type { IngestStatus, Pace } from '../../model/ingest.ts';
import { useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import config from '../config/config.module.css';
import style from './ingest.module.css';
import { useQueueName } from './findings.tsx';
import { Meter, rounded } from './page.tsx';

interface TableProps {
  title: string;
  /** The keys of the columns' names; the first is of text, the others of numbers. */
  columns: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
  /** What is said when there are no rows. */
  nothing: string;
}

function Table({ title, columns, rows, nothing }: TableProps) {
  const words = useWords();
  return (
    <section className={`card ${config['table']} ${style['table']}`}>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p className="quiet">{nothing}</p>
      ) : (
        <table>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={column} className={index > 0 ? 'number' : undefined}>
                  {words(`ingest.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, cells }) => (
              <tr key={key}>
                {cells.map((cell, index) => (
                  <td key={columns[index]} className={index > 0 ? 'number' : undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface Props {
  status: IngestStatus;
}

export function Sources({ status, paces }: Props & { paces: ReadonlyMap<string, Pace> }) {
  const words = useWords();
  return (
    <Table
      title={words('ingest.sources')}
      columns={['source', 'documents', 'documentsPace', 'bytesPace', 'rejected']}
      nothing={words('ingest.none')}
      rows={status.sources.map((one) => {
        const pace = paces.get(one.source);
        return {
          key: one.source,
          cells: [
            one.source.toUpperCase(),
            compact(one.documents),
            pace ? rounded(pace.documents) : '–',
            pace ? bytes(pace.bytes) : '–',
            compact(one.rejected),
          ],
        };
      })}
    />
  );
}

export function Queues({ status }: Props) {
  const words = useWords();
  const nameOf = useQueueName();
  const shown = (value: number, unit: string | undefined) =>
    unit === 'bytes' ? bytes(value) : compact(value);
  return (
    <Table
      title={words('ingest.queues')}
      columns={['queue', 'waiting', 'limit', 'fill', 'dropped']}
      nothing={words('ingest.none')}
      rows={status.queues.map((one) => ({
        key: one.name,
        cells: [
          nameOf(one.name),
          shown(one.length, one.unit),
          one.max === null ? '–' : shown(one.max, one.unit),
          <Meter key="meter" share={shareOf(one.length, one.max)} />,
          compact(one.dropped),
        ],
      }))}
    />
  );
}

export function Senders({ status }: Props) {
  const words = useWords();
  const now = useNow(5_000);
  const { language } = usePreferences();
  return (
    <Table
      title={words('ingest.senders')}
      columns={['sdk', 'version', 'documents', 'lastSeen']}
      nothing={words('ingest.none')}
      rows={status.senders.map((one) => ({
        key: `${one.sdk} ${one.version}`,
        cells: [
          one.sdk || words('ingest.unnamed'),
          one.version || '–',
          compact(one.documents),
          ago(one.lastSeen / 1e3, now, language),
        ],
      }))}
    />
  );
}

export function Daemons({ status }: Props) {
  const words = useWords();
  const now = useNow(5_000);
  const { language } = usePreferences();
  return (
    <Table
      title={words('ingest.daemons')}
      columns={['host', 'received', 'sent', 'spilled', 'rejected', 'lastSeen']}
      nothing={words('ingest.noDaemons')}
      rows={status.telemetry.map((one, index) => ({
        key: `${one.host} ${index}`,
        cells: [
          one.host ?? '–',
          compact(one.received),
          compact(one.sent),
          compact(one.spilled),
          compact(one.rejected),
          ago(one.lastSeen / 1e3, now, language),
        ],
      }))}
    />
  );
}
