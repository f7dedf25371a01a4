// A heatmap on a canvas: one rectangle for each cell that has something in it.

/** Draws the cells, columns from the left, rows from the bottom; the canvas has the size that it is
 * shown with. The shade grows with the root of the count, so that single traces are still seen. */
export function drawHeatmap(
  canvas: HTMLCanvasElement,
  cells: readonly (readonly number[])[],
  token: string,
): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = window.devicePixelRatio || 1;
  canvas.width = width * density;
  canvas.height = height * density;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(density, density);
  context.fillStyle = getComputedStyle(canvas).getPropertyValue(token).trim();
  const most = cells.reduce((max, column) => Math.max(max, ...column), 1);
  for (const [index, column] of cells.entries()) {
    const [left, right] = [index, index + 1].map((at) => Math.round((at / cells.length) * width));
    for (const [row, count] of column.entries()) {
      if (count === 0 || left === undefined || right === undefined) continue;
      const top = Math.round(height - ((row + 1) / column.length) * height);
      const bottom = Math.round(height - (row / column.length) * height);
      context.globalAlpha = 0.14 + 0.86 * Math.sqrt(count / most);
      context.fillRect(left, top, right - left, bottom - top);
    }
  }
}
