# Proves: viewers get the stage by an edge on another machine: page, chat and every rendition. A crowd costs the origin no more than a
# few viewers, and segments that the edge has outlast the origin and the edge's own restart.
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
  get = "curl -fsS --cacert /etc/lectern-test/ca.crt https://two.test/hls/0";
  sent = "cat /sys/class/net/eth1/statistics/tx_bytes";
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
    edge.wait_for_unit("lectern-edge-secret.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")

    with subtest("a viewer gets page, chat and every rendition by the edge"):
        viewer.succeed("${commands.probeSecond}")

    with subtest("for a crowd of 50 the origin sends no more than for a few viewers"):
        name = viewer.succeed("${get}/stream.m3u8 | grep '[.]ts$' | tail -1").strip()
        before = int(server.succeed("${sent}"))
        viewer.succeed(f"seq 50 | xargs -P 50 -I {{}} ${get}/{name} -o /tmp/of-{{}}")
        assert int(server.succeed("${sent}")) - before < 5 * int(viewer.succeed("stat -c %s /tmp/of-1"))

    with subtest("the segment outlasts the origin and the edge's restart"):
        server.crash()
        edge.succeed("systemctl restart nginx")
        edge.wait_for_open_port(443)
        viewer.succeed(f"${get}/{name} -o /tmp/after", "cmp /tmp/of-50 /tmp/after")
  '';
}
