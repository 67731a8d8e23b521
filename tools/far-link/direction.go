package main

import (
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

const (
	// A packet that is delivered later than this has seen another line than the one that was asked for.
	lateAfter = 5 * time.Millisecond
	// More than a second of full packets at 1000 Mbit/s.
	mostOnTheWay  = 1 << 17
	longestPacket = 2048
	// With so many connections, those that are idle are forgotten: they are like new ones.
	manyConnections = 4096
)

// direction is the line one way: loss, then a bottleneck with a queue, then the delay.
type direction struct {
	delay, queue   time.Duration
	nanosecondsBit float64
	loss           float64
	random         *rand.Rand
	isDown         bool
	// Each connection has a bottleneck of its own. If not, all share one, that of the zero connection.
	perConnection bool

	// When each bottleneck has sent all that it has taken.
	free map[connection]time.Time

	mutex  sync.Mutex
	counts counts
}

type counts struct {
	packets, bytes, lost, dropped, delivered, late int64
	longestWait, mostLate                          time.Duration
}

// report is a direction's own check: whether it was the line that was asked for.
type report struct {
	Packets int64 `json:"packets"`
	Bytes   int64 `json:"bytes"`
	Lost    int64 `json:"lost"`
	// Dropped: what found the queue full.
	Dropped     int64   `json:"dropped"`
	LossPercent float64 `json:"lossPercent"`
	// LatePercent: the share of delivered packets that came over 5 ms late, for this machine was busy.
	LatePercent   float64 `json:"latePercent"`
	MostLateMs    float64 `json:"mostLateMs"`
	LongestWaitMs float64 `json:"longestWaitMs"`
}

func newDirection(isDown bool, l line) *direction {
	// The two directions lose different packets.
	loss, seed := l.lossUp, 2*l.seed+1
	if isDown {
		loss, seed = l.lossDown, 2*l.seed
	}
	return &direction{
		delay: l.roundTrip / 2, queue: l.queue, loss: loss, isDown: isDown, perConnection: l.perConnection,
		nanosecondsBit: 1e9 / l.bitsPerSecond,
		random:         rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)),
		free:           map[connection]time.Time{},
	}
}

// take says when a packet that arrives now is delivered; false if it never is.
func (d *direction) take(now time.Time, data []byte) (time.Time, bool) {
	length := len(data)
	var of connection
	if d.perConnection {
		of = connectionOf(data, d.isDown)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.counts.packets++
	d.counts.bytes += int64(length)
	// Drawn for every packet, so that the seed alone says which ones are lost.
	if d.random.Float64() < d.loss {
		d.counts.lost++
		return time.Time{}, false
	}
	free := d.free[of]
	if free.Before(now) {
		free = now
	}
	wait := free.Sub(now)
	if wait > d.queue {
		d.counts.dropped++
		return time.Time{}, false
	}
	d.counts.longestWait = max(d.counts.longestWait, wait)
	free = free.Add(time.Duration(float64(8*length) * d.nanosecondsBit))
	if len(d.free) >= manyConnections {
		maps.DeleteFunc(d.free, func(_ connection, free time.Time) bool { return free.Before(now) })
	}
	d.free[of] = free
	return free.Add(d.delay), true
}

// full counts a packet for which there was no place on the way.
func (d *direction) full() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.counts.dropped++
}

func (d *direction) delivered(lateness time.Duration) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.counts.delivered++
	if lateness > lateAfter {
		d.counts.late++
	}
	d.counts.mostLate = max(d.counts.mostLate, lateness)
}

// carry moves packets until a device is gone.
func (d *direction) carry(from, to *os.File) error {
	buffers := sync.Pool{New: func() any { return new([longestPacket]byte) }}
	onTheWay := newDelivery()
	go onTheWay.run(func(next packet) {
		d.delivered(time.Since(next.due))
		// It fails while the device is down. Then the packet is lost, as on any line.
		_, _ = to.Write(next.data)
		buffers.Put((*[longestPacket]byte)(next.data[:longestPacket]))
	})
	for {
		buffer := buffers.Get().(*[longestPacket]byte)
		length, err := from.Read(buffer[:])
		if err != nil {
			return err
		}
		// Only IPv4: a new device also sends router solicitations.
		if length > 0 && buffer[0]>>4 == 4 {
			if due, ok := d.take(time.Now(), buffer[:length]); ok {
				if onTheWay.add(packet{due, buffer[:length]}) {
					continue
				}
				d.full()
			}
		}
		buffers.Put(buffer)
	}
}

func (d *direction) report() report {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	c := d.counts
	return report{
		Packets: c.packets, Bytes: c.bytes, Lost: c.lost, Dropped: c.dropped,
		LossPercent:   percent(c.lost, c.packets),
		LatePercent:   percent(c.late, c.delivered),
		MostLateMs:    milliseconds(c.mostLate),
		LongestWaitMs: milliseconds(c.longestWait),
	}
}

func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return math.Round(float64(part)/float64(whole)*1e5) / 1e3
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
