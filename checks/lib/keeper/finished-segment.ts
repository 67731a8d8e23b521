/** A finished segment for tests: whole packets, which begin with `text`. */
export const wholeSegment = (text: string): string => text.padEnd(188 * Math.ceil(text.length / 188), "\n");
