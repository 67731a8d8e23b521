import { expect, it } from "vitest";
import { isBelowFolder } from "./emoji.ts";

it.each([
  ["wave.png", true],
  ["mutant/wave.svg", true],
  ["two words.gif", true],
  ["", false],
  ["../owncast.db", false],
  ["mutant/../../owncast.db", false],
  ["/etc/passwd", false],
  ["mutant//wave.png", false],
  [".", false],
  ["..", false],
  [".hidden", false],
  ["a\\..\\b", false],
  ["a\nb", false],
])("%j may be removed from the emoji: %s", (file, safe) => expect(isBelowFolder(file)).toBe(safe));
