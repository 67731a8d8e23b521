package main

import "encoding/binary"

// connection names a connection by its end on the viewers' side.
type connection struct {
	address uint32
	port    uint16
}

const (
	tcp = 6
	udp = 17
)

// connectionOf reads it from an IPv4 packet. All packets without a port (ICMP, later fragments) of an address are one connection.
func connectionOf(packet []byte, isDown bool) connection {
	if len(packet) < 20 {
		return connection{}
	}
	address, port := packet[12:16], 0
	if isDown {
		address, port = packet[16:20], 2
	}
	end := connection{address: binary.BigEndian.Uint32(address)}
	header := int(packet[0]&15) * 4
	isFirst := binary.BigEndian.Uint16(packet[6:8])&0x1fff == 0
	if (packet[9] == tcp || packet[9] == udp) && isFirst && len(packet) >= header+4 {
		end.port = binary.BigEndian.Uint16(packet[header+port:])
	}
	return end
}
