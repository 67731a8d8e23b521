import { z } from "zod";
import { scopeNames } from "../../../codegen/schema/owncast/integrations.ts";
import type { OwncastClient } from "../client/client.ts";
import { readAs } from "../client/response-shape.ts";
import type { Found, ResourceKind, Wanted } from "./kind.ts";
import { toWords } from "./words.ts";

const accessToken = z.looseObject({
  accessToken: z.string(),
  displayName: z.string(),
  scopes: z.array(z.string()).nullish(),
});
type AccessToken = z.output<typeof accessToken>;

/** What the server has, in its own words, the tokens' values among them. */
export const listAccessTokens = async (client: OwncastClient): Promise<readonly AccessToken[]> =>
  (await readAs(client, "/api/admin/accesstokens", z.array(accessToken).nullable())) ?? [];

/** Access tokens, told apart by the name of the program that holds them. Owncast makes the token and tells it again on request. */
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
};
