import dns from "node:dns";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import { isExhaustive } from "../../../checks/lib/exhaustive.ts";
import { SoundSender } from "./sound-sender.ts";

const patience = { timeout: 30_000, interval: 20 };
// Longer than a connection must stand after a fault.
const lateMs = 1200;
const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.restoreAllMocks();
});

/** A captions service that refuses its first `refuses` requests and then takes what comes. */
async function service(refuses: number): Promise<{ readonly port: number; readonly taken: () => string }> {
  let taken = "";
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    if (requests <= refuses) return void response.writeHead(503).end("not yet");
    request.on("data", (part: Buffer) => {
      taken += part;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.closeAllConnections() ?? server.close());
  return { port: (server.address() as AddressInfo).port, taken: () => taken };
}

/** Each connection to `host` waits so long for the host's address. */
function slowHost(waitsMs: readonly number[]): string {
  const waits = [...waitsMs];
  const lookup = (_: string, options: dns.LookupOptions, found: (...args: unknown[]) => void): void => {
    const answers = () =>
      options.all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);
    void sleep(waits.shift() ?? 0).then(answers);
  };
  vi.spyOn(dns, "lookup").mockImplementation(lookup as unknown as typeof dns.lookup);
  return "captions.test";
}

function senderTo(host: string, port: number): { readonly sender: SoundSender; readonly events: string[] } {
  const events: string[] = [];
  const sender = new SoundSender({
    ...{ place: { host, port }, language: "fr" },
    onFault: (why) => void events.push(`fault: ${why}`),
    onFlow: () => void events.push("flows"),
  });
  closing.push(() => sender.end());
  return { sender, events };
}

it("says that sound flows again also if the connection stands late", async () => {
  const { port, taken } = await service(1);
  const { sender, events } = senderTo(slowHost([0, lateMs]), port);
  await vi.waitFor(() => expect(events).toEqual(["fault: status 503: not yet"]), patience);
  expect(sender.isFlowing).toBe(false);
  await vi.waitFor(() => expect(events.slice(1)).toEqual(["flows"]), patience);
  expect(sender.isFlowing).toBe(true);
  sender.send(Buffer.from("sound"));
  await vi.waitFor(() => expect(taken()).toBe("sound"), patience);
});

it.runIf(isExhaustive)("says one fault of a service that accepts and refuses again and again", async () => {
  const { port } = await service(3);
  const { events } = senderTo("127.0.0.1", port);
  await vi.waitFor(() => expect(events).toEqual(["fault: status 503: not yet", "flows"]), patience);
});
