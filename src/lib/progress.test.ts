import { afterEach, expect, it, vi } from "vitest";
import { step } from "./progress.mjs";

const { isTTY } = process.stderr;
afterEach(() => {
  process.stderr.isTTY = isTTY;
  vi.restoreAllMocks();
});

it("a live line never wraps, however wide its characters are, and later lines wrap again", async () => {
  process.stderr.isTTY = true;
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(`${text}`) > 0);
  await step("東京 🎥", async () => {});
  const [shown = ""] = written;
  expect(shown).toBe("\r\x1b[2K\x1b[?7l… 東京 🎥\x1b[?7h");
  expect(written.filter((text) => text.includes("東京")).every((text) => text.endsWith("\x1b[?7h"))).toBe(true);
});
