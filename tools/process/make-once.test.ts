import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeOnce } from "./make-once.mjs";
import { here, isRunning, startScript, until } from "./start-script.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-make-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const target = () => join(folder, "cache", "program");
const options = { signal: new AbortController().signal, onWait: () => {} };

/** A process that makes the target by a shell command, as the set-up builds Owncast; the command may use $LOG. */
const maker = (command: string) =>
  startScript(`
    import { interruptible } from ${here("endings.mjs")};
    import { runProgram } from ${here("program.mjs")};
    import { makeOnce } from ${here("make-once.mjs")};
    import { runCommand } from ${here("run-command.mjs")};
    await runProgram(() => interruptible(async (signal) => {
      const onWait = (holder) => process.stderr.write("waiting for " + holder);
      await makeOnce(${JSON.stringify(target())}, { signal, onWait }, async (workshop) => {
        const env = { LOG: ${JSON.stringify(join(folder, "log"))} };
        await runCommand("sh", ["-c", ${JSON.stringify(command)}], { signal, env, cwd: workshop });
        return workshop + "/made";
      });
      return 0;
    }));`);
const log = () => (existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8").trim().split("\n") : []);

describe("makeOnce", () => {
  it("makes a file once for two processes, and the second one says which process it waits for", async () => {
    const done = join(folder, "done");
    const command = `echo made >> $LOG; until [ -e ${done} ]; do sleep 0.05; done; echo whole > made`;
    const first = maker(command);
    await until(() => log().length > 0, "the first to start");
    const second = maker(command);
    let said = "";
    second.stderr?.on("data", (text) => {
      said += text;
    });
    await until(() => said !== "", "the second to say that it waits");
    writeFileSync(done, "");
    const codes = await Promise.all([first.ended, second.ended]);
    expect({ codes, said, log: log() }).toEqual({ codes: [0, 0], said: `waiting for ${first.pid}`, log: ["made"] });
    expect(readFileSync(target(), "utf8")).toBe("whole\n");
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "leaves no file, folder or process behind after %s",
    async (signal) => {
      // The inner sleep stands for a compiler that the build tool started.
      const child = maker("echo half > made; (sleep 60 & echo $! >> $LOG; wait); echo whole > made");
      await until(() => log().length > 0, "the build to start");
      child.kill(signal);
      expect(await child.ended).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      expect(readdirSync(join(folder, "cache"))).toEqual(["lock"]);
      expect(isRunning(Number(log()[0]))).toBe(false);
    },
  );

  it("goes on at once when the holder of the lock is killed, and removes its files", async () => {
    const killed = maker("echo $$ >> $LOG; exec sleep 60");
    await until(() => log().length > 0, "the first to start");
    const next = maker("echo whole > made");
    killed.kill("SIGKILL");
    expect(await next.ended).toBe(0);
    process.kill(Number(log()[0]), "SIGKILL");
    expect(readdirSync(join(folder, "cache")).sort()).toEqual(["lock", "program"]);
  });

  it("keeps an existing file", async () => {
    mkdirSync(join(folder, "cache"));
    writeFileSync(target(), "there");
    await makeOnce(target(), options, () => Promise.reject(new Error("made again")));
    expect(readFileSync(target(), "utf8")).toBe("there");
  });

  it("passes a failure on, leaves no files of it, and can be tried again", async () => {
    const failure = new Error("no compiler");
    await expect(makeOnce(target(), options, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(readdirSync(join(folder, "cache"))).toEqual(["lock"]);
    await makeOnce(target(), options, async (workshop) => {
      writeFileSync(join(workshop, "made"), "whole");
      return join(workshop, "made");
    });
    expect(readFileSync(target(), "utf8")).toBe("whole");
  });
});
