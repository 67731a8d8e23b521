import { readSecretFile, SecretFault } from "../../lib/secret-file.ts";

// Shorter ones are guessed: Caddy compares as many a second as it is sent.
const shortestLength = 8;
// bcrypt drops what is longer, so that another password would do.
const longestBytes = 72;

/** The password in a file, by the rules of all secrets and of bcrypt. Throws SecretFault for one that cannot be used. */
export async function readViewersPassword(file: string): Promise<string> {
  const password = await readSecretFile(file);
  if ([...password].length < shortestLength)
    throw new SecretFault(`is shorter than ${shortestLength} characters, which strangers can guess`);
  if (Buffer.byteLength(password) > longestBytes)
    throw new SecretFault(`is longer than ${longestBytes} bytes, more than Caddy compares`);
  return password;
}
