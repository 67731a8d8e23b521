import { expect, it } from "vitest";
import { networkOf, parseConnections } from "./viewer-connections.ts";

// What iproute2 6.1 printed for a download over a line of 250 ms that lost 1 %, by cubic and by BBR, and for a reader of 300 kB/s.
const cubic =
  "0      653048  [::ffff:10.77.1.1]:443 [::ffff:10.77.1.2]:45488 cubic wscale:10,10 rto:456 rtt:255.02/3.097 ato:40 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:18 ssthresh:12 bytes_sent:3062726 bytes_retrans:24616 bytes_acked:3012046 bytes_received:80 segs_out:2117 segs_in:1401 data_segs_out:2116 data_segs_in:1 send 817630bps lastsnd:12 lastrcv:15680 lastack:12 pacing_rate 981152bps delivery_rate 821064bps delivered:2082 busy:15676ms unacked:18 retrans:0/17 rcv_space:14480 rcv_ssthresh:64088 notsent:626984 minrtt:250.62 snd_wnd:2271232      ";
const bbr =
  "0      3570632 [::ffff:10.77.2.1]:443 [::ffff:10.77.2.2]:33058 bbr wscale:10,10 rto:508 rtt:292.338/1.159 ato:40 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:902 ssthresh:438 bytes_sent:10828686 bytes_retrans:2377816 bytes_acked:7516910 bytes_received:80 segs_out:7482 segs_in:4389 data_segs_out:7481 data_segs_in:1 bbr:(bw:19615280bps,mrtt:250.771,pacing_gain:1,cwnd_gain:2) send 35742079bps lastrcv:5452 lastack:4 pacing_rate 19419128bps delivery_rate 19234088bps delivered:5402 busy:5452ms rwnd_limited:564ms(10.3%) unacked:645 retrans:2/1643 lost:2 sacked:208 rcv_space:14480 rcv_ssthresh:64088 notsent:2636672 minrtt:250.771 snd_wnd:9180160";
const reader =
  "0      4057744              [::1]:443              [::1]:59332 bbr wscale:10,10 rto:208 backoff:2 rtt:4.862/9.653 ato:40 mss:65464 pmtu:65536 rcvmss:536 advmss:65464 cwnd:21 ssthresh:8 bytes_sent:15923742 bytes_retrans:196392 bytes_acked:15727350 bytes_received:76 segs_out:317 segs_in:152 data_segs_out:308 data_segs_in:1 bbr:(bw:174570656256bps,mrtt:0.022,pacing_gain:0.75,cwnd_gain:2) send 2262022213bps lastsnd:728 lastrcv:15928 lastack:512 pacing_rate 129618712272bps delivery_rate 72236137928bps delivered:309 app_limited busy:15824ms rwnd_limited:15816ms(99.9%) retrans:0/3 dsack_dups:3 rcv_space:65464 rcv_ssthresh:65464 notsent:4057744 minrtt:0.002";
const idle =
  "0      0       [::ffff:127.0.0.1]:443 [::ffff:127.0.0.1]:48992 bbr wscale:10,10 rto:204 rtt:0.023/0.011 mss:32768 pmtu:65535 rcvmss:536 advmss:65483 cwnd:10 segs_in:2 bbr:(bw:0bps,mrtt:0.023) send 113975652174bps lastsnd:15992 lastrcv:15992 lastack:15992 pacing_rate 325725462640bps delivered:1 app_limited rcv_space:65483 rcv_ssthresh:65483 minrtt:0.023 snd_wnd:65536   ";

it("reads what ss printed", () => {
  expect(parseConnections(`${[cubic, bbr, reader, idle].join("\n")}\n`)).toEqual([
    {
      key: "[::ffff:10.77.1.1]:443 [::ffff:10.77.1.2]:45488",
      address: "10.77.1.2",
      ...{ congestion: "cubic", roundTripMs: 250.62, bytesSent: 3062726, bytesSentAgain: 24616 },
      ...{ bytesAcknowledged: 3012046, busyMs: 15676, receiverLimitedMs: 0, lastAcknowledgedMs: 12 },
    },
    {
      key: "[::ffff:10.77.2.1]:443 [::ffff:10.77.2.2]:33058",
      address: "10.77.2.2",
      ...{ congestion: "bbr", roundTripMs: 250.771, bytesSent: 10828686, bytesSentAgain: 2377816 },
      ...{ bytesAcknowledged: 7516910, busyMs: 5452, receiverLimitedMs: 564, lastAcknowledgedMs: 4 },
    },
    {
      key: "[::1]:443 [::1]:59332",
      address: "::1",
      ...{ congestion: "bbr", roundTripMs: 0.002, bytesSent: 15923742, bytesSentAgain: 196392 },
      ...{ bytesAcknowledged: 15727350, busyMs: 15824, receiverLimitedMs: 15816, lastAcknowledgedMs: 512 },
    },
    {
      key: "[::ffff:127.0.0.1]:443 [::ffff:127.0.0.1]:48992",
      address: "127.0.0.1",
      ...{ congestion: "bbr", roundTripMs: 0.023, bytesSent: 0, bytesSentAgain: 0 },
      ...{ bytesAcknowledged: 0, busyMs: 0, receiverLimitedMs: 0, lastAcknowledgedMs: 15992 },
    },
  ]);
});

const start = "0 0 192.0.2.1:443 198.51.100.7:50000";
it.each([
  ["after the options of most kernels", `${start} ts sack cubic wscale:7,7 rto:204`, "cubic"],
  ["after all options", `${start} ts sack ecn ecnseen fastopen dctcp rto:204`, "dctcp"],
  ["none after options", `${start} ts sack rto:204`, undefined],
  ["none", `${start} rto:204`, undefined],
  ["none without details", start, undefined],
  ["no name with other characters", `${start} <b>bbr</b> rto:204`, undefined],
])("finds the congestion control %s", (_, line, congestion) => {
  expect(parseConnections(line)).toMatchObject([{ congestion, address: "198.51.100.7" }]);
});

it.each([
  ["nothing", ""],
  ["an empty line", "\n\n"],
  ["a heading", "Recv-Q Send-Q Local Address:Port Peer Address:Port Process"],
  ["a line with the state in front", `ESTAB ${start} bbr rto:204`],
  ["a detail on a line of its own", "\t bbr wscale:7,7 rto:204 minrtt:20"],
  ["a socket that listens", "0 4096 *:443 *:*"],
  ["names in place of addresses", "0 0 live.test:https viewer.test:50000 bbr rto:204"],
  ["an address that is none", "0 0 192.0.2.1:443 999.1.1.1:50000 bbr rto:204"],
  ["a port that is none", "0 0 192.0.2.1:443 198.51.100.7:123456 bbr rto:204"],
  ["a line without end", `${start} ${"x".repeat(100_000)}`],
])("leaves out %s", (_, text) => expect(parseConnections(text)).toEqual([]));

it.each([
  ["a number too large to count", "bytes_acked:99999999999999999999"],
  ["a number below zero", "bytes_acked:-5"],
  ["no number", "bytes_acked:lots"],
  ["nothing", "bytes_acked:"],
  ["an exponent", "bytes_acked:1e9"],
])("takes %s for 0", (_, word) => {
  expect(parseConnections(`${start} bbr rto:204 ${word}`)).toMatchObject([{ bytesAcknowledged: 0 }]);
});

it("reads an IPv6 address with an interface", () => {
  const [one] = parseConnections("0 0 [fe80::1%eth0]:443 [fe80::2%eth0]:50000 bbr rto:204");
  expect(one?.address).toBe("fe80::2");
});

it("reads 50,000 connections and no more", () => {
  expect(parseConnections(`${start} bbr rto:204\n`.repeat(60_000))).toHaveLength(50_000);
});

it.each([
  ["203.0.113.77", "203.0.113.0/24"],
  ["2001:db8:12:34::7", "2001:db8:12::/48"],
  ["2001:0db8:0000:34::7", "2001:db8:0::/48"],
  ["2001:db8::7", "2001:db8:0::/48"],
  ["fe80::1", "fe80:0:0::/48"],
  ["::5", "0:0:0::/48"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
])("shows the network of %s alone", (address, network) => expect(networkOf(address)).toBe(network));
