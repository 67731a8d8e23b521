import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Fault, ProbeReport } from "../../../src/probe/probe-report.ts";
import { named } from "./from-set-up.ts";
import { frontOf } from "./golden-files.ts";
import type { Host } from "./golden-node.ts";
import { answerOf, until } from "./node-command.ts";

/** A stage on a node, as viewers and the camera's operator see it. */
export interface StageView {
  readonly name: string;
  readonly domain: string;
  readonly rtmpPort: number;
}

export interface Declared {
  readonly domain: string;
  /** By purpose: `server`, `gate`, … */
  readonly units: Readonly<Record<string, string>>;
  readonly rtmpUrl: string;
  readonly owncastUrl: string;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** A stage's entry in the host's own file. */
export const declared = (host: Host, name: string): Declared =>
  JSON.parse(host.golden.get("etc/lectern/stages.json")?.toString() ?? "")[name];

/** A stage of a host, from the host's own file. */
export function stageOf(host: Host, name = "main"): StageView {
  const { domain, rtmpUrl } = declared(host, name);
  return { name, domain, rtmpPort: Number(new URL(rtmpUrl).port) };
}

/** The certificate of the node's own authority. */
export const authorityOf = (host: Host): string =>
  host.file(
    {
      caddy: "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt",
      nginx: "/var/lib/certificates/authority.pem",
    }[frontOf(host.golden)],
  );

const program = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
/** `lectern` on this machine. It sees only the node's outside. */
const outside = (host: Host, ...args: string[]) => host.fromOutside([named("NODE24"), program, ...args]);

/** The faults that `lectern probe` finds as a viewer over TLS; empty if all is well. Rejects if it cannot look. */
export async function faultsFor(host: Host, { name, domain }: StageView): Promise<readonly Fault[]> {
  const { code, stdout, stderr } = await answerOf(
    outside(
      host,
      ...["probe", "--url", `https://${domain}`, "--resolve", `${domain}:443:${host.address}`],
      ...["--seed", host.file(`/etc/lectern/${name}.json`), "--ca", authorityOf(host), "--deadline", "120", "--json"],
    ),
  );
  if (code !== 0 && code !== 2) throw new Error(`lectern probe ended with ${code}: ${stderr}`);
  return (JSON.parse(stdout) as ProbeReport).faults;
}

/** A camera that publishes from outside the node, and reconnects when its stream is lost. */
export interface Camera {
  /** Ends the stream properly; resolves to the number of reconnects. Rejects if the camera had given up. */
  stop(): Promise<{ reconnects: number }>;
}

/** Publishes with `lectern publish` until stopped; resolves when Owncast says that the stage is live. `flags` are further ones. */
export async function goLive(
  host: Host,
  stage: StageView,
  key = "stream-key",
  flags: readonly string[] = [],
): Promise<Camera> {
  const camera = publish(host, stage, key, flags);
  const look = async () => {
    camera.check();
    return isLive(host, stage);
  };
  // Owncast takes seven seconds to say so, and each look is a process.
  await until("the stage is live", look, 500);
  return camera;
}

/** Publishes with `lectern publish` until stopped. `check` throws if the camera has given up. */
export function publish(
  host: Host,
  stage: StageView,
  key: string,
  flags: readonly string[],
): Camera & { check(): void } {
  const [command = "", ...args] = outside(
    host,
    ...["publish", "--url", `rtmp://${host.address}:${stage.rtmpPort}/live`, "--size", "320x180", "--fps", "15"],
    ...["--stream-key-file", host.file(declared(host, stage.name).secrets[key]?.file ?? ""), "--json", ...flags],
  );
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  const closed = once(child, "close");
  return {
    check() {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (hasEnded) throw new Error(`lectern publish ended: ${said.stderr}`);
    },
    async stop() {
      child.kill("SIGINT");
      const [code] = await closed;
      if (code !== 0) throw new Error(`lectern publish ended with ${code}: ${said.stderr}`);
      return JSON.parse(said.stdout);
    },
  };
}

/** Publishes for two seconds with the key in a file of the node, without a retry; resolves to the exit code. */
export async function publishOnce(host: Host, stage: StageView, keyFile: string): Promise<number | string> {
  const url = `rtmp://${host.address}:${stage.rtmpPort}/live`;
  const args = ["--url", url, "--stream-key-file", host.file(keyFile), "--duration", "2", "--no-reconnect"];
  return (await answerOf(outside(host, "publish", ...args))).code;
}

/** Whether Owncast says that a stage is live; also false if Owncast does not respond. */
export const isLive = (host: Host, stage: StageView): Promise<boolean> => owncastSays(host, stage, "online");

/** Whether Owncast counts a viewer. */
export const isWatched = (host: Host, stage: StageView): Promise<boolean> =>
  owncastSays(host, stage, "viewerCount > 0");

async function owncastSays(host: Host, { name }: StageView, what: string): Promise<boolean> {
  const { owncastUrl } = declared(host, name);
  const { stdout } = await host.evaluate(
    `fetch("${owncastUrl}/api/status").then((answer) => answer.json()).then(({ online, viewerCount }) => ${what}, () => false)`,
  );
  return stdout.trim() === "true";
}

/** Asks a stage's admin API on its node, with the stage's own password; resolves to the JSON. Rejects if Owncast refuses. */
export async function admin(host: Host, { name }: StageView, path: string, value?: unknown): Promise<unknown> {
  const { owncastUrl } = declared(host, name);
  const password = readFileSync(host.file(`/var/lib/lectern-secrets/${name}/admin-password`), "utf8").trim();
  const init = {
    headers: { authorization: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}` },
    ...(value === undefined ? {} : { method: "POST", body: JSON.stringify({ value }) }),
  };
  const { code, stdout, stderr } = await host.evaluate(
    `fetch("${owncastUrl}/api/admin/${path}", ${JSON.stringify(init)}).then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return JSON.stringify(await answer.json());
    })`,
  );
  if (code !== 0) throw new Error(`${path}: ${stderr}`);
  return JSON.parse(stdout);
}

/** On a busy machine, camera and encoder may be slower than live. Then `lectern status` must say so. */
export const saysBusy = (stdout: string): boolean => /encoderOverloaded|videoIngestionStarved/.test(stdout);
