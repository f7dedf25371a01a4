// Short words that need no answer, shown for a while in the corner.
import { X } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { useWords } from '../state/language.tsx';
import style from './toasts.module.css';

/** How long a toast stays: long enough to be read out. */
const SHOWN_MS = 8_000;
const TOASTS_MAX = 4;

interface Toast {
  id: number;
  text: string;
}

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function drop(id: number): void {
  set(toasts.filter((one) => one.id !== id));
}

/** Says something in the corner; what is said already is not said twice. */
export function toast(text: string): void {
  if (toasts.some((one) => one.text === text)) return;
  last += 1;
  const id = last;
  set([...toasts, { id, text }].slice(-TOASTS_MAX));
  setTimeout(() => drop(id), SHOWN_MS);
}

/** Copies text and says so. */
export async function copy(text: string, said: string): Promise<void> {
  await navigator.clipboard?.writeText(text);
  toast(said);
}

/** Says which parameters of the address were not understood. */
export function useIgnored(invalid: readonly string[]): void {
  const words = useWords();
  const what = invalid.join(', ');
  useEffect(() => {
    if (what !== '') toast(words('state.ignored', { what }));
    // The words change with the language, which is no reason to say it again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [what]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const words = useWords();
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className={style['toasts']} role="status" aria-live="polite">
      {shown.map(({ id, text }) => (
        <div key={id} className={style['toast']}>
          <span>{text}</span>
          <button
            type="button"
            className="button plain"
            aria-label={words('top.close')}
            onClick={() => drop(id)}
          >
            <X size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
