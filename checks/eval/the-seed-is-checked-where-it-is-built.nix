# Proves: the build runs the host's own version of `lectern check` on the building machine, also if that has another processor.
{
  lib,
  nixos,
  modulesOf,
  ...
}:
let
  checkOn =
    platforms:
    let
      config = nixos (modulesOf [ ] ++ [ { nixpkgs = platforms; } ]);
      inherit (config.environment.etc."lectern/main.json".source) contents;
    in
    {
      programs = map (
        { pname, system, ... }: "${pname} for ${system}"
      ) contents.attributes.nativeBuildInputs;
      isTheHosts = lib.hasInfix "node ${config.services.lectern.package}/share/lectern/src/main.ts check main.json\n" contents.script;
    };
in
{
  "a host that builds itself uses its own Node" = {
    expr = checkOn { hostPlatform = "aarch64-linux"; };
    expected = {
      programs = [ "nodejs-slim_24 for aarch64-linux" ];
      isTheHosts = true;
    };
  };

  "a host that another machine builds uses that machine's Node" = {
    expr = checkOn {
      hostPlatform = "aarch64-linux";
      buildPlatform = "x86_64-linux";
    };
    expected = {
      programs = [ "nodejs-slim_24 for x86_64-linux" ];
      isTheHosts = true;
    };
  };
}
