import { rehearsalHeader } from "../../viewer/rehearsal-token.ts";
import type { DoorText } from "./door-file.ts";

/** Allows rehearsals by a program that shows this token. caddy/rehearsal.caddyfile imports the file. */
export const rehearsalDoor =
  (token: string): DoorText =>
  () =>
    `# Written by lectern rehearsal-door.
@rehearsing header ${rehearsalHeader} ${token}
respond @rehearsing 204
respond "The rehearsal token is missing or wrong. On the host, lectern secrets STAGE shows where it is." 401
`;
