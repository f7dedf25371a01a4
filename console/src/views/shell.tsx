// What is around every page: the rail, the bar on top, the skip link, the keys that work everywhere.
import { Link, Outlet, useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import {
  Activity,
  BookOpen,
  ChartScatter,
  Database,
  KeyRound,
  Layers,
  ListTree,
  PanelLeftClose,
  PanelLeftOpen,
  Percent,
  Radar,
  Waypoints,
} from 'lucide-react';
import { Suspense, lazy } from 'react';
import type { ComponentType } from 'react';
import type { Search } from '../lib/search.ts';
import { useWords } from '../state/language.tsx';
import { prefer, usePreferences } from '../state/preferences.ts';
import { useShortcuts } from '../state/shortcuts.ts';
import { scopeOf } from '../state/url.ts';
import { LiveProvider } from './live.tsx';
import { openOverlay, useOverlay } from './overlay.ts';
import style from './shell.module.css';
import { Toasts } from './toasts.tsx';
import { TopBar } from './topbar.tsx';

const SECTIONS = ['observe', 'act', 'configure', 'help'] as const;

/** A page in the rail. */
export interface Entry {
  section: (typeof SECTIONS)[number];
  to: string;
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  label: string;
  /** Keys that lead there, such as `KeyG KeyM`. */
  keys?: string;
  /** Other pages that the rail names with this one. */
  also?: RegExp;
  /** What stands behind the name, such as a count. */
  Badge?: ComponentType;
}

const InsightCount = lazy(() => import('./insights/count.tsx'));

/** The pages, in the order of the rail. */
export const PAGES: readonly Entry[] = [
  { section: 'observe', to: '/map', icon: Waypoints, label: 'nav.map', keys: 'KeyG KeyM' },
  { section: 'observe', to: '/traces', icon: ListTree, label: 'nav.traces', keys: 'KeyG KeyT' },
  {
    section: 'observe',
    to: '/analytics',
    icon: ChartScatter,
    label: 'nav.analytics',
    keys: 'KeyG KeyA',
  },
  {
    section: 'observe',
    to: '/insights',
    icon: Radar,
    label: 'nav.insights',
    keys: 'KeyG KeyI',
    Badge: InsightCount,
  },
  {
    section: 'configure',
    to: '/config/sampling',
    icon: Percent,
    label: 'nav.sampling',
    keys: 'KeyG KeyS',
  },
  { section: 'configure', to: '/config/groups', icon: Layers, label: 'nav.groups' },
  {
    section: 'configure',
    to: '/config/retention',
    icon: Database,
    label: 'nav.storage',
    also: /config\/(encryption|indexing)/,
  },
  { section: 'configure', to: '/ingest', icon: Activity, label: 'nav.ingest' },
  { section: 'configure', to: '/config/access', icon: KeyRound, label: 'nav.access' },
  { section: 'help', to: '/start', icon: BookOpen, label: 'nav.start' },
];

const KeyHelp = lazy(() => import('./menus/keys.tsx'));
const Palette = lazy(() => import('./palette/palette.tsx'));

/** Returns whether time range and filter mean something on the page at this path. */
function isScoped(path: string): boolean {
  if (/^\/(start|ingest|config)(\/|$)/.test(path)) return false;
  return !PAGES.some((page) => page.section === 'configure' && path.startsWith(page.to));
}

export function Shell() {
  const words = useWords();
  const { railIsNarrow } = usePreferences();
  const path = useLocation({ select: (location) => location.pathname });
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const shown = useOverlay();
  const go = (to: string) => void navigate({ to: to as never, search: scopeOf(search) as never });
  useShortcuts({
    ...Object.fromEntries(PAGES.flatMap(({ keys, to }) => (keys ? [[keys, () => go(to)]] : []))),
    'Shift+Slash': () => openOverlay('keys'),
    'Mod+KeyK': () => openOverlay('palette'),
  });
  return (
    <LiveProvider>
      <div className={style['shell']} data-narrow={railIsNarrow}>
        <a className={style['skip']} href="#content">
          {words('nav.skip')}
        </a>
        <Rail search={scopeOf(search)} path={path} />
        <TopBar isScoped={isScoped(path)} />
        <main id="content" className={style['content']} tabIndex={-1}>
          <Outlet />
        </main>
        <Suspense fallback={null}>
          {shown === 'keys' && <KeyHelp close={() => openOverlay('')} />}
          {shown === 'palette' && <Palette pages={PAGES} close={() => openOverlay('')} />}
        </Suspense>
        <Toasts />
      </div>
    </LiveProvider>
  );
}

function Rail({ search, path }: { search: Search; path: string }) {
  const words = useWords();
  const { railIsNarrow } = usePreferences();
  const toggle = words(railIsNarrow ? 'nav.widen' : 'nav.narrow');
  return (
    <nav className={style['rail']} aria-label={words('nav.main')}>
      <div className={style['brand']}>
        <img src="/console/icon.svg" width="22" height="22" alt="" />
        <span>Fluoro</span>
      </div>
      {SECTIONS.map((section) => {
        const pages = PAGES.filter((page) => page.section === section);
        return (
          pages.length > 0 && (
            <div key={section} className={style['section']}>
              <h3>{words(`nav.${section}`)}</h3>
              {pages.map(({ to, icon: Icon, label, also, Badge }) => (
                <Link
                  key={to}
                  to={to as never}
                  search={search as never}
                  title={words(label)}
                  data-here={also?.test(path)}
                >
                  <Icon size={16} aria-hidden />
                  <span>{words(label)}</span>
                  {Badge && (
                    <Suspense fallback={null}>
                      <Badge />
                    </Suspense>
                  )}
                </Link>
              ))}
            </div>
          )
        );
      })}
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
  );
}
