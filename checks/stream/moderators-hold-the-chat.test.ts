import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { type Chatter, register } from "../lib/stream/chatter.ts";

// Checks what docs/event-day.md says about moderators and bans, on the real Owncast behind the real Caddy.
const hall = "203.0.113.7";
const everybody: Chatter[] = [];
let stand: Stand;
let guest: Chatter;
let moderator: Chatter;
beforeAll(async () => {
  stand = await startStand("checks/lib/stages/light-stage.yaml");
  guest = await someone("guest", hall);
  moderator = await someone("moderator", "203.0.113.8");
});
afterAll(async () => {
  for (const chatter of everybody) chatter.leave();
  await stand?.stop();
});

async function someone(name: string, address: string): Promise<Chatter> {
  const chatter = await register(stand.owncastUrl, name, address);
  everybody.push(chatter);
  return chatter;
}

/** Asks the admin API like a client over `ssh -L`. */
async function admin(path: string, body?: object): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`admin:${stand.reveal("admin-password")}`).toString("base64")}`;
  const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
  const answer = await fetch(`${stand.owncastUrl}/api/admin/${path}`, { ...init, headers: { authorization } });
  expect(answer.status).toBe(200);
  return answer.json();
}

/** Sends the request of the menu beside a message on the public page; resolves to the response's status. */
async function menu(path: string, token: string, body: object): Promise<string> {
  const flags = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-m", "20", "--cacert", stand.caFile];
  const address = `${stand.page}/api/chat/${path}?accessToken=${token}`;
  return (await promisify(execFile)("curl", [...flags, "-d", JSON.stringify(body), address])).stdout;
}

/** Ids of the messages with this text that a new viewer sees. */
async function history(text: string): Promise<string[]> {
  const answer = await fetch(`${stand.owncastUrl}/api/chat?accessToken=${moderator.token}`);
  const messages = (await answer.json()) as { id: string; body: string }[];
  return messages.filter(({ body }) => body?.includes(text)).map(({ id }) => id);
}

async function said(chatter: Chatter, text: string): Promise<string> {
  chatter.say(text);
  for (let tries = 0; tries < 300; tries++) {
    const [id] = await history(text);
    if (id) return id;
    await sleep(50);
  }
  throw new Error(`"${text}" does not come up in the chat`);
}

test("only a moderator may hide messages on the public page, and later viewers do not see them", async () => {
  expect((await guest.enter()).status).toBe(101);
  const message = await said(guest, "first words");
  const hide = { idArray: [message], visible: false };
  expect(await menu("messagevisibility", moderator.token, hide)).toBe("401");
  await admin("chat/users/setmoderator", { userId: moderator.id, isModerator: true });
  expect(await menu("messagevisibility", moderator.token, hide)).toBe("200");
  expect(await history("first words")).toEqual([]);
});

test("the admin page brings back a message that was hidden by mistake", async () => {
  const messages = (await admin("chat/messages")) as { id: string; body: string }[];
  const id = messages.find(({ body }) => body.includes("first words"))?.id;
  await admin("chat/messagevisibility", { idArray: [id], visible: true });
  expect(await history("first words")).toEqual([id]);
});

test("a ban disconnects a user, hides the user's messages, and refuses everybody at that address", async () => {
  const neighbour = await someone("neighbour", hall);
  expect(await menu("users/setenabled", moderator.token, { userId: guest.id, enabled: false })).toBe("200");
  await guest.thrownOut();
  expect(await history("first words")).toEqual([]);
  expect((await neighbour.enter()).status).toBe(403);
  expect((await moderator.enter()).status).toBe(101);
});

test("undoing a ban takes both steps", async () => {
  await admin("chat/users/setenabled", { userId: guest.id, enabled: true });
  expect((await guest.enter()).status).toBe(403);
  const bans = (await admin("chat/users/ipbans")) as { ipAddress: string }[];
  expect(bans.map(({ ipAddress }) => ipAddress)).toEqual([hall]);
  await admin("chat/users/ipbans/remove", { value: hall });
  expect((await guest.enter()).status).toBe(101);
});
