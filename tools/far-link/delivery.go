package main

import (
	"container/heap"
	"sync"
	"time"
)

type packet struct {
	due  time.Time
	data []byte
}

// delivery holds the packets that are on their way. Those of one connection keep their order.
type delivery struct {
	mutex   sync.Mutex
	packets byDue
	// Wakes run: a packet is due before all others.
	earlier chan struct{}
}

func newDelivery() *delivery { return &delivery{earlier: make(chan struct{}, 1)} }

// add takes a packet; false if there are too many.
func (d *delivery) add(next packet) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(d.packets) >= mostOnTheWay {
		return false
	}
	heap.Push(&d.packets, next)
	if d.packets[0].due.Equal(next.due) {
		select {
		case d.earlier <- struct{}{}:
		default:
		}
	}
	return true
}

// run delivers each packet when it is due. It never ends.
func (d *delivery) run(deliver func(packet)) {
	timer := time.NewTimer(0)
	for {
		next, wait, ok := d.first(time.Now())
		if ok {
			deliver(next)
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-d.earlier:
		}
	}
}

// first takes the first packet if it is due; else it says for how long nothing is.
func (d *delivery) first(now time.Time) (packet, time.Duration, bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(d.packets) == 0 {
		return packet{}, time.Hour, false
	}
	if wait := d.packets[0].due.Sub(now); wait > 0 {
		return packet{}, wait, false
	}
	return heap.Pop(&d.packets).(packet), 0, true
}

type byDue []packet

func (b byDue) Len() int           { return len(b) }
func (b byDue) Less(i, j int) bool { return b[i].due.Before(b[j].due) }
func (b byDue) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
func (b *byDue) Push(next any)     { *b = append(*b, next.(packet)) }
func (b *byDue) Pop() any {
	last := len(*b) - 1
	next := (*b)[last]
	(*b)[last] = packet{}
	*b = (*b)[:last]
	return next
}
