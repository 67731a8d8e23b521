import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { runLectern } from "../process/run-verb.ts";
import { type FaultyProxy, startFaultyProxy } from "../site/faulty-proxy.ts";
import { type PlainOwncast, startSettingsOwncast } from "./plain-owncast.ts";

export interface Outcome {
  readonly code: number;
  /** Both streams, for claims about texts that appear and texts that never appear. */
  readonly output: string;
}

/** A fresh Owncast, and the commands that make it match stage files. They run in the test's process. */
export interface Reconciled {
  readonly owncast: PlainOwncast;
  readonly proxy: FaultyProxy;
  /** The folder of the stage file and of the files that it names. */
  readonly folder: string;
  /** Runs `lectern plan` or `apply` on a stage file with these settings. The proxy records the requests. */
  lectern(verb: "plan" | "apply", stage: object, ...options: string[]): Promise<Outcome>;
  /** Asks the admin API with the stage's present password. Sends a body as JSON, a form unchanged. Throws if Owncast refuses. */
  admin(path: string, body?: object): Promise<unknown>;
  /** The server's public response at a path. */
  shown(path: string): Promise<Buffer>;
  stop(): Promise<void>;
}

const password = "the-password-of-this-test";
const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;

/** Starts it, by default without an encoder, and applies a stage without settings, so that its secrets are in place. */
export async function startReconciled(start = startSettingsOwncast): Promise<Reconciled> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-reconciled-"));
  mkdirSync(join(folder, "secrets"));
  for (const [name, value] of Object.entries({ "admin-password": password, "stream-key": "the-key-of-this-test" }))
    writeFileSync(join(folder, "secrets", name), `${value}\n`);
  const owncast = await start(password);
  const proxy = await startFaultyProxy(owncast.url);
  const lectern = async (verb: "plan" | "apply", stage: object, ...options: string[]): Promise<Outcome> => {
    const seed = join(folder, "main.yaml");
    writeFileSync(seed, stringify(stage));
    const target = ["--seed", seed, "--url", proxy.url, "--secrets", join(folder, "secrets"), "--deadline", "10"];
    proxy.requests.length = 0;
    const { code, stdout, stderr } = await runLectern([verb, ...target, ...options]);
    return { code, output: stdout + stderr };
  };
  await lectern("apply", {});
  return {
    owncast,
    proxy,
    folder,
    lectern,
    async admin(path, body) {
      const content = body instanceof FormData ? body : JSON.stringify(body);
      const init = body ? { method: "POST", body: content } : {};
      const response = await fetch(`${owncast.url}/api/admin/${path}`, { ...init, headers: { authorization } });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return response.json();
    },
    shown: async (path) => Buffer.from(await (await fetch(`${owncast.url}${path}`)).arrayBuffer()),
    async stop() {
      proxy.stop();
      await owncast.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** First line and requests of an apply that finds nothing to change: the configuration once, and these addresses. */
export const inSync = (...reads: readonly string[]) => ({
  code: 0,
  says: "no changes",
  requests: ["GET /api/admin/serverconfig", ...reads.map((path) => `GET ${path}`)],
});

/** An apply's result, in the form of `inSync`. */
export async function applyAgain({ lectern, proxy }: Reconciled, stage: object, ...options: string[]) {
  const { code, output } = await lectern("apply", stage, ...options);
  return { code, says: output.split("\n")[0], requests: [...proxy.requests] };
}
