// Who may import whom. The table is the architecture of the console; this test holds it.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Folders that a folder may import, and packages. */
const LAYERS: Record<string, { ours: string[]; packages: RegExp }> = {
  lib: { ours: [], packages: /^$/ },
  model: { ours: ['lib'], packages: /^$/ },
  draw: { ours: ['lib', 'model'], packages: /^$/ },
  state: {
    ours: ['lib', 'model', 'messages'],
    packages: /^(react|use-intl|@tanstack\/react-router)$/,
  },
  api: { ours: ['lib', 'model'], packages: /^@tanstack\/react-query$/ },
  messages: { ours: [], packages: /^$/ },
  views: {
    ours: ['lib', 'model', 'draw', 'state', 'api'],
    packages:
      /^(react|react-dom|use-intl|lucide-react|uplot|uplot\/dist\/uPlot.min.css|@tanstack\/react-(router|query|virtual)|@codemirror\/\w+)$/,
  },
  '.': {
    ours: ['lib', 'model', 'draw', 'state', 'api', 'views'],
    packages: /^(react|react-dom\/client|use-intl|@tanstack\/react-(router|query))$/,
  },
};
const TESTS = /^(vitest|fast-check|node:[\w/]+|@testing-library\/react)$/;
const LINES_MAX = 500;

interface File {
  path: string;
  text: string;
}

const root = fileURLToPath(new URL('.', import.meta.url));
const files: File[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && path !== 'layers.test.ts')
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '.') : '.';
}

function broken({ path, text }: File): string[] {
  const folder = folderOf(path);
  const layer = LAYERS[folder];
  if (!layer) return [`${path}: the folder is not in the table`];
  const isTest = path.includes('.test.');
  const imports = [...text.matchAll(/(?<![.\w])(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(
    (match) => match[1] ?? '',
  );
  return imports.flatMap((name) => {
    if (name.startsWith('.')) {
      const target = folderOf(normalize(join(dirname(path), name)));
      const isFine = target === folder || layer.ours.includes(target) || name.endsWith('.css');
      return isFine ? [] : [`${path}: ${folder} may not import ${target}`];
    }
    const isFine = layer.packages.test(name) || (isTest && TESTS.test(name));
    return isFine ? [] : [`${path}: ${folder} may not import ${name}`];
  });
}

test('folders import what their layer allows', () => {
  expect(files.length).toBeGreaterThan(10);
  expect(files.flatMap(broken)).toEqual([]);
});

test('the check finds an import that is not allowed', () => {
  const bad = "import { useState } from 'react';\nimport { x } from '../views/x.tsx';\n";
  expect(broken({ path: 'model/a.ts', text: bad })).toHaveLength(2);
});

test('files say what they are for and stay short', () => {
  const silent = files.filter(
    ({ path, text }) => !text.startsWith('// ') && !basename(path).includes('.test.'),
  );
  expect(silent.map((file) => file.path)).toEqual([]);
  // Who writes the schema is a program.
  const ours = files.filter(({ path }) => path !== 'api/schema.ts');
  const long = ours.filter(({ text }) => text.split('\n').length > LINES_MAX);
  expect(long.map((file) => file.path)).toEqual([]);
});
