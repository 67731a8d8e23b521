import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect, isIPv4 } from "node:net";
import type { HttpClient } from "../viewer/http-client.ts";
import type { Notes } from "./checks.ts";

/** A place that must not be reachable. */
export interface Door {
  readonly host: string;
  readonly port: number;
}

/** What must be closed, seen from here. */
export interface DoorsTask {
  readonly client: HttpClient;
  readonly url: string;
  readonly closed: readonly Door[];
  readonly signal?: AbortSignal | undefined;
}

// Asked directly, Owncast answers each of these as its admin page or admin API.
const adminPaths = [
  ...["/admin", "/admin/", "/%61dmin/", "/admin%2f", "//admin/", "/x/../admin/"],
  ...["/api/admin/status", "/api/admin/serverconfig", "/api//admin/serverconfig"],
  // Logging in to other sites as Owncast asks for the admin's password too.
  "/api/auth/provider/indieauth?client_id=x&redirect_uri=x&code_challenge=x&state=x&me=x",
];
const publicPassword = `Basic ${Buffer.from("admin:abc123").toString("base64")}`;
const knocksForMs = 5000;

/** Looks whether the admin page, the public default password and the named ports are closed: `admin`, `password`, `closed`. */
export async function probeDoors(task: DoorsTask, notes: Notes): Promise<void> {
  const open: string[] = [];
  for (const path of adminPaths) if (await isAdmin(task, path)) open.push(path);
  notes.judge(
    "admin",
    open.length === 0
      ? undefined
      : `Owncast's admin is reached at ${open.join(", ")}: close it in the proxy (or look from an address that it is not open to)`,
  );
  const statuses: number[] = [];
  for (const path of ["/api/admin/serverconfig", "/api//admin/serverconfig"])
    statuses.push((await ask(task, path, { authorization: publicPassword }))?.status ?? 0);
  notes.judge(
    "password",
    statuses.includes(200)
      ? "the password that every fresh Owncast has opens the admin: set one before anything else"
      : undefined,
    "the public one opens nothing",
  );
  await knock(task, notes);
}

/** Whether a path is answered by Owncast's admin, be it by asking for its password. */
async function isAdmin(task: DoorsTask, path: string): Promise<boolean> {
  const answer = await ask(task, path);
  if (!answer) return false;
  const asksForPassword = answer.status === 401 && /owncast/i.test(answer.headers["www-authenticate"] ?? "");
  return asksForPassword || answer.status === 200;
}

/**
 * The path is sent as it stands: some of them are only what they are because nobody tidied them up. The origin is said, as a
 * program that attacks would: Lectern's proxy lets nobody by without.
 */
async function ask({ client, url, signal }: DoorsTask, path: string, headers: Record<string, string> = {}) {
  const { origin } = new URL(url);
  return client.fetch(`${origin}${path}`, { headers: { origin, ...headers }, signal }).catch((error: Error) => {
    if (signal?.aborted) throw error;
    return undefined;
  });
}

async function knock({ client, closed }: DoorsTask, notes: Notes): Promise<void> {
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
  if (named("open").length > 0)
    return notes.fail("closed", `${named("open").join(", ")} can be reached, and must not be`);
  const here = named("here").map((door) => `${door} is this machine, where everything can be reached`);
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
    await once(socket, "connect", { signal: AbortSignal.timeout(knocksForMs) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
