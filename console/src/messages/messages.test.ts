// The three languages say the same things, of the same things.
import { expect, test } from 'vitest';
import * as en from './en/index.ts';
import * as ja from './ja/index.ts';
import * as ko from './ko/index.ts';

type Messages = { [key: string]: string | Messages };

function flat(messages: Messages, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') found.set(prefix + key, value);
    else for (const [name, text] of flat(value, `${prefix}${key}.`)) found.set(name, text);
  }
  return found;
}

/** Returns the arguments of a message with their kinds and choices, such as `count plural`. */
function argumentsOf(text: string): string[] {
  const found = new Set<string>();
  let at = 0;
  const message = (end: string) => {
    while (at < text.length && text[at] !== end) {
      if (text[at] === '{') argument();
      else at += 1;
    }
    at += 1;
  };
  const argument = () => {
    const [head = ''] = /^\{\s*\w+\s*(,\s*\w+\s*)?/.exec(text.slice(at)) ?? [];
    at += head.length;
    const [name = '', kind = ''] = head
      .slice(1)
      .split(',')
      .map((part) => part.trim());
    found.add(
      kind === 'select' ? `${name} ${kind} ${choices().join(' ')}` : `${name} ${kind}`.trim(),
    );
    if (kind === 'plural') choices();
    else if (kind !== 'select') at += 1;
  };
  const choices = (): string[] => {
    const names: string[] = [];
    for (at += 1; at < text.length;) {
      const [head] = /^\s*(=?\w+)\s*\{/.exec(text.slice(at)) ?? [];
      if (head === undefined) break;
      names.push(head.replace(/[\s{]/g, ''));
      at += head.length;
      message('}');
    }
    at = text.indexOf('}', at) + 1;
    return names;
  };
  message('');
  return [...found].sort();
}

test('arguments are read out of a message', () => {
  expect(
    argumentsOf(
      'a {x} {n, plural, =0 {none} other {# of {m}}} {s, select, a {A} other {}} {c, number}',
    ),
  ).toEqual(['c number', 'm', 'n plural', 's select a other', 'x']);
});

test.each([
  ['ko', ko],
  ['ja', ja],
])('%s has every message of en, with the same arguments', (_name, other) => {
  const [ours, theirs] = [flat(en), flat(other)];
  expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort());
  for (const [key, text] of ours) {
    expect(argumentsOf(theirs.get(key) ?? ''), key).toEqual(argumentsOf(text));
  }
});
