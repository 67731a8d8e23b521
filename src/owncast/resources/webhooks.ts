import { z } from "zod";
import { eventNames } from "../../../codegen/schema/owncast/integrations.ts";
import { isSecretWebhook } from "../../../codegen/schema/owncast/webhook-address.ts";
import type { OwncastClient } from "../client/client.ts";
import { readAs } from "../client/response-shape.ts";
import type { Found, ResourceKind, Wanted } from "./kind.ts";
import { toWords } from "./words.ts";

const webhook = z.looseObject({ id: z.number(), url: z.string(), events: z.array(z.string()).nullish() });

/** What the server has, in its own words. */
export const listWebhooks = async (client: OwncastClient): Promise<readonly z.output<typeof webhook>[]> =>
  (await readAs(client, "/api/admin/webhooks", z.array(webhook).nullable())) ?? [];

/** Webhooks, told apart by their url, which may be a secret; Owncast itself knows them by a number. */
export const webhooks: ResourceKind = {
  resource: "webhooks",
  async read({ integrations }, { client, reveal }) {
    const declared = integrations?.webhooks;
    if (!declared) return undefined;
    const wanted = declared.list.map(({ url, events }, index): Wanted => {
      const names = events.map((event) => eventNames[event]);
      const value = toWords(eventNames, names);
      const key = typeof url === "string" ? url : reveal(url.secret);
      const create = () => client.post("webhooks/create", { url: key, events: names });
      return { key, label: labelOf(url, index), secret: true, value, shown: value.join(", "), create };
    });
    const found = (await listWebhooks(client)).map(({ id, url, events }): Found => {
      const value = toWords(eventNames, events ?? []);
      const remove = () => client.post("webhooks/delete", { id });
      return { key: url, value, shown: value.join(", "), label: `${siteOf(url)} (number ${id})`, remove };
    });
    return { wanted, found, prune: declared.prune ?? false };
  },
};

/** What an entry of the list is called in a plan: its address, unless that is a secret or should be one. */
export function labelOf(url: string | { readonly secret: string }, index: number): string {
  if (typeof url !== "string") return `(secret ${url.secret})`;
  return isSecretWebhook(url) ? `${siteOf(url)} (entry ${index + 1})` : url;
}

/** An address that somebody made by hand may hold a token in its path or query: only the site is said. */
export const siteOf = (url: string): string =>
  URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}/…` : "…";
