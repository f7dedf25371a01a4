// Filter expressions that were run in this browser, the last first.

const KEY = 'fluoro.recent';
const RECENT_MAX = 20;

export function recentFilters(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string') : [];
  } catch {
    // Unreadable memories are none.
    return [];
  }
}

/** Puts an expression first. */
export function rememberFilter(text: string): void {
  if (text.trim() === '') return;
  const others = recentFilters().filter((one) => one !== text);
  try {
    localStorage.setItem(KEY, JSON.stringify([text, ...others].slice(0, RECENT_MAX)));
  } catch {
    // Without storage nothing is remembered.
  }
}
