// Which columns the list has.
import { useQuery } from '@tanstack/react-query';
import { useContext } from 'react';
import { annotationKeysQuery } from '../../api/fields.ts';
import { COLUMNS, DEFAULT_COLUMNS, annotationOf, toggled } from '../../model/traces.ts';
import { useWords } from '../../state/language.tsx';
import { ListingContext } from './tools.tsx';
import style from './tools.module.css';

export default function ColumnMenu() {
  const words = useWords();
  const listing = useContext(ListingContext);
  const values = listing?.values;
  const { data = [] } = useQuery({
    ...annotationKeysQuery(values?.t ?? { kind: 'last', length: 36e5 }),
    enabled: values !== undefined,
  });
  if (!listing || !values) return null;
  const shown = values.cols;
  const chosen = shown.filter((name) => !Object.hasOwn(COLUMNS, name));
  const keys = new Set([...chosen, ...data.map((key) => `annotation.${key}`)]);
  const box = (name: string, label: string) => (
    <label key={name}>
      <input
        type="checkbox"
        checked={shown.includes(name)}
        // The last column stays: a list of nothing shows nothing.
        disabled={shown.length === 1 && shown.includes(name)}
        onChange={() => listing.change({ cols: toggled(shown, name) })}
      />
      {label}
    </label>
  );
  return (
    <div className={style['menu']}>
      {Object.keys(COLUMNS).map((name) => box(name, words(`traces.${name}`)))}
      {keys.size > 0 && <h3>{words('traces.annotations')}</h3>}
      {[...keys].map((name) => box(name, annotationOf(name) ?? name))}
      <button type="button" onClick={() => listing.change({ cols: DEFAULT_COLUMNS })}>
        {words('traces.usual')}
      </button>
    </div>
  );
}
