// Which names a unit may have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { assertUnitName } from '../../src/systemd-unit/unit-names.js';

test('names that systemd accepts are accepted', () => {
  for (const name of ['shop', 'shop.example.org', 'my_shop-2', 'shop@1', 'SHOP', '2'])
    assertUnitName(name);
});

test('names that systemd does not accept, or reads differently, are refused', () => {
  const rows: [name: string, problem: RegExp][] = [
    ['shop.service', /\.service is added to it/],
    ['shop.socket', /\.socket is added to it/],
    ['.shop', /begins with '\.'/],
    ['-shop', /begins with '-'/],
    ['@shop', /begins with '@'/],
    ['shop@', /is a template/],
  ];
  for (const [name, problem] of rows) {
    assert.throws(
      () => assertUnitName(name),
      (error) => error instanceof UsageError && problem.test(error.message),
      name,
    );
  }
});
