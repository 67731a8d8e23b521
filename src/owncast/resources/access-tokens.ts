import { z } from "zod";
import { scopeNames } from "../../../codegen/schema/owncast/integrations.ts";
import type { OwncastClient } from "../client/client.ts";
import { type Found, type ResourceKind, toWords, type Wanted } from "./kind.ts";

const accessToken = z.looseObject({
  accessToken: z.string(),
  displayName: z.string(),
  scopes: z.array(z.string()).nullish(),
});

const listAccessTokens = async (client: OwncastClient): Promise<readonly z.output<typeof accessToken>[]> =>
  (await client.read("/api/admin/accesstokens", z.array(accessToken).nullable())) ?? [];

/** Access tokens, told apart by the name of the program that uses them. Owncast makes a token and shows it on request. */
export const accessTokens: ResourceKind = {
  resource: "accessTokens",
  async read({ integrations }, { client }) {
    const declared = integrations?.accessTokens;
    if (!declared) return undefined;
    const wanted = declared.list.map(({ name, scopes }): Wanted => {
      const names = scopes.map((scope) => scopeNames[scope]);
      const value = toWords(scopeNames, names);
      const create = () => client.post("accesstokens/create", { name, scopes: names });
      return { key: name, label: name, value, shown: value.join(", "), create };
    });
    const found = (await listAccessTokens(client)).map(({ accessToken: token, displayName, scopes }): Found => {
      const value = toWords(scopeNames, scopes ?? []);
      const remove = () => client.post("accesstokens/delete", { token });
      return { key: displayName, value, shown: value.join(", "), label: displayName, token, remove };
    });
    return { wanted, found, prune: declared.prune ?? false };
  },
  readForExport: async ({ client }) => ({
    list: (await listAccessTokens(client)).map(({ displayName, scopes }) => ({
      label: displayName,
      entry: { name: displayName, scopes: toWords(scopeNames, scopes ?? []) },
    })),
  }),
};
