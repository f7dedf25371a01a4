// Keys, bound to where they are on the keyboard: with a Korean or Japanese input method the letter
// that arrives is another one.
import { useEffect, useRef } from 'react';
import { preferences } from './preferences.ts';

/** What to do for a key, such as `KeyJ`, `Shift+KeyX`, `Mod+KeyK` (Ctrl or Command, also while
 * typing), or two keys in a row: `KeyG KeyT`. */
export type Keys = Record<string, () => void>;

/** How long the first of two keys waits for the second. */
const SEQUENCE_MS = 1000;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Returns the name of a key press, or nothing when it is none of ours. */
export function nameOf(event: KeyboardEvent): string | undefined {
  if (event.isComposing || event.altKey) return undefined;
  if (event.ctrlKey || event.metaKey) return event.shiftKey ? undefined : `Mod+${event.code}`;
  return event.shiftKey ? `Shift+${event.code}` : event.code;
}

/** The keys of all components that are shown; one listener serves them, for two keys in a row must
 * not reach one component as one key. */
const shown: { current: Keys }[] = [];
let first = '';
let firstAt = 0;

function actionOf(name: string): (() => void) | undefined {
  return shown.findLast((keys) => keys.current[name])?.current[name];
}

function listen(event: KeyboardEvent): void {
  const name = nameOf(event);
  if (name === undefined || event.defaultPrevented) return;
  const isChord = name.startsWith('Mod+');
  if (!isChord && (isTyping(event.target) || !preferences().hasKeys)) return;
  const isSecond = first !== '' && event.timeStamp - firstAt < SEQUENCE_MS;
  const action = (isSecond && actionOf(`${first} ${name}`)) || actionOf(name);
  const begins = shown.some(({ current }) =>
    Object.keys(current).some((key) => key.startsWith(`${name} `)),
  );
  first = begins && !isSecond ? name : '';
  firstAt = event.timeStamp;
  // A button or link that has the focus takes Enter itself.
  const isTheirs =
    name === 'Enter' &&
    event.target instanceof Element &&
    event.target.matches('a, button, summary');
  if (!action || isTheirs) return;
  event.preventDefault();
  action();
}

/** Listens while the component is shown; of two that know a key, the one shown later. */
export function useShortcuts(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (shown.length === 0) document.addEventListener('keydown', listen);
    shown.push(latest);
    return () => {
      shown.splice(shown.indexOf(latest), 1);
      if (shown.length === 0) document.removeEventListener('keydown', listen);
    };
  }, []);
}
