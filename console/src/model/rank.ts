// How well a text answers to what was typed.

/** Returns a score, higher for better; `undefined` when the text does not have it. */
export function score(text: string, find: string): number | undefined {
  const [hay, needle] = [text.toLowerCase(), find.trim().toLowerCase()];
  if (needle === '') return 0;
  const at = hay.indexOf(needle);
  if (at === 0) return 4 - hay.length / 1e3;
  if (at > 0) return (/[\s/._-]/.test(hay[at - 1] ?? '') ? 3 : 2) - hay.length / 1e3;
  return hasInOrder(hay, needle) ? 1 - hay.length / 1e3 : undefined;
}

function hasInOrder(hay: string, needle: string): boolean {
  let at = 0;
  for (const letter of needle) {
    at = hay.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Returns what answers, the best first; what is equally good keeps its order. */
export function ranked<T>(all: readonly T[], textOf: (one: T) => string, find: string): T[] {
  return all
    .map((one, index) => ({ one, index, points: score(textOf(one), find) }))
    .filter((each) => each.points !== undefined)
    .sort((a, b) => (b.points ?? 0) - (a.points ?? 0) || a.index - b.index)
    .map((each) => each.one);
}
