# The same captions, and the stage behind the host's nginx.
{
  imports = [
    ./one-nginx.nix
    ./one-captions.nix
  ];
}
