// What can be done with the list: choose columns, keep it, take it elsewhere.
import { Columns3, Share2 } from 'lucide-react';
import { createContext } from 'react';
import { useWords } from '../../state/language.tsx';
import { Popover } from '../popover.tsx';
import type { Load } from '../popover.tsx';
import style from './tools.module.css';
import type { ChangeList, ListValues } from './params.ts';

const loadColumns: Load = () => import('./columns.tsx');
const loadActions: Load = () => import('./actions.tsx');

/** What the menus of the list work on. */
export interface Listing {
  values: ListValues;
  change: ChangeList;
  total: number;
}

export const ListingContext = createContext<Listing | null>(null);

export function ListTools(listing: Listing) {
  const words = useWords();
  return (
    <ListingContext value={listing}>
      <button type="button" className="button" popoverTarget="columns">
        <Columns3 size={14} aria-hidden="true" />
        {words('traces.columns')}
      </button>
      <Popover
        id="columns"
        label={words('traces.columns')}
        className={style['columns']}
        load={loadColumns}
      />
      <button type="button" className="button" popoverTarget="actions">
        <Share2 size={14} aria-hidden="true" />
        {words('traces.actions')}
      </button>
      <Popover
        id="actions"
        label={words('traces.actions')}
        className={style['actions']}
        load={loadActions}
      />
    </ListingContext>
  );
}
