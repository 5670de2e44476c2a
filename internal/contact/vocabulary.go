package contact

import (
	"context"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// Accept checks a value against the field's type and returns what is stored.
func (f Field) Accept(v any) (any, error) {
	bad := fault.New(fault.Invalid, "field.bad_value").WithField("fields."+f.Key).With("type", string(f.Type))
	switch f.Type {
	case Number:
		if n, ok := v.(float64); ok && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n, nil
		}
	case Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case Date:
		if s, ok := v.(string); ok {
			if _, err := time.Parse(time.DateOnly, s); err == nil {
				return s, nil
			}
		}
	case Choice:
		if s, ok := v.(string); ok && slices.Contains(f.Options, s) {
			return s, nil
		}
	case URL:
		if s, ok := v.(string); ok && len(s) <= maxFieldText {
			if u, err := url.Parse(s); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
				return s, nil
			}
		}
	case Text:
		if s, ok := v.(string); ok && utf8.RuneCountInString(s) <= maxFieldText && utf8.ValidString(s) {
			return s, nil
		}
	}
	return nil, bad
}

var fieldKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func (f Field) check() (Field, error) {
	if !fieldKey.MatchString(f.Key) {
		return f, fault.New(fault.Invalid, "field.bad_key").WithField("key")
	}
	var err error
	if f.Label, err = access.CheckName("label", f.Label); err != nil {
		return f, err
	}
	if !slices.Contains([]FieldType{Text, Number, Date, Bool, Choice, URL}, f.Type) {
		return f, fault.New(fault.Invalid, "field.bad_type").WithField("type")
	}
	if (f.Type == Choice) != (len(f.Options) > 0) || len(f.Options) > 200 {
		return f, fault.New(fault.Invalid, "field.bad_options").WithField("options")
	}
	for i, o := range f.Options {
		if f.Options[i], err = access.CheckName("options", o); err != nil {
			return f, err
		}
	}
	return f, nil
}

// ListTags returns the workspace's tags by name.
func (s *Service) ListTags(ctx context.Context, a access.Actor) ([]Tag, error) {
	return s.d.Vocabulary.ListTags(ctx, int64(a.Workspace))
}

var tagColor = regexp.MustCompile(`^[a-z]{0,20}$|^#[0-9a-fA-F]{6}$`)

// SaveTag creates a tag (ID 0) or changes one.
func (s *Service) SaveTag(ctx context.Context, a access.Actor, t Tag) (Tag, error) {
	if err := a.Require(access.ManageTag); err != nil {
		return t, err
	}
	var err error
	if t.Name, err = access.CheckName("name", t.Name); err != nil {
		return t, err
	}
	if !tagColor.MatchString(t.Color) {
		return t, fault.New(fault.Invalid, "color.malformed").WithField("color")
	}
	write := s.d.Vocabulary.UpdateTag
	if t.ID == 0 {
		t.ID, write = TagID(s.d.NewID()), s.d.Vocabulary.CreateTag
	}
	return t, s.change(ctx, a, event.TagUpdated, "tag.saved", int64(t.ID), t.Name, func(ctx context.Context) error {
		return write(ctx, int64(a.Workspace), t)
	})
}

// DeleteTag removes a tag from the workspace and from every contact.
func (s *Service) DeleteTag(ctx context.Context, a access.Actor, id TagID) error {
	if err := a.Require(access.ManageTag); err != nil {
		return err
	}
	return s.change(ctx, a, event.TagUpdated, "tag.deleted", int64(id), "", func(ctx context.Context) error {
		n, err := s.d.Vocabulary.DeleteTag(ctx, int64(a.Workspace), id)
		if err == nil && n == 0 {
			return ErrNoTag
		}
		return err
	})
}

// ListFields returns the workspace's fields in their order.
func (s *Service) ListFields(ctx context.Context, a access.Actor) ([]Field, error) {
	return s.d.Vocabulary.ListFields(ctx, int64(a.Workspace))
}

// SaveField creates a field (ID 0) or changes one. A field's key and type
// stay: values hang on them.
func (s *Service) SaveField(ctx context.Context, a access.Actor, f Field) (Field, error) {
	if err := a.Require(access.ManageField); err != nil {
		return f, err
	}
	write := s.d.Vocabulary.UpdateField
	if f.ID == 0 {
		f.ID, write = FieldID(s.d.NewID()), s.d.Vocabulary.CreateField
	} else {
		known, err := s.d.Vocabulary.ListFields(ctx, int64(a.Workspace))
		if err != nil {
			return f, err
		}
		i := slices.IndexFunc(known, func(k Field) bool { return k.ID == f.ID })
		if i < 0 {
			return f, ErrNoField
		}
		f.Key, f.Type = known[i].Key, known[i].Type
	}
	f, err := f.check()
	if err != nil {
		return f, err
	}
	return f, s.change(ctx, a, event.FieldUpdated, "field.saved", int64(f.ID), f.Label, func(ctx context.Context) error {
		return write(ctx, int64(a.Workspace), f)
	})
}

// DeleteField removes a field; the values that contacts have stay stored but
// are not shown.
func (s *Service) DeleteField(ctx context.Context, a access.Actor, id FieldID) error {
	if err := a.Require(access.ManageField); err != nil {
		return err
	}
	return s.change(ctx, a, event.FieldUpdated, "field.deleted", int64(id), "", func(ctx context.Context) error {
		n, err := s.d.Vocabulary.DeleteField(ctx, int64(a.Workspace), id)
		if err == nil && n == 0 {
			return ErrNoField
		}
		return err
	})
}

// change writes, records and tells of a change of the vocabulary.
func (s *Service) change(ctx context.Context, a access.Actor, t event.Type, action string, id int64, name string, write func(context.Context) error) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := write(ctx); err != nil {
			return err
		}
		target, _, _ := strings.Cut(action, ".")
		if err := s.d.Audit.Record(ctx, a, action, target, id, name, nil); err != nil {
			return err
		}
		return s.d.Events.Append(ctx, event.Event{
			Workspace: int64(a.Workspace), Type: t, At: s.now(), Subject: id, Actor: int64(a.User),
		})
	})
}
