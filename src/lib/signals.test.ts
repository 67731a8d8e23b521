import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";

const program = `
  import { askedToEnd } from ${JSON.stringify(new URL("signals.ts", import.meta.url).href)};
  askedToEnd(["SIGINT", "SIGHUP"]).addEventListener("abort", () => console.log("asked"));
  process.stdin.on("data", () => console.log("goes on")).on("end", () => process.exit(7));
  console.log("ready");`;

it("reports the first signal, and the process goes on until it ends by itself", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  expect(await next()).toBe("ready");
  child.kill("SIGINT");
  expect(await next()).toBe("asked");
  child.kill("SIGINT");
  child.kill("SIGHUP");
  child.stdin.write("?");
  expect(await next()).toBe("goes on");
  child.stdin.end();
  expect(await ended).toEqual([7, null]);
});

it("does not handle a signal that is not listed", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await ended).toEqual([null, "SIGTERM"]);
});
