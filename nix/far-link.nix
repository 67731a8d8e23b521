# The program far-link, by which `lectern rehearse --link` puts viewers far away.
{ lib, buildGoModule }:
buildGoModule {
  pname = "far-link";
  inherit (lib.importJSON ../package.json) version;
  src = ../tools/far-link;
  # It needs only Go's standard library.
  vendorHash = null;
  env.CGO_ENABLED = 0;
  ldflags = [
    "-s"
    "-w"
  ];
  meta = {
    description = "A line between two network namespaces, with delay, loss, a rate and a queue";
    license = lib.licenses.mit;
    mainProgram = "far-link";
    platforms = lib.platforms.linux;
  };
}
