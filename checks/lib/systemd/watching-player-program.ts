// A program of its own, outside a node. It follows a stage's first rendition like a player, and reports what it got.
import { follow } from "../stream/follower.ts";
import type { Watch, WatchTarget } from "./watching-player.ts";

const { domain, address, caFile } = JSON.parse(process.argv[2] ?? "") as WatchTarget;
const resolve = [{ host: domain, port: 443, address }];
const { faults, count, sessions } = follow({ page: `https://${domain}`, caFile, resolve }, 1);

process.once("message", () => {
  const told: Watch = { answers: count.answers, sessions: [...sessions.values()], faults: [...faults] };
  process.send?.(told, () => process.exit(0));
});
process.once("disconnect", () => process.exit(0));
