# Proves: hosts/live has all parts of the article's machine, and warns an operator who keeps its key.
{
  lib,
  lectern,
  refusals,
  nixos,
  ...
}:
let
  live =
    extra:
    nixos (
      [
        lectern
        ../../hosts/live
      ]
      ++ extra
    );
  config = live [ ];
  keys = config: config.users.users.root.openssh.authorizedKeys.keys;
in
{
  "it has a domain, an e-mail address, SSH, clean-up, swap and a firewall" = {
    expr = {
      inherit (config.services.lectern.stages.main) domain;
      hasEmail = config.services.caddy.email != null;
      ssh = config.services.openssh.enable && !config.services.openssh.settings.PasswordAuthentication;
      gc = config.nix.gc.automatic;
      swap = config.swapDevices != [ ];
      firewall = config.networking.firewall.enable;
    };
    expected = {
      domain = "live.nixos.org";
      hasEmail = true;
      ssh = true;
      gc = true;
      swap = true;
      firewall = true;
    };
  };

  "it builds unchanged, and warns that its SSH key belongs to nobody" = {
    expr = {
      refused = refusals config;
      warned = map (warning: lib.head (lib.splitString " " warning)) config.warnings;
    };
    expected = {
      refused = [ ];
      warned = [ "users.users.root.openssh.authorizedKeys.keys" ];
    };
  };

  "it gives no warning with a person's own key, and is refused without a key" = {
    expr =
      let
        withKeys = list: live [ { users.users.root.openssh.authorizedKeys.keys = lib.mkForce list; } ];
      in
      {
        own = (withKeys [ "ssh-ed25519 AAAA me" ]).warnings;
        none = map (message: lib.head (lib.splitString " " message)) (refusals (withKeys [ ]));
        left = lib.length (keys config);
      };
    expected = {
      own = [ ];
      none = [ "users.users.root.openssh.authorizedKeys.keys" ];
      left = 1;
    };
  };
}
