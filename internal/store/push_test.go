package store_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/webpush"
)

var (
	_ webpush.Devices      = (*store.Push)(nil)
	_ webpush.Installation = (*store.Push)(nil)
)

func TestDevices(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx, s := o.Context(), store.NewPush(o.db)
		petr, _ := o.hire("petr@example.com", o.role(access.Agent))
		device := func(u access.UserID, endpoint, key string) access.Device {
			d := access.Device{ID: o.ids.Next(), Workspace: petr.Workspace, User: u, Endpoint: endpoint, P256dh: key, Auth: "a" + key, CreatedAt: o.now()}
			if err := s.SaveDevice(ctx, d); err != nil {
				o.Fatal(err)
			}
			return d
		}
		endpoints := func(u access.UserID) string {
			list, err := s.Devices(ctx, u)
			if err != nil {
				o.Fatal(err)
			}
			out := ""
			for _, d := range list {
				out += d.Endpoint + ":" + d.P256dh + " "
			}
			return out
		}
		want := func(what string, u access.UserID, want string) {
			o.Helper()
			if got := endpoints(u); got != want {
				o.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		first := device(petr.User, "https://push/1", "k1")
		second := device(petr.User, "https://push/2", "k2")
		want("two devices, the newest first", petr.User, "https://push/2:k2 https://push/1:k1 ")
		list, err := s.Devices(ctx, petr.User)
		if err != nil || list[0] != second || list[1] != first {
			o.Errorf("Devices = %+v, %v", list, err)
		}
		device(o.admin.User, "https://push/1", "k3")
		want("a browser that changed hands", petr.User, "https://push/2:k2 ")
		want("its new owner", o.admin.User, "https://push/1:k3 ")
		if err := s.DropDevice(ctx, first); err != nil {
			o.Fatal(err)
		}
		want("dropped with former keys", o.admin.User, "https://push/1:k3 ")
		if err := s.RemoveDevice(ctx, o.admin.User, "https://push/2"); err != nil {
			o.Fatal(err)
		}
		want("removed by a stranger", petr.User, "https://push/2:k2 ")
		o.disable(petr.User, true)
		want("a disabled person", petr.User, "")
		o.disable(petr.User, false)
		if err := s.DropDevice(ctx, second); err != nil {
			o.Fatal(err)
		}
		want("dropped", petr.User, "")
		if err := s.RemoveDevice(ctx, o.admin.User, "https://push/1"); err != nil {
			o.Fatal(err)
		}
		want("removed", o.admin.User, "")
	})
}

func TestFactsAreKeptOnce(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx, s := o.Context(), store.NewPush(o.db)
		if v, err := s.Fact(ctx, "key"); v != nil || err != nil {
			o.Errorf("Fact = %q, %v", v, err)
		}
		kept := make([][]byte, 6)
		var wg sync.WaitGroup
		for i := range kept {
			wg.Go(func() {
				var err error
				if kept[i], err = s.KeepFact(ctx, "key", fmt.Appendf(nil, "value %d", i)); err != nil {
					o.Error(err)
				}
			})
		}
		wg.Wait()
		last, err := s.Fact(ctx, "key")
		if err != nil {
			o.Fatal(err)
		}
		for _, v := range kept {
			if len(v) == 0 || !bytes.Equal(v, last) {
				o.Errorf("kept %q and %q", v, last)
			}
		}
	})
}
