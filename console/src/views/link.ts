// Links to what is shown, and the same question for a terminal.
import { post } from '../api/console.ts';
import { fixed, windowOf } from '../lib/range.ts';
import { formatSearch, parseSearch } from '../lib/search.ts';
import type { TimeRange } from '../lib/range.ts';
import { SCOPE } from '../state/url.ts';

/** How long an address may be before a key stands for it. */
const URL_MAX = 2_000;

/** Returns the address of what is shown with a range that stays, so that it means the same later. */
export function absoluteUrl(range: TimeRange, now: number): string {
  const { origin, pathname, search } = location;
  // A trace is found without a range.
  const isTrace = /\/traces\/1-/.test(pathname);
  const { live: _, ...rest } = parseSearch(search);
  const t = isTrace ? {} : { t: SCOPE.t.write(fixed(range, now)) };
  return `${origin}${pathname}${formatSearch({ ...rest, ...t })}`;
}

/** Returns that address, or a short one that leads to it when it is too long for some programs. */
export async function shareUrl(range: TimeRange, now: number): Promise<string> {
  const url = absoluteUrl(range, now);
  if (url.length <= URL_MAX) return url;
  const path = url.slice(location.origin.length).replace(/^\/console/, '');
  const { key } = await post('links', { path });
  return `${location.origin}/console/l/${key}`;
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** Returns what asks for the same traces in a terminal. */
export function commands(range: TimeRange, filter: string, now: number) {
  const { origin } = location;
  const { from, to } = windowOf(range, now);
  const [start, end] = [from / 1e3, to / 1e3].map((one) => one.toFixed(3));
  const expression = filter === '' ? '' : ` \\\n  --filter-expression ${quoted(filter)}`;
  const body = JSON.stringify({
    StartTime: Number(start),
    EndTime: Number(end),
    ...(filter !== '' && { FilterExpression: filter }),
  });
  return {
    cli: `aws xray get-trace-summaries --endpoint-url ${origin} --region us-east-1 --no-sign-request \\\n  --start-time ${start} --end-time ${end}${expression}`,
    curl: `curl -sS ${origin}/TraceSummaries -H 'content-type: application/json' \\\n  -d ${quoted(body)}`,
  };
}
