import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '../scenarios/index.js';
import { EXPLANATIONS } from './explanations.js';

test('an explanation belongs to a budget of a scenario, and is a sentence', () => {
  for (const [key, text] of EXPLANATIONS) {
    assert.ok(
      SCENARIOS.some(({ name }) => key.startsWith(`${name}: `)),
      key,
    );
    assert.match(text, /^[A-Z`].*\.$/);
  }
});
