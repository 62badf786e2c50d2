/**
 * The row in which each label stands, its right edge given: the first row where it clears the label before it by a gap; null where there is none.
 * Labels that move together keep their rows.
 * @param {{right: number, width: number}[]} labels from left to right
 */
export function labelRows(labels, rows, gap) {
  const taken = new Array(rows).fill(-Infinity);
  return labels.map(({ right, width }) => {
    const row = taken.findIndex((end) => end + gap <= right - width);
    if (row < 0) {
      return null;
    }
    taken[row] = right;
    return row;
  });
}
