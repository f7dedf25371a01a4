// The bar on top: filter, time range, live, settings. All of it stands in the URL but the settings.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Copy, RefreshCw, Search as SearchIcon, Settings, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { refresh } from '../api/queries.ts';
import { shift } from '../lib/range.ts';
import { findTraceId } from '../lib/traceid.ts';
import { useWords } from '../state/language.tsx';
import { useShortcuts } from '../state/shortcuts.ts';
import { SCOPE, useUrl } from '../state/url.ts';
import { RangePicker } from './range.tsx';
import { SettingsMenu } from './settings.tsx';
import style from './topbar.module.css';

export function TopBar({ openHelp }: { openHelp: () => void }) {
  const words = useWords();
  const client = useQueryClient();
  const { values, change } = useUrl(SCOPE);
  const filter = useRef<HTMLInputElement>(null);
  const isLive = values.live !== '';
  const toggleLive = () => change({ live: isLive ? '' : '5s' });
  const move = (steps: -1 | 1) => change({ t: shift(values.t, steps, Date.now()) }, 'push');
  const copyLink = () => void navigator.clipboard?.writeText(location.href);
  useShortcuts({
    Slash: () => filter.current?.focus(),
    Period: () => refresh(client),
    BracketLeft: () => move(-1),
    BracketRight: () => move(1),
    KeyC: copyLink,
    KeyT: () => document.getElementById('range')?.showPopover(),
    'Shift+KeyL': toggleLive,
  });
  return (
    <header className={style['bar']}>
      <FilterBox box={filter} />
      <RangePicker range={values.t} onPick={(t) => change({ t }, 'push')} onMove={move} />
      <button
        type="button"
        className="button"
        aria-pressed={isLive}
        title={words('top.liveOn')}
        onClick={toggleLive}
      >
        <span className={style['dot']} data-on={isLive} />
        {words('top.live')}
      </button>
      <button
        type="button"
        className="button plain"
        aria-label={words('top.refresh')}
        title={words('top.refresh')}
        onClick={() => refresh(client)}
      >
        <RefreshCw size={16} />
      </button>
      <button
        type="button"
        className="button plain"
        aria-label={words('top.copyLink')}
        title={words('top.copyLink')}
        onClick={copyLink}
      >
        <Copy size={16} />
      </button>
      <button
        type="button"
        className="button plain"
        popoverTarget="settings"
        aria-label={words('top.settings')}
        title={words('top.settings')}
      >
        <Settings size={16} />
      </button>
      <SettingsMenu openHelp={openHelp} />
    </header>
  );
}

/** The filter expression. A trace id that is pasted opens the trace. */
function FilterBox({ box }: { box: React.RefObject<HTMLInputElement | null> }) {
  const words = useWords();
  const navigate = useNavigate();
  const { values, change, search } = useUrl(SCOPE);
  const [text, setText] = useState(values.q);
  useEffect(() => setText(values.q), [values.q]);
  const run = () => {
    const id = /[="(]/.test(text) && !/root=/i.test(text) ? undefined : findTraceId(text);
    if (id === undefined) {
      change({ q: text.trim() }, 'push');
      if (!location.pathname.endsWith('/traces')) {
        const next = { ...search, q: text.trim() };
        void navigate({ to: '/traces' as never, search: next as never });
      }
      return;
    }
    setText(values.q);
    void navigate({ to: '/traces/$id' as never, params: { id } as never, search: {} as never });
  };
  return (
    <form
      className={style['filter']}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <SearchIcon size={15} aria-hidden="true" />
      <input
        ref={box}
        className="input mono"
        aria-label={words('top.filter')}
        placeholder={words('top.filterHint')}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // Enter that ends a composition is not meant for us.
          if (event.key === 'Enter' && event.nativeEvent.isComposing) event.preventDefault();
          if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
            setText(values.q);
            box.current?.blur();
          }
        }}
      />
      {values.q !== '' && (
        <button
          type="button"
          className="button plain"
          aria-label={words('top.clear')}
          onClick={() => change({ q: '' }, 'push')}
        >
          <X size={14} />
        </button>
      )}
    </form>
  );
}
