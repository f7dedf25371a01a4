// The bar on top: group, filter, time range, live, and the ways to everything else.
import { useQueryClient } from '@tanstack/react-query';
import { Command, Link as LinkIcon, RefreshCw, Settings } from 'lucide-react';
import type { ComponentType } from 'react';
import { refresh } from '../api/refresh.ts';
import { shift } from '../lib/range.ts';
import { useNow } from '../state/clock.ts';
import { useWords } from '../state/language.tsx';
import { useShortcuts } from '../state/shortcuts.ts';
import { INTERVALS, SCOPE, useUrl } from '../state/url.ts';
import { FilterBox, focusFilter } from './filter.tsx';
import { GroupPicker } from './groups.tsx';
import { commands, shareUrl } from './link.ts';
import { useLive } from './live.tsx';
import { openOverlay } from './overlay.ts';
import { Popover } from './popover.tsx';
import type { Load } from './popover.tsx';
import { RangePicker } from './range.tsx';
import { copy, useIgnored } from './toasts.tsx';
import style from './topbar.module.css';

const loadSettings: Load = () => import('./menus/settings.tsx');

/** Says on a trace's own page nothing of ranges: a trace is found without. */
export function TopBar({ isScoped }: { isScoped: boolean }) {
  const words = useWords();
  return (
    <header className={style['bar']}>
      {isScoped ? <ScopeBar /> : <div className={style['spring']} />}
      <Plain label="top.palette" icon={Command} onClick={() => openOverlay('palette')} />
      <button
        type="button"
        className="button plain"
        popoverTarget="settings"
        aria-label={words('top.settings')}
        title={words('top.settings')}
      >
        <Settings size={16} />
      </button>
      <Popover
        id="settings"
        label={words('top.settings')}
        className={style['menu']}
        load={loadSettings}
      />
    </header>
  );
}

function Plain(props: {
  label: string;
  icon: ComponentType<{ size?: number }>;
  onClick: () => void;
}) {
  const words = useWords();
  const { label, icon: Icon, onClick } = props;
  return (
    <button
      type="button"
      className="button plain"
      aria-label={words(label)}
      title={words(label)}
      onClick={onClick}
    >
      <Icon size={16} />
    </button>
  );
}

/** What scopes the pages that show traces. */
function ScopeBar() {
  const words = useWords();
  const client = useQueryClient();
  const live = useLive();
  const { values, invalid, change } = useUrl(SCOPE);
  useIgnored(invalid);
  const again = () => (live.status === 'off' ? refresh(client) : live.show());
  const move = (steps: -1 | 1) => change({ t: shift(values.t, steps, Date.now()) }, 'push');
  const copyLink = () =>
    void shareUrl(values.t, Date.now()).then((url) => copy(url, words('top.linkCopied')));
  useShortcuts({
    Slash: focusFilter,
    Period: again,
    BracketLeft: () => move(-1),
    BracketRight: () => move(1),
    KeyC: copyLink,
    'Shift+KeyC': () =>
      void copy(commands(values.t, values.q, Date.now()).cli, words('top.cliCopied')),
    KeyT: () => document.getElementById('range')?.showPopover(),
    'Shift+KeyL': () => change({ live: values.live === '' ? '5s' : '' }),
  });
  return (
    <>
      <GroupPicker />
      <FilterBox />
      <RangePicker range={values.t} onMove={move} />
      <LiveButton />
      <Plain label="top.refresh" icon={RefreshCw} onClick={again} />
      <Plain label="top.copyLink" icon={LinkIcon} onClick={copyLink} />
    </>
  );
}

/** Live on and off, how often, and how the line stands. */
function LiveButton() {
  const words = useWords();
  const { values, change } = useUrl(SCOPE);
  const { status, retryAt } = useLive();
  const now = useNow(1_000);
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1e3));
  const said = words('top.liveStatus', { status, seconds });
  return (
    <div className="segments">
      <button
        type="button"
        className="button"
        aria-pressed={values.live !== ''}
        title={said}
        onClick={() => change({ live: values.live === '' ? '5s' : '' })}
      >
        <span className={style['dot']} data-status={status} />
        {words('top.live')}
        <span className="hidden" role="status">
          {status === 'off' ? '' : words('top.liveStatus', { status, seconds: 0 })}
        </span>
      </button>
      {values.live !== '' && (
        <select
          className={`button ${style['interval']}`}
          aria-label={words('top.interval')}
          value={values.live}
          onChange={(event) => change({ live: event.target.value as typeof values.live })}
        >
          {INTERVALS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      )}
    </div>
  );
}
