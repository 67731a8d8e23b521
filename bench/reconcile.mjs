import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { provision } from "../tools/setup/provision.mjs";
import { measure, median } from "./measure.mjs";
import { inNamespaces } from "./namespace.mjs";

const seed = "generated/seeds/live/main.json";
const ports = { web: "20080", rtmp: "21935" };
const passwords = { before: "the-first-of-this-benchmark", after: "the-second-of-this-benchmark" };
const streamKey = "the-key-of-this-benchmark";
const pairs = 5;
// Takes ffmpeg's place while Lectern configures Owncast. With the real one, Owncast encodes a frame at its start, and writes wait for it.
const noVideo = join(process.cwd(), "src/owncast/bootstrap/no-video");

/**
 * Prints the cost of bootstrap against its minimum, and the memory of an apply, both under Node 24. Owncast listens on every
 * interface, so the benchmark runs in namespaces of its own.
 */
export const benchReconcile = () =>
  inNamespaces("reconcile", inside, (signal) => provision(["npm", "owncast", "namespaces"], { signal }));

/** @param {{ folder: string }} work */
async function inside({ folder }) {
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets/admin-password"), passwords.after);
  writeFileSync(join(folder, "secrets/stream-key-moderator"), streamKey);
  const writes = await writesOfBootstrap(join(folder, "fresh"));
  const results = [];
  const rest = [];
  for (let pair = 0; pair < pairs; pair++) {
    const whole = bootstrapSeconds(folder, join(folder, `bootstrap-${pair}`));
    const parts = await startAndWriteSeconds(join(folder, `parts-${pair}`), writes);
    // The same program, without its work.
    const loading = measure(["src/main.ts", "bootstrap", "--help"]).seconds;
    const figures = `${whole.toFixed(2)} s and ${parts.toFixed(2)} s for the server's start and ${writes.length + 1} writes`;
    console.log(`  pair: ${figures}, ${(whole / parts).toFixed(2)}x; loading lectern takes ${loading.toFixed(2)} s`);
    results.push(whole / parts);
    rest.push((whole - loading) / parts);
  }
  console.log(
    `reconcile: bootstrap takes ${median(results).toFixed(2)}x of server start and writes, ` +
      `${median(rest).toFixed(2)}x once it is loaded (bar: 1.3x)`,
  );
  await memoryOfApply(folder);
}

/** The ordered endpoints and values that make a fresh server match the seed. @param {string} state */
async function writesOfBootstrap(state) {
  const [{ diff }, { configFields }, { loadSeed }] = await Promise.all([
    import("../src/owncast/apply/diff.ts"),
    import("../codegen/schema/owncast/owncast.ts"),
    import("../codegen/load/load-seed.ts"),
  ]);
  const server = await startServer(state);
  const headers = { authorization: `Basic ${Buffer.from(`admin:${passwords.before}`).toString("base64")}` };
  const answer = await fetch(`http://127.0.0.1:${ports.web}/api/admin/serverconfig`, { headers });
  const changes = diff(configFields, await loadSeed(seed), await answer.json(), () => streamKey);
  await end(server);
  return changes.map(({ write, want }) => ({ write, want }));
}

/** Applies to a server with all settings wrong, and to one in sync. @param {string} folder */
async function memoryOfApply(folder) {
  const server = await startServer(join(folder, "memory"));
  await post("adminpass", "abc123");
  const files = ["--seed", seed, "--secrets", join(folder, "secrets"), "--state-dir", folder];
  const apply = ["src/main.ts", "apply", "--url", `http://127.0.0.1:${ports.web}`, ...files];
  for (const what of ["that writes everything", "in sync"]) {
    const { status, said, megabytes } = measure(apply);
    if (status !== 0) throw new Error(said);
    console.log(`reconcile: an apply ${what} takes ${megabytes.toFixed(0)} MB at most (bar: 120 MB)`);
  }
  console.log(`  node -e 0 takes ${measure(["-e", "0"]).megabytes.toFixed(0)} MB`);
  await end(server);
}

/** @type {(folder: string, state: string) => number} */
function bootstrapSeconds(folder, state) {
  mkdirSync(state);
  const files = ["--seed", seed, "--secrets", join(folder, "secrets"), "--state-dir", state];
  const args = ["src/main.ts", "bootstrap", ...files, "--owncast", process.env.OWNCAST ?? ""];
  const result = measure(args);
  if (result.status !== 0) throw new Error(result.said);
  return result.seconds;
}

/** @type {(endpoint: string, value: unknown) => Promise<void>} */
async function post(endpoint, value) {
  const authorization = `Basic ${Buffer.from(`admin:${passwords.before}`).toString("base64")}`;
  const body = JSON.stringify({ value });
  const address = `http://127.0.0.1:${ports.web}/api/admin/config/${endpoint}`;
  const answer = await fetch(address, { method: "POST", headers: { authorization }, body });
  if (!answer.ok) throw new Error(`${endpoint}: ${answer.status} ${await answer.text()}`);
  await answer.text();
}

/**
 * The work of a person with curl: start Owncast under bootstrap's conditions, wait until it responds, write the same settings one
 * by one, end it.
 * @type {(state: string, writes: readonly { write: string, want: unknown }[]) => Promise<number>}
 */
async function startAndWriteSeconds(state, writes) {
  const started = performance.now();
  const server = await startServer(state);
  for (const { write, want } of writes) await post(write, want);
  await post("adminpass", passwords.after);
  await end(server);
  return (performance.now() - started) / 1000;
}

/** @param {string} state */
async function startServer(state) {
  mkdirSync(`${state}/data`, { recursive: true });
  writeFileSync(`${state}/data/owncast.db`, "");
  const flags = ["-webserverip", "127.0.0.1", "-webserverport", ports.web, "-rtmpport", ports.rtmp];
  const server = spawn(process.env.OWNCAST ?? "", [...flags, "-adminpassword", passwords.before], {
    cwd: state,
    stdio: "ignore",
    env: { ...process.env, PATH: [noVideo, process.env.PATH].join(delimiter) },
  });
  while (!(await fetch(`http://127.0.0.1:${ports.web}/api/status`).catch(() => undefined))?.ok) await sleep(10);
  return server;
}

/** @param {import("node:child_process").ChildProcess} server */
async function end(server) {
  const gone = once(server, "exit");
  server.kill();
  await gone;
}
