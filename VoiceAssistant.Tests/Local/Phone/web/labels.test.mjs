import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelRows } from '../../../../VoiceAssistant.Local/Phone/wwwroot/labels.js';

const GAP = 8;

/** Whether any two labels of one row are closer than the gap. */
function overlap(labels, rows) {
  return labels.some((a, i) =>
    labels.some((b, j) => i < j && rows[i] !== null && rows[i] === rows[j] && a.right + GAP > b.right - b.width));
}

test('labels that are far apart share the first row', () => {
  assert.deepEqual(labelRows([{ right: 50, width: 50 }, { right: 108, width: 50 }, { right: 300, width: 40 }], 2, GAP), [0, 0, 0]);
});

test('a label that would touch the one before it goes to the next row', () => {
  assert.deepEqual(labelRows([{ right: 50, width: 50 }, { right: 107, width: 50 }], 2, GAP), [0, 1]);
});

test('a label is left out where every row is taken', () => {
  assert.deepEqual(labelRows([{ right: 50, width: 50 }, { right: 60, width: 50 }, { right: 70, width: 50 }], 2, GAP), [0, 1, null]);
});

test('no two labels overlap, however many there are, and none changes its row as all of them move', () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 500; round++) {
    const rights = Array.from({ length: 1 + random(12) }, () => random(600)).sort((a, b) => a - b);
    const labels = rights.map((right) => ({ right, width: 30 + random(90) }));
    const rows = labelRows(labels, 2, GAP);
    assert.ok(!overlap(labels, rows));
    assert.deepEqual(labelRows(labels.map(({ right, width }) => ({ right: right - 250, width })), 2, GAP), rows);
  }
});
