// How much room the window has.
import { useSyncExternalStore } from 'react';

const small = matchMedia('(max-width: 1023px)');
const tiny = matchMedia('(max-width: 639px)');

function subscribe(listener: () => void): () => void {
  small.addEventListener('change', listener);
  tiny.addEventListener('change', listener);
  return () => {
    small.removeEventListener('change', listener);
    tiny.removeEventListener('change', listener);
  };
}

export type Room = 'large' | 'small' | 'tiny';

export function useRoom(): Room {
  return useSyncExternalStore(subscribe, () =>
    tiny.matches ? 'tiny' : small.matches ? 'small' : 'large',
  );
}
