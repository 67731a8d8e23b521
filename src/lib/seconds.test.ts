import { describe, expect, it } from "vitest";
import { readSeconds } from "./seconds.ts";

describe("a length of time", () => {
  it("may have a fraction", () => expect(readSeconds("--duration", "2.5", 60)).toBe(2.5));
  it("may be a week, if nothing else is said", () => expect(readSeconds("--deadline", "604800")).toBe(604_800));
  it.each(["", "0", "-1", "61", "1m", "Infinity"])("is refused: %j", (text) =>
    expect(() => readSeconds("--duration", text, 60)).toThrow(
      expect.objectContaining({ exitCode: 64, message: expect.stringContaining("seconds above 0 and up to 60") }),
    ),
  );
});
