import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockCount, clockBits, clockFrame, decodeClock, encodeClock } from "./painted-clock.ts";

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const gray = (bits: readonly boolean[]) => Uint8Array.from(bits, (bit) => (bit ? 255 : 0));

/** The blocks of a frame as a reader averages them: the lower half of the strip, one mean for each block. */
function sample(frame: Uint8Array): Uint8Array {
  const { width, height } = clockFrame;
  const blockWidth = width / blockCount;
  return Uint8Array.from({ length: blockCount }, (_, block) => {
    let sum = 0;
    for (let y = height / 2; y < height; y++)
      for (let x = block * blockWidth; x < (block + 1) * blockWidth; x++) sum += frame[y * width + x]!;
    return sum / ((height / 2) * blockWidth);
  });
}

describe("the clock in a frame", () => {
  it("can be read back at every time", () =>
    fc.assert(
      fc.property(times, (timeMs) => {
        expect(decodeClock(sample(encodeClock(timeMs)))).toBe(timeMs);
      }),
    ));

  it("is refused if any single block is flipped", () =>
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: blockCount - 1 }), (timeMs, flipped) => {
        const bits = clockBits(timeMs).map((bit, index) => (index === flipped ? !bit : bit));
        expect(decodeClock(gray(bits))).toBeUndefined();
      }),
    ));

  it("can be read in spite of blur, noise, and grey instead of black and white", () =>
    fc.assert(
      fc.property(
        times,
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: blockCount, maxLength: blockCount }),
        fc.double({ min: 0, max: 0.12, noNaN: true }),
        (timeMs, noise, bleed) => {
          const clean = clockBits(timeMs).map((bit) => (bit ? 225 : 30));
          const blurred = clean.map((value, index) => {
            const neighbours = (clean[index - 1] ?? value) + (clean[index + 1] ?? value);
            return value * (1 - 2 * bleed) + neighbours * bleed + noise[index]!;
          });
          expect(decodeClock(Uint8Array.from(blurred))).toBe(timeMs);
        },
      ),
    ));

  it("is not found in noise", () => {
    const pictures = fc.sample(fc.uint8Array({ minLength: blockCount, maxLength: blockCount }), {
      numRuns: 500,
      seed: 7,
    });
    expect(pictures.filter((picture) => decodeClock(picture) !== undefined)).toEqual([]);
  });

  it.each([
    ["black", new Uint8Array(blockCount)],
    ["white", new Uint8Array(blockCount).fill(255)],
    ["gray", new Uint8Array(blockCount).fill(128)],
    ["a faint pattern", Uint8Array.from({ length: blockCount }, (_, index) => 100 + (index % 2) * 40)],
    ["a checkerboard", Uint8Array.from({ length: blockCount }, (_, index) => (index % 2) * 255)],
    ["one white block in black", Uint8Array.from({ length: blockCount }, (_, index) => (index === 9 ? 255 : 0))],
    ["a clock with too little contrast", Uint8Array.from(clockBits(1_700_000_000_000), (bit) => (bit ? 150 : 100))],
    ["too few blocks", gray(clockBits(1_700_000_000_000)).subarray(1)],
  ])("is not found in %s", (_, samples) => expect(decodeClock(samples)).toBeUndefined());

  it.each([-1, 0.5, Number.NaN, 2 ** 48])("cannot show %d", (timeMs) =>
    expect(() => clockBits(timeMs)).toThrow(RangeError),
  );

  it("also shows the time of day in digits", () => {
    const { width, height } = clockFrame;
    const frame = encodeClock(Date.UTC(2024, 4, 6, 17, 8, 39, 42));
    const rows = Array.from({ length: height / 2 }, (_, y) =>
      [...frame.subarray(y * width, (y + 1) * width)]
        .map((value) => (value ? "#" : " "))
        .join("")
        .trimEnd(),
    );
    expect(rows.join("\n")).toMatchInlineSnapshot(`
      "                  #   #####        ###   ###        #####  ###         ###     #   ###        #   # #####  ###
                       ##       #  ##   #   # #   #  ##      #  #   #       #   #   ##  #   #       #   #   #   #   #
                        #      #   ##   #  ## #   #  ##     #   #   #       #  ##  # #      #       #   #   #   #
                        #     #         # # #  ###           #   ####       # # # #  #     #        #   #   #   #
                        #    #     ##   ##  # #   #  ##       #     #       ##  # #####   #         #   #   #   #
                        #    #     ##   #   # #   #  ##   #   #    #   ##   #   #    #   #          #   #   #   #   #
                       ###   #           ###   ###         ###   ##    ##    ###     #  #####        ###    #    ###
      "
    `);
  });
});
