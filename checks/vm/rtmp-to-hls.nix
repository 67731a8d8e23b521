# Proves: Caddy serves a stream that is pushed over RTMP in every declared rendition, over TLS.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    camera
    viewer
    ;
in
pkgs.testers.runNixOSTest {
  name = "rtmp-to-hls";
  nodes = {
    inherit camera viewer;
    server.imports = [
      server
      givenSecrets
    ];
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")

    with subtest("a viewer gets every declared rendition over TLS"):
        viewer.succeed("${commands.probe}")

    with subtest("the camera stayed connected"):
        camera.require_unit_state("publish.service")
  '';
}
