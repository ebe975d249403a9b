// A save deep in an app of each kind that people write: the next answer is from the new code.
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { node, root } from '../../helpers/paths.js';
import { project, startDev, visit } from '../../helpers/watch/developing.js';

interface Kind {
  readonly files: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** Imported by a module that another one imports. */
  readonly deep: string;
  /** Why it cannot run here. */
  readonly skip?: string;
}

const typescript = {
  'src/server.ts': `import { createServer } from 'node:http';
import { page } from './pages/index.ts';

createServer((_request, response): void => void response.end(page())).listen(0, '127.0.0.1');
`,
  'src/pages/index.ts': `import { title } from './words/title.ts';

export function page(): string {
  return title as string;
}
`,
  'src/pages/words/title.ts': "export const title: string = 'one';\n",
  'package.json': '{"type": "module"}',
};

/** Node strips types by itself from 22.18 on. */
const strips = Boolean((process.features as { typescript?: unknown }).typescript);

const kinds: Readonly<Record<string, Kind>> = {
  Express: {
    files: {
      'app.cjs': `const express = require('express');
const app = express();
app.use(require('./routes/index.cjs'));
app.listen(0, '127.0.0.1');
`,
      'routes/index.cjs': `const { Router } = require('express');
const { title } = require('./words/title.cjs');
module.exports = Router().get('/', (_request, response) => response.send(title));
`,
      'routes/words/title.cjs': "exports.title = 'one';\n",
    },
    command: [node, 'app.cjs'],
    deep: 'routes/words/title.cjs',
  },
  Fastify: {
    files: {
      'app.mjs': `import Fastify from 'fastify';
import { routes } from './routes/index.mjs';
const app = Fastify();
app.register(routes);
await app.listen({ port: 0, host: '127.0.0.1' });
`,
      'routes/index.mjs': `import { title } from './words/title.mjs';
export async function routes(app) {
  app.get('/', async () => title);
}
`,
      'routes/words/title.mjs': "export const title = 'one';\n",
    },
    command: [node, 'app.mjs'],
    deep: 'routes/words/title.mjs',
  },
  'TypeScript by tsx': {
    files: typescript,
    command: [node, '--import', 'tsx', 'src/server.ts'],
    deep: 'src/pages/words/title.ts',
  },
  'TypeScript by Node itself': {
    files: typescript,
    command: [node, 'src/server.ts'],
    deep: 'src/pages/words/title.ts',
    ...(!strips && { skip: `Node ${process.version} does not strip types` }),
  },
};

for (const [name, { files, command, deep, skip }] of Object.entries(kinds)) {
  test(name, skip === undefined ? {} : { skip }, async (t) => {
    const app = project(t, files);
    symlinkSync(join(root, 'node_modules'), app.path('node_modules'));
    const master = startDev(t, app, { command });
    const { answers, visitor } = await visit(t, master);
    await answers('one');
    app.save(deep, (files[deep] ?? '').replace('one', 'two'));
    await answers('two');
    app.save(deep, `${(files[deep] ?? '').replace('one', 'three')}throw new Error('too far');\n`);
    const { msg } = await master.logged('rolledBack');
    assert.match(msg, /Error: too far/);
    assert.match(msg, new RegExp(`${deep.replaceAll('.', '\\.')}:2`), 'the line of the source');
    app.save(deep, (files[deep] ?? '').replace('one', 'four'));
    await answers('four');
    // That was an answer to somebody else, and for a moment both generations accept.
    await eventually('an answer to the visitor', () => visitor.answers.includes('four'));
    await visitor.stop();
    assert.deepEqual(visitor.failures, []);
    assert.deepEqual(new Set(visitor.answers), new Set(['one', 'two', 'four']));
  });
}
