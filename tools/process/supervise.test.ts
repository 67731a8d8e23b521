import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { here, isRunning, startScript, until } from "./start-script.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-supervise-"));
});
afterEach(() => {
  const program = Number.parseInt(log()[0] ?? "", 10);
  if (program > 0 && isRunning(program)) process.kill(program, "SIGKILL");
  rmSync(folder, { recursive: true });
});

const log = () => (existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8").trim().split("\n") : []);

/** A process that supervises a program which writes its id, its arguments and each signal it gets to the log. */
const supervisor = (onSignal: string, ...args: string[]) => {
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `import { appendFileSync } from "node:fs";
    const say = (text) => appendFileSync(${JSON.stringify(join(folder, "log"))}, text + "\\n");
    const timer = setInterval(() => {}, 1000);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => { say(signal); ${onSignal} });
    say([process.pid, ...process.argv.slice(2)].join(" "));`,
  );
  return startScript(`
    import { runProgram } from ${here("program.mjs")};
    import { supervise } from ${here("supervise.mjs")};
    await runProgram(() => supervise(${JSON.stringify(program)}, ${JSON.stringify(args)}));`);
};

describe("supervise", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "passes %s on once, however often it comes at a time",
    async (signal) => {
      const parent = supervisor("setTimeout(() => process.exit(7), 400)");
      await until(() => log().length > 0, "the child to start");
      for (let times = 0; times < 3; times++) {
        parent.kill(signal);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await parent.ended).toBe(7);
      expect(log().slice(1)).toEqual([signal]);
    },
  );

  it("passes a later one on too", async () => {
    const parent = supervisor("if (signal === 'SIGTERM') process.exit(0)");
    await until(() => log().length > 0, "the child to start");
    parent.kill("SIGINT");
    await until(() => log().length > 1, "the first signal");
    await new Promise((resolve) => setTimeout(resolve, 600));
    parent.kill("SIGTERM");
    expect(await parent.ended).toBe(0);
  });

  it("reports a child that a signal ended as a shell does", async () => {
    const parent = supervisor("");
    await until(() => log().length > 0, "the child to start");
    process.kill(Number(log()[0]), "SIGKILL");
    expect(await parent.ended).toBe(137);
  });

  it("hands the arguments over, and ends when the program does", async () => {
    const parent = supervisor("clearInterval(timer)", "demo", "--once");
    await until(() => log().length > 0, "the program to start");
    expect(log()[0]).toMatch(/^\d+ demo --once$/);
    parent.kill("SIGHUP");
    expect(await parent.ended).toBe(0);
  });

  it("asks the program to end when it is killed itself", async () => {
    const parent = supervisor("process.exit(0)");
    await until(() => log().length > 0, "the program to start");
    parent.kill("SIGKILL");
    await until(() => !isRunning(Number(log()[0])), "the program to end");
    expect(log().slice(1)).toEqual(["SIGTERM"]);
  });
});
