import { describe, expect, it } from "vitest";
import { Interrupted } from "./errors.mjs";
import { runCommand } from "./run-command.mjs";

const run = (script: string, options: Partial<Parameters<typeof runCommand>[2]> = {}) =>
  runCommand("sh", ["-c", script], { signal: new AbortController().signal, ...options });

describe("runCommand", () => {
  it("resolves to the output of the command", async () =>
    expect(await run("echo one; echo two >&2")).toMatch(/one|two/));

  it("shows the last lines and the remedy of a failure", async () => {
    const failure = run("seq 1 30; exit 3", { remedy: "look it up" });
    await expect(failure).rejects.toMatchObject({ remedy: "look it up" });
    await expect(failure).rejects.toThrow(/exit code 3\n {2}\| 16\n(.*\n)*.*\| 30$/);
  });

  it("names a command that does not exist", async () => {
    const command = runCommand("no-such-command", [], { signal: new AbortController().signal });
    await expect(command).rejects.toThrow(/^no-such-command: .*ENOENT/);
  });

  it("kills a command that ignores the signal, and rejects with the reason", async () => {
    const controller = new AbortController();
    const reason = new Interrupted("SIGINT");
    const command = run("trap '' INT; echo deaf; sleep 60; sleep 60", {
      signal: controller.signal,
      onLine: () => controller.abort(reason),
    });
    await expect(command).rejects.toBe(reason);
  });

  it("lets a command with `finishesItself` complete its work", async () => {
    const controller = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      controller.abort(new Interrupted("SIGINT"));
    };
    // The inner command stands for dpkg. Only apt-get may get the signal.
    const inner = "trap 'echo torn; exit' INT; echo started; sleep 0.5; echo whole";
    const run = runCommand("sh", ["-c", `trap true INT; sh -c "$INNER"`], {
      signal: controller.signal,
      env: { INNER: inner },
      onLine,
      finishesItself: true,
    });
    await expect(run).rejects.toThrow(Interrupted);
    expect(lines).toEqual(["started", "whole"]);
  });

  it("starts nothing once it is interrupted", async () => {
    const reason = new Interrupted("SIGTERM");
    await expect(run("echo started", { signal: AbortSignal.abort(reason), onLine: expect.unreachable })).rejects.toBe(
      reason,
    );
  });
});
