import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect, isIPv4 } from "node:net";
import type { HttpClient } from "../viewer/http-client.ts";
import type { Notes } from "./probe-report.ts";

/** A port that must not be reachable. */
export interface Door {
  readonly host: string;
  readonly port: number;
}

/** The ports and pages that must be closed, seen from here. */
export interface ClosedTask {
  readonly client: HttpClient;
  readonly url: string;
  readonly closed: readonly Door[];
  /** Given: the stage is private, so it must be closed to strangers. */
  readonly viewerPassword?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Owncast serves its admin page or its admin API at each of these, if no proxy is in between.
const adminPaths = [
  ...["/admin", "/admin/", "/%61dmin/", "/admin%2f", "//admin/", "/x/../admin/"],
  ...["/api/admin/status", "/api/admin/serverconfig", "/api//admin/serverconfig"],
  // Owncast wants the admin's password here too, as the admin logs in to other sites with it.
  "/api/auth/provider/indieauth?client_id=x&redirect_uri=x&code_challenge=x&state=x&me=x",
];
// One path of each kind that a site has. The segment does not exist, so an open stage responds with 404.
const viewerPaths = [
  ...["/", "/embed/video", "/embed/chat/readonly", "/embed/chat/readwrite", "/ws"],
  ...["/api/status", "/api/config", "/api/chat", "/api/viewers", "/logo", "/thumbnail.jpg"],
  ...["/hls/stream.m3u8", "/hls/0/stream.m3u8", "/hls/0/stream-x-0.ts", "/.well-known/webfinger", "/x/../", "//"],
];
const publicPassword = `Basic ${Buffer.from("admin:abc123").toString("base64")}`;
const connectTimeoutMs = 5000;

/** Checks that the admin page, the public default password and the named ports are closed: `admin`, `password`, `closed`. */
export async function probeDoors(task: ClosedTask, notes: Notes): Promise<void> {
  const open: string[] = [];
  for (const path of adminPaths) if (await isAdmin(task, path)) open.push(path);
  notes.judge(
    "admin",
    open.length === 0
      ? undefined
      : `Owncast's admin can be reached at ${open.join(", ")}: close it in the proxy (or probe from an address that the proxy does not let in)`,
  );
  const statuses: number[] = [];
  for (const path of ["/api/admin/serverconfig", "/api//admin/serverconfig"])
    statuses.push((await request(task, path, { headers: { authorization: publicPassword } }))?.status ?? 0);
  notes.judge(
    "password",
    statuses.includes(200)
      ? "the default password of every new Owncast opens the admin: set another one before anything else"
      : undefined,
    "the public one opens nothing",
  );
  await connectToPorts(task, notes);
}

/** Checks that a private stage shows nothing to a stranger: `private`. */
export async function probePrivate(task: ClosedTask, notes: Notes): Promise<void> {
  if (task.viewerPassword === undefined)
    return notes.skip("private", "give --viewer-password-file to check that a private stage is closed to strangers");
  const open: string[] = [];
  for (const path of viewerPaths) {
    const response = await request(task, path, { isStranger: true });
    if (response && response.status !== 401 && response.status !== 403) open.push(path);
  }
  notes.judge(
    "private",
    open.length === 0
      ? undefined
      : `open without the password: ${open.join(", ")}; are you in a network of viewers.allow?`,
    "strangers are asked for the password everywhere",
  );
}

async function isAdmin(task: ClosedTask, path: string): Promise<boolean> {
  const response = await request(task, path);
  if (!response) return false;
  const asksForPassword = response.status === 401 && /owncast/i.test(response.headers["www-authenticate"] ?? "");
  return asksForPassword || response.status === 200;
}

/**
 * Sends the path as it is written, since a normalised one would be another. Sends an Origin header as an attacker would, since
 * Lectern's proxy lets no admin request in without.
 */
async function request(
  { client, url, signal }: ClosedTask,
  path: string,
  options: { headers?: Record<string, string>; isStranger?: boolean } = {},
) {
  const { origin } = new URL(url);
  const headers = { origin, ...options.headers };
  return client.fetch(`${origin}${path}`, { ...options, headers, signal }).catch((error: Error) => {
    if (signal?.aborted) throw error;
    return undefined;
  });
}

async function connectToPorts({ client, closed }: ClosedTask, notes: Notes): Promise<void> {
  if (closed.length === 0) return notes.skip("closed", "--closed host:port names what must not be reached");
  const found = await Promise.all(
    closed.map(async ({ host, port }) => {
      const address = await addressOf(client.addressFor(host, port));
      const door = `${host}:${port}`;
      if (address !== undefined && isLoopback(address)) return { door, is: "here" } as const;
      return { door, is: address !== undefined && (await opens(address, port)) ? "open" : "closed" } as const;
    }),
  );
  const named = (state: string) => found.filter(({ is }) => is === state).map(({ door }) => door);
  if (named("open").length > 0) return notes.fail("closed", `${named("open").join(", ")} must be closed, and is open`);
  const here = named("here").map((door) => `${door} is this machine, where every port can be reached`);
  if (here.length === found.length) return notes.skip("closed", here.join("; "));
  notes.pass("closed", [...named("closed"), ...here].join(", "));
}

const addressOf = async (host: string): Promise<string | undefined> =>
  (await lookup(host).catch(() => undefined))?.address;

const isLoopback = (address: string): boolean =>
  isIPv4(address) ? address.startsWith("127.") : /^(::1|::ffff:127\..*)$/i.test(address);

async function opens(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(connectTimeoutMs) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
