# A host whose nginx already serves two sites, one with files and one with a program's pages, and now a stage too.
{
  imports = [ ../lib/two-sites.nix ];

  services.lectern = {
    enable = true;
    front = "nginx";
    stages.main = {
      domain = "live.sites.test";
      seed = ./stage.json;
    };
  };
}
