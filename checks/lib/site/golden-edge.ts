import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HttpResponse } from "../../../src/viewer/http-client.ts";
import { clientOf } from "./front.ts";
import { inFolder, moveSites, reload, startNginx } from "./golden-nginx.ts";
import { changed, goldenFile } from "./golden-site.ts";

/** Names of the edge's sites in tests: the test certificate has them. The first has everything, the second the video alone. */
export const edgeSites = { full: "wiki.sites.test", video: "www.sites.test" } as const;

/** nginx with the configuration that NixOS writes for the host `edge`, on loopback. */
export interface GoldenEdge {
  readonly port: number;
  readonly caFile: string;
  readonly logFile: string;
  /** The folder that replaces the host's, with the secret's file. */
  readonly secretDir: string;
  /** The folder of its cache. */
  readonly cacheDir: string;
  readonly accessLog: string;
  /** The reload command of the host's unit. */
  reload(): readonly string[];
  get(path: string, headers?: Readonly<Record<string, string>>, site?: string): Promise<HttpResponse>;
  /** Ends it and starts it again, with its cache. */
  restart(): Promise<void>;
  /** Kills its processes without warning. */
  kill(): Promise<void>;
  /** Starts it again after that, as systemd does. */
  start(): Promise<void>;
  /** Stops its processes without ending them: the kernel accepts connections, and nobody answers. */
  hang(): void;
  /** Lets them go on. */
  resume(): void;
  stop(): Promise<void>;
}

/** What the edge has behind it. */
export interface EdgeOrigin {
  /** The port on loopback of one.test, the origin of both of its sites. */
  readonly port: number;
  /** The authority of the origin's certificate. */
  readonly caFile: string;
  /** Replaces texts of the configuration, such as the origin's name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Starts an edge in a folder of its own. */
export async function startGoldenEdge(folder: string, { port, caFile, texts = {} }: EdgeOrigin): Promise<GoldenEdge> {
  const cacheDir = join(folder, "edge-cache");
  for (const each of [folder, cacheDir]) mkdirSync(each, { recursive: true });
  const asPattern = (name: string) => name.replaceAll(".", "\\.");
  const renamed = (from: string, to: string) => ({ [from]: to, [asPattern(from)]: asPattern(to) });
  const places = {
    "/var/cache/lectern-edge": cacheDir,
    "/var/lib/certificates/origin.pem": caFile,
    // The longer name first: it ends in the shorter one.
    ...renamed("second-edge.test", edgeSites.video),
    ...renamed("edge.test", edgeSites.full),
    "server one.test:443": `server 127.0.0.1:${port}`,
    "server two.test:443": `server 127.0.0.1:${port}`,
    "two.test": "one.test",
  };
  const text = readFileSync(goldenFile("nginx", "edge"), "utf8");
  const golden = changed(text, { ...places, ...texts }, "the edge's nginx.conf");
  const moved = await moveSites(golden);
  const file = join(folder, "nginx.conf");
  writeFileSync(file, inFolder(moved.text, folder));
  const own = join(folder, "certificates/authority.pem");
  const launch = async () => {
    const started = startNginx(folder, file);
    const client = await clientOf(started.nginx, {
      caFile: own,
      port: moved.ports.https,
      sites: Object.values(edgeSites),
    });
    return { ...started, client };
  };
  let running = await launch();
  const end = async () => {
    running.client.close();
    await running.nginx.stop();
  };
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of processesOf(running.nginx.pid as number)) process.kill(pid, name);
  };
  return {
    ...{ port: moved.ports.https, caFile: own, logFile: running.logFile, cacheDir },
    secretDir: join(folder, "run/edge-secret"),
    accessLog: join(folder, "log/lectern-edge.log"),
    reload: () => ["sh", "-c", reload, "sh", `${running.nginx.pid}`, ...running.command],
    get: (path, headers = {}, site = edgeSites.full) => running.client.get(site, path, headers),
    async restart() {
      await end();
      running = await launch();
    },
    async kill() {
      signal("SIGKILL");
      await end();
      // systemd removes the folder of the unit's sockets. nginx does not start beside one that is left.
      for (const name of readdirSync(folder)) if (name.endsWith(".sock")) rmSync(join(folder, name));
    },
    async start() {
      running = await launch();
    },
    hang: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    async stop() {
      // A process that was told to hang does not end.
      if (running.nginx.pid !== undefined && existsSync(`/proc/${running.nginx.pid}`)) signal("SIGCONT");
      await end();
    },
  };
}

/** nginx's main process, which comes first so that it starts no new ones, and its children. */
const processesOf = (pid: number): number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number),
];
