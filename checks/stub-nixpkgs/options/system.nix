# The machine: boot, file systems, network, users, Nix.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  declare = type: default: mkOption { inherit type default; };
  strings = declare (types.listOf types.str) [ ];
  off = declare types.bool false;
  on = declare types.bool true;
  optional = declare (types.nullOr types.str) null;
  anything = declare (types.attrsOf types.anything) { };
  ports = declare (types.listOf types.port) [ ];
  entriesOf = options: declare (types.attrsOf (types.submodule { inherit options; })) { };
in
{
  options = {
    assertions = declare (types.listOf types.unspecified) [ ];
    warnings = strings;

    system = {
      stateVersion = declare types.str "26.05";
      build = mkOption { type = types.lazyAttrsOf types.unspecified; };
    };
    nixpkgs = {
      hostPlatform = declare types.str "x86_64-linux";
      buildPlatform = declare types.str config.nixpkgs.hostPlatform;
    };
    nix = {
      settings = anything;
      gc = {
        automatic = off;
        dates = declare types.singleLineStr "03:15";
        options = declare types.singleLineStr "";
        persistent = on;
        randomizedDelaySec = declare types.singleLineStr "0";
      };
    };

    boot = {
      loader.grub = {
        enable = on;
        device = declare types.str "";
        # The device, and the devices that other modules such as disko add.
        devices = strings;
        efiSupport = off;
        efiInstallAsRemovable = off;
        configurationLimit = declare types.ints.positive 100;
      };
      initrd.availableKernelModules = strings;
      kernel.sysctl = anything;
      kernelModules = strings;
    };
    hardware = {
      graphics = {
        enable = off;
        extraPackages = declare (types.listOf types.package) [ ];
      };
      nvidia.enabled = mkOption {
        type = types.bool;
        readOnly = true;
        default = lib.elem "nvidia" config.services.xserver.videoDrivers;
      };
    };
    zramSwap.enable = off;
    swapDevices = declare (types.listOf types.anything) [ ];
    fileSystems = entriesOf {
      device = optional;
      fsType = declare types.str "auto";
      options = strings;
    };

    networking = {
      hostName = declare types.str "nixos";
      enableIPv6 = on;
      firewall = {
        enable = on;
        # Older versions, which Lectern supports too, do not have it. A test covers that.
        backend = mkOption {
          type = types.enum [
            "iptables"
            "nftables"
            "firewalld"
          ];
          default =
            if config.services.firewalld.enable then
              "firewalld"
            else if config.networking.nftables.enable then
              "nftables"
            else
              "iptables";
        };
        allowedTCPPorts = ports;
        allowedUDPPorts = ports;
        extraCommands = declare types.lines "";
        extraInputRules = declare types.lines "";
      };
      nftables = {
        enable = off;
        preCheckRuleset = declare types.lines "";
        ruleset = declare types.lines "";
        rulesetFile = declare (types.nullOr types.path) null;
        tables = mkOption {
          default = { };
          type = types.attrsOf (
            types.submodule (
              { name, ... }:
              {
                options = {
                  enable = on;
                  name = declare types.str name;
                  content = mkOption { type = types.lines; };
                  family = mkOption {
                    type = types.enum [
                      "ip"
                      "ip6"
                      "inet"
                      "arp"
                      "bridge"
                      "netdev"
                    ];
                  };
                };
              }
            )
          );
        };
      };
    };

    environment = {
      systemPackages = declare (types.listOf types.package) [ ];
      etc = entriesOf {
        text = declare (types.nullOr types.lines) null;
        source = declare (types.nullOr types.path) null;
        mode = declare types.str "symlink";
        user = declare types.str "+0";
        group = declare types.str "+0";
      };
    };

    users = {
      users = entriesOf {
        isSystemUser = off;
        description = declare types.str "";
        group = declare types.str "";
        extraGroups = strings;
        home = declare types.str "/var/empty";
        openssh.authorizedKeys.keys = strings;
      };
      groups = entriesOf { members = strings; };
    };
  };

  config = {
    # NixOS always has this user.
    users.users.root = { };

    boot.loader.grub.devices = lib.mkIf (config.boot.loader.grub.device != "") [
      config.boot.loader.grub.device
    ];
    assertions = [
      {
        assertion = lib.allUnique config.boot.loader.grub.devices;
        message = "You cannot have duplicated devices in mirroredBoots";
      }
    ];
  };
}
