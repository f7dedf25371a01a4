// The group whose traces are shown.
import { ChevronDown } from 'lucide-react';
import { useWords } from '../state/language.tsx';
import { SCOPE, useUrl } from '../state/url.ts';
import { Popover } from './popover.tsx';
import type { Load } from './popover.tsx';
import style from './topbar.module.css';

const loadGroups: Load = () => import('./menus/groups.tsx');

export function GroupPicker() {
  const words = useWords();
  const { values } = useUrl(SCOPE);
  return (
    <div>
      <button
        type="button"
        className={`button ${style['group']}`}
        popoverTarget="groups"
        data-chosen={values.g !== ''}
        title={words('top.group')}
      >
        <span className="hidden">{words('top.group')}: </span>
        <span className="cut">{values.g === '' ? words('top.allTraces') : values.g}</span>
        <ChevronDown size={14} aria-hidden="true" />
      </button>
      <Popover
        id="groups"
        label={words('top.group')}
        className={style['groups']}
        load={loadGroups}
      />
    </div>
  );
}
