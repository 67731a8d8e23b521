# Proves: the unchanged template is refused, with the names of all missing options at once. With these set it builds.
{
  lib,
  lectern,
  nixos,
  build,
  refusals,
  ...
}:
let
  template =
    extra:
    nixos (
      [
        lectern
        ../../template/configuration.nix
      ]
      ++ extra
    );
  domain.services.lectern.stages.main.domain = lib.mkForce "live.test";
  key.users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ];
  # Another file in place of the template's.
  hardware = {
    disabledModules = [ ../../template/hardware-configuration.nix ];
    fileSystems."/".device = "/dev/vda1";
  };
  optionsIn =
    messages: lib.naturalSort (map (message: lib.head (lib.splitString " " message)) messages);
in
{
  "the unchanged template asks for a host name, a key and the hardware" = {
    expr = optionsIn (refusals (template [ ]));
    expected = [
      "fileSystems:"
      "services.lectern.stages.main.domain"
      "users.users.root.openssh.authorizedKeys.keys"
    ];
  };

  "with two of these values it asks for the third" = {
    expr = map (extra: optionsIn (refusals (template extra))) [
      [
        key
        hardware
      ]
      [
        domain
        hardware
      ]
      [
        domain
        key
      ]
    ];
    expected = [
      [ "services.lectern.stages.main.domain" ]
      [ "users.users.root.openssh.authorizedKeys.keys" ]
      [ "fileSystems:" ]
    ];
  };

  "with all three values it builds" = {
    expr = build (template [
      domain
      key
      hardware
    ]);
    expected = "builds";
  };
}
