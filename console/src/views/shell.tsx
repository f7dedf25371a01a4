// What is around every page: the rail, the bar on top, the skip link, the keys that work everywhere.
import { Link, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { ListTree, PanelLeftClose, PanelLeftOpen, Waypoints } from 'lucide-react';
import { useRef } from 'react';
import type { Search } from '../lib/search.ts';
import { useWords } from '../state/language.tsx';
import { prefer, usePreferences } from '../state/preferences.ts';
import { useShortcuts } from '../state/shortcuts.ts';
import { scopeOf } from '../state/url.ts';
import { KeyHelp } from './keys.tsx';
import style from './shell.module.css';
import { TopBar } from './topbar.tsx';

const PAGES = [
  { to: '/map', icon: Waypoints, label: 'nav.map', keys: 'KeyG KeyM' },
  { to: '/traces', icon: ListTree, label: 'nav.traces', keys: 'KeyG KeyT' },
] as const;

export function Shell() {
  const words = useWords();
  const { railIsNarrow } = usePreferences();
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const help = useRef<HTMLDialogElement>(null);
  const scope = scopeOf(search);
  const go = (to: string) => void navigate({ to: to as never, search: scope as never });
  useShortcuts({
    ...Object.fromEntries(PAGES.map((page) => [page.keys, () => go(page.to)])),
    'Shift+Slash': () => help.current?.showModal(),
  });
  const toggle = words(railIsNarrow ? 'nav.widen' : 'nav.narrow');
  return (
    <div className={style['shell']} data-narrow={railIsNarrow}>
      <a className={style['skip']} href="#content">
        {words('nav.skip')}
      </a>
      <nav className={style['rail']} aria-label={words('nav.main')}>
        <div className={style['brand']}>
          <img src="/console/icon.svg" width="22" height="22" alt="" />
          <span>Fluoro</span>
        </div>
        <h3>{words('nav.observe')}</h3>
        {PAGES.map(({ to, icon: Icon, label }) => (
          <Link key={to} to={to as never} search={scope as never} title={words(label)}>
            <Icon size={16} aria-hidden="true" />
            <span>{words(label)}</span>
          </Link>
        ))}
        <button
          type="button"
          className="button plain"
          aria-label={toggle}
          title={toggle}
          onClick={() => prefer({ railIsNarrow: !railIsNarrow })}
        >
          {railIsNarrow ? <PanelLeftOpen size={16} /> : <PanelLeftClose size={16} />}
        </button>
      </nav>
      <TopBar openHelp={() => help.current?.showModal()} />
      <main id="content" className={style['content']} tabIndex={-1}>
        <Outlet />
      </main>
      <KeyHelp dialog={help} />
    </div>
  );
}
