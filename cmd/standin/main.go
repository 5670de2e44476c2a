// Command standin plays a messenger's platform, so that Okno can be tried
// without an account there: a Telegram bot, a WhatsApp number or a MAX bot
// lives in it, and a page lets you be the customer.
//
//	go run ./cmd/standin telegram|whatsapp|max [--addr 127.0.0.1:9101] [--specs DIR]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be undone
	}
}

const usage = "usage: standin telegram|whatsapp|max [--addr 127.0.0.1:9101] [--page 127.0.0.1:9102] [--specs DIR]"

// run plays a platform until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet("standin", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:9101", "where the platform listens")
	page := flags.String("page", "", "where the customer's page is (default: the next port)")
	specs := flags.String("specs", "", "folder of the platforms' specifications")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if *specs == "" {
		*specs = os.Getenv("OKNO_SPECS")
	}
	if *specs == "" {
		*specs = "../shared/specs"
	}
	p, checked, err := open(args[0], *addr, *specs)
	if err != nil {
		return err
	}
	if err := p.server.Start(); err != nil {
		return err
	}
	defer p.server.Close()
	if *page == "" {
		if *page, err = nextPort(p.server.URL()); err != nil {
			return err
		}
	}
	handler, err := newPage(p)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", *page)
	if err != nil {
		return fmt.Errorf("the customer's page: %w", err)
	}
	if err := p.tell(out, "http://"+ln.Addr().String()+"/", checked); err != nil {
		return errors.Join(err, ln.Close())
	}
	return serve(ctx, ln, handler)
}

// nextPort is the address after the platform's own.
func nextPort(base string) (string, error) {
	host, port, err := net.SplitHostPort(base[len("http://"):])
	if err != nil {
		return "", fmt.Errorf("address of the platform: %w", err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return "", fmt.Errorf("port of the platform: %w", err)
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1)), nil
}

func serve(ctx context.Context, ln net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	err := srv.Close()
	<-done
	return err
}
