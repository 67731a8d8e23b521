import { type Companion, startCompanion } from "./companion.ts";
import type { Host } from "./golden-node.ts";
import { until } from "./node-command.ts";
import { admin, authorityOf, type StageView } from "./node-stage.ts";
import type { WatchTarget } from "./watching-player.ts";

/** How a viewer's connection to the chat went. */
export interface Chat {
  /** When it ended, in ms since the epoch; undefined if it has not. */
  readonly endedAt: number | undefined;
}

/** Enters the chat of a stage over TLS, from outside the node. Resolves when Owncast has the connection. */
export async function startChat(host: Host, stage: StageView): Promise<Companion<Chat>> {
  const target: WatchTarget = { domain: stage.domain, address: host.address, caFile: authorityOf(host) };
  const chat = startCompanion<Chat>("chatting-viewer-program.ts", target, host.fromOutside);
  await until("a viewer is in the chat", async () => {
    const clients = (await admin(host, stage, "chat/clients")) as readonly unknown[];
    return clients.length > 0;
  });
  return chat;
}
