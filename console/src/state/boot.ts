// The address that the console was opened by, before anything reads it.
import { placeOf, renamed } from '../lib/legacy.ts';
import { formatSearch, parseSearch } from '../lib/search.ts';
import { isZone } from '../lib/zone.ts';
import { LANGUAGES, lookThrough, prefer } from './preferences.ts';

/** Puts addresses of the X-Ray console into our words; takes out language and zone and minds them. */
export function readAddress(base: string): void {
  const place = placeOf(location.hash);
  const given = place?.search ?? parseSearch(location.search);
  const { hl, tz, ...rest } = renamed(given);
  const language = LANGUAGES.find((one) => one === hl);
  if (language) prefer({ language });
  // A zone in a link is how its sender looked at it, not what this person prefers.
  if (tz !== undefined && isZone(tz)) lookThrough(tz);
  const path = place ? `${base}${place.path}` : location.pathname;
  const hash = place ? '' : location.hash;
  history.replaceState(history.state, '', `${path}${formatSearch(rest)}${hash}`);
}
