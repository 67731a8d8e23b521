const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** A PNG of one pixel; each mark gives other bytes, which decoders ignore after the picture's end. */
export const png = (mark = ""): Buffer => Buffer.concat([pixel, Buffer.from(mark)]);

export const jpg = (): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(64)]);

export const ico = (mark = ""): Buffer => Buffer.concat([Buffer.from([0, 0, 1, 0, 1, 0]), Buffer.from(mark)]);

export const gif = (): Buffer => Buffer.from("R0lGODlhAQABAAAAACwAAAAAAQABAAACADs=", "base64");

export const svg = (color = "red"): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9" fill="${color}"/></svg>\n`,
  );
