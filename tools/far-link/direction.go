package main

import (
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
)

// direction is the line one way: loss, then a bottleneck with a queue, then the delay.
type direction struct {
	delay, queue   time.Duration
	nanosecondsBit float64
	loss           float64
	random         *rand.Rand

	// When the bottleneck has sent all that it has taken.
	free time.Time

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

type packet struct {
	due  time.Time
	data []byte
}

func newDirection(delay, queue time.Duration, bitsPerSecond, loss float64, seed uint64) *direction {
	return &direction{
		delay: delay, queue: queue, loss: loss,
		nanosecondsBit: 1e9 / bitsPerSecond,
		random:         rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)),
	}
}

// take says when a packet of that length that arrives now is delivered; false if it never is.
func (d *direction) take(now time.Time, length int) (time.Time, bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.counts.packets++
	d.counts.bytes += int64(length)
	// Drawn for every packet, so that the seed alone says which ones are lost.
	if d.random.Float64() < d.loss {
		d.counts.lost++
		return time.Time{}, false
	}
	if d.free.Before(now) {
		d.free = now
	}
	wait := d.free.Sub(now)
	if wait > d.queue {
		d.counts.dropped++
		return time.Time{}, false
	}
	d.counts.longestWait = max(d.counts.longestWait, wait)
	d.free = d.free.Add(time.Duration(float64(8*length) * d.nanosecondsBit))
	return d.free.Add(d.delay), true
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
	onTheWay := make(chan packet, mostOnTheWay)
	defer close(onTheWay)
	go func() {
		for next := range onTheWay {
			time.Sleep(time.Until(next.due))
			d.delivered(time.Since(next.due))
			// It fails while the device is down. Then the packet is lost, as on any line.
			_, _ = to.Write(next.data)
			buffers.Put((*[longestPacket]byte)(next.data[:longestPacket]))
		}
	}()
	for {
		buffer := buffers.Get().(*[longestPacket]byte)
		length, err := from.Read(buffer[:])
		if err != nil {
			return err
		}
		// Only IPv4: a new device also sends router solicitations.
		if length > 0 && buffer[0]>>4 == 4 {
			if due, ok := d.take(time.Now(), length); ok {
				onTheWay <- packet{due, buffer[:length]}
				continue
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
