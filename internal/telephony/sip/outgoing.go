package sip

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/registrar"
	"github.com/okno-hq/okno/internal/telephony/sip/trunk"
)

// Ring is a call to one device of an extension.
type Ring struct {
	Device registrar.Binding
	// Caller is the number or extension shown, Name the name.
	Caller, Name string
	// Hops is how often the call may be passed on; zero: 70.
	Hops int
	// Replaces is another leg of the same extension that this call takes the
	// place of at the phone.
	Replaces *message.Replaces
	// Auto asks the phone to answer without ringing, for click-to-call.
	Auto     bool
	Media    dialog.Media
	On       func(dialog.Event)
	NoAnswer time.Duration
}

// Ring calls a device of an extension, down the flow it registered on.
func (a *Agent) Ring(r Ring) *dialog.Leg {
	b := r.Device
	from := message.Address{Display: r.Name, URI: message.URI{Scheme: "sip", User: message.Escape(r.Caller), Host: a.cfg.Domain}}
	if r.Caller == "" {
		from.URI.User, from.URI.Host = "anonymous", "anonymous.invalid"
	}
	to := message.Address{URI: message.URI{Scheme: "sip", User: message.Escape(b.User), Host: a.cfg.Domain}}
	call := dialog.Call{
		Flow: b.Flow, URI: b.Contact, From: from, To: to, Media: r.Media, On: r.On, NoAnswer: r.NoAnswer,
		Peer: dialog.Peer{Refind: a.refind(b)}, Fields: hops(r.Hops),
	}
	if r.Replaces != nil {
		call.Fields = append(call.Fields, message.Field{Name: "Replaces", Value: r.Replaces.String()}, message.Field{Name: "Require", Value: "replaces"})
	}
	if r.Auto {
		call.Fields = append(call.Fields, message.Field{Name: "Call-Info", Value: "<sip:" + a.cfg.Domain + ">;answer-after=0"},
			message.Field{Name: "Alert-Info", Value: "<http://" + a.cfg.Domain + ">;info=alert-autoanswer"})
	}
	return a.dialogs.Dial(call)
}

func hops(n int) []message.Field {
	if n <= 0 {
		n = 70
	}
	return []message.Field{{Name: "Max-Forwards", Value: strconv.Itoa(n)}}
}

// Identity says where an operator wants to find the caller's number.
type Identity string

// The ways. Most operators take the number in From.
const (
	ByFrom     Identity = "from"
	ByAsserted Identity = "pai"  // From names the account, P-Asserted-Identity the number (RFC 3325)
	ByBoth     Identity = "both" // the number is in both
)

// Out is a call to an outside number by trunks, in order.
type Out struct {
	Trunks []string
	Number string
	// Caller is our number to show, Name the name. Anonymous asks the
	// operator not to show it.
	Caller, Name string
	Anonymous    bool
	Identity     Identity
	Hops         int
	Media        dialog.Media
	On           func(dialog.Event)
	NoAnswer     time.Duration
	// Chosen is told by which trunk it is tried.
	Chosen func(trunkID string)
}

// patience is how long an operator's server may say nothing at all before
// the next is tried.
const patience = 2500 * time.Millisecond

// tryable is one server of one trunk.
type tryable struct {
	t    *line
	call dialog.Call
}

// ErrNoTrunk is why a call cannot even be tried.
var ErrNoTrunk = errors.New("sip: no trunk that can carry the call") //nolint:gochecknoglobals // a sentinel

// Dial calls an outside number by the first trunk that takes it: the next is
// tried when one is silent, broken or congested, never when the called one is
// busy or declines. Events are those of the call as a whole: one end.
func (a *Agent) Dial(ctx context.Context, o Out) (*Outbound, error) {
	var list []tryable
	var errs error
	if a.isDraining() {
		return nil, ErrNoTrunk
	}
	for _, id := range o.Trunks {
		a.mu.Lock()
		t := a.trunks[id]
		a.mu.Unlock()
		if t == nil {
			continue
		}
		flows, err := t.Ways(ctx)
		if err != nil {
			t.Note(err.Error())
			errs = errors.Join(errs, err)
			continue
		}
		for _, f := range flows {
			call := o.call(t.Settings())
			call.Flow = f
			call.Peer = dialog.Peer{Follow: true, Auth: t.Auth()}
			list = append(list, tryable{t, call})
		}
	}
	if len(list) == 0 {
		return nil, errors.Join(ErrNoTrunk, errs)
	}
	out := &Outbound{a: a, o: o, rest: list}
	if !out.next() {
		return nil, errors.Join(ErrNoTrunk, out.why)
	}
	return out, nil
}

// call builds the INVITE's addresses for a trunk.
func (o Out) call(s trunk.Settings) dialog.Call {
	home := message.URI{Scheme: "sip", Host: s.Home()}
	uri := home
	uri.User = message.Escape(o.Number)
	account, shown := home, home
	account.User, shown.User = message.Escape(s.User), message.Escape(o.Caller)
	if o.Caller == "" {
		shown = account
	}
	from := message.Address{Display: o.Name, URI: shown}
	fields := hops(o.Hops)
	if o.Identity == ByAsserted {
		from.URI = account
	}
	if o.Identity == ByAsserted || o.Identity == ByBoth || o.Anonymous {
		fields = append(fields, message.Field{Name: "P-Asserted-Identity", Value: message.Address{Display: o.Name, URI: shown}.String()})
	}
	if o.Anonymous {
		from = message.Address{Display: "Anonymous", URI: message.URI{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}}
		fields = append(fields, message.Field{Name: "Privacy", Value: "id"})
	}
	return dialog.Call{URI: uri, From: from, To: message.Address{URI: uri}, Fields: fields, Media: o.Media, Patience: patience, NoAnswer: o.NoAnswer}
}
