/** Whether a text is an address with a password or a token in it: before an `@`, or in a query or fragment whose name says so. */
export const mayHoldSecret = (text: string): boolean =>
  /^[a-z]+:\/\/[^/\s?#]+@/i.test(text) ||
  /^[a-z]+:\/\/\S*[?&#](?:[^=&]*(?:key|token|secret|pass|auth|sig)[^=&]*|code)=/i.test(text);

/** The same for a webhook's address. Often a part of its path is the secret, as for Discord, Slack or Telegram. */
export const isSecretWebhook = (address: string): boolean =>
  mayHoldSecret(address) ||
  address
    .replace(/^[a-z]+:\/\/[^/?#]*/i, "")
    .split(/[/?#]/)
    .some(looksRandom);

// A name changes between letters and digits once or twice. A random key of the same length changes all the time.
const leastCharacters = 16;
const leastChanges = 4;

function looksRandom(part: string): boolean {
  const changes = part.match(/\d(?=[a-z])|[a-z](?=\d)/gi)?.length ?? 0;
  return part.length >= leastCharacters && changes >= leastChanges;
}

/** Whether a webhook can be called at an address. Owncast itself takes any text. */
export const isCallable = (address: string): boolean => /^https?:\/\/\S+$/.test(address) && URL.canParse(address);
