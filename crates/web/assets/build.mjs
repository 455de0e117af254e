// Makes dist/: what the browser is given, from ts/, css/, img/ and the packages.
//
//   dist/<name>.js    one bundle for each ts/<name>.ts; a file whose name begins with `_` is only imported
//   dist/onshin.css   css/*.css in the order of their names, minified
//   dist/tokens.css   the design tokens, minified
//   dist/htmx.js, hx-csp.js, hx-sse.js
//   dist/img/…        img/, as it is
//   dist/licences.txt the terms of the packages above
//
// Files are made aside and moved in only where their content differs: cargo goes by the time of the last
// change, and an untouched file must not rebuild the program that embeds it.
import { build, transform } from 'esbuild';
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const next = join(here, `dist.next-${process.pid}`);

// The oldest browsers that the patient pages promise.
const target = ['chrome109', 'firefox115', 'safari16.4'];

const packages = ['htmx.org', '@digital-go-jp/design-tokens'];
const scripts = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'hx-csp.js': 'htmx.org/dist/ext/hx-csp.min.js',
  'hx-sse.js': 'htmx.org/dist/ext/hx-sse.min.js',
};

async function named(folder, ending) {
  const path = join(here, folder);
  if (!existsSync(path)) return [];
  const names = await readdir(path);
  return names.filter((name) => name.endsWith(ending)).sort();
}

async function bundles() {
  const sources = (await named('ts', '.ts')).filter((name) => !name.startsWith('_') && !name.endsWith('.d.ts'));
  if (sources.length === 0) return;
  await build({
    entryPoints: sources.map((name) => join(here, 'ts', name)),
    outdir: next,
    bundle: true,
    format: 'iife',
    minify: true,
    legalComments: 'none',
    target,
    logLevel: 'warning',
  });
}

async function minified(text) {
  const made = await transform(text, { loader: 'css', minify: true, target });
  for (const warning of made.warnings) console.error(`css: ${warning.text}`);
  return made.code;
}

async function styles() {
  const names = await named('css', '.css');
  const texts = await Promise.all(names.map((name) => readFile(join(here, 'css', name), 'utf8')));
  await writeFile(join(next, 'onshin.css'), await minified(texts.join('\n')));
  const tokens = await readFile(join(here, 'node_modules/@digital-go-jp/design-tokens/dist/tokens.css'), 'utf8');
  await writeFile(join(next, 'tokens.css'), await minified(tokens));
}

async function copies() {
  for (const [name, source] of Object.entries(scripts)) {
    const text = await readFile(join(here, 'node_modules', source), 'utf8');
    // The source map is not served, so nothing may point at it.
    await writeFile(join(next, name), text.replace(/^\/\/# sourceMappingURL=.*$/m, ''));
  }
  if (existsSync(join(here, 'img'))) await cp(join(here, 'img'), join(next, 'img'), { recursive: true });
}

async function licences() {
  const texts = [];
  for (const name of packages) {
    const folder = join(here, 'node_modules', name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[sc]e/i.test(entry));
    const terms = file ? await readFile(join(folder, file), 'utf8') : '';
    texts.push(`${name} ${version} (${license})\n\n${terms}`);
  }
  await writeFile(join(next, 'licences.txt'), texts.join('\n\n'));
}

async function files(folder) {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}

async function same(one, other) {
  if (!existsSync(other)) return false;
  return (await readFile(one)).equals(await readFile(other));
}

async function moveIn() {
  const made = await files(next);
  for (const name of made) {
    if (await same(join(next, name), join(dist, name))) continue;
    await mkdir(dirname(join(dist, name)), { recursive: true });
    await rename(join(next, name), join(dist, name));
  }
  for (const name of await files(dist)) {
    if (!made.includes(name)) await rm(join(dist, name));
  }
}

await rm(next, { recursive: true, force: true });
await mkdir(next, { recursive: true });
try {
  await Promise.all([bundles(), styles(), copies(), licences()]);
  await moveIn();
} finally {
  await rm(next, { recursive: true, force: true });
}
