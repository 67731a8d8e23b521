import type { Viewer } from "./browser-viewer.ts";

/** How the cue on the screen looks. */
export interface CueDress {
  readonly lines: number;
  /** Its box lies inside the picture, edges of the video left out. */
  readonly isInPicture: boolean;
  /** Nothing of its text is cut off or covered. */
  readonly isWhole: boolean;
  readonly fontPixels: number;
  /** Between text and the box behind it, as in WCAG: 1 to 21. */
  readonly contrast: number;
  readonly language: string;
  readonly direction: string;
}

/** Reads it from the page. Throws if no cue is on the screen; `what` is for that error. */
export async function dressOf(viewer: Viewer, what: string): Promise<CueDress> {
  const dress = await viewer.page.evaluate<CueDress | null>(read);
  if (!dress) throw new Error(`${what}: no cue is on the screen`);
  return dress;
}

const read = `(() => {
  const cue = document.querySelector(".vjs-text-track-cue");
  const box = cue?.firstElementChild;
  const video = document.querySelector("video");
  if (!cue || !box || !video) return null;
  // Each line of an inline box has a rectangle of its own.
  const lines = [...box.getClientRects()];
  const frame = video.getBoundingClientRect();
  const scale = Math.min(frame.width / video.videoWidth, frame.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  const left = frame.left + (frame.width - width) / 2;
  const top = frame.top + (frame.height - height) / 2;
  const isInPicture = lines.every((line) =>
    line.left >= left - 1 && line.right <= left + width + 1 && line.top >= top - 1 && line.bottom <= top + height + 1);
  const seen = (x, y) => x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight;
  const isWhole = lines.every((line) => seen(line.left, line.top) && seen(line.right, line.bottom));
  const colours = (text) => (/rgba?\\(([^)]+)\\)/.exec(text)?.[1] ?? "").split(",").map(Number);
  const luminance = (text) => {
    const [red, green, blue] = colours(text).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const { color, backgroundColor, fontSize } = getComputedStyle(box);
  const [, , , alpha = 1] = colours(backgroundColor);
  const [dark, light] = [luminance(color), luminance(backgroundColor)].sort((one, other) => one - other);
  return {
    lines: new Set(lines.map((line) => Math.round(line.top))).size,
    isInPicture,
    isWhole,
    fontPixels: Number.parseFloat(fontSize),
    // What shines through a box that is not solid has no known contrast.
    contrast: alpha < 1 ? 1 : (light + 0.05) / (dark + 0.05),
    language: cue.lang,
    direction: getComputedStyle(cue).direction,
  };
})()`;
