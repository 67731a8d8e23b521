// A program of its own, outside a node. It requests a path of a site in a loop, each time over a new connection, and slowly
// downloads a large file meanwhile. It reports the longest time without a response, and how the download ended.
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get, type RequestOptions } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Visit, VisitTarget } from "./visitors.ts";

const { domain, address, caFile, page, download } = JSON.parse(process.argv[2] ?? "") as VisitTarget;
const options: RequestOptions = {
  ...{ host: address, port: 443, servername: domain, headers: { host: domain } },
  ...{ ca: readFileSync(caFile), agent: false, timeout: 30_000 },
};
const answeredAtMs = [performance.now()];
const failures = new Set<string>();
let isInHurry = false;

const downloaded = new Promise<Visit["download"]>((resolve) => {
  get({ ...options, path: download }, (answer) => {
    answer.once("end", () => resolve("whole")).once("error", () => resolve("cut"));
    readSlowly(answer);
  }).once("error", () => resolve("none"));
});
const asking = setInterval(ask, 20);

process.once("message", async () => {
  clearInterval(asking);
  answeredAtMs.push(performance.now());
  isInHurry = true;
  const gapsMs = answeredAtMs.slice(1).map((time, index) => time - answeredAtMs[index]!);
  const [answers, longestGapMs] = [answeredAtMs.length - 2, Math.round(Math.max(...gapsMs))];
  const told: Visit = { answers, longestGapMs, failures: [...failures], download: await downloaded };
  process.send?.(told, () => process.exit(0));
});
process.once("disconnect", () => process.exit(0));

function ask(): void {
  get({ ...options, path: page }, (answer) => {
    answer.resume();
    if (answer.statusCode === 200) answer.once("end", () => answeredAtMs.push(performance.now()));
    else failures.add(`${answer.statusCode}`);
  }).on("error", ({ code, message }: NodeJS.ErrnoException) => failures.add(code ?? message));
}

/** Reads like a viewer on a slow line: unread bytes wait at the server. In a hurry, it reads all that has come. */
async function readSlowly(answer: IncomingMessage): Promise<void> {
  while (!isInHurry) {
    answer.read(16_384) ?? answer.read();
    await sleep(50);
  }
  answer.resume();
}
