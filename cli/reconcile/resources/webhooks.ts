import { eventNames } from "../../../codegen/schema/integrations.ts";
import type { OwncastClient } from "../client.ts";
import type { Found, ResourceKind, Wanted } from "./kind.ts";
import { toWords } from "./words.ts";

interface Webhook {
  readonly id: number;
  readonly url: string;
  readonly events: readonly string[] | null;
}

/** What the server has, in its own words. */
export const listWebhooks = async (client: OwncastClient): Promise<readonly Webhook[]> =>
  ((await client.read("/api/admin/webhooks")) ?? []) as readonly Webhook[];

/** Webhooks, told apart by their url; Owncast itself knows them by a number. */
export const webhooks: ResourceKind = {
  resource: "webhooks",
  async read({ integrations }, { client }) {
    const declared = integrations?.webhooks;
    if (!declared) return undefined;
    const wanted = declared.list.map(({ url, events }): Wanted => {
      const names = events.map((event) => eventNames[event]);
      const value = toWords(eventNames, names);
      const create = () => client.post("webhooks/create", { url, events: names });
      return { key: url, value, shown: value.join(", "), create };
    });
    const found = (await listWebhooks(client)).map(({ id, url, events }): Found => {
      const value = toWords(eventNames, events ?? []);
      const remove = () => client.post("webhooks/delete", { id });
      return { key: url, value, shown: value.join(", "), label: `${siteOf(url)} (number ${id})`, remove };
    });
    return { wanted, found, prune: declared.prune ?? false };
  },
};

/** An address that somebody made by hand may hold a token in its path or query: only the site is said. */
export const siteOf = (url: string): string =>
  URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}/…` : "…";
