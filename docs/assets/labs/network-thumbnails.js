/**
 * The small pictures in a diagram's units, as `scripts/network_pictures.py` draws them when the site is built: both have to agree,
 * since the page goes on where the recorded form ends.
 */

/** Cells along a side. */
const CELLS = 24;

/** Where one shade ends and the next begins; the shade in the middle is the paper's. */
const BANDS = [0.1, 0.3, 0.46, 0.54, 0.7, 0.9];

/**
 * Take the cells of a small picture out of a fine one.
 *
 * @param {Float32Array} values row by row
 * @param {number} size cells along a side, a multiple of 24
 * @returns {Float32Array}
 */
export function sampled(values, size) {
  const stride = size / CELLS;
  const half = Math.floor(stride / 2);
  const small = new Float32Array(CELLS * CELLS);
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) {
      small[row * CELLS + column] = values[(row * stride + half) * size + column * stride + half];
    }
  }
  return small;
}

/**
 * Find where a sign tells a side: the cell of that side that is nearest to the middle of them all.
 *
 * @param {Float32Array} small
 * @param {1 | -1} side
 * @returns {{ left: number, top: number } | null} as shares of the picture; null if there is no such side
 */
export function placeSign(small, side) {
  /** @type {[row: number, column: number][]} */
  const cells = [];
  for (let i = 0; i < small.length; i++) {
    if (side * (small[i] - 0.5) > 0) cells.push([Math.floor(i / CELLS), i % CELLS]);
  }
  if (cells.length === 0) return null;
  const middle = [0, 1].map((axis) => cells.reduce((sum, cell) => sum + cell[axis], 0) / cells.length);
  let nearest = cells[0];
  let least = Infinity;
  for (const cell of cells) {
    const distance = (cell[0] - middle[0]) ** 2 + (cell[1] - middle[1]) ** 2;
    if (distance < least) [nearest, least] = [cell, distance];
  }
  return { left: (nearest[1] + 0.5) / CELLS, top: (nearest[0] + 0.5) / CELLS };
}

/**
 * Paint what a unit says into its small picture.
 *
 * @param {Element} unit as `scripts/network_pictures.py` made it
 * @param {number} radius half the picture's side
 * @param {Float32Array} small
 * @param {Float64Array | undefined} ends of the line that it draws, as shares of the picture's half
 */
export function paintThumbnail(unit, radius, small, ends) {
  const paths = unit.querySelectorAll(".gd-thumb path");
  for (const [index, data] of shades(small).entries()) paths[index].setAttribute("d", data);
  const [x0, y0, x1, y1] = Array.from(ends ?? [], (end) => end * radius);
  unit.querySelector(".gd-thumb-line")?.setAttribute("d", ends ? `M${x0} ${-y0}L${x1} ${-y1}` : "");
  const place = placeSign(small, 1);
  const mark = unit.querySelector(".gd-thumb-plus");
  if (!mark) return;
  mark.textContent = place ? "+" : "";
  if (!place) return;
  mark.setAttribute("x", String((2 * place.left - 1) * radius));
  mark.setAttribute("y", String((2 * place.top - 1) * radius + 4));
}

/**
 * The cells of each shade as a path, from certainly below to certainly above; the middle is left out.
 *
 * @param {Float32Array} small
 * @returns {string[]}
 */
function shades(small) {
  const found = BANDS.map(() => "");
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS;) {
      const band = bandOf(small[row * CELLS + column]);
      const from = column;
      while (column < CELLS && bandOf(small[row * CELLS + column]) === band) column++;
      if (band !== 3)
        found[band > 3 ? band - 1 : band] += `M${from} ${row}h${column - from}v1h${from - column}z`;
    }
  }
  return found;
}

/** @param {number} value */
function bandOf(value) {
  let band = 0;
  while (band < BANDS.length && BANDS[band] < value) band++;
  return band;
}
