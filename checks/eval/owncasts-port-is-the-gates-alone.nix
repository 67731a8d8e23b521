# Proves: each firewall closes Owncast's own RTMP port to all but the gate's user, and a host without a firewall is refused.
# The end-to-end tests try the rules.
{
  lib,
  nixos,
  host,
  modulesOf,
  refusals,
  ...
}:
let
  backendOf = import ../../modules/core/lib/firewall-backend.nix;
  hostWith = module: nixos (modulesOf [ ] ++ [ module ]);
  nft.networking.nftables.enable = true;
  refused = module: refusals (hostWith module);
  refusedFile =
    rulesetFile:
    refused {
      networking.nftables = {
        enable = true;
        inherit rulesetFile;
      };
    };
  port.ports.owncastRtmp = 19399;

  commandsFor = stage: (host [ stage ]).networking.firewall.extraCommands;
  tableFor =
    stage: (nixos (modulesOf [ stage ] ++ [ nft ])).networking.nftables.tables.lectern.content;
in
{
  "the port and the user are the stage's, also where the firewall lets nobody in for it" = {
    expr =
      let
        stage = port // {
          openFirewall = false;
        };
        commands = commandsFor stage;
        table = tableFor stage;
      in
      map (lib.flip lib.hasInfix commands) [
        "! -i lo -p tcp --dport 19399 -j DROP"
        "--dport 19399 -m owner --uid-owner gate-main -j RETURN"
        "--dport 19399 -j REJECT --reject-with tcp-reset"
      ]
      ++ map (lib.flip lib.hasInfix table) [
        "iifname != \"lo\" tcp dport { 19399 } drop"
        "tcp dport . meta skuid { 19399 . \"gate-main\" } accept"
      ];
    expected = [
      true
      true
      true
      true
      true
    ];
  };

  "no line that Lectern adds can end nixpkgs' script" = {
    expr = lib.filter (line: line != "" && !lib.hasSuffix "|| true" line) (
      lib.splitString "\n" (commandsFor {
        ingest.allow = [
          "192.0.2.0/24"
          "2001:db8::/32"
        ];
      })
    );
    expected = [ ];
  };

  "a host has the rules of its own firewall and of no other" = {
    expr = {
      iptables = (host [ ]).networking.nftables.tables;
      nftables = (hostWith nft).networking.firewall.extraCommands;
    };
    expected = {
      iptables = { };
      nftables = "";
    };
  };

  "the build checks nft's rules without the gate's user, and whatever else is called gate-… stays" = {
    expr = (hostWith nft).networking.nftables.preCheckRuleset;
    expected = "sed -e 's/\"gate-main\"/0/g' -i ruleset.conf\n";
  };

  "the firewall starts after what makes the users" = {
    expr = [
      (host [ ]).systemd.services.firewall.after
      (hostWith nft).systemd.services.nftables.after
    ];
    expected =
      let
        makers = [
          "systemd-sysusers.service"
          "userborn.service"
        ];
      in
      [
        makers
        makers
      ];
  };

  "a host whose last stage is gone takes its rules away" = {
    expr =
      let
        config = hostWith { services.lectern.stages = lib.mkForce { }; };
      in
      {
        flushes = lib.hasInfix "-F lectern-owncast" config.networking.firewall.extraCommands;
        closes = lib.hasInfix "--dport" config.networking.firewall.extraCommands;
        refusals = refusals config;
      };
    expected = {
      flushes = true;
      closes = false;
      refusals = [ ];
    };
  };

  "no firewall at all" = {
    expr = refused { networking.firewall.enable = false; };
    expected = [
      "networking.firewall.enable is false, and Owncast's own RTMP port must be the gate's alone: set it to true; or, if this host has another firewall, set networking.nftables.enable = true: Lectern then closes that port and nothing else."
    ];
  };

  "another firewall, and nftables for Lectern's rules, is taken" = {
    expr =
      let
        config = hostWith {
          networking.firewall.enable = false;
          networking.nftables.enable = true;
        };
      in
      {
        refusals = refusals config;
        tables = lib.attrNames config.networking.nftables.tables;
      };
    expected = {
      refusals = [ ];
      tables = [ "lectern" ];
    };
  };

  "firewalld" = {
    expr = refused { services.firewalld.enable = true; };
    expected = [
      "networking.firewall.backend is \"firewalld\", for which Lectern has no rules, and Owncast's own RTMP port must be the gate's alone: leave out services.firewalld.enable. The host then uses iptables, or nftables if networking.nftables.enable is true."
    ];
  };

  "nftables as the firewall's backend, which alone loads no rules" = {
    expr = refused { networking.firewall.backend = "nftables"; };
    expected = [
      "networking.firewall.backend is \"nftables\", but networking.nftables.enable is false, so no rules are loaded, and Owncast's own RTMP port must be the gate's alone: set networking.nftables.enable = true."
    ];
  };

  "a ruleset that takes Lectern's away" = {
    expr = refused {
      networking.nftables = {
        enable = true;
        ruleset = "flush ruleset\ntable inet mine { }\n";
      };
    };
    expected = [
      "networking.nftables.ruleset has \"flush ruleset\", which removes Lectern's rules too, and Owncast's own RTMP port must be the gate's alone: leave that line out: NixOS itself removes what it loaded before."
    ];
  };

  "a file of rules that takes Lectern's away" = {
    expr = refusedFile ./lib/flushing.nft;
    expected = [
      "networking.nftables.rulesetFile has \"flush ruleset\", which removes Lectern's rules too, and Owncast's own RTMP port must be the gate's alone: leave that line out: NixOS itself removes what it loaded before."
    ];
  };

  "a file of rules that only speaks of it is taken" = {
    expr = refusedFile ./lib/adding.nft;
    expected = [ ];
  };

  "a file of rules that cannot be read before the switch" = {
    expr = refusedFile "/etc/nftables.nft";
    expected = [
      "networking.nftables.rulesetFile is /etc/nftables.nft, which cannot be read before the switch: it may have \"flush ruleset\", which removes Lectern's rules too, and Owncast's own RTMP port must be the gate's alone: give a path of your configuration, such as ./rules.nft, or write the rules to networking.nftables.ruleset."
    ];
  };

  "an older nixpkgs, which has no option for the backend" = {
    expr =
      map
        (
          enable:
          backendOf {
            firewall.enable = true;
            nftables = { inherit enable; };
          }
        )
        [
          false
          true
        ];
    expected = [
      "iptables"
      "nftables"
    ];
  };
}
