// How times are shown, and what time it is on this page.
import { useEffect, useState } from 'react';
import type { Clock } from '../lib/format.ts';
import type { EpochMs } from '../lib/units.ts';
import { usePreferences } from './preferences.ts';

export function useClock(): Clock {
  const { language, zone } = usePreferences();
  return { language, zone: zone === '' ? undefined : zone };
}

/** Returns the time, again every `everyMs`. */
export function useNow(everyMs = 10_000): EpochMs {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
