import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

it("never returns a port that another process has received and does not listen on yet", async () => {
  const program = `import { freePort } from "./src/lib/free-port.ts"; console.log(await freePort()); setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(other.stdout, "data")) as [Buffer];
  const theirs = Number(line);
  // This process tries that port first: 20,000 is the first of 12,000 ports.
  const startAtTheirs = () => {
    vi.resetModules();
    vi.spyOn(Math, "random").mockReturnValue((theirs - 20_000 + 0.5) / 12_000);
    return import("./free-port.ts");
  };
  expect(await (await startAtTheirs()).freePort()).toBe(theirs + 1);
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(await (await startAtTheirs()).freePort()).toBe(theirs);
});
