package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	base := fault.Wrap(fault.NotFound, "conversation.not_found", io.EOF)
	err := fmt.Errorf("open: %w", base)
	if got := fault.KindOf(err); got != fault.NotFound {
		t.Fatalf("kind = %v, want not_found", got)
	}
	if got := fault.CodeOf(err); got != "conversation.not_found" {
		t.Fatalf("code = %q", got)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal("cause is lost")
	}
	if !errors.Is(err, fault.New(fault.NotFound, "conversation.not_found")) {
		t.Fatal("a sentinel with the same code must match")
	}
	if errors.Is(err, fault.New(fault.NotFound, "contact.not_found")) {
		t.Fatal("a sentinel with another code must not match")
	}
}

func TestUnknownErrorsAreInternal(t *testing.T) {
	if got := fault.KindOf(io.EOF); got != fault.Internal {
		t.Fatalf("kind = %v, want internal", got)
	}
	if got := fault.CodeOf(io.EOF); got != "internal" {
		t.Fatalf("code = %q, want internal", got)
	}
}

func TestBuildersCopy(t *testing.T) {
	base := fault.New(fault.TooLarge, "message.too_long")
	with := base.With("limit", 4096).WithField("text").After(time.Second)
	if base.Params != nil || base.Field != "" || base.RetryAfter != 0 {
		t.Fatal("a sentinel was changed by a builder")
	}
	if with.Params["limit"] != 4096 || with.Field != "text" || with.RetryAfter != time.Second {
		t.Fatalf("builder lost a value: %+v", with)
	}
}
