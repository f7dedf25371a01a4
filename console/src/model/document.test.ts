import { expect, test } from 'vitest';
import { framesOf } from './document.ts';

const frame = (path: string) => ({ path, line: 1, label: 'f' });

test('frames of libraries are runs of their own', () => {
  const paths = ['/srv/a.js', '/srv/node_modules/x/b.js', 'node:internal/c', '/srv/d.js'];
  expect(framesOf(paths.map(frame)).map((run) => [run.isLibrary, run.frames.length])).toEqual([
    [false, 1],
    [true, 2],
    [false, 1],
  ]);
});

test('a stack of libraries alone is shown', () => {
  expect(framesOf([frame('/usr/lib/python3/json.py')])).toEqual([
    { isLibrary: false, frames: [frame('/usr/lib/python3/json.py')] },
  ]);
});
