// Owncast 0.2.5's page as it is built differs from what its scripts make of it (React's errors 418, 423 and 425: "did not match
// the server's HTML"). React makes the page anew and goes on. It is so on any stage, with or without anything in front.
const ownFault = /^Error: Minified React error #(418|423|425);/;

/** Complaints of a viewer's browser but for that fault, which is Owncast's own. */
export const complaintsOfOurs = (complaints: readonly string[]): string[] =>
  complaints.filter((text) => !ownFault.test(text));
