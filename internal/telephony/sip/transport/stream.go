package transport

import (
	"bufio"
	"net"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// writeTimeout is how long one write may take before the peer is given up.
const writeTimeout = 5 * time.Second

// serve reads a connection until it ends. What its writer queued is flushed.
func (l *Layer) serve(f *Flow, conn net.Conn) {
	defer l.forget(f)
	var wg sync.WaitGroup
	wg.Go(func() { writeStream(f, conn) })
	defer wg.Wait()
	defer f.Close()
	r := bufio.NewReaderSize(conn, 8192)
	idle := l.cfg.Greeting
	for {
		if err := conn.SetReadDeadline(time.Now().Add(idle)); err != nil {
			return
		}
		frame, err := message.ReadFrame(r)
		f.heard.Store(time.Now().UnixNano())
		if err != nil {
			if len(frame) > 0 { // it may still be told why
				l.cfg.Receive(f, frame)
			}
			return
		}
		if len(frame) == 4 { // ping
			if f.Send([]byte("\r\n")) != nil {
				return
			}
			continue
		}
		if !l.admit(f.remote) {
			return
		}
		idle = l.cfg.Idle
		l.cfg.Receive(f, frame)
	}
}

func writeStream(f *Flow, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	write := func(data []byte) bool {
		if conn.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil {
			return false
		}
		_, err := conn.Write(data)
		return err == nil
	}
	for {
		select {
		case data := <-f.out:
			if !write(data) {
				f.Close()
				return
			}
		case <-f.done:
			for {
				select {
				case data := <-f.out:
					if !write(data) {
						return
					}
				default:
					return
				}
			}
		}
	}
}
