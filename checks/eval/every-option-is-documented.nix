# Proves: every option has a description in full sentences and an example.
{ lib, optionDocs, ... }:
let
  textOf =
    {
      description ? "",
      ...
    }:
    lib.trim (description.text or description);
  isSentence = text: builtins.match "[A-Z].*[.]" (lib.replaceStrings [ "\n" ] [ " " ] text) != null;
  namesWhere = test: map ({ name, ... }: name) (lib.filter test optionDocs);
in
{
  "every option is described in full sentences" = {
    expr = namesWhere (option: !isSentence (textOf option));
    expected = [ ];
  };

  "every option shows an example" = {
    expr = namesWhere (option: !option ? example);
    expected = [ ];
  };

  "the options of the schema are among them" = {
    expr = lib.all (name: lib.elem "services.lectern.stages.<name>.${name}" (namesWhere (_: true))) [
      "domain"
      "settings.instance.name"
      "settings.video.ladder.*.width"
    ];
    expected = true;
  };
}
