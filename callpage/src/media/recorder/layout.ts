// Where each picture stands on the recording (app/call/recording/layout.py). Pure.

/** Left, top, width and height, in pixels. */
export type Box = readonly [number, number, number, number];

const MARGIN = 16;
/** Of the width, for each person beside a shared screen. */
const SMALL_SHARE = 0.19;

/** Both people side by side, the other first; with a screen, the screen large and they one above the other. */
export function layoutOf(width: number, height: number, withScreen: boolean): { other: Box; own: Box; screen: Box | null } {
  if (!withScreen) {
    const each = Math.floor((width - 3 * MARGIN) / 4) * 2;
    const box = (left: number): Box => [left, MARGIN, each, height - 2 * MARGIN];
    return { other: box(MARGIN), own: box(2 * MARGIN + each), screen: null };
  }
  const small = Math.floor((width * SMALL_SHARE) / 2) * 2;
  const smallHeight = Math.floor((small * 9) / 32) * 2;
  const [left, top] = [width - MARGIN - small, Math.floor((height - 2 * smallHeight - MARGIN) / 4) * 2];
  return {
    other: [left, top, small, smallHeight],
    own: [left, top + smallHeight + MARGIN, small, smallHeight],
    screen: [MARGIN, MARGIN, left - 2 * MARGIN, height - 2 * MARGIN],
  };
}

/** The largest box of this shape in the middle of another. */
export function within([left, top, width, height]: Box, shapeWidth: number, shapeHeight: number): Box {
  const scale = Math.min(width / shapeWidth, height / shapeHeight);
  const [wide, high] = [shapeWidth * scale, shapeHeight * scale];
  return [left + (width - wide) / 2, top + (height - high) / 2, wide, high];
}
