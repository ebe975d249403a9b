// Where JSON ends to be JSON: the place is told alike in all versions of Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFlaw } from '../../src/cli/json-flaw.js';

test('the first place from which a text is no JSON', () => {
  const rows: [text: string, flaw: string][] = [
    ['{"a": 1,}', "line 1, column 9: not JSON from '}' on"],
    ['{\n  "a": 1\n  "b": 2\n}', `line 3, column 3: not JSON from '"b": 2' on`],
    ['{\n  // why\n  "a": 1\n}', "line 2, column 3: not JSON from '// why' on"],
    ["{'a': 1}", "line 1, column 2: not JSON from ''a': 1}' on"],
    ['{a: 1}', "line 1, column 2: not JSON from 'a: 1}' on"],
    ['{"a": tru}', "line 1, column 7: not JSON from 'tru}' on"],
    ['{"a": TRUE}', "line 1, column 7: not JSON from 'TRUE}' on"],
    ['{"a": 01}', "line 1, column 7: not JSON from '01}' on"],
    ['{"a": 1.}', "line 1, column 7: not JSON from '1.}' on"],
    ['{"a": "\\x"}', `line 1, column 7: not JSON from '"\\x"}' on`],
    ['{"a": "b\n"}', `line 1, column 7: not JSON from '"b' on`],
    ['{"a" 1}', "line 1, column 6: not JSON from '1}' on"],
    ['["a", ]', "line 1, column 7: not JSON from ']' on"],
    ['["a"}', "line 1, column 5: not JSON from '}' on"],
    ['{} {}', "line 1, column 4: not JSON from '{}' on"],
    [
      '{"a": [1, {"b": null}, -1.5e3, "\\u00e4"], "c": !}',
      "line 1, column 48: not JSON from '!}' on",
    ],
    ['{"a": 1', 'line 1, column 8: ends too early'],
    ['{"a": [\n', 'line 2, column 1: ends too early'],
    ['', 'line 1, column 1: ends too early'],
    [`[${'x'.repeat(100)}]`, `line 1, column 2: not JSON from '${'x'.repeat(20)}' on`],
  ];
  for (const [text, flaw] of rows) {
    assert.throws(() => JSON.parse(text), SyntaxError, text);
    assert.equal(describeFlaw(text), flaw, text);
  }
});
