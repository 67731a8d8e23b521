# The reference of the module's options, as Markdown: docs/options.md.
{ lib }:
let
  inherit (lib) concatStringsSep hasPrefix optional;
  stage = "services.lectern.stages.<name>";

  # Outside of the manual, its roles, such as {option}`seed`, become code.
  plain =
    text:
    lib.concatStrings (
      lib.filter lib.isString (builtins.split "[{](option|file|manpage|command)[}]" text)
    );
  textOf = value: lib.trim (plain (value.text or value));

  code =
    text:
    if lib.hasInfix "\n" text then
      "\n\n```nix\n${text}\n```"
    else if text == "" then
      " `\"\"`"
    else
      " `${text}`";
  # A value as Nix, or a sentence about it.
  valueOf =
    value:
    if value._type or "" == "literalMD" then
      " ${textOf value}"
    else
      code (lib.trim (value.text or (lib.generators.toPretty { } value)));

  entry =
    option:
    concatStringsSep "\n\n" (
      [
        "### `${option.name}`"
        (textOf option.description)
        "Type: ${option.type}"
      ]
      ++ optional (option ? default) "Default:${valueOf option.default}"
      ++ optional (option ? example) "Example:${valueOf option.example}"
    );

  section =
    title: intro: options:
    [ "## ${title}" ] ++ intro ++ map entry options;
  isSetting = { name, ... }: hasPrefix "${stage}.settings." name;
  isOfStage = option: hasPrefix "${stage}." option.name && !isSetting option;
  isOfHost = option: !hasPrefix "${stage}." option.name;
in
options:
concatStringsSep "\n\n" (
  [
    "<!-- Generated from modules/; do not edit. After an edit there: npm run golden -->"
    "# Options of the NixOS module"
    "All options of `services.lectern`. [install.md](install.md) says how to set up a host, and [nixos.md](nixos.md) what the units do."
  ]
  ++ section "The host" [ ] (lib.filter isOfHost options)
  ++ section "A stage" [ ] (lib.filter isOfStage options)
  ++ section "A stage's settings" [
    "The settings of a stage file, by the same names. [generated/settings.md](../generated/settings.md) says for each which values it takes, what Owncast's default is and when a change takes effect."
  ] (lib.filter isSetting options)
)
+ "\n"
