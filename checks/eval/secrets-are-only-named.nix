# Proves: no option accepts a secret's value, and the seed brings no secret into the store.
{
  lib,
  host,
  seedText,
  optionDocs,
  ...
}:
let
  names = map ({ name, ... }: name) optionDocs;
  lastOf = name: lib.last (lib.splitString "." name);
  soundsSecret =
    name:
    builtins.match ".*(key|password|secret|token|credential).*" (lib.toLower (lastOf name)) != null;
  hasFields = name: lib.any (lib.hasPrefix "${name}.") names;
  text = seedText (host [ ]) "main";
in
{
  "an option whose name sounds like a secret holds only a secret's name" = {
    expr = lib.filter (name: soundsSecret name && lastOf name != "secret" && !hasFields name) names;
    expected = [ ];
  };

  "that check covers all options that name secrets" = {
    expr = lib.filter (name: lastOf name == "secret") names;
    expected = [
      "services.lectern.stages.<name>.settings.access.adminPassword.secret"
      "services.lectern.stages.<name>.settings.access.streamKeys.*.secret"
      "services.lectern.stages.<name>.settings.notifications.discord.webhook.secret"
      "services.lectern.stages.<name>.settings.storage.objectStorage.accessKey.secret"
      "services.lectern.stages.<name>.settings.storage.objectStorage.secretKey.secret"
    ];
  };

  "the rendered seed refers to nothing in the store" = {
    expr = builtins.hasContext text || lib.hasInfix builtins.storeDir text;
    expected = false;
  };
}
