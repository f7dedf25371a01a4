// Which dialog of the shell is open; at most one is.
import { useSyncExternalStore } from 'react';

export type Overlay = '' | 'keys' | 'palette';

let shown: Overlay = '';
const listeners = new Set<() => void>();

/** Opens a dialog, or closes it by the empty name. */
export function openOverlay(next: Overlay): void {
  shown = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useOverlay(): Overlay {
  return useSyncExternalStore(subscribe, () => shown);
}
