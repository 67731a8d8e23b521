import { z } from "zod";
import { eventNames } from "../../../codegen/schema/owncast/integrations.ts";
import { isCallable, isSecretWebhook } from "../../../codegen/schema/owncast/webhook-address.ts";
import { secretFault } from "../../lib/secret-file.ts";
import type { OwncastClient } from "../client/client.ts";
import { type Found, type ResourceKind, toWords, type Wanted } from "./kind.ts";

const webhook = z.looseObject({ id: z.number(), url: z.string(), events: z.array(z.string()).nullish() });

const listWebhooks = async (client: OwncastClient): Promise<readonly z.output<typeof webhook>[]> =>
  (await client.read("/api/admin/webhooks", z.array(webhook).nullable())) ?? [];

/** Webhooks, told apart by their address, which may be a secret. Owncast itself numbers them. */
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
  /** An address that may hold a password or a token becomes a secret. Two webhooks with one address share it. */
  async readForExport({ client, nameSecret }) {
    const names = new Map<string, { readonly secret: string }>();
    const list = (await listWebhooks(client)).map(({ url, events }) => {
      const words = toWords(eventNames, events ?? []);
      const site = siteOf(url);
      const isSecret = isSecretWebhook(url) && isCallable(url) && secretFault(url) === undefined;
      if (isSecret && !names.has(url))
        names.set(
          url,
          nameSecret({ name: secretNameOf(url), holds: `the address of the webhook at ${site}`, value: url }),
        );
      return { label: site, entry: { url: names.get(url) ?? url, events: words }, shown: { url: site, events: words } };
    });
    return { list };
  },
};

/** A webhook's name in a plan: its address, or less if that is a secret or should be one. */
export function labelOf(url: string | { readonly secret: string }, index: number): string {
  if (typeof url !== "string") return `(secret ${url.secret})`;
  return isSecretWebhook(url) ? `${siteOf(url)} (entry ${index + 1})` : url;
}

/** Only the site: the path or query of an address that somebody typed in may hold a token. */
const siteOf = (url: string): string => (URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}/…` : "…");

/** A secret's name after a webhook's host: `webhook-discord-com`. */
function secretNameOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  return `webhook-${host.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`.slice(0, 60).replace(/-+$/, "");
}
