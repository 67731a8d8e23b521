// The built page of Owncast 0.2.5 differs from the page that its scripts render (React's errors 418, 423 and 425: "did not match
// the server's HTML"). React renders the page again and goes on. This happens on any stage, with or without a proxy in front.
const ownFault = /^Error: Minified React error #(418|423|425);/;

/** The errors in a viewer's browser, without that fault of Owncast. */
export const complaintsOfOurs = (complaints: readonly string[]): string[] =>
  complaints.filter((text) => !ownFault.test(text));
