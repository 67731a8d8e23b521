# Proves: viewers get the stage by an edge on another machine: page, chat and every rendition. Segments that the edge has outlast the
# origin and the edge's own restart.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    knowsEdges
    camera
    edge
    edgesViewer
    ;
in
pkgs.testers.runNixOSTest {
  name = "an-edge-carries-the-crowd";
  nodes = {
    inherit camera edge;
    server.imports = [
      server
      givenSecrets
      knowsEdges
    ];
    viewer = edgesViewer;
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    server.wait_for_unit("lectern-edge-door.service")
    edge.wait_for_unit("lectern-edge-secret.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")
    get = "curl -fsS --cacert /etc/lectern-test/ca.crt https://two.test"

    with subtest("a viewer gets page, chat and every rendition by the edge"):
        viewer.succeed("${commands.probeSecond}")

    with subtest("a segment that the edge has outlasts the origin and the edge's restart"):
        name = viewer.succeed(f"{get}/hls/0/stream.m3u8 | grep '[.]ts$' | tail -1").strip()
        viewer.succeed(f"{get}/hls/0/{name} -o /tmp/first")
        server.crash()
        edge.succeed("systemctl restart nginx")
        edge.wait_for_unit("nginx.service")
        viewer.succeed(f"{get}/hls/0/{name} -o /tmp/second")
        viewer.succeed("cmp /tmp/first /tmp/second")
  '';
}
