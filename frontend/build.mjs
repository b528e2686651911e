// Bundles the front end into the folder named on the command line: minified, named by content, compressed, with licences.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { world } from './world.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2];
const ENTRIES = ['charts.js', 'charts.css', 'editor.js', 'editor.css'];

mkdirSync(join(HERE, 'generated'), { recursive: true });
writeFileSync(join(HERE, 'generated', 'world.json'), JSON.stringify(world()));
const { metafile } = await build({
  entryPoints: ENTRIES.map((name) => join(HERE, 'src', name)),
  outdir: target,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  metafile: true,
  format: 'esm',
  target: ['es2022'],
  loader: { '.json': 'file' },
  legalComments: 'none', // LICENSES.txt has them
  absWorkingDir: HERE,
  logLevel: 'warning',
});
writeFileSync(join(target, 'LICENSES.txt'), licences());
for (const name of readdirSync(target)) compress(join(target, name));
writeFileSync(join(target, 'manifest.json'), JSON.stringify(manifest(), null, 2));

/** Returns the file name that each entry was given. */
function manifest() {
  const outputs = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint);
  return Object.fromEntries(outputs.map(([path, output]) => [basename(output.entryPoint), basename(path)]));
}

function compress(path) {
  const content = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(content));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

/** Returns the licence of every package that may be in the bundle: all that are installed but the bundler. */
function licences() {
  return packages(join(HERE, 'node_modules'))
    .filter(({ name }) => !/^(@esbuild\/|esbuild$)/.test(name))
    .map(({ folder, name, version, license, author }) => {
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const by = typeof author === 'object' ? author.name : author;
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : [license, by].filter(Boolean).join(', ');
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function packages(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => {
      const path = join(folder, name);
      if (name.startsWith('@')) return packages(path);
      const { version, license, author, name: full } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      const nested = readdirSync(path).includes('node_modules') ? packages(join(path, 'node_modules')) : [];
      return [{ folder: path, name: full, version, license, author }, ...nested];
    });
}
