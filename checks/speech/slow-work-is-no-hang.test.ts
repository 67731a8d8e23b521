import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";

// Proves: systemd is told of an engine that hangs, whether or not it holds Python's lock, and not of one that works long.

const program = join(import.meta.dirname, "../lib/speech/watched_server.py");
const hangGuardMs = 60_000;

/** What systemd is told while an engine's call runs, and by which it ends. */
const toldDuring = (call: string): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const options = { timeout: hangGuardMs, killSignal: "SIGKILL" } as const;
    execFile(process.env.SPEECH ?? "", ["-B", program, call], options, (error, stdout, stderr) => {
      const told = stdout.trim().split("\n");
      const begins = told.indexOf("the call begins");
      if (error || begins < 1) reject(new Error(`${error?.message} ${stdout} ${stderr}`));
      else resolve(told.slice(begins + 1));
    });
  });

describe.runIf(isExhaustive)("an engine's call", needsSpeech, () => {
  test.each(["waits", "holds"])(
    "that %s without end is told as a hang",
    async (call) => {
      expect((await toldDuring(call)).at(-1)).toBe("WATCHDOG=trigger");
    },
    2 * hangGuardMs,
  );

  test(
    "that works for longer than the watchdog's period is none, also if it lets no other thread run",
    async () => {
      const told = await toldDuring("works");
      expect(told.at(-1)).toBe("the call has returned");
      expect(told.filter((one) => one === "WATCHDOG=1").length).toBeGreaterThan(4);
    },
    2 * hangGuardMs,
  );
});
