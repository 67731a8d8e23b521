import { edges, type Front } from "../../../codegen/site/rules.ts";
import { readSecretFile, SecretFault } from "../../lib/secret-file.ts";
import type { DoorText } from "./door-file.ts";

/** Who reads the secret: a front of the origin, or the edge, which shows it. */
export type EdgeDoorReader = Front | "edge";

const texts: Readonly<Record<EdgeDoorReader, (secret: string) => string>> = {
  // Lines of the maps in codegen/site: an edge that shows the secret says which viewer asks.
  caddy: (secret) => `"~^${secret} (${edges.address})$" "\${1}"\n`,
  nginx: (secret) => `"~^${secret}$" 1;\n`,
  edge: (secret) => `"" ${secret};\n`,
};

/** Tells a web server the secret of the edges. */
export const edgeDoor =
  (secret: string, reader: EdgeDoorReader): DoorText =>
  () =>
    `# Written by lectern edge-door.\n${texts[reader](secret)}`;

// 22 characters of 64 kinds are 128 bits. None of them means anything in a pattern. The longest keeps the header small.
const secretForm = /^[A-Za-z0-9_-]{22,128}$/;

/** The secret of the edges in a file. Throws SecretFault if it cannot be used. */
export async function edgeSecretIn(file: string): Promise<string> {
  const secret = await readSecretFile(file);
  if (!secretForm.test(secret))
    throw new SecretFault("is no secret for edges: that is 22 to 128 random letters, digits, dashes and underscores");
  return secret;
}
