import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { here, isRunning, until } from "./start-script.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-endings-"));
});
afterEach(() => {
  const program = Number(log()[0]);
  if (program > 0 && isRunning(program)) process.kill(program, "SIGKILL");
  rmSync(folder, { recursive: true });
});

const log = () => (existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8").trim().split("\n") : []);

/** Starts a stand-in for npm that runs a program by `line`. The program writes its id and what it hears to the log. */
function startNpm(line: string, program: string) {
  writeFileSync(
    join(folder, "program.mjs"),
    `import { appendFileSync } from "node:fs";
    import { interruptible, whenNpmIsGone } from ${here("endings.mjs")};
    const say = (text) => appendFileSync(${JSON.stringify(join(folder, "log"))}, text + "\\n");
    setInterval(() => {}, 1000);
    ${program}
    say(process.pid);`,
  );
  const npm = join(folder, "npm");
  // What follows the program keeps each shell from becoming its child.
  writeFileSync(npm, `#!/bin/sh\n${line}\necho the program has ended\n`, { mode: 0o755 });
  const env = {
    ...process.env,
    NODE: process.execPath,
    PROGRAM: join(folder, "program.mjs"),
    npm_lifecycle_event: "x",
  };
  return spawn(npm, { stdio: "ignore", env });
}

describe("a program whose npm is killed", () => {
  it.each([
    { claim: "npm's child", line: '"$NODE" "$PROGRAM"' },
    { claim: "the child of npm's shell", line: `sh -c '"$NODE" "$PROGRAM"; true'` },
  ])("is asked to end if it is $claim", async ({ line }) => {
    const npm = startNpm(
      line,
      'whenNpmIsGone(() => process.kill(process.pid, "SIGTERM")); process.on("SIGTERM", () => { say("SIGTERM"); process.exit(); });',
    );
    await until(() => log().length > 0, "the program to start");
    npm.kill("SIGKILL");
    await until(() => !isRunning(Number(log()[0])), "the program to end");
    expect(log().slice(1)).toEqual(["SIGTERM"]);
  });

  it("has its work interrupted", async () => {
    const npm = startNpm(
      '"$NODE" "$PROGRAM"',
      'void interruptible((signal) => new Promise((resolve) => signal.addEventListener("abort", resolve))).then(() => { say("cleaned up"); process.exit(); });',
    );
    await until(() => log().length > 0, "the program to start");
    npm.kill("SIGKILL");
    await until(() => !isRunning(Number(log()[0])), "the program to end");
    expect(log().slice(1)).toEqual(["cleaned up"]);
  });
});
