package httpapi

import (
	"context"
	"net/http"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/id"
)

type tagRequest struct {
	Name  string `json:"name"`
	Color string `json:"color,omitempty"`
}

type tagPatch struct {
	Ident
	Body tagRequest
}

type fieldRequest struct {
	Key      string   `json:"key,omitempty" doc:"Only when it is made; it stays."`
	Label    string   `json:"label"`
	Type     string   `json:"type,omitempty" doc:"Only when it is made; it stays."`
	Options  []string `json:"options,omitempty"`
	Position int      `json:"position,omitempty"`
}

func (r fieldRequest) field() contact.Field {
	return contact.Field{Key: r.Key, Label: r.Label, Type: contact.FieldType(r.Type), Options: r.Options, Position: r.Position}
}

type fieldPatch struct {
	Ident
	Body fieldRequest
}

func (s *Server) vocabularyRoutes() {
	handle(s, route{method: "GET", path: "/tags", name: "listTags", tag: "Contacts", summary: "Tags"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[Tag]], error) {
			tags, err := s.d.Contacts.ListTags(ctx, a)
			return listOf(all(tags, tagOf), ""), err
		})
	handle(s, route{method: "POST", path: "/tags", name: "createTag", tag: "Contacts", summary: "Add a tag", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[tagRequest]) (*body[Tag], error) {
			t, err := s.d.Contacts.SaveTag(ctx, a, contact.Tag{Name: in.Body.Name, Color: in.Body.Color})
			return &body[Tag]{tagOf(t)}, err
		})
	handle(s, route{method: "PATCH", path: "/tags/{id}", name: "updateTag", tag: "Contacts", summary: "Change a tag"},
		func(ctx context.Context, a access.Actor, in *tagPatch) (*body[Tag], error) {
			tag, err := id.Parse[contact.TagID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			t, err := s.d.Contacts.SaveTag(ctx, a, contact.Tag{ID: tag, Name: in.Body.Name, Color: in.Body.Color})
			return &body[Tag]{tagOf(t)}, err
		})
	handle(s, route{method: "DELETE", path: "/tags/{id}", name: "deleteTag", tag: "Contacts", summary: "Remove a tag everywhere", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			tag, err := id.Parse[contact.TagID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Contacts.DeleteTag(ctx, a, tag)
		})
	handle(s, route{method: "GET", path: "/contact-fields", name: "listContactFields", tag: "Contacts", summary: "Properties kept of contacts"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[ContactField]], error) {
			fields, err := s.d.Contacts.ListFields(ctx, a)
			return listOf(all(fields, fieldOf), ""), err
		})
	handle(s, route{method: "POST", path: "/contact-fields", name: "createContactField", tag: "Contacts", summary: "Add a property", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[fieldRequest]) (*body[ContactField], error) {
			f, err := s.d.Contacts.SaveField(ctx, a, in.Body.field())
			return &body[ContactField]{fieldOf(f)}, err
		})
	handle(s, route{method: "PATCH", path: "/contact-fields/{id}", name: "updateContactField", tag: "Contacts", summary: "Change a property's label, options or place"},
		func(ctx context.Context, a access.Actor, in *fieldPatch) (*body[ContactField], error) {
			field, err := id.Parse[contact.FieldID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			f := in.Body.field()
			f.ID = field
			f, err = s.d.Contacts.SaveField(ctx, a, f)
			return &body[ContactField]{fieldOf(f)}, err
		})
	handle(s, route{method: "DELETE", path: "/contact-fields/{id}", name: "deleteContactField", tag: "Contacts", summary: "Remove a property", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			field, err := id.Parse[contact.FieldID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Contacts.DeleteField(ctx, a, field)
		})
}
