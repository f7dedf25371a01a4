// What a person chose for this browser: theme, language, zone. Kept in local storage.
import { useSyncExternalStore } from 'react';
import type { CssPixels } from '../lib/units.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const LANGUAGES = ['en', 'ko', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Preferences {
  theme: Theme;
  language: Language;
  /** An IANA name; empty for that of the browser. */
  zone: string;
  railIsNarrow: boolean;
  /** Whether single keys do something. */
  hasKeys: boolean;
  /** Whether rows stand close. */
  isDense: boolean;
  /** Whether the filter is shown as chips while it is not edited. */
  hasChips: boolean;
  /** Of the names beside the timeline; 0 for what fits. */
  namesWidth: CssPixels;
}

const KEY = 'fluoro';
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  let stored: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    stored = (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as typeof stored;
  } catch {
    // Unreadable preferences are none.
  }
  return {
    theme: THEMES.find((one) => one === stored.theme) ?? 'system',
    language: LANGUAGES.find((one) => one === stored.language) ?? spoken(),
    zone: typeof stored.zone === 'string' ? stored.zone : '',
    railIsNarrow: stored.railIsNarrow === true,
    hasKeys: stored.hasKeys !== false,
    isDense: stored.isDense !== false,
    hasChips: stored.hasChips === true,
    namesWidth: typeof stored.namesWidth === 'number' ? stored.namesWidth : 0,
  };
}

/** Returns the first of the browser's languages that we have. */
function spoken(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.map((tag) => LANGUAGES.find((one) => one === tag)).find(Boolean) ?? 'en';
}

export function preferences(): Preferences {
  return current;
}

/** Changes what is given, keeps it and shows it. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

/** Shows times in a zone for as long as this page lives, as a link asks for it. */
export function lookThrough(zone: string): void {
  current = { ...current, zone };
  for (const listener of listeners) listener();
}

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Puts the theme on the page. */
export function applyTheme(): void {
  const { theme } = current;
  const shown = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset['theme'] = shown;
}

dark.addEventListener('change', () => {
  applyTheme();
  for (const listener of listeners) listener();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}
