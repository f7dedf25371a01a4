// By what the traces are grouped.
import { useQuery } from '@tanstack/react-query';
import { annotationKeysQuery } from '../../api/fields.ts';
import { GROUPINGS, annotationOf } from '../../model/traces.ts';
import { useWords } from '../../state/language.tsx';
import type { ChangeList, ListValues } from './params.ts';

export function GroupBy({ values, change }: { values: ListValues; change: ChangeList }) {
  const words = useWords();
  const { by, t } = values;
  const keys = useQuery(annotationKeysQuery(t)).data ?? [];
  const own = annotationOf(by);
  const annotations = own === undefined || keys.includes(own) ? keys : [own, ...keys];
  const isUrl = by === 'url' || by === 'rawUrl';
  const group = (next: string) => change({ by: next, pick: '', find: '' }, 'push');
  return (
    <>
      <label htmlFor="by" className="quiet">
        {words('traces.groupBy')}
      </label>
      <select
        id="by"
        className="input"
        value={isUrl ? 'url' : by}
        onChange={(event) => group(event.target.value)}
      >
        {GROUPINGS.filter((one) => one !== 'rawUrl').map((one) => (
          <option key={one} value={one}>
            {words('traces.by', { by: one })}
          </option>
        ))}
        {annotations.length > 0 && (
          <optgroup label={words('traces.annotations')}>
            {annotations.map((key) => (
              <option key={key} value={`annotation:${key}`}>
                {key}
              </option>
            ))}
          </optgroup>
        )}
      </select>
      {isUrl && (
        <div className="segments" role="group" aria-label={words('traces.urls')}>
          {(['url', 'rawUrl'] as const).map((one) => (
            <button
              key={one}
              type="button"
              className="button"
              aria-pressed={by === one}
              title={words(`traces.${one}Title`)}
              onClick={() => group(one)}
            >
              {words(`traces.${one}`)}
            </button>
          ))}
        </div>
      )}
    </>
  );
}
