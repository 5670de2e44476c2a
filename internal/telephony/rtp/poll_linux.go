package rtp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is how many ready sockets one look may find.
const batch = 64

// poller reads many sockets with one goroutine: one system call finds those
// that are ready, one each reads them. Waiting on each socket by a goroutine
// of its own costs a second, empty read and a wake-up for every packet.
type poller struct {
	fd   int
	file *os.File // the same descriptor, known to Go's own poller
	mu   sync.Mutex
	next int32
	open map[int32]*socket
	done bool
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("rtp: epoll: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &poller{fd: fd, file: os.NewFile(uintptr(fd), "rtp-epoll"), open: map[int32]*socket{}}, nil
}

// run reads until close.
func (p *poller) run() error {
	conn, err := p.file.SyscallConn()
	if err != nil {
		return fmt.Errorf("rtp: poller: %w", err)
	}
	r := reader{poller: p}
	err = conn.Read(func(uintptr) bool {
		for r.round() {
		}
		return false // wait until a socket is ready
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil
	}
	return fmt.Errorf("rtp: poller: %w", err)
}

// close ends run. Sockets that are still open stay so but are not read.
func (p *poller) close() error {
	p.mu.Lock()
	p.done = true
	p.mu.Unlock()
	return p.file.Close()
}

// reader is what one goroutine needs to read sockets.
type reader struct {
	poller *poller
	events [batch]unix.EpollEvent
	ready  [batch]*socket
	buf    [MaxPacket + 1]byte
	name   unix.RawSockaddrAny
}

// round reads one packet of each ready socket and reports whether there was
// any. Sockets that have more are ready again in the next round, so that a
// flood on one does not hold up the others.
func (r *reader) round() bool {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(r.poller.fd),
		uintptr(unsafe.Pointer(&r.events[0])), batch, 0, 0, 0) //nolint:gosec // the kernel takes addresses
	if errno != 0 || n == 0 {
		return errno == unix.EINTR
	}
	r.poller.mu.Lock()
	for i := range n {
		r.ready[i] = r.poller.open[r.events[i].Fd]
	}
	r.poller.mu.Unlock()
	for i := range n {
		if s := r.ready[i]; s != nil {
			r.read(s)
		}
		r.ready[i] = nil
	}
	return true
}

func (r *reader) read(s *socket) {
	s.reading.Lock()
	if s.fd < 0 {
		s.reading.Unlock()
		return
	}
	size := uint32(unsafe.Sizeof(r.name))                                                                 //nolint:gosec // the kernel takes addresses
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(&r.buf[0])), //nolint:gosec // the kernel takes addresses
		uintptr(len(r.buf)), unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&r.name)), uintptr(unsafe.Pointer(&size))) //nolint:gosec // the kernel takes addresses
	s.reading.Unlock()
	if errno != 0 || n > MaxPacket {
		return // nothing, an ICMP error of an earlier packet, or far too long
	}
	if from, ok := fromRaw(&r.name); ok {
		s.handle(r.buf[:n], from, time.Now())
	}
}

// socket is one UDP port.
type socket struct {
	poller  *poller
	id      int32
	six     bool
	local   netip.AddrPort
	handle  func(b []byte, from netip.AddrPort, arrival time.Time)
	reading sync.Mutex
	writing sync.Mutex
	fd      int // -1 when closed; written under both locks
	to      netip.AddrPort
	raw     unix.RawSockaddrInet6 // of to; holds an IPv4 one as well
	rawLen  uintptr
}

// expedited marks sound for networks that look (RFC 4594, DSCP EF).
const expedited = 46 << 2

func openSocket(p *poller, local netip.AddrPort, handle func([]byte, netip.AddrPort, time.Time)) (*socket, error) {
	s := &socket{poller: p, local: local, handle: handle, six: local.Addr().Is6()}
	family := unix.AF_INET
	var name unix.Sockaddr = &unix.SockaddrInet4{Port: int(local.Port()), Addr: as4(local.Addr())}
	if s.six {
		family = unix.AF_INET6
		name = &unix.SockaddrInet6{Port: int(local.Port()), Addr: local.Addr().As16()}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("rtp: socket: %w", err)
	}
	s.fd = fd
	if s.six {
		err = errors.Join(unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0),
			unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expedited))
	} else {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, expedited)
	}
	if err == nil {
		err = unix.Bind(fd, name)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("rtp: bind %s: %w", local, err), unix.Close(fd))
	}
	if err := p.add(s); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// add has the poller read a socket. The lock keeps the descriptor of a poller
// that is being closed from becoming another file's.
func (p *poller) add(s *socket) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return os.ErrClosed
	}
	p.next++
	s.id = p.next
	if err := unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, s.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: s.id}); err != nil {
		return fmt.Errorf("rtp: epoll add: %w", err)
	}
	p.open[s.id] = s
	return nil
}

func as4(a netip.Addr) (b [4]byte) {
	if a.Is4() {
		b = a.As4()
	}
	return b
}

// send writes a packet or gives it up; sound that would have to wait is late.
func (s *socket) send(b []byte, to netip.AddrPort) error {
	if len(b) == 0 {
		b = s.raw.Addr[:0] // a pointer is needed all the same
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.fd < 0 {
		return os.ErrClosed
	}
	if to != s.to && !s.aim(to) {
		return syscall.EAFNOSUPPORT
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), //nolint:gosec // the kernel takes addresses
		uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&s.raw)), s.rawLen) //nolint:gosec // the kernel takes addresses
	runtime.KeepAlive(b)
	if errno != 0 {
		return errno
	}
	return nil
}

// aim prepares the kernel's form of an address.
func (s *socket) aim(to netip.AddrPort) bool {
	port := network(to.Port())
	if s.six {
		s.raw = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: port, Addr: to.Addr().As16()}
		s.rawLen = unix.SizeofSockaddrInet6
	} else {
		if !to.Addr().Unmap().Is4() {
			return false
		}
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw)) //nolint:gosec // the kernel takes addresses
		*four = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: port, Addr: to.Addr().Unmap().As4()}
		s.rawLen = unix.SizeofSockaddrInet4
	}
	s.to = to
	return true
}

// close frees the port. A packet being handled may still be handled after it.
func (s *socket) close() error {
	s.poller.mu.Lock()
	delete(s.poller.open, s.id)
	s.poller.mu.Unlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.fd < 0 {
		return nil
	}
	err := unix.Close(s.fd) // leaves the epoll set by itself
	s.fd = -1
	return err
}

// network swaps a port between the machine's and the network's order of bytes.
func network(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}

func fromRaw(name *unix.RawSockaddrAny) (netip.AddrPort, bool) {
	switch name.Addr.Family {
	case unix.AF_INET:
		n := (*unix.RawSockaddrInet4)(unsafe.Pointer(name)) //nolint:gosec // the kernel takes addresses
		return netip.AddrPortFrom(netip.AddrFrom4(n.Addr), network(n.Port)), true
	case unix.AF_INET6:
		n := (*unix.RawSockaddrInet6)(unsafe.Pointer(name)) //nolint:gosec // the kernel takes addresses
		return netip.AddrPortFrom(netip.AddrFrom16(n.Addr).Unmap(), network(n.Port)), true
	}
	return netip.AddrPort{}, false
}
