# The Caddyfile that nixpkgs' module writes from `services.caddy`: global options, then each site, in the same order.
# nixpkgs indents it with `caddy fmt` afterwards. Here the lines are already indented.
{ lib }:
let
  indent =
    depth: text:
    let
      line = one: if one == "" then "" else lib.strings.replicate depth "\t" + one;
    in
    lib.concatMapStrings (one: "${line one}\n") (lib.splitString "\n" (lib.removeSuffix "\n" text));
  # Lectern's texts are already indented for a site.
  asWritten = text: if text == "" then "" else "${lib.removeSuffix "\n" text}\n";

  site =
    {
      hostName,
      serverAliases,
      listenAddresses,
      logFormat,
      extraConfig,
      ...
    }:
    "${toString ([ hostName ] ++ serverAliases)} {\n"
    + lib.optionalString (listenAddresses != [ ]) "\tbind ${toString listenAddresses}\n"
    + lib.optionalString (logFormat != null) "\tlog {\n${indent 2 logFormat}\t}\n\n"
    + asWritten extraConfig
    + "}\n";
in
{
  email,
  acmeCA,
  logFormat,
  globalConfig,
  extraConfig,
  virtualHosts,
  ...
}:
"{\n"
+ indent 1 globalConfig
+ lib.optionalString (email != null) "\temail ${email}\n"
+ lib.optionalString (acmeCA != null) "\tacme_ca ${acmeCA}\n"
+ "\tlog {\n${indent 2 logFormat}\t}\n}\n"
+ extraConfig
+ lib.concatMapStrings (host: "\n${site host}") (lib.attrValues virtualHosts)
